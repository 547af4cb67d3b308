import Causality
import Replica
import Testing

@testable import Village

@Suite struct PlanImportTests {
  /// Imports a sheet at the hub, for all stations unless said otherwise.
  private func take(
    _ sheet: PlanSheet, _ world: World, for place: String? = World.town, week: String? = nil,
    _ badRows: BadRows = .refuseSheet
  ) throws -> SheetReport {
    let order = PlanImport(
      for: try place.map { try world.place($0) }, week: week.flatMap { ISOWeek($0) },
      badRows: badRows)
    let path = try world.file(sheet.text)
    return try world.hub.write { try PlanBook.importSheet(path, order, $0) }
  }

  @Test func `a sheet becomes drafts of a month plan`() throws {
    let world = try World()
    let report = try take(threeSlots, world)
    #expect(report.read == 3 && report.added == 3 && report.warnings.isEmpty)
    let items = try world.hub.items()
    #expect(items.map(\.date) == ["2026-03-01", "2026-03-02", "2026-03-03"])
    #expect(items.map(\.start) == ["09:00", "10:30", "19:00"])
    #expect(items.map(\.programme) == ["P00144", "P2", "P3"])
    #expect(items.map(\.sheetID) == ["a", "b", "c"])
    #expect(items.map(\.isRequired) == [false, false, true])
    #expect(items.map(\.note) == [nil, "请公示", nil])
    #expect(items.map(\.seconds) == [900, 900, 900])
    #expect(items.allSatisfy { $0.isDraft && $0.period?.description == "2026-03" })
    #expect(items.allSatisfy { $0.station?.code.dotted == World.town && !$0.hasConflict })
    let plans = try world.hub.read { try PlanBook.list($0) }
    #expect(plans.map(\.items) == [3] && plans.map(\.drafts) == [3] && plans[0].version == 0)
  }

  @Test func `importing the same sheet again writes nothing`() throws {
    let world = try World()
    _ = try take(threeSlots, world)
    let before = try world.hub.writes
    let report = try take(threeSlots, world)
    #expect(report.unchanged == 3 && report.added + report.changed + report.missing == 0)
    #expect(try world.hub.writes == before)
  }

  @Test func `a changed sheet edits exactly the cells that changed`() throws {
    let world = try World()
    _ = try take(threeSlots, world)
    let before = try world.hub.writes
    var sheet = threeSlots
    sheet.rows[1]["start"] = "11:00"
    sheet.rows[1]["note"] = ""
    sheet.rows.append(PlanSheet.row("d", "2026-04-01", "08:00"))
    let report = try take(sheet, world)
    #expect(report.added == 1 && report.changed == 1 && report.unchanged == 2)
    // One edit, a plan for April, and its item.
    #expect(try world.hub.writes == before + 3)
    let edited = try #require(try world.hub.items().first { $0.sheetID == "b" })
    #expect(edited.start == "11:00" && edited.note == nil && edited.programme == "P2")
  }

  @Test func `a sheet that did not change leaves alone what people edited since`() throws {
    let world = try World()
    _ = try take(threeSlots, world)
    let item = try world.hub.items()[0].dot
    try world.hub.edit(item, [("start", "09:15"), ("note", "停电改期")])
    let before = try world.hub.writes
    let report = try take(threeSlots, world)
    #expect(report.unchanged == 3 && report.warnings.isEmpty)
    #expect(try world.hub.writes == before)
    var sheet = threeSlots
    sheet.rows[0]["title"] = "党课"
    #expect(try take(sheet, world).changed == 1)
    let view = try world.hub.items()[0]
    #expect(view.start == "09:15" && view.note == "停电改期" && view.title == "党课")
    // What changed in the sheet is an edit like any other, to a field that was edited too.
    sheet.rows[0]["start"] = "08:00"
    #expect(try take(sheet, world).changed == 1)
    #expect(try world.hub.items()[0].start == "08:00")
  }

  @Test func `a row that moves to another month moves the item to that month's plan`() throws {
    let world = try World()
    _ = try take(threeSlots, world)
    var sheet = threeSlots
    sheet.rows[2]["date"] = "2026-04-03"
    #expect(try take(sheet, world).changed == 1)
    let items = try world.hub.items()
    #expect(items.count == 3 && items[2].period?.description == "2026-04")
    #expect(items[2].sheetID == "c")
  }

  @Test func `what vanished from a sheet is counted and stays`() throws {
    let world = try World()
    _ = try take(threeSlots, world)
    var sheet = threeSlots
    sheet.rows.removeFirst()
    let report = try take(sheet, world)
    #expect(report.missing == 1 && report.unchanged == 2)
    #expect(try world.hub.items().count == 3)
    // A sheet for another month misses nothing.
    #expect(
      try take(PlanSheet([PlanSheet.row("x", "2026-05-01", "09:00")]), world).missing == 0)
  }

  @Test func `a cancelled item does not come back with its sheet`() throws {
    let world = try World()
    _ = try take(threeSlots, world)
    let item = try world.hub.items()[0].dot
    try world.hub.write { try PlanBook.cancel(item, $0) }
    #expect(try take(threeSlots, world).warnings.isEmpty)
    var sheet = threeSlots
    sheet.rows[0]["note"] = "又要播"
    let report = try take(sheet, world)
    #expect(report.warnings.map(\.line) == [2] && report.added == 0)
    #expect(try world.hub.items().count == 2)
    // On a machine that does not know the ids either.
    let laptop = try world.laptop()
    let path = try world.file(threeSlots.text)
    let other = try laptop.write { store in
      try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store)
    }
    #expect(other.added == 0 && other.warnings.map(\.line) == [2])
    // But a new row for the same slot is a new item where the cancelled one's id is known.
    sheet.rows[0]["id"] = "a2"
    #expect(try take(sheet, world).added == 1)
  }

  @Test func `columns come in any order, and only some must be there`() throws {
    let world = try World()
    let text = "note,start,remark,Programme, DATE \n会前播放,9:00,x,P1,2026/3/1\n"
    let path = try world.file(text)
    let report = try world.hub.write { store in
      try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store)
    }
    #expect(report.added == 1 && report.warnings.map(\.line) == [1])
    let item = try world.hub.items()[0]
    #expect(item.date == "2026-03-01" && item.start == "09:00" && item.note == "会前播放")
    #expect(item.title == nil && item.seconds == nil && item.sheetID == nil)
  }

  @Test func `GB18030, a byte order mark and quoted line breaks are read`() throws {
    let world = try World()
    var sheet = threeSlots
    sheet.rows[0]["note"] = "第一行\n第二行，“引号”\""
    for bytes in [gb18030(sheet.text), [0xEF, 0xBB, 0xBF] + Array(sheet.text.utf8)] {
      let path = try world.file(bytes)
      _ = try world.hub.write { store in
        try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store)
      }
      let items = try world.hub.items()
      #expect(items.count == 3 && items[0].note == "第一行\n第二行，“引号”\"")
      #expect(items[0].title == "红色影片展播（第40期）")
    }
  }

  @Test func `a week recommendation may leave days and times open`() throws {
    let world = try World()
    let sheet = PlanSheet([
      PlanSheet.row("a", "", "", ["programme": "P1"]),
      PlanSheet.row("b", "2026-03-04", "09:00", ["programme": "P2"]),
      PlanSheet.row("c", "2026-03-02", "", ["programme": "P3"]),
    ])
    #expect(try take(sheet, world, week: "2026-W10").added == 3)
    #expect(try take(sheet, world, week: "2026-W10").unchanged == 3)
    let items = try world.hub.items()
    #expect(items.map(\.programme) == ["P1", "P3", "P2"])
    #expect(items.allSatisfy { $0.period?.description == "2026-W10" })
    var outside = sheet
    outside.rows[1]["date"] = "2026-03-09"
    let error = expect(.rowsRefused) { try take(outside, world, week: "2026-W10") }
    #expect(error?.report?.refused.map(\.code) == ["bad_date"])
    #expect(error?.line == 3 && error?.column == 3)
    // A month plan has a date for everything.
    let undated = expect(.rowsRefused) { try take(sheet, world) }
    #expect(undated?.report?.refused.map(\.line) == [2])
  }

  @Test func `missing cells of a programme are filled from the catalogue, others stay`() throws {
    let world = try World()
    let catalogue = try world.file("programme,title,category,seconds\nP1,防范电信诈骗,法律法规,600\n")
    try world.hub.write { store in
      _ = try Programmes.importSheet(catalogue, for: try Places.own(store), .refuseSheet, store)
    }
    let sheet = PlanSheet([
      PlanSheet.row(
        "a", "2026-03-01", "09:00", ["programme": "P1", "title": "", "category": "", "seconds": ""]),
      PlanSheet.row("b", "2026-03-01", "10:00", ["programme": "P1", "title": "反诈"]),
      PlanSheet.row("c", "2026-03-01", "11:00", ["programme": "P1", "title": "反诈"]),
    ])
    let report = try take(sheet, world)
    // Said once, not for each row.
    #expect(report.warnings.map(\.line) == [3])
    #expect(report.warnings[0].text.contains("防范电信诈骗") && report.warnings[0].text.contains("反诈"))
    let items = try world.hub.items()
    #expect(items.map(\.title) == ["防范电信诈骗", "反诈", "反诈"])
    #expect(items.map(\.seconds) == [600, 900, 900])
    #expect(try world.hub.read { try Programmes.list($0) }.map(\.title) == ["防范电信诈骗"])
    let before = try world.hub.writes
    #expect(try take(sheet, world).unchanged == 3)
    #expect(try world.hub.writes == before)
  }
}
