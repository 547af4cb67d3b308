import Causality
import Records
import Replica
import Testing

@testable import Village

/// What another implementation may have written: no report ends for it.
@Suite struct HostileReportTests {
  @Test func `numbers that nobody can mean do not end a report`() throws {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    try world.sync(station)
    let items = try station.items().map(\.dot)
    try station.write { store in
      let log = PartitionID(station.identity.place, .log)
      let work = PartitionID(station.identity.place, .work)
      let numbers: [Int64] = [.max, .min + 1, -1, 0, 1 << 62]
      for number in numbers {
        for clock in ["trusted", "unknown"] {
          _ = try store.log(
            Village.playback, in: log,
            [
              .text("P2"), .null, .dot(items[0]), .integer(number), .integer(number), .null, .null,
              .text("支部会议"), .null, .null, .text(clock), .null, .null, .null, .null,
            ])
          _ = try store.log(
            Village.playback, in: log,
            [
              .text("P2"), .null, .null, .integer(1_772_418_600), .integer(number), .null, .null,
              .text("主题党日"), .null, .null, .text(clock), .null, .null, .integer(number), .null,
            ])
        }
        _ = try store.create(
          Village.adjustment, in: work,
          [
            ("item", .dot(items[1])), ("kind", .text("replaced")), ("seconds", .integer(number)),
            ("date", .text("9999-12-31")),
          ])
        _ = try store.create(
          Village.closure, in: work, [("from", .text("0001-01-01")), ("to", .integer(number))])
        _ = try store.create(
          Village.posting, in: work,
          [("plan", .dot(items[0])), ("version", .integer(number)), ("at", .integer(number))])
      }
      // A ring of corrections, and one of what is not held.
      let first = try store.log(Village.playback, in: log, Self.cells(corrects: items[0]))
      let next = Dot(first.epoch, first.sequence + 2)
      let second = try store.log(Village.playback, in: log, Self.cells(corrects: next))
      _ = try store.log(Village.playback, in: log, Self.cells(corrects: second))
    }
    try world.sync(station)
    try world.reach(station, World.may)
    let village = try world.place(World.village)
    for replica in [world.hub, station] {
      let reports = try world.report(replica)
      #expect(reports.count == 1 && reports[0].slots.count >= 2)
      try replica.read { store in
        let scope = ReportScope(World.march...World.march)
        var shares = Shares()
        try ShareReport.run(scope, store) { shares.add($0.shares) }
        #expect(shares.total >= 0)
        _ = try PlanCoverage.list(scope, store)
        _ = try WallPlan.list(.month(World.march), at: village, store)
        _ = try PlanDiff.list(PlanFilter(), store)
      }
    }
    _ = try world.hub.write { try StandingReports.close(#require(Month("2025-11")), $0) }
  }

  private static func cells(corrects: Dot) -> [EventCell] {
    [
      .text("P3"), .null, .null, .integer(1_772_500_000), .integer(900), .null, .null, .null, .null,
      .null, .text("trusted"), .dot(corrects), .null, .null, .null,
    ]
  }
}
