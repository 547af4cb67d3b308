/// One value of a table that people see. Days, times and instants are civil: what a clock on the
/// wall says, without a zone.
package enum GridCell: Equatable, Sendable {
  case empty
  case text(String)
  /// A word that programs know by a name and people read in their language.
  case word(String, said: String)
  case integer(Int64)
  /// Shown with one digit behind the point.
  case decimal(Double)
  /// A part of a whole, 0 to 1, shown as a percentage with one digit.
  case share(Double)
  /// The same drawn as a bar; a sixth of it is a sixth of the column.
  case bar(Double)
  /// Days since 1970-01-01.
  case date(days: Int)
  /// Minutes since midnight.
  case time(minutes: Int)
  /// Seconds since 1970-01-01T00:00:00, of the clock on the wall.
  case instant(seconds: Int64)
}

/// A column of a table that people see.
package struct GridColumn: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// May be cut where there is no room.
    case words
    /// Never cut: dates, codes, dots.
    case code
    /// Aligned to the right.
    case number
  }

  /// What programs know it by: in CSV and JSON.
  package let name: String
  /// What people read above it: in terminals, workbooks and pages.
  package let title: String
  package let kind: Kind
  /// For the eye alone, such as a bar beside a number: not for programs and spreadsheets.
  package var isDrawing = false
  /// May be left out of a terminal that has no room; of several the one with the lowest number first.
  package var leftOut: Int?

  package init(_ name: String, _ title: String? = nil, _ kind: Kind = .words) {
    self.name = name
    self.title = title ?? name
    self.kind = kind
  }

  /// The same column, which may be left out in its turn.
  package func leftOut(_ turn: Int) -> GridColumn {
    var column = self
    column.leftOut = turn
    return column
  }
}

/// Where the rows of a table go: a file of some format, a terminal. A view of the data is written
/// once, as columns and rows, so that every format shows the same.
package protocol GridSink {
  /// Adds a row of as many cells as there are columns.
  mutating func write(_ row: [GridCell]) throws
  /// Ends the table; nothing is written after it.
  mutating func finish() throws
}

/// A whole table in memory.
package struct Grid: GridSink, Equatable, Sendable {
  package let columns: [GridColumn]
  package private(set) var rows: [[GridCell]] = []

  package init(_ columns: [GridColumn]) { self.columns = columns }

  package mutating func write(_ row: [GridCell]) {
    precondition(row.count == columns.count, "a row has a cell for each column")
    rows.append(row)
  }

  package mutating func finish() {}

  /// Without what is only drawn.
  package var data: Grid {
    let kept = columns.indices.filter { !columns[$0].isDrawing }
    var grid = Grid(kept.map { columns[$0] })
    for row in rows { grid.write(kept.map { row[$0] }) }
    return grid
  }

  /// Writes all of it elsewhere.
  package func copy(to sink: inout some GridSink) throws {
    for row in rows { try sink.write(row) }
    try sink.finish()
  }
}
