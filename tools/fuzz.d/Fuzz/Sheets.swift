import Glibc
import Sheets

/// A file in memory, used again for each run: the readers want a path.
private final class Scratch {
  let path: String
  private let descriptor: Int32

  init() {
    var name = Array("/dev/shm/yizhan-fuzz-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0, unlink(name) == 0 else {
      fatalError("no file in memory: error \(errno)")
    }
    path = "/proc/self/fd/\(descriptor)"
  }

  func hold(_ bytes: [UInt8]) -> String {
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    else { fatalError("a file in memory cannot be written: error \(errno)") }
    return path
  }
}

// Safe because a run is over before the next begins, on one thread.
nonisolated(unsafe) private let input = Scratch()
nonisolated(unsafe) private let output = Scratch()

// MARK: CSV

/// A CSV file: what is read and written by our writer is read as the same.
func fuzzCSV(_ bytes: [UInt8]) throws {
  let path = input.hold(bytes)
  _ = try? rows(path)
  let fields = try csv(path)
  var writer = CSVWriter()
  for row in fields { writer.write(row) }
  guard let again = try? csv(output.hold(writer.bytes)) else {
    fatalError("it wrote rows that it refuses: \(fields)")
  }
  hold(again == fields, "other rows: \(fields), \(again)")
}

private func csv(_ path: String) throws -> [[String]] {
  var reader = try CSVReader(path: path)
  var fields = [reader.header.fields]
  var line = reader.header.line
  while let item = try reader.next() {
    guard case .row(let row) = item else { continue }
    hold(row.line > line && row.count == reader.header.count, "a row out of place: \(row)")
    line = row.line
    fields.append(row.fields)
  }
  return fields
}

// MARK: Workbooks

private let wants = SheetWants(
  required: [SheetField("date", .date, also: ["日期"]), SheetField("start", .time, also: ["时间"])],
  either: [[SheetField("programme", .code, also: ["编号"]), SheetField("title", also: ["节目名称"])]],
  optional: [
    SheetField("seconds", .duration, also: ["时长(秒)", .init("时长(分钟)", .minutes)]),
    SheetField("instant", .instant), SheetField("flag", .flag), SheetField("audience", .count),
    SheetField("note"),
  ])

/// The rows of a sheet of any format, which is read twice and must say the same.
private func rows(_ path: String) throws -> [SheetRow] {
  let rows = try rowsOnce(path)
  hold((try? rowsOnce(path)) == rows, "other rows at the second reading")
  return rows
}

private func rowsOnce(_ path: String) throws -> [SheetRow] {
  var reader = try RowReader(path: path, wants)
  var rows: [SheetRow] = []
  var line = reader.headerLine
  while let item = try reader.next() {
    guard case .row(let row) = item else { continue }
    hold(row.line > line, "a row out of place: \(row)")
    line = row.line
    for column in reader.header.found { _ = (row.meaning(column), row.looksMangled(column)) }
    rows.append(row)
  }
  _ = reader.takeNotes()
  return rows
}

/// A workbook: an archive as it is, or the parts of one behind each other with a zero between,
/// which are put into a good archive, since no fuzzer mends check sums.
func fuzzXLSX(_ bytes: [UInt8]) throws {
  let isArchive = bytes.starts(with: [0x50, 0x4B])
  _ = try rows(input.hold(isArchive ? bytes : workbook(bytes)))
}

private func workbook(_ bytes: [UInt8]) -> [UInt8] {
  let given = bytes.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
  return storedArchive(
    workbookParts.enumerated().map { index, part in
      let isGiven = index < given.count && !given[index].isEmpty
      return (part.name, isGiven ? Array(given[index]) : Array(part.usual.utf8))
    })
}

private let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/// In the order in which an input gives them, with what stands for one that is empty.
private let workbookParts: [(name: String, usual: String)] = [
  ("xl/worksheets/sheet1.xml", "<worksheet/>"),
  (
    "xl/sharedStrings.xml",
    "<sst><si><t>date</t></si><si><t>start</t></si><si><t>title</t></si></sst>"
  ),
  (
    "xl/styles.xml",
    """
    <styleSheet><numFmts><numFmt numFmtId="200" formatCode="yyyy-mm-dd"/><numFmt numFmtId="201" \
    formatCode="h:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="200"/>\
    <xf numFmtId="201"/></cellXfs></styleSheet>
    """
  ),
  (
    "xl/workbook.xml",
    "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" id=\"s1\"/></sheets></workbook>"
  ),
  (
    "xl/_rels/workbook.xml.rels",
    """
    <Relationships><Relationship Id="s1" Type="\(types)/worksheet" Target="worksheets/sheet1.xml"/>\
    <Relationship Id="t" Type="\(types)/sharedStrings" Target="sharedStrings.xml"/>\
    <Relationship Id="l" Type="\(types)/styles" Target="styles.xml"/></Relationships>
    """
  ),
  (
    "_rels/.rels",
    """
    <Relationships><Relationship Id="r1" Type="\(types)/officeDocument" Target="xl/workbook.xml"/>\
    </Relationships>
    """
  ),
]

// MARK: Guides

/// A guide, plain or packed: programmes whose times can be read, and channels, are written by our
/// writer and read as the same.
func fuzzXMLTV(_ bytes: [UInt8]) throws {
  let path = input.hold(bytes)
  _ = try GuideReader.isGuide(path)
  let (channels, entries) = try guide(path)
  hold(Set(channels.map(\.id)).count == channels.count, "a channel twice: \(channels)")
  let programmes = entries.compactMap(programme)
  var written: [UInt8] = []
  var writer = XMLTVWriter(zoneMinutes: 480) { written += $0 }
  for channel in channels { try writer.write(channel) }
  for programme in programmes { try writer.write(programme) }
  try writer.finish()
  guard let again = try? guide(output.hold(written)) else {
    fatalError("it wrote a guide that it refuses: \(channels), \(programmes)")
  }
  hold(again.channels == channels, "other channels: \(channels), \(again.channels)")
  let read = again.entries.compactMap(programme)
  hold(read == programmes, "other programmes: \(programmes), \(read)")
}

private func guide(
  _ path: String
) throws -> (channels: [GuideChannel], entries: [GuideEntry]) {
  let reader = try GuideReader(path: path)
  var entries: [GuideEntry] = []
  while let entry = try reader.next() { entries.append(entry) }
  _ = reader.takeNotes()
  return (reader.channels, entries)
}

private func programme(_ entry: GuideEntry) -> GuideProgramme? {
  guard let start = XMLTVTime.seconds(entry.start, zoneMinutes: 480), let title = entry.title else {
    return nil
  }
  return GuideProgramme(
    channel: entry.channel, start: start,
    stop: entry.stop.flatMap { XMLTVTime.seconds($0, zoneMinutes: 480) }, title: title,
    category: entry.category)
}
