import Causality
import Records
import Replica
import Testing

@testable import Village

/// Stations are held to plans while they were there, and to those of the hub that they were under.
@Suite struct ReportStayTests {
  /// The sixteenth of March 2027, 12:00.
  private static let noon: Int64 = 1_805_169_600_000
  private static let march = Month(of: CivilDate(days: 20_880))
  private static let may = Instant(seconds: 1_809_100_800)
  private static let elsewhere = PlaceID(bits: 77)

  private func world() throws -> (World, Replica) {
    let world = try World()
    let station = try world.station()
    let sheet = PlanSheet(
      (10...20).map { PlanSheet.row("d\($0)", "2027-03-\($0)", "09:00", ["programme": "P\($0)"]) })
    try world.plan(sheet, months: ["2027-03"])
    try world.sync(station)
    try world.reach(station, Self.may)
    return (world, station)
  }

  private func report(
    _ replica: Replica, _ months: ClosedRange<Month> = march...march
  ) throws -> [StationReport] {
    try replica.read { store in
      var reports: [StationReport] = []
      try PlayedReport.run(ReportScope(months), PlayedRules(), now: Self.may, store) {
        reports.append($0)
      }
      return reports
    }
  }

  /// Notes a move as the hubs above would.
  private func move(
    _ world: World, _ station: Replica, to hub: PlaceID, stays: [(PlaceID, Int64)]
  ) throws {
    let lines = stays.map { $0.0.description } + stays.map { "\($0.0) \($0.1)" }
    try world.hub.write {
      try Membership.update(
        $0, station.identity.place,
        [
          ("hub", Membership.text(hub)), ("reached", Membership.text(hub)),
          ("hubs", .text(lines.joined(separator: "\n"))),
        ])
    }
  }

  private var noonSecond: Int64 { Self.noon / 1000 }

  @Test func `of days before a station was enrolled nothing is missed`() throws {
    let world = try World()
    try world.plan(threeSlots)
    let station = try world.station()
    try world.reach(station, World.may)
    #expect(try world.report(world.hub)[0].slots.map(\.state) == [.missed, .missed, .missed])
    var facts = StationFacts()
    let item = Dot(Epoch(bits: 7), 1)
    for (number, day) in ["2026-03-15", "2026-03-16", "2026-03-17"].enumerated() {
      let due = Due(try #require(CivilDate(day)), ClockTime(number == 1 ? "12:00" : "09:00"))
      facts.slots.append(Slot(item: item, due: due, programme: "P\(number)"))
    }
    facts.reach = Reach(until: World.may)
    facts.since = Instant(seconds: 1_773_633_600)
    let judge = SlotJudge(PlayedRules(), zone: .china, now: World.may)
    let judged = judge.judge(facts).slots
    #expect(judged.map(\.state) == [.notDue, .missed, .missed])
    #expect(judged[0].cause == SlotOutcome.notEnrolled)
  }

  @Test func `a station is held to plans since its place was made known, or its first playback`()
    throws
  {
    let world = try World()
    try world.plan(
      PlanSheet([
        PlanSheet.row("a", "2025-12-10", "09:00"), PlanSheet.row("b", "2025-12-20", "09:00"),
        PlanSheet.row("c", "2025-12-30", "09:00"),
      ]), months: ["2025-12"])
    let station = try world.station()
    try world.sync(station)
    try world.reach(station, World.may)
    func states() throws -> [SlotState] {
      try report(world.hub, #require(Month("2025-12"))...#require(Month("2026-01")))[0].slots.map(
        \.state)
    }
    #expect(try states() == [.notDue, .notDue, .notDue])
    // A paper of before tells that it was there.
    try station.play("P00144", "2025-12-20T09:00")
    try world.sync(station)
    #expect(try states() == [.notDue, .onTime, .missed])
  }

  @Test func `a hub reports a station that has left for the days before`() throws {
    let (world, station) = try world()
    #expect(try report(world.hub)[0].slots.count == 11)
    let own = world.hub.identity.place
    try move(
      world, station, to: Self.elsewhere, stays: [(own, 0), (Self.elsewhere, noonSecond)])
    let reports = try report(world.hub)
    // The sixteenth at nine was before the move at noon.
    #expect(reports.map(\.slots.count) == [7] && reports[0].township == own)
    #expect(try report(world.hub, Self.march.next...Self.march.next).isEmpty)
  }

  @Test func `a hub holds a station that has come to its plan from then on`() throws {
    let (world, station) = try world()
    let own = world.hub.identity.place
    try move(world, station, to: own, stays: [(Self.elsewhere, 0), (own, noonSecond)])
    try station.play("P16", "2027-03-16T09:00")
    try station.play("P17", "2027-03-17T09:00")
    try world.sync(station)
    let reports = try report(world.hub)
    #expect(reports.map(\.slots.count) == [4] && reports[0].plays.count == 1)
    // At the station itself all that it played counts, and the new plan from the same time on.
    let itself = try report(station)
    #expect(itself.map(\.slots.count) == [4] && itself[0].plays.count == 2)
  }

  @Test func `orders and arrivals leave a line each`() throws {
    let county = try #require(PlaceCode("34.01.23"))
    let world = try World()
    let station = try world.station()
    let upper = try world.replica("county.db", county, .hub, Village.schema)
    let town = try #require(PlaceCode(World.town))
    try upper.write { store in
      try Membership.found(store, code: county, name: "肥西县", zone: .china)
      _ = try Membership.invite(store, code: town, name: "丰乐镇", as: .hub)
      let west = try #require(PlaceCode("34.01.23.110"))
      _ = try Membership.invite(store, code: west, name: "严店镇", as: .hub)
    }
    let id = station.identity.place
    try world.carry(from: world.hub, to: upper, [PartitionID(id, .public)])
    let code = try #require(PlaceCode("34.01.23.110.207"))
    try upper.write { store in
      let place = try Places.find(store, World.village)
      let west = try Places.find(store, "34.01.23.110")
      try Moving.order(store, place, to: west, code: code, url: nil)
      #expect(try Places.find(store, id: id)?.stays.map(\.hub) == [town.foundingID])
      // It comes at once, to the county.
      let own = try Places.own(store)
      try Membership.update(store, id, [("hub", Membership.text(own.id))])
      try Moving.heard(store, from: id)
      let moved = try #require(try Places.find(store, id: id))
      #expect(moved.stays.map(\.hub) == [town.foundingID, own.id])
      #expect(moved.hubs == [town.foundingID, west.id].sorted { "\($0)" < "\($1)" })
      #expect(moved.stays[1].since.seconds == store.now / 1000 && moved.reached == own.id)
    }
  }
}
