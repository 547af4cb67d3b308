internal import Glibc
internal import Sheets

extension TableOptions {
  /// Prints a view; for people with its title, what stands around it, or what is said of an empty one.
  func show(_ view: View) {
    guard !view.grid.rows.isEmpty || json || csv || view.empty.isEmpty else {
      return Swift.print((view.subtitles + [view.empty]).joined(separator: "\n"))
    }
    print(
      view.grid, json: view.json ?? JSON(view.grid),
      around: (
        ([view.title] + view.subtitles).filter { !$0.isEmpty }.map { Table.line($0) }
          .joined(separator: "\n"),
        view.notes.joined(separator: "\n")
      ), cellsMax: view.cellsMax)
  }

  /// Prints a table in the form that was asked for. `around` are lines for people before and after it.
  func print(
    _ grid: Grid, json value: @autoclosure () -> JSON, around: (String, String) = ("", ""),
    cellsMax: Int = Table.cellsMax
  ) {
    if json {
      Swift.print(value().text)
    } else if csv {
      Self.printCSV(grid)
    } else {
      let table = Table(grid, cellsMax: Terminal.cells ?? cellsMax).text
      Swift.print([around.0, table, around.1].filter { !$0.isEmpty }.joined(separator: "\n"))
    }
  }

  private static func printCSV(_ grid: Grid) {
    let grid = grid.data
    var sink = CSVGrid(grid.columns, opening: .plain) { bytes in
      Swift.print(String(decoding: bytes, as: UTF8.self), terminator: "")
    }
    // Writing to standard output throws nothing.
    try? grid.copy(to: &sink)
  }
}

extension GridColumn {
  /// A bar beside a number.
  static var bar: GridColumn {
    var column = GridColumn("bar", "", .code)
    column.isDrawing = true
    return column
  }
}

extension GridCell {
  /// A word that only people need: programs see an empty cell.
  static func remark(_ text: String) -> GridCell { .word("", said: text) }
}

/// The terminal that is written to.
enum Terminal {
  /// How many characters fit on a line; nil if it is no terminal.
  static let cells: Int? = {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 80 }
    return Int(size.ws_col)
  }()
}
