import Causality
import Replica
import Testing

@testable import Village

/// The edges of the rules by which slots and playbacks are judged. Days are those of March 2026.
@Suite struct SlotRuleTests {
  private let zone = TimeZoneOffset.china

  private func day(_ number: Int) -> CivilDate {
    CivilDate(days: CivilDate.days(year: 2026, month: 3, day: 1) + number - 1)
  }

  private func instant(_ number: Int, _ minute: Int, second: Int = 0) -> Instant {
    Instant(
      seconds: Instant(startOf: day(number), in: zone).seconds + Int64(minute * 60 + second))
  }

  private func slot(
    _ id: UInt64, _ number: Int, _ time: String = "09:00", _ change: (inout Slot) -> Void = { _ in }
  ) -> Slot {
    var slot = Slot(
      item: Dot(Epoch(bits: 7), id), due: Due(day(number), ClockTime(time)), programme: "P1")
    slot.seconds = 1800
    change(&slot)
    return slot
  }

  private func play(
    _ id: UInt64, _ started: Instant, seconds: Int64? = 1800,
    _ change: (inout Play) -> Void = { _ in }
  ) -> Play {
    var play = Play(dot: Dot(Epoch(bits: 8), id), programme: "P1", started: started)
    play.seconds = seconds
    play.outcome = "completed"
    change(&play)
    return play
  }

  private func judge(
    _ slots: [Slot], _ plays: [Play] = [], _ rules: PlayedRules = PlayedRules(),
    now: Instant? = nil, reach: Instant? = nil, closures: [Closure] = []
  ) -> Judgement {
    var facts = StationFacts()
    (facts.slots, facts.plays, facts.closures) = (slots, plays, closures)
    let end = instant(61, 0)
    facts.reach = Reach(until: reach ?? now ?? end)
    return SlotJudge(rules, zone: zone, now: now ?? end).judge(facts)
  }

  private func state(_ judgement: Judgement) -> SlotState? { judgement.slots.first?.state }

  // MARK: Short playbacks, named items (rules 1 and 2)

  @Test func `of a programme with several lengths the longest says what is short`() {
    let slots = [slot(1, 5), slot(2, 6) { $0.seconds = 30 }]
    let judgement = judge(slots, [play(1, instant(5, 540), seconds: 40)])
    #expect(judgement.plays.map(\.use) == [.short])
  }

  @Test func `a playback that names an item fills it only in its time, and by a good clock`() {
    let named = slot(1, 5)
    let late = judge([named], [play(1, instant(9, 540)) { $0.item = named.item }])
    #expect(state(late) == .missed && late.plays.map(\.use) == [.offPlan])
    let untimed = judge(
      [named],
      [
        play(1, instant(5, 540)) {
          $0.item = named.item
          $0.isTimed = false
        }
      ])
    #expect(state(untimed) == .notKnown)
  }

  @Test func `of several playbacks that name an item the first is its`() {
    let named = slot(1, 5)
    let first = play(1, instant(5, 545)) { $0.item = named.item }
    let second = play(2, instant(5, 550)) { $0.item = named.item }
    for plays in [[first, second], [second, first]] {
      let judgement = judge([named], plays)
      #expect(judgement.slots[0].play == first.dot)
      #expect(judgement.plays.first { $0.play == second }?.use == .repeated)
    }
  }

  @Test func `a slot that was skipped stays so, whatever names it`() {
    let skipped = slot(1, 5) { $0.skipped = "停电" }
    let judgement = judge([skipped], [play(1, instant(5, 540)) { $0.item = skipped.item }])
    #expect(state(judgement) == .excused && judgement.slots[0].cause == "停电")
    #expect(judgement.plays.map(\.use) == [.offPlan])
  }

  // MARK: What got none (rule 6)

  @Test func `a day that will be closed is not due yet`() {
    let closure = Closure(dot: Dot(Epoch(bits: 9), 1), from: day(20), to: nil, cause: "维修")
    #expect(state(judge([slot(1, 20)], now: instant(5, 0), closures: [closure])) == .notDue)
  }

  @Test func `a slot that was not over when its plan went out is due`() {
    var rules = PlayedRules()
    rules.dueBeforeIssue = 0
    let issued = { (minute: Int) in slot(1, 5) { $0.issuedAt = instant(5, minute) } }
    #expect(state(judge([issued(550)], [], rules)) == .missed)
    #expect(state(judge([issued(570)], [], rules)) == .missed)
    #expect(state(judge([issued(571)], [], rules)) == .notDue)
  }

  @Test func `a slot is due when the last second is over in which it could be on time`() {
    #expect(state(judge([slot(1, 5)], now: instant(5, 569, second: 59))) == .notDue)
    #expect(state(judge([slot(1, 5)], now: instant(5, 570))) == .notKnown)
  }

  @Test func `data must reach behind the last second in which a playback would be late`() {
    #expect(state(judge([slot(1, 5)], reach: instant(6, 1439, second: 59))) == .notKnown)
    #expect(state(judge([slot(1, 5)], reach: instant(7, 0))) == .missed)
    // Near midnight it may still be on time on a day on which nothing is late any more.
    var rules = PlayedRules()
    rules.lateDays = 0
    let night = slot(1, 5, "23:50")
    #expect(state(judge([night], [], rules, reach: instant(6, 10))) == .notKnown)
    #expect(state(judge([night], [], rules, reach: instant(6, 21))) == .missed)
  }

  @Test(arguments: ["power_lost", "no_signal"])
  func `what broke off excuses also where the data ends, if its time is known`(outcome: String) {
    let broken = play(1, instant(5, 540), seconds: 20) { $0.outcome = outcome }
    #expect(state(judge([slot(1, 5)], [broken], reach: instant(5, 700))) == .excused)
    var untimed = broken
    untimed.isTimed = false
    #expect(state(judge([slot(1, 5)], [untimed])) == .notKnown)
  }

  @Test func `what somebody stopped counts only for as long as it is known to have lasted`() {
    let stopped = play(1, instant(5, 540), seconds: nil) { $0.outcome = "stopped" }
    #expect(state(judge([slot(1, 5)], [stopped])) == .missed)
  }

  @Test func `seconds at a time that nobody knows do not make a slot unknown`() {
    let untimed = play(1, instant(5, 540), seconds: 5) { $0.isTimed = false }
    #expect(state(judge([slot(1, 5)], [untimed])) == .missed)
  }

  @Test func `minutes off are those that are over`() {
    let off = { (second: Int) in
      judge([slot(1, 5)], [play(1, instant(5, 540, second: second))]).slots[0].minutesOff
    }
    #expect(off(100) == 1 && off(-100) == -1 && off(59) == 0)
  }
}

@Suite struct UntimedPlayTests {
  @Test func `by a clock that nobody vouched for is not known, until a person says it was right`()
    throws
  {
    let world = try World()
    let station = try world.station()
    try world.plan(threeSlots)
    let dot = try station.play(
      "P2", "2026-03-02T10:40", "900", [(name: "clock", text: "unknown")])
    try world.sync(station)
    try world.reach(station, World.may)
    func outcome() throws -> SlotOutcome? {
      try world.report(world.hub)[0].slots.first { $0.slot.programme == "P2" }
    }
    #expect(try outcome()?.state == .notKnown && outcome()?.cause == "clock")
    _ = try station.write { try PlaybackBook.correct(dot, [(name: "clock", text: "trusted")], $0) }
    try world.sync(station)
    #expect(try outcome()?.state == .onTime && outcome()?.play == dot)
  }
}
