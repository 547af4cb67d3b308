import Testing

@testable import Sheets

@Test func `texts of all kinds are joined and unescaped`() throws {
  var book = WorkbookFixture(
    planHeader
      + """
      <row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c>\
      <c r="C2" t="inlineStr"><is><r><t>F</t></r><r><t xml:space="preserve">1 </t></r></is></c>\
      <c r="D2" t="str"><f>A1</f><v>a_x000A_b</v></c></row>
      """)
  book.strings = ["<t>2026-03-05</t>", "<r><t>09</t></r><r><t>:30</t></r><rPh><t>KU</t></rPh>"]
  let reading = try rowReading(book)
  #expect(reading.fields == [["2026-03-05", "09:30", "F1 ", "a\nb"]])
  #expect(reading.rows.first?.line == 2)
  #expect(reading.notes.map(\.line) == [2])
}

@Test func `numbers are told as their formats show them`() throws {
  var book = WorkbookFixture(
    planHeader
      + """
      <row r="2"><c r="A2" s="1"><v>46086</v></c><c r="B2" s="2"><v>0.39583333333333331</v></c>\
      <c r="C2"><v>7.0</v></c><c r="D2"><v>1.25</v></c></row>\
      <row r="3"><c r="A3" s="3"><v>46086.395833333336</v></c><c r="B3" s="2"><v>46086.395844</v></c>\
      <c r="C3" s="4"><v>7</v></c><c r="D3" t="b"><v>1</v></c></row>
      """)
  book.formats = ["yyyy\"年\"m\"月\"d\"日\";@", "[$-409]h:mm\\ AM/PM", "yyyy-mm-dd hh:mm:ss", "0000"]
  let reading = try rowReading(book)
  #expect(
    reading.fields == [
      ["2026-03-05", "09:30", "7", "1.25"],
      ["2026-03-05 09:30:00", "09:30:01", "0007", "TRUE"],
    ])
}

@Test func `bare numbers count as days and times only where such are asked for`() throws {
  let rows = """
    <row r="2"><c r="A2"><v>46086</v></c><c r="B2"><v>0.5</v></c><c r="C2"><v>46086</v></c></row>\
    <row r="3"><c r="A3"><v>12</v></c><c r="B3"><v>9.5</v></c><c r="C3"><v>1</v></c></row>
    """
  let reading = try rowReading(WorkbookFixture(planHeader + rows))
  #expect(reading.fields == [["2026-03-05", "12:00", "46086", ""], ["12", "9.5", "1", ""]])
  var old = WorkbookFixture(planHeader + rows.replacing("46086", with: "44624"))
  old.workbookProperties = "<workbookPr date1904=\"1\"/>"
  #expect(try rowReading(old).column("date") == ["2026-03-05", "12"])
}

@Test(arguments: [
  ("General", NumberLook.number), ("0.00", .number), ("0.00E+00", .number), ("@", .number),
  ("yyyy-mm-dd", .date), ("m\"月\"d\"日\"", .date), ("[$-804]aaaa", .number), ("mmm-yy", .date),
  ("h:mm", .time(.minute)), ("mm:ss", .time(.second)), ("[h]:mm:ss", .elapsed(.second)),
  ("[hh]:mm", .elapsed(.minute)), ("yyyy/m/d h:mm", .instant), ("000000", .digits(6)),
  ("\"day\" 0", .number), ("[Red]0;[Blue]yyyy", .number), ("上午/下午h\"时\"mm\"分\"", .time(.minute)),
])
func `number formats tell dates and times from numbers`(code: String, look: NumberLook) {
  #expect(NumberLook(code: code) == look)
}

@Test func `a title may stand above the names, and is told`() throws {
  let reading = try rowReading(
    WorkbookFixture(
      textRow(1, ["", "2026年3月计划"]) + textRow(3, ["编 号", "日期 ", "时间：", "节目名称（必填）", "x"])
        + textRow(5, ["F1", "a", "b", "c", "d", "beyond"]),
      behind: "<mergeCells><mergeCell ref=\"B1:E1\"/></mergeCells>"))
  #expect(reading.titles == ["2026年3月计划", "Sheet1"])
  #expect(reading.fields == [["F1", "a", "b", "c", "d"]])
  #expect(reading.rows.first?.line == 5)
  #expect(reading.header?.ignored == ["x"])
  #expect(reading.column("programme") == ["F1"])
}

@Test func `a cell that is merged downwards counts for each of its rows that says something`()
  throws
{
  let reading = try rowReading(
    WorkbookFixture(
      planHeader + textRow(2, ["2026-03-05", "09:30", "F1"]) + textRow(3, ["", "10:30", "F2"])
        + "<row r=\"4\"><c r=\"A4\" s=\"0\"/></row>" + textRow(5, ["", "11:30", "F3"])
        + textRow(6, ["", "12:30", "F4"]),
      behind: "<mergeCells count=\"1\"><mergeCell ref=\"A2:A5\"/></mergeCells>"))
  #expect(reading.column("date") == ["2026-03-05", "2026-03-05", "2026-03-05", ""])
  #expect(reading.rows.map(\.line) == [2, 3, 5, 6])
}

@Test func `the first visible sheet with the names is read, or the one that is named`() throws {
  var book = WorkbookFixture("")
  let row = { (code: String) in
    WorkbookFixture.sheet(planHeader + textRow(2, ["2026-03-05", "09:30", code]))
  }
  book.sheets = [
    ("说明", nil, WorkbookFixture.sheet(textRow(1, ["列", "方法"]))),
    ("old", "hidden", row("F0")), ("三月", nil, row("F3")), ("四月", nil, row("F4")),
  ]
  let first = try rowReading(book)
  #expect(first.column("programme") == ["F3"])
  #expect(first.notes.count == 1)
  #expect(first.notes.first?.text.contains("四月") == true)
  #expect(first.titles.last == "三月")
  let named = try rowReading(book.bytes, sheet: .named(" 四月"))
  #expect(named.column("programme") == ["F4"])
  #expect(named.notes.isEmpty)
  let missing = try rowReading(book.bytes, sheet: .named("五月"))
  #expect(missing.failure?.code == .sheetMissing)
  #expect(missing.failure?.reason.contains("四月") == true)
}

@Test func `no sheet with the names is told by what the nearest has`() throws {
  var book = WorkbookFixture("")
  book.sheets = [
    ("a", nil, WorkbookFixture.sheet(textRow(1, ["x"]))),
    ("b", nil, WorkbookFixture.sheet(textRow(2, ["date", "programme"]))),
  ]
  let failure = try #require(try rowReading(book).failure)
  #expect(failure.code == .headerMissing)
  #expect(failure.line == 2)
  #expect(failure.reason.contains("“start”"))
  #expect(try rowReading(WorkbookFixture("")).failure?.code == .empty)
}

@Test func `prefixes of names and cells without places are read`() throws {
  var book = WorkbookFixture("")
  book.sheets[0].xml = """
    <x:worksheet xmlns:x="m"><x:sheetData>\
    <x:row><x:c t="inlineStr"><x:is><x:t>date</x:t></x:is></x:c>\
    <x:c t="inlineStr"><x:is><x:t>start</x:t></x:is></x:c>\
    <x:c t="inlineStr"><x:is><x:t>programme</x:t></x:is></x:c></x:row>\
    <x:row><x:c t="d"><x:v>2026-03-05T00:00:00</x:v></x:c><x:c t="str"><x:v>9:30</x:v></x:c>\
    <x:c t="n"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>
    """
  #expect(try rowReading(book).fields == [["2026-03-05", "9:30", "5"]])
}

// MARK: What is refused

@Test func `what a spreadsheet did to a cell refuses its row, with the cell's name`() throws {
  var book = WorkbookFixture(
    planHeader
      + """
      <row r="2"><c r="A2" s="1"><v>46086</v></c><c r="C2" s="1"><v>46024</v></c></row>\
      <row r="3"><c r="A3" s="1"><v>46086</v></c><c r="C3" t="e"><f>#REF!+1</f><v>#REF!</v></c></row>\
      <row r="4"><c r="A4" s="1"><v>46086</v></c><c r="B4"><f>NOW()</f></c></row>\
      <row r="5"><c r="A5" s="1"><v>46086</v></c><c r="C5"><v>1234567890123456789</v></c></row>\
      <row r="6"><c r="A6" s="1"><v>46086</v></c><c r="D6" s="1"><v>46024</v></c></row>\
      <row r="7"><c r="A7" s="1"><v>46086</v></c><c r="E7" t="e"><v>#N/A</v></c></row>
      """)
  book.formats = ["m/d"]
  let reading = try rowReading(book)
  #expect(reading.refused.map(\.code) == [.mangled, .errorCell, .formula, .mangled, .mangled])
  #expect(reading.refused.map(\.line) == [2, 3, 4, 5, 6])
  #expect(reading.refused.map(\.column) == [3, 3, 2, 3, 4])
  #expect(reading.refused.allSatisfy { $0.reason.contains("Cell ") && !$0.hint.isEmpty })
  #expect(reading.refused.first?.reason.contains("C2") == true)
  // Nobody asked for the last one's column.
  #expect(reading.rows.map(\.line) == [7])
}

@Test func `formulas with results are counted in one warning`() throws {
  let rows = (2...9).map { row in
    "<row r=\"\(row)\"><c r=\"A\(row)\" t=\"str\"><f>X\(row)</f><v>2026-03-05</v></c></row>"
  }
  let reading = try rowReading(WorkbookFixture(planHeader + rows.joined()))
  #expect(reading.rows.count == 8)
  #expect(reading.notes.count == 1)
  #expect(reading.notes.first?.text.contains("8 cells") == true)
}

@Test func `macros are not run, and that is said`() throws {
  var book = WorkbookFixture(planHeader + textRow(2, ["2026-03-05"]))
  book.relations =
    "<Relationship Id=\"v\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\""
    + " Target=\"vbaProject.bin\"/>"
  book.more = [("xl/vbaProject.bin", "…")]
  let reading = try rowReading(book)
  #expect(reading.rows.count == 1)
  #expect(reading.notes.map(\.text) == ["the workbook has macros; they were not run"])
}

@Test func `a workbook that is cut off anywhere is refused, and nothing crashes`() throws {
  let whole = WorkbookFixture(planHeader + textRow(2, ["2026-03-05", "09:30", "F1"])).bytes
  for count in stride(from: 4, to: whole.count - 1, by: 37) {
    let reading = try rowReading(Array(whole[..<count]))
    #expect(reading.failure?.code == .workbookDamaged, "cut off at \(count)")
  }
}

@Test func `a workbook with a damaged byte gives its rows, or a fault, and never nonsense`() throws
{
  let book = WorkbookFixture(planHeader + textRow(2, ["2026-03-05", "09:30", "F1"]))
  let whole = book.bytes
  var random = Seeded(seed: 7)
  for _ in 0..<200 {
    var damaged = whole
    let place = Int.random(in: 4..<whole.count, using: &random)
    damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    let reading = try rowReading(damaged)
    if reading.failure == nil {
      #expect(reading.column("programme") == ["F1"], "byte \(place), seed 7")
    }
  }
}

@Test func `documents that are no such workbook are told apart`() throws {
  let old = OfficeDocument.mark + [UInt8](repeating: 0, count: 2000)
  #expect(try rowReading(old + Array("W.o.r.k.b.o.o.k.".utf8)).failure?.code == .workbookOld)
  let locked = old + "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] }
  #expect(try rowReading(locked).failure?.code == .workbookEncrypted)
  // Over the edge of what is read at once.
  let far = old + [UInt8](repeating: 1, count: 65_536 - old.count - 7)
  let split = far + "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] }
  #expect(try rowReading(split).failure?.code == .workbookEncrypted)
  let open = storedArchive([("META-INF/manifest.xml", []), ("content.xml", [])])
  #expect(try rowReading(open).failure?.code == .workbook)
  #expect(try rowReading(storedArchive([("a.txt", [1])])).failure?.code == .workbook)
  var binary = WorkbookFixture("").parts.map { ($0.name, Array($0.text.utf8)) }
  binary[0].1 = Array(
    "<Relationships><Relationship Id=\"r\" Type=\"x/officeDocument\" Target=\"xl/workbook.bin\"/></Relationships>"
      .utf8)
  #expect(try rowReading(storedArchive(binary)).failure?.code == .workbook)
}

@Test func `parts that are missing or that are no XML are told`() throws {
  let parts = WorkbookFixture(planHeader).parts.map { ($0.name, Array($0.text.utf8)) }
  for index in 1..<parts.count {
    var less = parts
    less.remove(at: index)
    let failure = try rowReading(storedArchive(less)).failure
    #expect(failure?.code == .workbookDamaged || failure?.code == .sheetMissing)
    var broken = parts
    broken[index].1 = Array(broken[index].1.dropLast(5))
    #expect(
      try rowReading(storedArchive(broken)).failure?.code == .workbookDamaged, "\(parts[index].0)")
  }
}

@Test func `entities that a part declares are refused`() throws {
  var book = WorkbookFixture("")
  book.sheets[0].xml =
    "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" + book.sheets[0].xml
  #expect(try rowReading(book).failure?.code == .xmlEntity)
}

@Test func `rows and cells that are out of order are damage`() throws {
  let row = textRow(3, ["2026-03-05"])
  #expect(
    try rowReading(WorkbookFixture(planHeader + row + row)).failure?.code == .workbookDamaged)
  let cells = "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"A2\"><v>1</v></c></row>"
  #expect(try rowReading(WorkbookFixture(planHeader + cells)).failure?.code == .workbookDamaged)
}

@Test func `names of cells are read and written`() {
  #expect(CellPlace("A1") == CellPlace(row: 1, column: 1))
  #expect(CellPlace("AB30") == CellPlace(row: 30, column: 28))
  for text in ["", "A", "1", "A0", "a1", "1A", "A1B", "XFE1", "A1048577", "A99999999999"] {
    #expect(CellPlace(text) == nil)
  }
  for column in [1, 26, 27, 52, 702, 703, 16_384] {
    let place = CellPlace(row: 9, column: column)
    #expect(CellPlace(place.description) == place)
  }
}

extension String {
  fileprivate func replacing(_ old: String, with new: String) -> String {
    var result = ""
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(old) {
        result += new
        rest = rest.dropFirst(old.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
