internal import Glibc
internal import Sheets

extension OutputOptions {
  /// Prints a table in the form that was asked for. `around` are lines for people before and after it.
  func print(_ grid: Grid, json value: @autoclosure () -> JSON, around: (String, String) = ("", ""))
  {
    if json {
      Swift.print(value().text)
    } else if csv {
      Self.printCSV(grid)
    } else {
      let table = Table(grid, cellsMax: Terminal.cells).text
      Swift.print([around.0, table, around.1].filter { !$0.isEmpty }.joined(separator: "\n"))
    }
  }

  private static func printCSV(_ grid: Grid) {
    var sink = CSVGrid(grid.columns, opening: .plain) { bytes in
      Swift.print(String(decoding: bytes, as: UTF8.self), terminator: "")
    }
    // Writing to standard output throws nothing.
    try? grid.copy(to: &sink)
  }
}

/// The terminal that is written to.
enum Terminal {
  /// How many characters fit on a line: of a terminal what it says, of a pipe enough for every column.
  static let cells: Int = {
    guard isatty(STDOUT_FILENO) == 1 else { return 160 }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 80 }
    return min(Int(size.ws_col), 200)
  }()

  /// A bar of ten cells for a part of a whole.
  static func bar(_ share: Double) -> String {
    let eighths = Int((min(max(share, 0), 1) * 80).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let full = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    return full + String(repeating: "·", count: 10 - eighths / 8 - (eighths % 8 > 0 ? 1 : 0))
  }
}
