internal import Sheets

extension Table {
  /// A table of the same columns and rows.
  init(_ grid: Grid, cellsMax: Int = Self.cellsMax) {
    let kinds = grid.columns.map(\.kind)
    self.init(
      grid.columns.map(\.title),
      rightAligned: Set(kinds.indices.filter { kinds[$0] == .number }),
      cuttable: Set(kinds.indices.filter { kinds[$0] == .words }), cellsMax: cellsMax)
    for row in grid.rows { add(row.map(\.text)) }
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
