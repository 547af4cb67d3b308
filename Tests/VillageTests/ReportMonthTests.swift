import Causality
import Replica
import Testing

@testable import Village

/// A month is the same alone and within a range, whatever stations made of their plans.
@Suite struct ReportMonthTests {
  private static let months = ["2026-02", "2026-03", "2026-04", "2026-05"].compactMap { Month($0) }
  private static let programmes = ["P1", "P2", "P3"]

  private static func day(_ dice: Seeded) -> String {
    "2026-0\(2 + dice.below(4))-\(dice.pick(["01", "02", "03", "15", "27", "28"]))"
  }

  /// A township with a plan of four months, and a station that kept to it now and then.
  private static func world(_ dice: Seeded) throws -> (World, Replica) {
    let world = try World(seed: dice.seed)
    let station = try world.station()
    let rows = (0..<40).map { number in
      PlanSheet.row(
        "i\(number)", day(dice), dice.pick(["00:10", "09:00", "23:50", ""]),
        ["programme": dice.pick(programmes), "seconds": dice.pick(["", "20", "900"])])
    }
    let path = try world.file(PlanSheet(rows).text)
    let town = try world.place(World.town)
    try world.hub.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: town), store)
      let now = Instant(seconds: store.now / 1000)
      for plan in try PlanBook.list(store) {
        _ = try PlanBook.issue(town, plan.period, at: now, store)
      }
    }
    try world.sync(station)
    let items = try station.items()
    for item in items where dice.below(3) == 0 {
      try station.write { store in
        var wish = Adjustments.Wish(.moved, reason: "停电")
        wish.changes = [(name: "date", text: day(dice))]
        if dice.below(3) == 0 { wish = Adjustments.Wish(.skipped, reason: "否") }
        _ = try Adjustments.set(item.dot, wish, at: store.identity.place, store)
      }
    }
    for _ in 0..<60 {
      let named = dice.below(4) == 0 ? [(name: "item", text: dice.pick(items).dot.description)] : []
      try station.play(
        dice.pick(programmes), day(dice) + "T" + dice.pick(["00:05", "09:10", "19:00", "23:55"]),
        dice.pick(["10", "30", "900"]), named)
    }
    try station.write { store in
      let place = try Places.own(store)
      let from = try #require(CivilDate(day(dice)))
      let last = CivilDate(days: from.days + 40)
      _ = try Closures.add(place, (from, last), cause: "维修", by: nil, store)
    }
    try world.sync(station)
    try world.reach(station, Instant(startOf: #require(CivilDate("2026-05-20")), in: .china))
    return (world, station)
  }

  private static func lines(
    _ months: ClosedRange<Month>, _ rules: PlayedRules, _ replica: Replica
  ) throws -> [Period: Figures] {
    try replica.read { store in
      var table = try PlayedTable(.month, store)
      let now = Instant(startOf: try #require(CivilDate("2026-06-01")), in: .china)
      try PlayedReport.run(ReportScope(months), rules, now: now, store) { table.add($0) }
      var lines: [Period: Figures] = [:]
      for line in table.lines {
        if case .period(let period) = line.subject { lines[period] = line.figures }
      }
      return lines
    }
  }

  @Test(arguments: (1...12).map { Seeded($0) })
  func `a month alone has the figures that it has within a range`(dice: Seeded) throws {
    let (world, _) = try Self.world(dice)
    var rules = PlayedRules()
    rules.lateDays = Int64(dice.below(4))
    rules.countMax = Int64(dice.below(3))
    let range = try Self.lines(Self.months[0]...Self.months[3], rules, world.hub)
    for month in Self.months {
      let alone = try Self.lines(month...month, rules, world.hub)
      #expect(alone[.month(month)] == range[.month(month)], "\(month)")
    }
  }

  @Test func `a slot that was moved to another month counts in its own by what was played there`()
    throws
  {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    try world.sync(station)
    let item = try station.items()[0].dot
    try station.write { store in
      var wish = Adjustments.Wish(.moved, reason: "停电")
      wish.changes = [(name: "date", text: "2026-04-25")]
      _ = try Adjustments.set(item, wish, at: store.identity.place, store)
    }
    try station.play("P00144", "2026-04-25T09:00")
    try world.sync(station)
    try world.reach(station, World.may)
    let march = try world.report(world.hub)
    let outcome = try #require(march[0].slots.first { $0.slot.item == item })
    #expect(outcome.state == .onTime)
    // And in April that playback is one that was planned.
    let april = try world.hub.read { store in
      var plays: [PlayUse] = []
      let scope = ReportScope(World.march.next...World.march.next)
      try PlayedReport.run(scope, PlayedRules(), now: World.may, store) {
        plays += $0.plays.map(\.use)
      }
      return plays
    }
    #expect(april == [.planned])
  }
}
