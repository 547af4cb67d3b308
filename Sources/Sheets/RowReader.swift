/// Reads the rows of a sheet, whatever its format: CSV, or a workbook. By content; the file's name
/// does not count.
///
///     var reader = try RowReader(path: path, wants)
///     while let item = try reader.next() { ... reader.takeNotes() ... }
package struct RowReader: ~Copyable {
  /// Where to look in a file with several sheets.
  package enum Choice: Equatable, Sendable {
    /// The first visible sheet that has what is wanted.
    case first
    case named(String)
  }

  /// The columns, found by their names.
  package let header: SheetHeader
  /// What stands above the columns' names; in a workbook the sheet's name comes last.
  package let titles: [String]
  /// The line of the columns' names.
  package let headerLine: Int
  private let csv: CSVRows?
  private let workbook: WorkbookReader?

  /// Opens the file and finds the columns.
  ///
  /// Throws any code of `SheetError` but those of writing and of guides.
  package init(
    path: String, _ wants: SheetWants, sheet: Choice = .first
  ) throws(SheetError) {
    if try Self.isWorkbook(path) {
      let name: String? = if case .named(let name) = sheet { name } else { nil }
      let reader = try WorkbookReader(path: path, wants, sheet: name)
      header = reader.header
      titles = reader.titles
      headerLine = reader.headerLine
      csv = nil
      workbook = reader
    } else {
      let reader = try CSVReader(path: path, wants)
      header = try SheetHeader(reader.header, wants)
      titles = reader.titles
      headerLine = reader.header.line
      csv = CSVRows(reader)
      workbook = nil
    }
  }

  /// Whether the file is a workbook, so that a sheet in it can be named.
  ///
  /// Throws `csv_not_found`, `csv_unreadable`, and `xlsx_old` or `xlsx_encrypted` for a workbook
  /// that cannot be read.
  package static func isWorkbook(_ path: String) throws(SheetError) -> Bool {
    let file = try SheetFile(path: path)
    var start = [UInt8](repeating: 0, count: 8)
    let count = try file.read(into: &start, from: 0, at: 0)
    if start[..<count].starts(with: OfficeDocument.mark) {
      throw try OfficeDocument.fault(in: file)
    }
    return start[..<count].starts(with: [0x50, 0x4B, 3, 4])
      || start[..<count].starts(with: [0x50, 0x4B, 5, 6])
  }

  /// For a progress bar.
  package var bytesRead: Int { workbook?.bytesRead ?? csv?.reader.bytesRead ?? 0 }
  package var bytesTotal: Int { workbook?.bytesTotal ?? csv?.reader.bytesTotal ?? 1 }

  /// The next row; nil when there are no more. Rows without anything in them are passed over.
  ///
  /// Throws what ends the file.
  package mutating func next() throws(SheetError) -> SheetItem? {
    if let workbook { return try workbook.next() }
    return try csv?.reader.next()
  }

  /// What a person should know, and has not been told yet. The last comes with the end.
  package func takeNotes() -> [SheetNote] {
    guard let workbook, !workbook.notes.isEmpty else { return [] }
    defer { workbook.notes = [] }
    return workbook.notes
  }
}

/// A reader that an optional can hold.
private final class CSVRows {
  var reader: CSVReader

  init(_ reader: consuming CSVReader) { self.reader = reader }
}
