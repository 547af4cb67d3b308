import Causality
import Replica
import Testing

@testable import Village

/// Rows whose ids are not known here: on another machine, after a restore, or without ids.
@Suite struct PlanMatchTests {
  private func take(_ sheet: PlanSheet, _ world: World, _ replica: Replica) throws -> SheetReport {
    let path = try world.file(sheet.text)
    return try replica.write { store in
      try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store)
    }
  }

  private func takeBoth(
    _ first: PlanSheet, then second: PlanSheet, edits: [(name: String, text: String)] = []
  ) throws -> (report: SheetReport, laptop: Replica, world: World) {
    let world = try World()
    _ = try take(first, world, world.hub)
    let item = try world.hub.items()[0].dot
    if !edits.isEmpty { try world.hub.edit(item, edits) }
    let laptop = try world.laptop()
    let before = try laptop.writes
    let report = try take(second, world, laptop)
    if report.added + report.changed == 0 { #expect(try laptop.writes == before) }
    return (report, laptop, world)
  }

  @Test func `importing again on another machine adds nothing, and the ids are known from then`()
    throws
  {
    let (report, laptop, world) = try takeBoth(threeSlots, then: threeSlots)
    #expect(report.unchanged == 3 && report.added + report.changed == 0)
    #expect(try laptop.items().map(\.sheetID) == ["a", "b", "c"])
    var sheet = threeSlots
    sheet.rows[0]["start"] = "09:30"
    #expect(try take(sheet, world, laptop).changed == 1)
    #expect(try laptop.items().count == 3)
  }

  @Test func `equal rows are counted`() throws {
    let twice = PlanSheet([
      PlanSheet.row("a", "2026-03-01", "09:00"), PlanSheet.row("b", "2026-03-01", "09:00"),
    ])
    let thrice = PlanSheet(twice.rows + [PlanSheet.row("c", "2026-03-01", "09:00")])
    let (report, laptop, _) = try takeBoth(twice, then: thrice)
    #expect(report.unchanged == 2 && report.added == 1)
    #expect(try laptop.items().count == 3)
  }

  @Test func `a known id takes its item before rows with unknown ids do`() throws {
    let world = try World()
    let slot = PlanSheet.row("a", "2026-03-01", "09:00")
    _ = try take(PlanSheet([slot]), world, world.hub)
    let sheet = PlanSheet([PlanSheet.row("new", "2026-03-01", "09:00"), slot])
    let report = try take(sheet, world, world.hub)
    #expect(report.added == 1 && report.unchanged == 1)
    #expect(try world.hub.items().map(\.sheetID).compactMap { $0 }.sorted() == ["a", "new"])
  }

  @Test func `rows without ids are remembered by what they say`() throws {
    let world = try World()
    var sheet = threeSlots
    sheet.columns.removeFirst()
    #expect(try take(sheet, world, world.hub).added == 3)
    let before = try world.hub.writes
    #expect(try take(sheet, world, world.hub).unchanged == 3)
    #expect(try world.hub.writes == before)
    let item = try world.hub.items()[0].dot
    try world.hub.edit(item, [("start", "09:45")])
    sheet.rows[0]["note"] = "请公示"
    #expect(try take(sheet, world, world.hub).changed == 1)
    let items = try world.hub.items()
    #expect(items.count == 3 && items[0].start == "09:45" && items[0].note == "请公示")
    #expect(items.allSatisfy { $0.sheetID == nil })
    sheet.rows += sheet.rows
    #expect(try take(sheet, world, world.hub).added == 3)
  }

  @Test func `on another machine a change of the sheet reaches fields that nobody edited`() throws {
    var sheet = threeSlots
    sheet.rows[1]["note"] = "改期"
    sheet.rows[1]["required"] = "1"
    let (report, laptop, _) = try takeBoth(threeSlots, then: sheet)
    #expect(report.changed == 1 && report.unchanged == 2 && report.added == 0)
    let item = try laptop.items()[1]
    #expect(item.note == "改期" && item.isRequired)
  }

  @Test func `on another machine a person's edit stands, with a warning`() throws {
    let (report, laptop, _) = try takeBoth(
      threeSlots, then: threeSlots, edits: [("note", "停电改期"), ("seconds", "600")])
    #expect(report.unchanged == 3 && report.warnings.map(\.line) == [2])
    #expect(report.warnings[0].text.contains("seconds, note"))
    let item = try laptop.items()[0]
    #expect(item.note == "停电改期" && item.seconds == 600)
  }

  @Test(arguments: [
    [(name: "start", text: "10:15")], [(name: "date", text: "2026-03-09")],
    [(name: "date", text: "2026-04-09")], [(name: "programme", text: "P77")],
  ])
  func `a slot that was moved is known again on another machine`(
    edits: [(name: String, text: String)]
  ) throws {
    let (report, laptop, _) = try takeBoth(threeSlots, then: threeSlots, edits: edits)
    #expect(report.added == 0 && report.changed == 0)
    #expect(report.warnings.map(\.line) == [2])
    #expect(try laptop.items().count == 3)
  }

  @Test func `a further showing of a moved programme is new where the ids are known`() throws {
    let world = try World()
    _ = try take(threeSlots, world, world.hub)
    let item = try world.hub.items()[0].dot
    try world.hub.edit(item, [("start", "10:15")])
    let further = PlanSheet([PlanSheet.row("z", "2026-03-01", "09:00")])
    let report = try take(further, world, world.hub)
    #expect(report.added == 1 && report.missing == 3)
  }

  @Test func `one sheet may be imported for several places`() throws {
    let world = try World()
    _ = try world.station()
    _ = try world.station(World.otherVillage, "四合村")
    for text in [World.village, World.otherVillage] {
      let place = try world.place(text)
      let path = try world.file(threeSlots.text)
      for added in [3, 0] {
        let report = try world.hub.write {
          try PlanBook.importSheet(path, PlanImport(for: place), $0)
        }
        #expect(report.added == added)
      }
      #expect(try world.hub.items(PlanFilter(place: place.id)).map(\.sheetID) == ["a", "b", "c"])
    }
  }

  @Test(arguments: [true, false])
  func `two replicas that made the same plan read it as one`(isIssuedAtHub: Bool) throws {
    let world = try World()
    let laptop = try world.laptop()
    _ = try take(PlanSheet([threeSlots.rows[0]]), world, world.hub)
    _ = try take(PlanSheet([threeSlots.rows[1]]), world, laptop)
    let issue = { (replica: Replica) in
      try replica.write {
        try PlanBook.issue(try Places.own($0), Period("2026-03"), at: Instant(seconds: 7), $0)
      }
    }
    _ = try issue(isIssuedAtHub ? world.hub : laptop)
    try world.carry(from: laptop, to: world.hub, laptop.read { try $0.partitionIDs() })
    let plans = try world.hub.read { try PlanBook.list($0) }
    #expect(plans.map(\.items) == [2] && plans.map(\.drafts) == [1])
    #expect(plans.map(\.version) == [1] && plans[0].issuedAt == Instant(seconds: 7))
    #expect(try issue(world.hub) == IssueReport(version: 2, items: 1))
    #expect(try world.hub.items().allSatisfy { $0.version == 2 && !$0.isDraft })
  }
}
