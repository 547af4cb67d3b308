internal import ArgumentParser
internal import Glibc
internal import Sheets
internal import Wording

/// A view of data: what every format shows of it.
struct View {
  var title: String
  var subtitles: [String] = []
  var grid: Grid
  /// Below the table.
  var notes: [String] = []
  var json: JSON?
  /// Said in the place of a table without rows.
  var empty = ""
  /// How many characters a line may have where no terminal says it.
  var cellsMax = Table.cellsMax
}

/// Where a view goes if not to the terminal.
struct FileOptions: ParsableArguments {
  @Option(
    name: .customLong("out"),
    help: ArgumentHelp(
      said("Write it to a file: .csv, .xlsx, .html for printing, or .pdf."), valueName: "file"))
  var path: String?

  /// Writes the view to the file, or prints it.
  func write(_ view: View, _ output: TableOptions) throws {
    guard let path else { return output.show(view) }
    try ViewFile(path).write(view)
    Console.print(
      json: output.json,
      .object([("file", .text(path)), ("rows", .number(Int64(view.grid.rows.count)))]),
      said("Written to \(path): \(view.grid.rows.count) rows."))
  }
}

/// A file of some format, written under another name first: it is there whole or not at all.
struct ViewFile {
  private let path: String
  private let kind: Kind

  private enum Kind: String, CaseIterable {
    case csv
    case xlsx
    case html
    case pdf
  }

  init(_ path: String) throws {
    let ending = path.lastIndex(of: ".").map { path[path.index(after: $0)...].lowercased() } ?? ""
    guard let kind = Kind(rawValue: ending) else {
      let known = Message.list(Kind.allCases.map { "." + $0.rawValue })
      throw Failure(
        code: "usage", reason: "the file's name does not say its format: \(path)",
        hint: "it may end in \(known)", exitCode: 64)
    }
    self.path = path
    self.kind = kind
  }

  /// Writes rows as they come: a log may be longer than memory. Pages are made in memory.
  func write(
    _ columns: [GridColumn], title: String, _ body: (inout any GridSink) throws -> Void
  ) throws {
    switch kind {
    case .csv:
      try SyncedFile.write(path) { put in
        var sink: any GridSink = CSVGrid(columns, put: put)
        try body(&sink)
        try sink.finish()
      }
    case .xlsx:
      var sink: any GridSink = try XLSXGrid(columns, path: path, sheet: title)
      try body(&sink)
      try sink.finish()
    case .html, .pdf:
      var grid: any GridSink = Grid(columns)
      try body(&grid)
      guard let grid = grid as? Grid else { preconditionFailure("a grid stays a grid") }
      try write(View(title: title, grid: grid))
    }
  }

  func write(_ view: View) throws {
    switch kind {
    case .csv, .xlsx:
      let grid = view.grid.data
      try write(grid.columns, title: view.title) { sink in
        for row in grid.rows { try sink.write(row) }
      }
    case .html: try SyncedFile.write(path) { put in try Self.page(view, put) }
    case .pdf:
      var page: [UInt8] = []
      try Self.page(view) { page += $0 }
      try Browser.print(page, to: path)
    }
  }

  private static func page(_ view: View, _ put: @escaping ([UInt8]) throws -> Void) throws {
    let page = HTMLPage(
      title: view.title, subtitles: view.subtitles, notes: view.notes,
      orientation: view.grid.columns.count > 8 ? .landscape : .portrait)
    var sink = HTMLGrid(view.grid.columns, page: page, put: put)
    try view.grid.copy(to: &sink)
  }
}
