/// A table as CSV, with a byte order mark so that Excel takes it for UTF-8. The first row has the
/// columns' names. A text that a spreadsheet would take for a formula gets an apostrophe before
/// it, which `CellGuard.remove` takes away again when such a file is imported.
package struct CSVGrid: GridSink {
  private var writer: CSVWriter
  private let put: ([UInt8]) throws -> Void

  private static let bytesPerPut = 64 << 10

  /// `put` is called with the bytes of the file, piece by piece.
  package init(
    _ columns: [GridColumn], opening: CSVWriter.Opening = .byteOrderMark,
    put: @escaping ([UInt8]) throws -> Void
  ) {
    writer = CSVWriter(lineEnd: .crlf, opening: opening)
    self.put = put
    writer.write(columns.map(\.name))
  }

  package mutating func write(_ row: [GridCell]) throws {
    writer.write(row.map(Self.field))
    if writer.bytes.count >= Self.bytesPerPut { try put(writer.take()) }
  }

  package mutating func finish() throws { try put(writer.take()) }

  private static func field(_ cell: GridCell) -> String {
    guard case .text(let text) = cell else { return cell.plain }
    return CellGuard.add(CSVWriter.writable(text))
  }
}

/// Keeps spreadsheets from taking a text of somebody's for a formula (OWASP, CSV injection).
package enum CellGuard {
  private static let mark: UInt8 = 0x27

  /// With an apostrophe if the text begins like a formula, or like a text that was guarded.
  package static func add(_ text: String) -> String { isFormula(text.utf8) ? "'" + text : text }

  /// Without the apostrophe that `add` gave it.
  package static func remove(_ text: String) -> String {
    guard text.utf8.first == mark, isFormula(text.utf8.dropFirst()) else { return text }
    return String(text.dropFirst())
  }

  /// Whether, after any apostrophes, there is what spreadsheets begin a formula with.
  private static func isFormula(_ bytes: some Sequence<UInt8>) -> Bool {
    guard let first = bytes.first(where: { $0 != mark }) else { return false }
    return [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains(first)
  }
}
