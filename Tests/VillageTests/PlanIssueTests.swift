import Causality
import Replica
import Testing

@testable import Village

@Suite struct PlanIssueTests {
  private func take(_ sheet: PlanSheet, _ world: World, for place: Place) throws {
    let path = try world.file(sheet.text)
    _ = try world.hub.write { try PlanBook.importSheet(path, PlanImport(for: place), $0) }
  }

  private func issue(_ place: Place, _ world: World, _ period: String = "2026-03") throws
    -> IssueReport
  {
    try world.hub.write {
      try PlanBook.issue(place, Period(period), at: Instant(seconds: 1_767_225_600), $0)
    }
  }

  @Test func `drafts are hidden at stations until they are issued`() throws {
    let world = try World()
    let station = try world.station()
    let town = try world.place(World.town)
    try take(threeSlots, world, for: town)
    try world.sync(station)
    #expect(try station.items().isEmpty)
    #expect(try station.read { try PlanBook.list($0) }.isEmpty)
    #expect(try station.items(PlanFilter(drafts: .shown)).count == 3)
    #expect(try issue(town, world) == IssueReport(version: 1, items: 3))
    try world.sync(station)
    #expect(try station.items().map(\.isDraft) == [false, false, false])
    let plans = try station.read { try PlanBook.list($0) }
    #expect(plans.map(\.version) == [1] && plans[0].issuedAt == Instant(seconds: 1_767_225_600))
    #expect(try world.hub.items(PlanFilter(drafts: .hidden)).count == 3)
  }

  @Test func `a further issue sends what came since, under the next version`() throws {
    let world = try World()
    let station = try world.station()
    let town = try world.place(World.town)
    try take(threeSlots, world, for: town)
    _ = try issue(town, world)
    try take(PlanSheet([PlanSheet.row("d", "2026-03-09", "08:00")]), world, for: town)
    // Edits to what is issued travel at once, drafts stay behind.
    let dot = try world.hub.items()[0].dot
    try world.hub.edit(dot, [("note", "改")])
    try world.sync(station)
    #expect(try station.items().map(\.note) == ["改", "请公示", nil])
    #expect(try issue(town, world) == IssueReport(version: 2, items: 1))
    try world.sync(station)
    #expect(try station.items().map(\.version) == [2, 2, 2, 2])
  }

  @Test func `nothing to issue, no plan and another's plan are errors`() throws {
    let world = try World()
    let station = try world.station()
    let town = try world.place(World.town)
    let error = expect(.unknownPlan) { try issue(town, world) }
    #expect(error?.hint == "import one first")
    try take(threeSlots, world, for: town)
    _ = try issue(town, world)
    expect(.nothingToIssue) { try issue(town, world) }
    #expect(
      expect(.unknownPlan) { try issue(town, world, "2026-W10") }?.hint.contains("2026-03") == true)
    expect(.notOwner) {
      try station.write {
        try PlanBook.issue(town, Period("2026-03"), at: Instant(seconds: 0), $0)
      }
    }
  }

  @Test func `a station may issue what it planned for itself`() throws {
    let world = try World()
    let station = try world.station()
    let path = try world.file(threeSlots.text)
    let report = try station.write { store in
      let own = try Places.own(store)
      _ = try PlanBook.importSheet(path, PlanImport(for: own), store)
      return try PlanBook.issue(own, Period("2026-03"), at: Instant(seconds: 0), store)
    }
    #expect(report == IssueReport(version: 1, items: 3))
    #expect(try station.items().count == 3)
    try world.sync(station)
    #expect(try world.hub.items().map { $0.station?.name } == ["三岗村", "三岗村", "三岗村"])
  }

  @Test func `a plan for one station is no other station's`() throws {
    let world = try World()
    let station = try world.station()
    let other = try world.station(World.otherVillage, "四合村")
    let place = try world.place(World.village)
    try take(threeSlots, world, for: place)
    _ = try issue(place, world)
    try world.sync(station)
    try world.sync(other)
    #expect(try station.items().count == 3)
    #expect(try other.items().isEmpty)
    #expect(try world.hub.items(PlanFilter(place: try world.place(World.town).id)).isEmpty)
  }

  @Test func `lists can be asked for by place and period`() throws {
    let world = try World()
    let town = try world.place(World.town)
    var sheet = threeSlots
    sheet.rows[2]["date"] = "2026-04-01"
    try take(sheet, world, for: town)
    let april = PlanFilter(place: town.id, period: try Period("2026-04"))
    #expect(try world.hub.items(april).map(\.sheetID) == ["c"])
    #expect(
      try world.hub.read { try PlanBook.list($0, april) }.map(\.period.description) == ["2026-04"])
    #expect(try world.hub.read { try PlanBook.list($0) }.map(\.items) == [2, 1])
  }
}
