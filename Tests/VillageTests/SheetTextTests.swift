import Replica
import Sheets
import Testing
import Wording

@testable import Village

private func date(_ text: String, _ titles: String..., month: String? = nil, week: String? = nil)
  -> String?
{
  let hints = DateHints(
    titles: titles, month: month.flatMap { Month($0) }, week: week.flatMap { ISOWeek($0) })
  do { return try CellText.date(text, hints)?.description } catch {
    return error.code.rawValue
  }
}

@Suite struct SheetTextTests {
  @Test(arguments: [
    "2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "2026年03月05号", " 2026 年 3 月 5 日 ",
    "２０２６年３月５日", "2026年3月5日（周四）", "2026年3月5日 星期四", "20260305", "46086",
    "2026-03-05 00:00:00",
  ])
  func `a day is read in all the ways that people and spreadsheets write it`(text: String) {
    #expect(date(text) == "2026-03-05")
  }

  @Test(arguments: [
    "3月5日", "3/5", "5日", "26年3月5日", "2026年3月", "2026年2月29日", "2026年13月1日", "周四", "x", "99999",
    "46086.5", "2026-03-05 09:30:00", "2026年3月5日周三", "1", "3月5日至8日",
  ])
  func `what is no day, or a day of no year, is refused`(text: String) {
    #expect(date(text) == "bad_date")
  }

  @Test func `a day that is told to a command is written in one way`() throws {
    #expect(try CivilDate(told: " 2026-03-05\u{3000}").description == "2026-03-05")
    for text in ["", "明天", "3月5日", "2026-02-29"] {
      #expect(throws: VillageError(.badDate, "")) { try CivilDate(told: text) }
    }
  }

  @Test
  func `a day without a year takes it from a month, a week or a title, and never from a guess`() {
    for title in ["2026年3月节目计划", "平镇２０２６年 ３ 月", "计划 2026-03", "2026/3", "2026年计划"] {
      #expect(date("3月5日", title) == "2026-03-05", "\(title)")
    }
    #expect(date("5日", "2026年3月") == "2026-03-05")
    #expect(date("3月5日", month: "2026-03") == "2026-03-05")
    #expect(date("3月5日", week: "2026-W10") == "2026-03-05")
    #expect(date("1月1日", week: "2026-W53") == "2027-01-01")
    // A person's word counts more than the title.
    #expect(date("3月5日", "2025年3月", month: "2026-03") == "2026-03-05")
    #expect(date("3月5日", "2026年3月", "制表：2026年2月25日") == "2026-03-05")
    for (text, titles) in [
      ("3月5日", ["三月计划"]), ("4月5日", ["2026年3月"]), ("3月5日", ["2026年3月", "2026年4月"]),
      ("3月5日", ["2026年", "2025年"]), ("3月5日", ["编号12026年3月"]), ("5日", ["2026年"]),
      ("3月5日", ["2026年3月5日"]), ("3月5日", ["2026-03-05"]),
    ] {
      let hints = DateHints(titles: titles)
      #expect(throws: VillageError(.badDate, "")) { try CellText.date(text, hints) }
    }
    #expect(date("3月12日", week: "2026-W10") == "bad_date")
  }

  @Test(arguments: [
    ("09:30", "09:30"), ("9：30", "09:30"), ("9:30:00", "09:30"), ("上午9:30", "09:30"),
    ("下午2:00", "14:00"),
    ("下午14:00", "14:00"), ("晚上8点", "20:00"), ("9点半", "09:30"), ("9时30分", "09:30"), ("９点", "09:00"),
    ("中午12:30", "12:30"), ("9:30 PM", "21:30"), ("9:30am", "09:30"), ("12:05 PM", "12:05"),
    ("930", "09:30"),
    ("0930", "09:30"), ("1430", "14:30"), ("0.395833333333333", "09:30"), ("凌晨1:00", "01:00"),
    ("下午12:10", "12:10"),
  ])
  func `a time of day is read in all the ways that people write it`(text: String, time: String)
    throws
  {
    #expect(try CellText.time(text)?.description == time)
  }

  @Test(arguments: [
    "25:00", "9", "9:5", "9:30:15", "上午13:00", "上午12:10", "晚上12:00", "晚上3:00", "下午", "990", "2460",
    "9.30", "9:30-10:00", "0.5x", "0.39584", "x", "下午2:00 PM", "12:10 AM",
  ])
  func `what is no time of day, or could be two, is refused`(text: String) {
    #expect(throws: VillageError(.badTime, "")) { try CellText.time(text) }
  }

  @Test(
    arguments: [
      ("1500", SheetUnit.plain, 1500), ("25", .minutes, 1500), ("22.5", .minutes, 1350),
      ("25分钟", .unsaid, 1500), ("1小时20分", .plain, 4800), ("90秒", .minutes, 90),
      ("00:25:00", .unsaid, 1500),
      ("25min", .unsaid, 1500), ("", .unsaid, nil), ("1时5秒", .unsaid, 3605),
    ] as [(String, SheetUnit, Int64?)])
  func `a length is read by the unit of its column or its own`(
    text: String, unit: SheetUnit, seconds: Int64?
  ) throws {
    #expect(try CellText.duration(text, in: unit, of: "seconds") == seconds)
  }

  @Test(arguments: [
    ("25", SheetUnit.unsaid), ("25:00", .plain), ("25:00", .unsaid), ("-1", .plain),
    ("1.5", .plain),
    ("0.001", .minutes), ("分", .unsaid), ("5秒3分", .unsaid), ("25:00:00", .unsaid), ("x", .minutes),
    ("1e9", .minutes), ("99999999999", .plain), ("5分5", .unsaid),
  ])
  func `a length of no unit, or of none that is known, is refused`(text: String, unit: SheetUnit) {
    #expect(throws: VillageError(.badValue, "")) {
      try CellText.duration(text, in: unit, of: "seconds")
    }
  }

  @Test func `no two fields of one kind of sheet have the same name`() {
    let plan = SheetNames.plan(week: nil)
    for wants in [plan, SheetNames.programmes, SheetNames.playbacks] {
      let fields = wants.required + wants.either.flatMap { $0 } + wants.optional
      for field in fields {
        for name in field.allNames {
          #expect(wants.name(of: name) == field.name, "\(name) is \(field.name)")
        }
      }
    }
  }

  @Test func `a code as spreadsheets change it is told, and others are not`() throws {
    let suspect = [
      "1月2日", "12月31日", "2-Jan", "Jan-02", "2-Jan-26", "1.23E+15", "3E+10",
    ]
    let fine = [
      "F-12", "1-2", "P2026", "March", "2-Jxn", "E+10", "月日", "1月2日晚会", "A1月2日", "Jan", "12月",
    ]
    for text in suspect + fine {
      let world = try World()
      let path = try world.file("programme\n\(text)\n")
      let place = try world.place(World.town)
      let report = try world.hub.write {
        try Programmes.importSheet(path, for: place, .refuseSheet, $0)
      }
      #expect(report.warningCount == (suspect.contains(text) ? 1 : 0), "\(text)")
    }
  }
}
