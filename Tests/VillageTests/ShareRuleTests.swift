import Causality
import Replica
import Testing

@testable import Village

/// What may be said of a share while something is not known.
@Suite struct ShareRuleTests {
  private func shares(_ sure: Int64, of total: Int64, untimed: Int = 0) -> Shares {
    var shares = Shares()
    if total > 0 { shares.seconds = ["文化生活": sure, "党建": total - sure] }
    shares.untimedPlays = untimed
    return shares
  }

  @Test func `data that ends too early keeps a limit open, but what is over stays over`() {
    func verdict(_ shares: Shares) -> Shares.Verdict {
      shares.verdict("文化生活", limit: 0.3, .partial)
    }
    #expect(verdict(shares(1, of: 10)) == .notKnown)
    #expect(verdict(shares(0, of: 0)) == .notKnown)
    #expect(verdict(shares(4, of: 10)) == .over)
    #expect(shares(1, of: 10).verdict("文化生活", limit: 0.3) == .within)
  }

  @Test func `a playback of unknown length alone is not nothing`() {
    #expect(shares(0, of: 0, untimed: 1).verdict("文化生活", limit: 0.3) == .notKnown)
    #expect(shares(0, of: 0).verdict("文化生活", limit: 0.3) == .nothingPlayed)
  }

  @Test func `a share is held against its limit as it is shown`() {
    #expect(shares(3004, of: 10_000).verdict("文化生活", limit: 0.3) == .within)
    #expect(shares(3006, of: 10_000).verdict("文化生活", limit: 0.3) == .over)
  }

  private func report(_ world: World, _ month: Month = World.march) throws
    -> [ShareReport.Station]
  {
    try world.hub.read { store in
      var stations: [ShareReport.Station] = []
      try ShareReport.run(ReportScope(month...month), store) { stations.append($0) }
      return stations
    }
  }

  @Test func `a station's data is whole when it reaches behind the last day`() throws {
    let world = try World()
    let station = try world.station()
    // The hub's clock stands in the January after it: no reach lies in the future.
    let month = try #require(Month("2025-12"))
    func completeness() throws -> [Shares.Completeness] {
      try report(world, month).map(\.completeness)
    }
    #expect(try completeness() == [.partial])
    let end = Instant(startOf: month.next.firstDay, in: .china)
    try world.reach(station, Instant(seconds: end.seconds - 1))
    #expect(try completeness() == [.partial])
    try world.reach(station, end)
    #expect(try completeness() == [.complete])
  }

  @Test func `what the catalogue does not know has the category of the item that it names`() throws
  {
    let world = try World()
    let station = try world.station()
    try world.plan(
      PlanSheet([PlanSheet.row("a", "2026-03-01", "09:00", ["category": "文化生活"])]))
    try world.sync(station)
    let item = try #require(try station.items().first)
    try station.write { store in
      _ = try PlaybackBook.add(
        [
          (name: "item", text: item.dot.description), (name: "seconds", text: "600"),
          (name: "started_at", text: "2026-03-01T09:00"),
        ], store)
    }
    try station.play("P7", "2026-03-02T09:00", "100")
    try station.play("P9", "2026-03-02T09:00", "300")
    try station.play("P8", "2026-03-02T09:00", "100")
    try world.sync(station)
    let told = try #require(try report(world).first)
    #expect(told.shares.seconds == ["文化生活": 600] && told.shares.unknownSeconds == 500)
    #expect(told.unknown.map(\.programme) == ["P9", "P7", "P8"])
  }
}
