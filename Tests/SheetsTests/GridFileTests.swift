import Glibc
import Testing

@testable import Sheets

private let columns = [
  GridColumn("date", "日期", .code), GridColumn("start", "时间", .code),
  GridColumn("programme", "编号", .code), GridColumn("note", "note"),
  GridColumn("audience", "audience", .number), GridColumn("share", "比例", .number),
  GridColumn("at", "at", .code),
]

private let rows: [[GridCell]] = [
  [
    .date(days: 20_517), .time(minutes: 570), .text("=1+1"), .text("@SUM(A1) 双枣 \u{1} 🌾"),
    .integer(7), .share(0.975), .instant(seconds: 1_772_703_000),
  ],
  [.date(days: -30_000), .empty, .text("1-2"), .text(" "), .integer(1 << 60), .empty, .empty],
  [
    .date(days: 0), .time(minutes: 1439), .text("007"), .text("a\nb"), .integer(-3), .decimal(1.25),
    .instant(seconds: 1),
  ],
]

private let wants = SheetWants(
  required: [
    SheetField("date", .date, also: ["日期"]), SheetField("start", .time, also: ["时间"]),
    SheetField("programme", .code, also: ["编号"]), SheetField("note"),
    SheetField("audience", .count), SheetField("at", .instant),
  ])

/// Calls the body with a path at which nothing lies, and takes away what does afterwards.
private func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
  try withFile([]) { path in
    unlink(path)
    return try body(path)
  }
}

private func writeWorkbook(_ path: String, name: String = "三月") throws {
  var grid = try XLSXGrid(columns, path: path, sheet: name)
  var table = Grid(columns)
  for row in rows { table.write(row) }
  try table.copy(to: &grid)
}

@Test func `a workbook has the cells of the table, and texts are never formulas`() throws {
  let reading = try withPath { path in
    try writeWorkbook(path)
    return RowReading(path: path, wants)
  }
  #expect(reading.failure == nil)
  #expect(reading.refused.isEmpty)
  #expect(reading.notes.isEmpty)
  #expect(reading.titles == ["三月"])
  #expect(
    reading.fields == [
      [
        "2026-03-05", "09:30", "=1+1", "@SUM(A1) 双枣 \u{1} 🌾", "7", "0.975", "2026-03-05 09:30:00",
      ],
      ["1887-11-12", "", "1-2", " ", "1152921504606846976", "", ""],
      ["1970-01-01", "23:59", "007", "a\nb", "-3", "1.25", "1970-01-01 00:00:01"],
    ])
}

@Test func `equal tables make equal workbooks`() throws {
  func bytes() throws -> [UInt8] {
    try withPath { path in
      try writeWorkbook(path)
      let file = try SheetFile(path: path)
      var bytes = [UInt8](repeating: 0, count: file.size)
      _ = try file.read(into: &bytes, from: 0, at: 0)
      return bytes
    }
  }
  let first = try bytes()
  #expect(first.count > 1000)
  #expect(try first == bytes())
}

@Test func `names of tabs are made such as tabs can have`() throws {
  for (name, tab) in [
    ("a/b:[c]*?'", "abc"), ("", "Sheet1"),
    (String(repeating: "长", count: 40), String(repeating: "长", count: 31)),
  ] {
    let titles = try withPath { path in
      try writeWorkbook(path, name: name)
      return RowReading(path: path, wants).titles
    }
    #expect(titles == [tab])
  }
}

@Test func `a workbook that was not finished leaves nothing behind`() throws {
  try withPath { path in
    do {
      let grid = try XLSXGrid(columns, path: path, sheet: "a")
      try grid.write(rows[0])
    }
    #expect(access(path, F_OK) != 0)
    #expect(access(path + ".part", F_OK) != 0)
  }
}

@Test func `a form is filled in as it was meant, and an empty one has no rows`() throws {
  let form = XLSXForm(
    title: "2026年3月计划",
    columns: [
      .init("日期", .date, "a"), .init("时间", .time, "b"), .init("编号", .text, "c"),
      .init("必播", .choice(["是", "否"]), "d"), .init("时长", .number, "e"),
    ], advice: ["f"])
  let reading = try withPath { path in
    try form.write(to: path)
    return RowReading(path: path, planWants)
  }
  #expect(reading.failure == nil)
  #expect(reading.rows.isEmpty)
  #expect(reading.titles == ["2026年3月计划", "2026年3月计划"])
  #expect(reading.header?.ignored == ["必播"])
}

@Test func `a table of CSV is read again, guarded texts too`() throws {
  var bytes: [UInt8] = []
  var grid = CSVGrid(columns) { bytes += $0 }
  for row in rows { try grid.write(row) }
  try grid.finish()
  let reading = try rowReading(bytes, wants)
  let note = try #require(reading.header?.required("note"))
  let code = try #require(reading.header?.required("programme"))
  #expect(reading.rows.map { $0.meaning(code) } == ["=1+1", "1-2", "007"])
  let first = try #require(reading.rows.first)
  #expect(first[code] == "'=1+1")
  #expect(reading.rows.first?.meaning(note) == "@SUM(A1) 双枣 \u{1} 🌾")
}

@Test func `a page has the texts, escaped, and nothing from elsewhere`() throws {
  var bytes: [UInt8] = []
  let page = HTMLPage(
    title: "<播放> & \"表\"", subtitles: ["双枣", "2026-03"], notes: ["a < b"], orientation: .landscape)
  var grid = HTMLGrid(columns, page: page) { bytes += $0 }
  try grid.write(
    [
      .text("<script>alert(1)</script>"), .time(minutes: 570), .empty, .text("a\u{0}b"),
      .integer(3),
      .share(0.5), .empty,
    ])
  try grid.finish()
  let text = String(decoding: bytes, as: UTF8.self)
  for part in [
    "<!DOCTYPE html>", "<html lang=\"zh-CN\">", "<meta charset=\"utf-8\">", "A4 landscape",
    "<h1>&lt;播放&gt; &amp; &quot;表&quot;</h1>", "<p class=\"subtitle\">2026-03</p>",
    "display: table-header-group", "<th class=\"code\" scope=\"col\">日期</th>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "<td class=\"number\">3</td>",
    "<td class=\"number\">50.0%</td>",
    "<p class=\"note\">a &lt; b</p>", "a\u{FFFD}b",
  ] { #expect(text.contains(part), "\(part)") }
  #expect(!text.contains("<script"))
  #expect(!text.contains("http"))
  #expect(!text.contains("url("))
  #expect(text.hasSuffix("</html>\n"))
}
