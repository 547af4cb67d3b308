import Causality
import Replica
import Testing

@testable import Village

@Suite struct PlanDiffTests {
  private func diffs(_ replica: Replica) throws -> [PlanDiff] {
    try replica.read { try PlanDiff.list(PlanFilter(), $0) }
  }

  private func see(_ replica: Replica) throws {
    try replica.write { try PlanDiff.see(PlanFilter(), $0) }
  }

  @Test func `what was never seen is new, and what was seen is not told again`() throws {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    try world.sync(station)
    var diff = try #require(diffs(station).first)
    #expect(diff.seen == nil && diff.version == 1)
    #expect(diff.entries.map(\.change) == [.added, .added, .added])
    try see(station)
    diff = try #require(diffs(station).first)
    #expect(diff.seen == 1 && diff.entries.isEmpty)
    // The hub's clerk has not seen it: every replica has its own eyes.
    #expect(try #require(diffs(world.hub).first).entries.count == 3)
  }

  @Test func `edits, cancellations and new items are told one by one`() throws {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    try world.sync(station)
    try see(station)
    let items = try world.hub.items()
    try world.hub.edit(items[0].dot, [("start", "15:00"), ("note", "停电改期")])
    try world.hub.write { try PlanBook.cancel(items[1].dot, reason: "片源损坏", $0) }
    try world.plan(
      PlanSheet([PlanSheet.row("d", "2026-03-09", "08:00")]), at: Instant(seconds: 1_767_300_000))
    try world.sync(station)
    let diff = try #require(diffs(station).first)
    #expect(diff.seen == 1 && diff.version == 2)
    #expect(
      diff.entries.map(\.change) == [
        .changed([
          .init(field: "start", before: "09:00", after: "15:00"),
          .init(field: "note", before: nil, after: "停电改期"),
        ]), .cancelled(reason: "片源损坏"), .added,
      ])
    // What a field was set back to is no change.
    try world.hub.edit(items[0].dot, [("start", "09:00"), ("note", "")])
    try world.sync(station)
    #expect(try #require(diffs(station).first).entries.count == 2)
    try see(station)
    #expect(try #require(diffs(station).first).entries.isEmpty)
  }

  @Test func `what is kept of a plan that was seen never travels`() throws {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    try world.sync(station)
    let before = try (station.writes, station.dump())
    try see(station)
    #expect(try station.writes == before.0 && station.dump() == before.1)
  }
}

@Suite struct PostingTests {
  private func states(_ replica: Replica, _ village: Place) throws -> [Postings.State] {
    try replica.read {
      try WallPlan.list(.month(World.march), at: village, $0).map(\.state)
    }
  }

  private func confirm(_ station: Replica, _ village: Place) throws {
    try station.write {
      _ = try Postings.confirm(.month(World.march), at: village, by: "侯勇", $0)
    }
  }

  @Test func `a posting holds for what the plan said, and a re-issue opens it again`() throws {
    let world = try World()
    let station = try world.station()
    let village = try world.place(World.village)
    expect(.unknownPlan) { try confirm(station, village) }
    try world.plan(threeSlots)
    try world.sync(station)
    #expect(try states(station, village) == [.notPosted])
    try confirm(station, village)
    try world.sync(station)
    #expect(try states(station, village) == [.posted])
    #expect(try states(world.hub, village) == [.posted])
    let sheet = try #require(
      try world.hub.read { try WallPlan.list(.month(World.march), at: village, $0) }.first)
    #expect(sheet.posting?.by == "侯勇" && sheet.posting?.version == 1)

    // An edit alone makes what hangs there wrong.
    let item = try world.hub.items()[0].dot
    try world.hub.edit(item, [("start", "15:00")])
    try world.sync(station)
    #expect(try states(station, village) == [.outdated])
    let town = try world.place(World.town)
    #expect(try world.hub.read { try PlanBook.list($0) }.first?.isEdited == true)
    let report = try world.hub.write {
      try PlanBook.issue(town, .month(World.march), at: Instant(seconds: 1_767_400_000), $0)
    }
    #expect(report == IssueReport(version: 2, items: 0))
    #expect(try world.hub.read { try PlanBook.list($0) }.first?.isEdited == false)
    try world.sync(station)
    #expect(try states(station, village) == [.outdated])
    try confirm(station, village)
    #expect(try states(station, village) == [.posted])
  }
}

@Suite struct CoverageTests {
  @Test func `months and weeks without a plan are known at both ends`() throws {
    let world = try World()
    let station = try world.station()
    _ = try world.station(World.otherVillage, "北村")
    try world.plan(threeSlots)
    let village = try world.place(World.village)
    let week = try #require(ISOWeek("2026-W10"))
    let path = try world.file("programme,title\nP1,推荐\n")
    try world.hub.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: village, week: week), store)
    }
    try world.sync(station)
    func coverage(_ replica: Replica) throws -> [PlanCoverage] {
      try replica.read {
        try PlanCoverage.list(ReportScope(World.march...World.march), $0)
      }
    }
    let atHub = try coverage(world.hub)
    #expect(atHub.map(\.station.name) == ["三岗村", "北村"])
    // Weeks belong to the month of their Thursday: W10 to W13 to March.
    let states = atHub.map { $0.entries.map { "\($0.period) \($0.state)" } }
    #expect(
      states[0] == [
        "2026-03 issued", "2026-W10 drafted", "2026-W11 missing", "2026-W12 missing",
        "2026-W13 missing",
      ])
    #expect(states[1][1] == "2026-W10 missing")
    // A draft is no recommendation.
    #expect(sums(atHub) == ["2026-03 issued 0/4", "2026-03 issued 0/4"])
    // A station does not see drafts.
    #expect(try coverage(station)[0].entries.map(\.state)[...1] == [.issued, .missing])
    try world.hub.write { store in
      _ = try PlanBook.issue(village, .week(week), at: Instant(seconds: 1_767_225_600), store)
    }
    try world.sync(station)
    let entry = try coverage(station)[0].entries[1]
    #expect(entry.state == .issued && entry.items == 1 && entry.of == village.id)
    #expect(try coverage(world.hub)[0].entries[1] == entry)
    let spring = try #require(Month("2026-04"))
    let both = try world.hub.read { store in
      try PlanCoverage.list(ReportScope(World.march...spring), store)
    }
    #expect(
      sums(both) == [
        "2026-03 issued 1/4", "2026-04 missing 0/5", "2026-03 issued 0/4", "2026-04 missing 0/5",
      ])
  }

  private func sums(_ coverages: [PlanCoverage]) -> [String] {
    coverages.flatMap { $0.months }.map {
      "\($0.month) \($0.plan) \($0.weeksIssued)/\($0.weeks)"
    }
  }
}
