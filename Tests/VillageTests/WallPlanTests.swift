import Causality
import Records
import Replica
import Testing

@testable import Village

/// What is to hang on a wall, and what a confirmation holds for.
@Suite struct WallPlanTests {
  private let week: Period
  private let world: World
  private let station: Replica
  private let village: Place
  private let later = Instant(seconds: 1_767_300_000)

  init() throws {
    world = try World()
    station = try world.station()
    village = try world.place(World.village)
    week = .week(try #require(ISOWeek("2026-W10")))
    try world.plan(threeSlots)
    try world.sync(station)
  }

  private func sheets(_ replica: Replica, at place: Place, _ period: Period? = nil) throws
    -> [WallPlan]
  {
    try replica.read { try WallPlan.list(period ?? .month(World.march), at: place, $0) }
  }

  private func states(_ period: Period? = nil) throws -> [Postings.State] {
    try sheets(station, at: village, period).map(\.state)
  }

  private func confirm(_ period: Period? = nil) throws {
    try station.write {
      _ = try Postings.confirm(period ?? .month(World.march), at: village, by: nil, $0)
    }
  }

  private func adjust(_ item: Dot, reason: String) throws {
    try station.write { store in
      _ = try Adjustments.set(item, .init(.skipped, reason: reason), at: village.id, store)
    }
  }

  private func recommend(_ replica: Replica, at place: Place) throws {
    guard case .week(let week) = week else { return }
    let path = try world.file("programme,title\nP1,推荐\n")
    try replica.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: place, week: week), store)
      _ = try PlanBook.issue(place, .week(week), at: later, store)
    }
  }

  @Test func `an adjustment opens a posting again, another reason too, and each only its own plan`()
    throws
  {
    try recommend(world.hub, at: world.place(World.town))
    try world.sync(station)
    try confirm()
    try confirm(week)
    func coverage() throws -> [Postings.State] {
      let list = try station.read { store in
        try PlanCoverage.list(ReportScope(World.march...World.march), store)
      }
      return list[0].entries.prefix(2).map(\.posting)
    }
    #expect(try states() == [.posted] && states(week) == [.posted])
    #expect(try coverage() == [.posted, .posted])
    let item = try #require(try station.items().first { $0.period == .month(World.march) })
    try adjust(item.dot, reason: "停电")
    #expect(try states() == [.outdated] && states(week) == [.posted])
    #expect(try coverage() == [.outdated, .posted])
    try confirm()
    #expect(try states() == [.posted] && coverage() == [.posted, .posted])
    try adjust(item.dot, reason: "村民大会")
    #expect(try states() == [.outdated])
    try station.write { _ = try Adjustments.remove(item.dot, at: village.id, $0) }
    #expect(try states() == [.outdated])
  }

  @Test func `the plans of a station's own and of its hub hang side by side, at a hub its own`()
    throws
  {
    try recommend(station, at: village)
    try recommend(world.hub, at: world.place(World.town))
    try world.sync(station)
    #expect(try sheets(station, at: village, week).map(\.of?.name) == ["三岗村", "丰乐镇"])
    let town = try world.place(World.town)
    #expect(try sheets(world.hub, at: town).map(\.of?.id) == [town.id])
  }

  @Test func `drafts do not hang on a wall, and change nothing there`() throws {
    let town = try world.place(World.town)
    let april = try #require(Month("2026-04"))
    for date in ["2026-03-09", "2026-04-09"] {
      let path = try world.file(PlanSheet([PlanSheet.row("d", date, "08:00")]).text)
      let before = try sheets(world.hub, at: town).map(\.content)
      try world.hub.write { _ = try PlanBook.importSheet(path, PlanImport(for: town), $0) }
      #expect(try sheets(world.hub, at: town).map(\.content) == before)
    }
    #expect(try sheets(world.hub, at: town, .month(april)).isEmpty)
  }

  @Test func `a posting is of one version and of one content`() {
    let plan = Dot(Epoch(bits: 7), 1)
    let posting = Postings.Posting(
      dot: Dot(Epoch(bits: 8), 1), plan: plan, version: 2, content: "a", at: later, by: nil)
    let postings = Postings(postings: [plan: posting])
    #expect(postings.state(of: plan, 2, "a") == .posted)
    #expect(postings.state(of: plan, 3, "a") == .outdated)
    #expect(postings.state(of: plan, 2, "b") == .outdated)
    #expect(postings.state(of: Dot(Epoch(bits: 7), 2), 2, "a") == .notPosted)
  }

  @Test func `who confirms again changes the posting, and of two the later counts`() throws {
    try confirm()
    try confirm()
    let partition = PartitionID(village.id, .work)
    #expect(try station.read { try $0.records(Village.posting, in: partition) }.count == 1)
    let plan = try #require(try sheets(station, at: village).first).plan
    func post(_ version: Int64, at second: Int64) throws -> Postings.Posting? {
      try station.write { store in
        _ = try store.create(
          Village.posting, in: partition,
          [("plan", .dot(plan)), ("version", .integer(version)), ("at", .integer(second))])
        return try Postings.held(village.id, store).postings[plan]
      }
    }
    #expect(try post(5, at: 100)?.version == 5)
    #expect(try post(4, at: 900)?.version == 5)
    #expect(try post(5, at: 200)?.at.seconds == 200)
    #expect(try post(5, at: 150)?.at.seconds == 200)
  }
}
