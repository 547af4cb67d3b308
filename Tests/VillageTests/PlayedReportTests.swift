import Causality
import Replica
import Testing

@testable import Village

@Suite struct PlayedReportTests {
  /// Three slots, one station, one playback on time.
  private func world() throws -> (World, Replica) {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    try world.sync(station)
    try station.play("P2", "2026-03-02T10:40")
    try world.sync(station)
    try world.reach(station, World.may)
    return (world, station)
  }

  private func states(_ reports: [StationReport]) -> [[SlotState]] {
    reports.map { report in
      report.slots.sorted { $0.slot.due.firstDay < $1.slot.due.firstDay }.map(\.state)
    }
  }

  @Test func `a hub and its station judge the same from their own data`() throws {
    let (world, station) = try world()
    #expect(try states(world.report(world.hub)) == [[.missed, .onTime, .missed]])
    // The station's clock stands in January: it cannot know of March.
    #expect(try states(world.report(station)) == [[.notKnown, .onTime, .notKnown]])
  }

  @Test func `what a station has not told is not known, and it is not counted as open`() throws {
    let (world, station) = try world()
    _ = try world.station(World.otherVillage, "北村")
    try world.reach(station, Instant(startOf: CivilDate(days: 20_515), in: .china))
    let reports = try world.report(world.hub)
    #expect(
      states(reports) == [[.missed, .onTime, .notKnown], [.notKnown, .notKnown, .notKnown]])
    let table = try world.hub.read { store in
      var table = try PlayedTable(.township, store)
      for report in reports { table.add(report) }
      table.finish()
      return table
    }
    #expect(table.lines.count == 1 && table.lines[0].place?.name == "丰乐镇")
    #expect(table.total.figures[.notKnown] == 4 && table.total.figures.judged == 2)
    #expect(table.total.figures.playedShare == 0.5)
    #expect(table.total.stations == 2 && table.total.reach == nil)
  }

  @Test func `drafts and cancelled items are no slots`() throws {
    let (world, station) = try world()
    let items = try world.hub.items()
    try world.hub.write { try PlanBook.cancel(items[0].dot, reason: "重复", $0) }
    let draft = PlanSheet([PlanSheet.row("d", "2026-03-09", "08:00")])
    let path = try world.file(draft.text)
    let town = try world.place(World.town)
    try world.hub.write { _ = try PlanBook.importSheet(path, PlanImport(for: town), $0) }
    try world.sync(station)
    #expect(try states(world.report(world.hub)) == [[.onTime, .missed]])
  }

  @Test func `an adjustment stands beside the plan, and reports hold the station to it`() throws {
    let (world, station) = try world()
    let items = try station.items()
    let before = try world.hub.dump().filter { $0.contains("plan_item") }
    try station.write { store in
      var wish = Adjustments.Wish(.moved, reason: "停电")
      wish.changes = [(name: "date", text: "2026-03-20"), (name: "start", text: "15:00")]
      wish.by = "侯勇"
      _ = try Adjustments.set(items[0].dot, wish, at: store.identity.place, store)
      _ = try Adjustments.set(
        items[2].dot, Adjustments.Wish(.skipped, reason: "村民大会"), at: store.identity.place,
        store)
    }
    try station.play("P00144", "2026-03-20T15:10")
    try world.sync(station)
    #expect(try states(world.report(world.hub)) == [[.onTime, .excused, .onTime]])
    #expect(try world.hub.dump().filter { $0.contains("plan_item") } == before)
    #expect(try station.items().map { $0.adjustment?.kind } == [.moved, nil, .skipped])
    // Another word on the same item takes the place of the first; taken back, the plan holds.
    try station.write { store in
      _ = try Adjustments.set(
        items[0].dot, Adjustments.Wish(.skipped, reason: "停电"), at: store.identity.place, store)
      let isTaken = try Adjustments.remove(items[2].dot, at: store.identity.place, store)
      #expect(isTaken)
    }
    try world.sync(station)
    #expect(try states(world.report(world.hub)) == [[.excused, .onTime, .missed]])
    let held = try station.read { try Adjustments.held($0.identity.place, $0) }
    #expect(held.count == 1 && held[items[0].dot]?.date == nil)
  }

  @Test func `an adjustment says why, and what`() throws {
    let (world, station) = try world()
    let item = try station.items()[0].dot
    func set(_ wish: Adjustments.Wish) throws {
      try station.write { _ = try Adjustments.set(item, wish, at: $0.identity.place, $0) }
    }
    expect(.badValue) { try set(Adjustments.Wish(.skipped, reason: " ")) }
    expect(.badValue) { try set(Adjustments.Wish(.moved, reason: "停电")) }
    expect(.badValue) {
      var wish = Adjustments.Wish(.moved, reason: "停电")
      wish.changes = [(name: "programme", text: "P3")]
      try set(wish)
    }
    expect(.badTime) {
      var wish = Adjustments.Wish(.moved, reason: "停电")
      wish.changes = [(name: "start", text: "25:00")]
      try set(wish)
    }
    let other = try world.place(World.town)
    expect(.notOwner) {
      try station.write {
        _ = try Adjustments.set(item, Adjustments.Wish(.skipped, reason: "否"), at: other.id, $0)
      }
    }
  }

  @Test func `closures excuse, from both sides, until they are taken back`() throws {
    let (world, station) = try world()
    let village = try world.place(World.village)
    let day = try #require(CivilDate("2026-03-01"))
    let dot = try station.write {
      try Closures.add(village, (day, day), cause: "停电", by: "侯勇", $0)
    }
    let open = try world.hub.write {
      try Closures.add(
        village, (#require(CivilDate("2026-03-03")), nil), cause: "维修", by: nil, $0)
    }
    try world.sync(station)
    #expect(try states(world.report(world.hub)) == [[.excused, .onTime, .excused]])
    expect(.badDate) { try station.write { try Closures.end(open, day, $0) } }
    try station.write { store in
      try Closures.end(open, #require(CivilDate("2026-03-03")), store)
      try Closures.remove(dot, store)
    }
    try world.sync(station)
    #expect(try states(world.report(world.hub)) == [[.missed, .onTime, .excused]])
    expect(.unknownClosure) { try station.write { try Closures.remove(dot, $0) } }
    expect(.badValue) {
      try station.write { try Closures.add(village, (day, nil), cause: "", by: nil, $0) }
    }
  }

  @Test func `a correction is what counts, wherever it lies`() throws {
    let (world, station) = try world()
    // First logged in April by mistake, and one of March that was none.
    let late = try station.play("P00144", "2026-04-20T09:00")
    let wrong = try station.play("P3", "2026-03-03T19:00")
    try station.write { store in
      func started(_ text: String) -> [(name: String, text: String)] {
        [(name: "started_at", text: text), (name: "seconds", text: "900")]
      }
      try PlaybackBook.correct(late, started("2026-03-01T09:00"), store)
      try PlaybackBook.correct(wrong, started("2026-04-03T19:00"), store)
      try PlaybackBook.correct(wrong, [(name: "programme", text: "P4")], store)
    }
    try world.sync(station)
    let reports = try world.report(world.hub)
    #expect(states(reports) == [[.onTime, .onTime, .missed]])
    #expect(reports[0].slots.compactMap(\.play).contains(late))
    #expect(reports[0].plays.count == 2)
  }

  @Test func `a month that was reported stands, and what is learnt since is beside it`() throws {
    let (world, station) = try world()
    // The world's clock stands in January 2026: only what is over can be reported.
    expect(.badPeriod) { try world.hub.write { try StandingReports.close(World.march, $0) } }
    let past = try #require(Month("2025-12"))
    let report = try world.hub.write { try StandingReports.close(past, $0) }
    #expect(report.lines.count == 1)
    expect(.alreadyReported) { try world.hub.write { try StandingReports.close(past, $0) } }
    try world.sync(station)
    try station.play("P9", "2025-12-05T09:00")
    try world.sync(station)
    let held = try #require(try world.hub.read { try StandingReports.held(past, $0) })
    #expect(held == report && held.rules == PlayedRules())
    #expect(held.lines[station.identity.place]?.playCount == 0)
    expect(.notOwner) { try station.write { try StandingReports.close(past, $0) } }
  }

  @Test func `figures are written and read back`() {
    var figures = Figures()
    for (index, state) in SlotState.allCases.enumerated() { figures[state] = index * 3 }
    figures[.offPlan] = 7
    #expect(Figures(text: figures.text) == figures)
    #expect(Figures(text: "") == Figures())
    #expect(Figures(text: "reach=5 missed=x late=-1 unheard_of=3") == Figures())
  }
}

@Suite struct PlayedRulesTests {
  @Test func `rules are laid down at a hub and hold at its stations`() throws {
    let world = try World()
    let station = try world.station()
    #expect(try station.read { try PlayedRules.held($0) } == PlayedRules())
    try world.hub.write { store in
      try PlayedRules.lay("on_time_minutes", "15", store)
      try PlayedRules.lay("late_days", "0", store)
      try PlayedRules.lay("late_days", "3", store)
    }
    try world.sync(station)
    let rules = try station.read { try PlayedRules.held($0) }
    #expect(rules.onTimeMinutes == 15 && rules.lateDays == 3 && rules.secondsMin == 60)
    #expect(PlayedRules(text: rules.text) == rules)
    expect(.unknownField) { try world.hub.write { try PlayedRules.lay("mercy", "1", $0) } }
    expect(.badValue) { try world.hub.write { try PlayedRules.lay("late_days", "99", $0) } }
    expect(.notOwner) { try station.write { try PlayedRules.lay("late_days", "1", $0) } }
  }
}

@Suite struct ShareReportTests {
  private func world() throws -> World {
    let world = try World()
    let path = try world.file(
      "programme,title,category,seconds\nP1,戏,文化生活,600\nP2,农,农业技术,600\nP3,无,,600\n")
    let town = try world.place(World.town)
    try world.hub.write { _ = try Programmes.importSheet(path, for: town, .refuseSheet, $0) }
    return world
  }

  private func shares(_ world: World) throws -> Shares {
    try world.hub.read { store in
      var shares = Shares()
      try ShareReport.run(ReportScope(World.march...World.march), store) { shares.add($0.shares) }
      return shares
    }
  }

  @Test func `a share is of all that was played, and unknown titles may be anything`() throws {
    let world = try world()
    let station = try world.station()
    // 300 + 600 of 3,000 seconds are 文化生活, 900 nobody knows.
    try station.play("P1", "2026-03-02T09:00", "300")
    try station.play("P1", "2026-03-09T09:00", "600")
    try station.play("P2", "2026-03-02T10:00", "1200")
    try station.play("P3", "2026-03-02T11:00", "500")
    try station.play("P7", "2026-03-02T12:00", "400")
    try station.play("P1", "2026-04-01T00:00", "5000")
    try world.sync(station)
    let shares = try shares(world)
    #expect(shares.total == 3000 && shares.unknownSeconds == 900)
    #expect(shares.share(of: "文化生活") == 0.3...0.6)
    #expect(shares.verdict("文化生活", limit: 0.3) == .notKnown)
    #expect(shares.verdict("文化生活", limit: 0.29) == .over)
    #expect(shares.verdict("文化生活", limit: 0.6) == .within)
    #expect(shares.verdict("法律法规", limit: 0.1) == .notKnown)
  }

  @Test func `nothing played is no share, and an unknown length keeps a limit open`() throws {
    let world = try world()
    let station = try world.station()
    #expect(try shares(world).verdict("文化生活", limit: 0.3) == .nothingPlayed)
    try station.play("P2", "2026-03-02T10:00", "1200")
    try world.sync(station)
    #expect(try shares(world).verdict("文化生活", limit: 0.3) == .within)
    try station.play("P1", "2026-03-02T11:00", "")
    try world.sync(station)
    #expect(try shares(world).verdict("文化生活", limit: 0.3) == .notKnown)
  }
}
