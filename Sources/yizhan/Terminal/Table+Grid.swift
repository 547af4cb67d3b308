internal import Sheets

extension Table {
  /// A table of the same columns and rows. Where the lines would be too long, columns that may be
  /// left out are, before texts are cut.
  init(_ grid: Grid, cellsMax: Int = Self.cellsMax) {
    let shown = Self.shown(grid, cellsMax)
    let columns = shown.map { grid.columns[$0] }
    self.init(
      columns.map(\.title),
      rightAligned: Set(columns.indices.filter { columns[$0].kind == .number }),
      cuttable: Set(columns.indices.filter { columns[$0].kind == .words }), cellsMax: cellsMax)
    for row in grid.rows { add(shown.map { row[$0].short }) }
  }

  private static func shown(_ grid: Grid, _ cellsMax: Int) -> [Int] {
    let widths = grid.columns.indices.map { column in
      grid.rows.reduce(width(grid.columns[column].title)) { max($0, width($1[column].short)) }
    }
    var shown = Array(grid.columns.indices)
    let turns = shown.filter { grid.columns[$0].leftOut != nil }.sorted {
      (grid.columns[$0].leftOut ?? 0, $0) < (grid.columns[$1].leftOut ?? 0, $1)
    }
    for column in turns
    where shown.reduce((shown.count - 1) * gap, { $0 + widths[$1] }) > cellsMax {
      shown.removeAll { $0 == column }
    }
    return shown
  }
}

extension GridCell {
  /// For terminals: a time of day to the minute.
  fileprivate var short: String {
    if case .instant = self { String(text.dropLast(3)) } else { text }
  }
}

extension JSON {
  /// A list of objects with the columns' names.
  init(_ grid: Grid) {
    let grid = grid.data
    self = .list(
      grid.rows.map { row in
        .object(zip(grid.columns, row).map { ($0.name, JSON($1)) })
      })
  }

  /// Numbers are numbers and shares parts of one; all else is text as it is shown.
  init(_ cell: GridCell) {
    switch cell {
    case .empty: self = .null
    case .integer(let number): self = .number(number)
    case .decimal(let number): self = .real(number)
    case .share(let share): self = .real((share * 10_000).rounded() / 10_000)
    case .word(let name, _): self = name.isEmpty ? .null : .text(name)
    default: self = .text(cell.text)
    }
  }
}
