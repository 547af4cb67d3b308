import Glibc
import Testing

@testable import Sheets

/// What a test gives to a reader to meet one error code. The switch below knows every code, so a
/// new code does not compile without its test.
private enum Cause {
  case path(String)
  case text(String)
  case bytes([UInt8])
  /// Added to a good sheet while it is being read.
  case addition(String)
  case sheet([UInt8])
  case guide([UInt8])
  /// Text for a cell of a workbook that is written to the path.
  case writing(String, to: String)
  /// Only who asks for a sheet knows what is wrong.
  case told(SheetError)
}

private func cause(of code: SheetError.Code) -> Cause {
  switch code {
  case .notFound: .path("/tmp/there is no such sheet.csv")
  case .unreadable: .path("/tmp")
  case .changed: .addition("3,4\n")
  case .workbook: .sheet(storedArchive([("META-INF/manifest.xml", [])]))
  case .encoding: .bytes(Array("a,b\n".utf8) + [0xFF] + Array("\n".utf8))
  case .nul: .text("a,b\n1,\0\n")
  case .quote: .text("a,b\n1,\"2\n")
  case .rowTooLong: .text("a,b\n" + String(repeating: "1,", count: 40) + "\n")
  case .fieldTooLong: .text("a,b\n1," + String(repeating: "2", count: 33) + "\n")
  case .columns: .text("a,b\n1\n")
  case .empty: .text("")
  case .headerMissing: .text("a,c\n1,2\n")
  case .headerDuplicate: .text("a,b, B \n1,2,3\n")
  case .workbookDamaged, .workbookEncrypted, .workbookOld, .sheetMissing, .formula, .errorCell,
    .mangled, .tooLarge:
    workbookCause(of: code)
  case .bomb: .guide(gzip(Array("<tv>".utf8) + [UInt8](repeating: 0x20, count: 40 << 20)))
  case .gzipDamaged: .guide(Array(gzip(Array("<tv></tv>".utf8)).dropLast(4)))
  case .xmlMalformed: .guide(Array("<tv><programme></tv>".utf8))
  case .xmlEntity: .guide(Array("<!DOCTYPE tv [<!ENTITY a \"b\">]><tv>&a;</tv>".utf8))
  case .xmlLimit: .guide(Array(String(repeating: "<tv>", count: 100).utf8))
  case .notGuide: .guide(Array("<html></html>".utf8))
  case .channel: .told(.channel(nil, among: ["C1", "C2"]))
  case .unwritable: .writing("", to: "/dev/null/none.xlsx")
  }
}

private func workbookCause(of code: SheetError.Code) -> Cause {
  let header = textRow(1, ["a", "b"])
  let row = { (cell: String) in
    Cause.sheet(WorkbookFixture(header + "<row r=\"2\">\(cell)</row>").bytes)
  }
  switch code {
  case .workbookEncrypted:
    return .sheet(OfficeDocument.mark + "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] })
  case .workbookOld: return .sheet(OfficeDocument.mark + [0, 0])
  case .sheetMissing:
    var book = WorkbookFixture("")
    book.sheets[0].state = "hidden"
    return .sheet(book.bytes)
  case .formula: return row("<c r=\"A2\"><f>1+1</f></c>")
  case .errorCell: return row("<c r=\"A2\" t=\"e\"><v>#REF!</v></c>")
  case .mangled: return row("<c r=\"A2\" t=\"d\"><v>2026-01-02</v></c>")
  case .tooLarge: return .writing(String(repeating: "x", count: 40_000), to: "/tmp/large.xlsx")
  default: return .sheet([0x50, 0x4B, 3, 4, 20, 0, 6, 0])
  }
}

private let limits = SheetLimits(fieldBytesMax: 32, rowBytesMax: 64)

/// The error of an import that wants columns `a` and `b` and every row.
private func importError(path: String, adding text: String? = nil) throws -> SheetError? {
  do throws(SheetError) {
    var reader = try CSVReader(path: path, limits: limits, chunkBytes: 8)
    _ = try SheetHeader(reader.header, required: ["a", "b"])
    if let text {
      do { try append(Array(text.utf8), to: path) } catch { Issue.record(error) }
    }
    while let item = try reader.next() {
      if case .refused(let error) = item { return error }
    }
    return nil
  } catch {
    return error
  }
}

private func writingError(_ text: String, to path: String) -> SheetError? {
  do {
    let grid = try XLSXGrid([GridColumn("a")], path: path, sheet: "a")
    try grid.write([.text(text)])
    try grid.finish()
    return nil
  } catch { return error as? SheetError }
}

@Test(arguments: SheetError.Code.allCases)
func `every code has a file that meets it`(code: SheetError.Code) throws {
  let error =
    switch cause(of: code) {
    case .path(let path): try importError(path: path)
    case .text(let text): try withFile(Array(text.utf8)) { try importError(path: $0) }
    case .bytes(let bytes): try withFile(bytes) { try importError(path: $0) }
    case .addition(let text):
      try withFile(Array("a,b\n1,2\n".utf8)) { try importError(path: $0, adding: text) }
    case .sheet(let bytes):
      try { (reading: RowReading) in reading.failure ?? reading.refused.first }(
        rowReading(bytes, SheetWants(required: [SheetField("a"), SheetField("b")])))
    case .guide(let bytes): try guideReading(bytes).failure
    case .writing(let text, let path): writingError(text, to: path)
    case .told(let error): error
    }
  #expect(error?.code == code)
  #expect(error?.reason.isEmpty == false)
  #expect(error?.hint.isEmpty == false)
}

@Test func `errors are equal if their codes are`() {
  #expect(SheetError.columns(1, expected: 2, line: 3) == .columns(4, expected: 5, line: 6))
  #expect(SheetError.empty() != .changed())
}

// MARK: Quotes

@Test func `a lone quote is an error that names its line`() throws {
  let sheet = try reading("a,b\n1,2\n3,4\"5\n6,7\n")
  #expect(sheet.failure?.code == .quote)
  #expect(sheet.failure?.line == 3)
  #expect(sheet.failure?.column == 2)
  #expect(sheet.fields == [["a", "b"], ["1", "2"]])
}

@Test func `an unclosed quote names the line where it was opened`() throws {
  let sheet = try reading("a,b\n1,2\n3,\"4\n5,6\n7,8\n")
  #expect(sheet.failure?.code == .quote)
  #expect(sheet.failure?.line == 3)
  #expect(sheet.failure?.column == 2)
}

@Test func `a quote that another line seems to close names the line where it was opened`() throws {
  let sheet = try reading("a,b\n1,\"2\n3,\"4\"\n")
  #expect(sheet.failure?.code == .quote)
  #expect(sheet.failure?.line == 2)
  #expect(sheet.failure?.reason.contains("line 3") == true)
}

// MARK: Limits

@Test func `limits are met exactly`() throws {
  let limits = SheetLimits(fieldBytesMax: 6, rowBytesMax: 12, columnsMax: 3)
  #expect(try reading("a,b,c\n123456,1234,\n", limits: limits).failure == nil)
  #expect(try reading("a,b,c\n1234567,,\n", limits: limits).failure?.code == .fieldTooLong)
  #expect(try reading("a,b,c\n123456,12345,\n", limits: limits).failure?.code == .rowTooLong)
  #expect(try reading("a,b,c\n\"123\"\"5\",12,\n", limits: limits).failure == nil)
  #expect(try reading("a,b,c\n\"123\"\"5\",123,\n", limits: limits).failure?.code == .rowTooLong)
  #expect(try reading("a,b,c,d\n", limits: limits).failure?.code == .columns)
}

@Test func `a line without end is refused in the first pass, before the header is read`() throws {
  let line = [UInt8](repeating: 0x61, count: 3 << 20)
  let sheet = try reading(Array("a,b\r\n1,2\r\n".utf8) + line + Array("\r\n3,4\r\n".utf8))
  #expect(sheet.failure?.code == .rowTooLong)
  #expect(sheet.failure?.line == 3)
  #expect(sheet.rows.isEmpty)
}

@Test func `a gigabyte of zeros is refused at its first byte`() throws {
  try withFile(Array("a,b\n1,2\n".utf8)) { path in
    #expect(truncate(path, 1 << 30) == 0)
    let sheet = Reading(path: path)
    #expect(sheet.failure?.code == .nul)
    #expect(sheet.failure?.line == 3)
  }
}

// MARK: Files

@Test func `a pipe is refused without waiting for its writer`() throws {
  let path = try withFile([]) { $0 }
  #expect(mkfifo(path, 0o600) == 0)
  defer { unlink(path) }
  #expect(Reading(path: path).failure?.code == .unreadable)
}

@Test func `a path through a file or with a zero in it is not found`() {
  #expect(Reading(path: "/etc/passwd/sheet.csv").failure?.code == .notFound)
  #expect(Reading(path: "/etc/passwd\0.csv").failure?.code == .notFound)
}

@Test func `a file that shrinks while it is read is an error, not the end`() throws {
  try withFile(Array("a,b\n1,2\n3,4\n5,6\n".utf8)) { path in
    var reader = try CSVReader(path: path, limits: SheetLimits(), chunkBytes: 4)
    #expect(truncate(path, 8) == 0)
    #expect(throws: SheetError.changed()) { while try reader.next() != nil {} }
  }
}

@Test func `a file that is written to in place while it is read is an error`() throws {
  try withFile(Array("a,b\n1,2\n".utf8)) { path in
    var reader = try CSVReader(path: path)
    let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    #expect(throws: SheetError.changed()) { while try reader.next() != nil {} }
  }
}

@Test func `text from the file is shown without control characters and cut short`() throws {
  let name = "\u{1B}[31m\u{202E}" + String(repeating: "x", count: 5000)
  let sheet = try reading("\"\(name)\"\n")
  do throws(SheetError) {
    _ = try SheetHeader(sheet.rows[0], required: ["a"])
    Issue.record("there is no error")
  } catch {
    #expect(!error.description.contains { "\u{1B}\u{202E}".contains($0) })
    #expect(error.description.utf8.count < 1000)
  }
}
