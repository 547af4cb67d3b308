// A workbook is a ZIP file of XML parts that name each other by relations (ECMA-376 parts 1 and 2).
// Its texts and formats are in memory, its sheets are streams.

internal import Wording

/// A sheet of a workbook.
struct WorkbookSheet: Equatable {
  let name: String
  let part: String
  let isVisible: Bool
}

/// A workbook that is open for reading.
final class Workbook {
  let archive: ZipArchive
  /// Sheets with cells, in the order of their tabs.
  let sheets: [WorkbookSheet]
  let system: SheetSerial.System
  /// The workbook carries programs. Nothing runs them.
  let hasMacros: Bool
  let strings: SharedStrings
  let looks: [NumberLook]

  /// Throws `xlsx_damaged`, `xlsx_encrypted`, `archive_bomb`, `xml_entity`, `xml_limit` and
  /// `csv_workbook`.
  init(path: String) throws(SheetError) {
    let archive = try ZipArchive(path: path)
    try Self.refuseOtherFormats(archive)
    let root = try Relation.all(of: "", in: archive)
    guard let main = root.first(where: { $0.kind == "officeDocument" })?.target else {
      throw .workbookDamaged("it does not say where its sheets are")
    }
    if main.hasSuffix(".bin") { throw .otherWorkbook("a binary workbook (.xlsb)") }
    let relations = try Relation.all(of: main, in: archive)
    let reading = WorkbookReading(relations)
    try archive.read(main, by: reading)
    sheets = reading.sheets
    system = reading.system
    hasMacros = relations.contains { $0.kind == "vbaProject" }
    let strings = SharedStringReading()
    if let part = relations.first(where: { $0.kind == "sharedStrings" })?.target {
      try archive.read(part, by: strings)
    }
    self.strings = strings.strings
    let styles = StyleReading()
    if let part = relations.first(where: { $0.kind == "styles" })?.target {
      try archive.read(part, by: styles)
    }
    looks = styles.looks
    self.archive = archive
  }

  private static func refuseOtherFormats(_ archive: ZipArchive) throws(SheetError) {
    if archive.has("_rels/.rels") { return }
    if archive.has("META-INF/manifest.xml") { throw .otherWorkbook("an OpenDocument file (.ods)") }
    throw .otherWorkbook("a ZIP file")
  }
}

extension ZipArchive {
  /// Reads a whole part.
  func read(_ part: String, by handler: any XMLHandler) throws(SheetError) {
    let stream = try open(part)
    let parser = try XMLParser(handler)
    while try stream.feed(parser) {}
  }
}

/// How one part of a workbook names another.
struct Relation: Equatable {
  let id: String
  /// The last word of its type, in both kinds of the standard: `worksheet`.
  let kind: String
  /// The name of the other part in the archive.
  let target: String

  /// The relations of a part; of the whole for an empty name.
  static func all(of part: String, in archive: ZipArchive) throws(SheetError) -> [Relation] {
    let slash = part.lastIndex(of: "/")
    let folder = slash.map { String(part[...$0]) } ?? ""
    let file = slash.map { String(part[part.index(after: $0)...]) } ?? part
    let name = folder + "_rels/" + file + ".rels"
    guard archive.has(name) else { return [] }
    let reading = RelationReading(folder)
    try archive.read(name, by: reading)
    return reading.relations
  }

  /// A target as the name of a part, without `.` and `..`.
  static func resolve(_ target: String, in folder: String) -> String {
    var path: [Substring] = []
    let whole = target.hasPrefix("/") ? target : folder + target
    for step in whole.split(separator: "/") {
      if step == ".." { _ = path.popLast() } else if step != "." { path.append(step) }
    }
    return path.joined(separator: "/")
  }
}

private final class RelationReading: XMLHandler {
  private let folder: String
  private(set) var relations: [Relation] = []

  init(_ folder: String) { self.folder = folder }

  func start(_ element: XMLElement) {
    guard element.name == "Relationship", element["TargetMode"] != "External",
      let id = element["Id"], let type = element["Type"], let target = element["Target"]
    else { return }
    let kind = type.split(separator: "/").last.map(String.init) ?? ""
    relations.append(
      Relation(id: id, kind: kind, target: Relation.resolve(target, in: folder)))
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
  func end(_ name: String) {}
}

private final class WorkbookReading: XMLHandler {
  private let parts: [String: String]
  private(set) var sheets: [WorkbookSheet] = []
  private(set) var system = SheetSerial.System.from1900

  init(_ relations: [Relation]) {
    parts = Dictionary(
      relations.filter { $0.kind == "worksheet" }.map { ($0.id, $0.target) },
      uniquingKeysWith: { first, _ in first })
  }

  func start(_ element: XMLElement) {
    switch element.name {
    case "workbookPr":
      if ["1", "true"].contains(element["date1904"]) { system = .from1904 }
    case "sheet":
      guard let name = element["name"], let part = element["id"].flatMap({ parts[$0] }) else {
        return
      }
      let isVisible = element["state"].map { $0 == "visible" } ?? true
      sheets.append(WorkbookSheet(name: name, part: part, isVisible: isVisible))
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
  func end(_ name: String) {}
}
