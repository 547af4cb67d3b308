import Testing

@testable import Sheets

/// A workbook made of its parts, so that a test can say exactly what is in it.
struct WorkbookFixture {
  var sheets: [(name: String, state: String?, xml: String)]
  var strings: [String] = []
  /// Codes of number formats: style 1 is the first of them.
  var formats: [String] = []
  var workbookProperties = ""
  var more: [(name: String, text: String)] = []
  var relations = ""

  static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  static let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

  /// One sheet with these rows, and what stands behind them.
  init(_ rows: String, behind: String = "") {
    sheets = [("Sheet1", nil, Self.sheet(rows, behind: behind))]
  }

  static func sheet(_ rows: String, behind: String = "") -> String {
    "<worksheet xmlns=\"\(main)\"><sheetData>\(rows)</sheetData>\(behind)</worksheet>"
  }

  var parts: [(name: String, text: String)] {
    var parts: [(name: String, text: String)] = [
      (
        "_rels/.rels",
        "<Relationships><Relationship Id=\"r1\" Type=\"\(Self.types)/officeDocument\" "
          + "Target=\"xl/workbook.xml\"/></Relationships>"
      ),
      ("xl/workbook.xml", workbook), ("xl/_rels/workbook.xml.rels", workbookRelations),
    ]
    for (index, sheet) in sheets.enumerated() {
      parts.append(("xl/worksheets/sheet\(index + 1).xml", sheet.xml))
    }
    if !strings.isEmpty {
      let items = strings.map { "<si>\($0)</si>" }.joined()
      parts.append(("xl/sharedStrings.xml", "<sst xmlns=\"\(Self.main)\">\(items)</sst>"))
    }
    if !formats.isEmpty { parts.append(("xl/styles.xml", styles)) }
    return parts + more
  }

  var bytes: [UInt8] { storedArchive(parts.map { ($0.name, Array($0.text.utf8)) }) }

  private var workbook: String {
    var text = "<workbook xmlns=\"\(Self.main)\" xmlns:r=\"\(Self.types)\">\(workbookProperties)"
    text += "<sheets>"
    for (index, sheet) in sheets.enumerated() {
      let state = sheet.state.map { " state=\"\($0)\"" } ?? ""
      text += "<sheet name=\"\(sheet.name)\" sheetId=\"\(index + 1)\"\(state) r:id=\"s\(index)\"/>"
    }
    return text + "</sheets></workbook>"
  }

  private var workbookRelations: String {
    var text = "<Relationships>"
    for index in sheets.indices {
      text += "<Relationship Id=\"s\(index)\" Type=\"\(Self.types)/worksheet\" "
      text += "Target=\"worksheets/sheet\(index + 1).xml\"/>"
    }
    for part in ["sharedStrings", "styles"] {
      text += "<Relationship Id=\"\(part)\" Type=\"\(Self.types)/\(part)\" "
      text += "Target=\"/xl/\(part).xml\"/>"
    }
    if strings.isEmpty { text = text.dropping("sharedStrings") }
    if formats.isEmpty { text = text.dropping("styles") }
    return text + relations + "</Relationships>"
  }

  private var styles: String {
    var text = "<styleSheet xmlns=\"\(Self.main)\"><numFmts>"
    for (index, code) in formats.enumerated() {
      let escaped = XMLText.escaped(code)
      text += "<numFmt numFmtId=\"\(200 + index)\" formatCode=\"\(escaped)\"/>"
    }
    text += "</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
    text += "<cellXfs><xf numFmtId=\"0\"/>"
    for index in formats.indices { text += "<xf numFmtId=\"\(200 + index)\"/>" }
    return text + "</cellXfs></styleSheet>"
  }
}

extension String {
  /// Without the relation of this id.
  fileprivate func dropping(_ id: String) -> String {
    split(separator: "<", omittingEmptySubsequences: true)
      .filter { !$0.contains("Id=\"\(id)\"") }.map { "<" + $0 }.joined()
  }
}

/// What a whole sheet gives, whatever its format.
struct RowReading {
  var header: SheetHeader?
  var titles: [String] = []
  var rows: [SheetRow] = []
  var refused: [SheetError] = []
  var notes: [SheetNote] = []
  var failure: SheetError?

  var fields: [[String]] { rows.map(\.fields) }

  init(path: String, _ wants: SheetWants, sheet: RowReader.Choice = .first) {
    do throws(SheetError) {
      var reader = try RowReader(path: path, wants, sheet: sheet)
      header = reader.header
      titles = reader.titles
      while let item = try reader.next() {
        switch item {
        case .row(let row): rows.append(row)
        case .refused(let error): refused.append(error)
        }
      }
      notes = reader.takeNotes()
    } catch {
      failure = error
    }
  }

  /// The fields of one column.
  func column(_ name: String) -> [String] {
    guard let column = header?.optional(name) else { return [] }
    return rows.map { $0[column] }
  }
}

let planWants = SheetWants(
  required: [SheetField("date", .date, also: ["日期"]), SheetField("start", .time, also: ["时间"])],
  either: [[SheetField("programme", .code, also: ["编号"]), SheetField("title", also: ["节目名称"])]],
  optional: [
    SheetField(
      "seconds", .duration, also: ["时长(秒)", .init("时长(分钟)", .minutes), .init("时长", .unsaid)]),
    SheetField("audience", .count), SheetField("note"),
  ])

func rowReading(
  _ bytes: [UInt8], _ wants: SheetWants = planWants, sheet: RowReader.Choice = .first
) throws -> RowReading {
  try withFile(bytes) { RowReading(path: $0, wants, sheet: sheet) }
}

func rowReading(_ workbook: WorkbookFixture) throws -> RowReading {
  try rowReading(workbook.bytes)
}

/// A row of inline texts.
func textRow(_ number: Int, _ cells: [String]) -> String {
  let inside = cells.enumerated().map { index, text in
    text.isEmpty
      ? ""
      : "<c r=\"\(CellPlace(row: number, column: index + 1))\" t=\"inlineStr\"><is><t>\(text)</t></is></c>"
  }
  return "<row r=\"\(number)\">\(inside.joined())</row>"
}

let planHeader = textRow(1, ["date", "start", "programme", "note"])
