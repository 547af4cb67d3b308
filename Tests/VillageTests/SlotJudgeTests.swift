import Causality
import Testing

@testable import Village

/// Days and times of March 2026 in a village, and slots and playbacks made of them.
private struct Month0326 {
  let zone = TimeZoneOffset.china
  private(set) var facts = StationFacts()
  private var count: UInt64 = 0

  static func day(_ number: Int) -> CivilDate {
    CivilDate(days: CivilDate.days(year: 2026, month: 3, day: 1) + number - 1)
  }

  func instant(_ day: Int, _ time: String) -> Instant {
    guard let clock = ClockTime(time) else { preconditionFailure("\(time) is no time") }
    return Instant(
      seconds: Instant(startOf: Self.day(day), in: zone).seconds + Int64(clock.minutes) * 60)
  }

  private mutating func dot() -> Dot {
    count += 1
    return Dot(Epoch(bits: 7), count)
  }

  @discardableResult
  mutating func slot(
    _ programme: String, _ day: Int, _ time: String?, _ change: (inout Slot) -> Void = { _ in }
  ) -> Dot {
    let clock = time.flatMap { ClockTime($0) }
    var slot = Slot(item: dot(), due: Due(Self.day(day), clock), programme: programme)
    slot.seconds = 1800
    change(&slot)
    facts.slots.append(slot)
    return slot.item
  }

  @discardableResult
  mutating func play(
    _ programme: String, _ day: Int, _ time: String, seconds: Int64? = 1800,
    _ change: (inout Play) -> Void = { _ in }
  ) -> Dot {
    var play = Play(dot: dot(), programme: programme, started: instant(day, time))
    play.seconds = seconds
    play.outcome = "completed"
    change(&play)
    facts.plays.append(play)
    return play.dot
  }

  mutating func close(_ from: Int, _ to: Int?, _ cause: String) {
    facts.closures.append(
      Closure(dot: dot(), from: Self.day(from), to: to.map { Self.day($0) }, cause: cause))
  }

  /// Judged at the end of April, with all data there, unless said otherwise.
  func judge(
    _ rules: PlayedRules = PlayedRules(), now: Instant? = nil, reach: Instant?? = nil,
    gaps: [ClosedRange<Int64>] = []
  ) -> Judgement {
    var facts = facts
    let end = Instant(startOf: Self.day(61), in: zone)
    facts.reach = (reach ?? (now ?? end)).map { Reach(until: $0, gaps: gaps) }
    return SlotJudge(rules, zone: zone, now: now ?? end).judge(facts)
  }
}

extension Judgement {
  fileprivate var states: [SlotState] { slots.map(\.state) }
  fileprivate var uses: [PlayUse] { plays.map(\.use) }
}

struct SlotJudgeTests {
  private var month = Month0326()

  @Test(arguments: [
    ("09:30", SlotState.onTime), ("09:00", .onTime), ("10:00", .onTime), ("08:59", .missed),
    ("10:01", .late), ("00:00", .missed), ("23:59", .late),
  ])
  func `a playback within half an hour is on time, one after that late, one before it another's`(
    time: String, state: SlotState
  ) {
    var month = month
    month.slot("P1", 5, "09:30")
    month.play("P1", 5, time)
    #expect(month.judge().states == [state])
  }

  @Test func `a playback of the next day is late, one of the day after is none`() {
    var month = month
    month.slot("P1", 5, "09:30")
    month.slot("P2", 5, "09:30")
    let late = month.play("P1", 6, "23:00")
    month.play("P2", 7, "00:30")
    let judgement = month.judge()
    #expect(judgement.states == [.late, .missed])
    #expect(judgement.slots[0].play == late && judgement.slots[0].minutesOff == 37 * 60 + 30)
    #expect(judgement.uses == [.planned, .offPlan])
  }

  @Test func `one playback fills one slot, and each slot the one that leaves most to others`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P1", 5, "09:40")
    // The first would do for both; taken by the second slot, the first slot would get nothing.
    let first = month.play("P1", 5, "09:20")
    let second = month.play("P1", 5, "10:05")
    let judgement = month.judge()
    #expect(judgement.states == [.onTime, .onTime])
    #expect(judgement.slots.map(\.play) == [first, second])
  }

  @Test func `a playback that names its item is that item's`() {
    var month = month
    month.slot("P1", 5, "09:00")
    let item = month.slot("P1", 5, "09:40")
    month.play("P1", 5, "09:20") { $0.item = item }
    #expect(month.judge().states == [.missed, .onTime])
  }

  @Test func `what a playback says of its item stands though the programme is another`() {
    var month = month
    let item = month.slot("P1", 5, "09:00")
    month.play("P9", 5, "09:00") { $0.item = item }
    #expect(month.judge().states == [.onTime])
  }

  @Test func `a short playback counts for nothing, one of a shorter programme for all`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P2", 5, "10:00") { $0.seconds = 30 }
    month.play("P1", 5, "09:00", seconds: 59)
    month.play("P2", 5, "10:00", seconds: 30)
    let judgement = month.judge()
    #expect(judgement.states == [.missed, .onTime])
    #expect(judgement.uses == [.short, .planned])
  }

  @Test func `a playback of unknown length counts unless it was cut short`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P2", 5, "10:00")
    month.slot("P3", 5, "11:00")
    month.play("P1", 5, "09:00", seconds: nil) { $0.outcome = nil }
    month.play("P2", 5, "10:00", seconds: nil) { $0.outcome = "unknown" }
    month.play("P3", 5, "11:00", seconds: nil) { $0.outcome = "power_lost" }
    #expect(month.judge().states == [.onTime, .missed, .excused])
  }

  @Test func `a power cut in the middle excuses, if it was in the slot's time`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P1", 15, "09:00")
    month.play("P1", 5, "09:00", seconds: 20) { $0.outcome = "power_lost" }
    let judgement = month.judge()
    #expect(judgement.states == [.excused, .missed])
    #expect(judgement.slots[0].cause == "power_lost")
  }

  @Test func `days on which nothing can be played are excused, with their cause`() {
    var month = month
    for day in 4...7 { month.slot("P1", day, "09:00") }
    month.close(5, 6, "停电")
    #expect(month.judge().states == [.missed, .excused, .excused, .missed])
    #expect(month.judge().slots[1].cause == "停电")
    month.close(7, nil, "维修")
    #expect(month.judge().states == [.missed, .excused, .excused, .excused])
  }

  @Test func `closures that follow each other cover a week`() throws {
    var month = month
    let week = try #require(ISOWeek("2026-W10"))
    month.slot("P1", 2, nil) { $0.due = .within(week) }
    month.close(1, 4, "停电")
    month.close(6, nil, "维修")
    #expect(month.judge().states == [.missed])
    month.close(5, 5, "停电")
    #expect(month.judge().states == [.excused])
  }

  @Test func `what was played is played though the station was closed`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.play("P1", 5, "09:10")
    month.close(5, 5, "停电")
    #expect(month.judge().states == [.onTime])
  }

  @Test func `silence is never a miss`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P1", 8, "09:00")
    month.slot("P1", 20, "09:00")
    let reach = month.instant(9, "00:00")
    #expect(month.judge(reach: reach).states == [.missed, .notKnown, .notKnown])
    #expect(month.judge(reach: .some(nil)).states == [.notKnown, .notKnown, .notKnown])
  }

  @Test func `what a machine logged that is gone is not known, and what it did not is missed`() {
    var month = month
    for day in [5, 8, 12, 20] { month.slot("P1", day, "09:00") }
    month.play("P1", 8, "09:00")
    let lost = month.instant(7, "12:00").seconds...month.instant(14, "08:00").seconds
    let judgement = month.judge(gaps: [lost])
    #expect(judgement.states == [.missed, .onTime, .notKnown, .missed])
    #expect(judgement.slots[2].cause == "data_lost")
    // One may still have been played late, when the new machine had not told anything yet.
    let begun = month.instant(20, "23:00").seconds...month.instant(25, "08:00").seconds
    #expect(month.judge(gaps: [lost, begun]).states.last == .notKnown)
  }

  @Test func `what has not come yet is not due, and what may still be late is not known`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P2", 5, "10:00")
    month.slot("P3", 5, nil)
    let now = month.instant(5, "09:40")
    #expect(month.judge(now: now).states == [.notKnown, .notDue, .notDue])
  }

  @Test func `a slot that was over when its plan went out is due unless a hub says otherwise`() {
    var month = month
    let issued = month.instant(6, "12:00")
    month.slot("P1", 5, "09:00") { $0.issuedAt = issued }
    month.slot("P1", 7, "09:00") { $0.issuedAt = issued }
    #expect(month.judge().states == [.missed, .missed])
    var rules = PlayedRules()
    rules.dueBeforeIssue = 0
    #expect(month.judge(rules).states == [.notDue, .missed])
  }

  @Test func `a station's own adjustments are what it is held to`() {
    var month = month
    month.slot("P1", 5, "09:00") { $0.due = .at(Month0326.day(6), $0.time("15:00")) }
    month.slot("P2", 5, "10:00") { $0.programme = "P9" }
    month.slot("P3", 5, "11:00") { $0.skipped = "村民大会" }
    month.play("P1", 6, "15:05")
    month.play("P9", 5, "10:00")
    month.play("P3", 5, "11:00")
    let judgement = month.judge()
    #expect(judgement.states == [.onTime, .onTime, .excused])
    #expect(judgement.uses == [.planned, .planned, .offPlan])
    #expect(judgement.slots[2].cause == "村民大会")
  }

  @Test func `an item of a week may be played on any of its days, once`() throws {
    var month = month
    let week = try #require(ISOWeek("2026-W10"))
    for programme in ["P1", "P2"] {
      month.slot(programme, 2, nil) { $0.due = .within(week) }
    }
    month.play("P1", 8, "23:59")
    month.play("P2", 10, "09:00")
    #expect(month.judge().states == [.onTime, .missed])
  }

  @Test func `repetitions on a day count no more than were planned`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P1", 5, "15:00")
    month.slot("P1", 4, "09:00")
    for time in ["09:00", "11:00", "15:00", "17:00"] { month.play("P1", 5, time) }
    month.play("P2", 5, "12:00")
    month.play("P2", 5, "13:00")
    var judgement = month.judge()
    #expect(judgement.states == [.onTime, .onTime, .missed])
    #expect(
      judgement.uses == [.planned, .repeated, .planned, .repeated, .offPlan, .repeated])
    var rules = PlayedRules()
    rules.onceADay = 0
    judgement = month.judge(rules)
    #expect(judgement.states == [.onTime, .onTime, .late])
    #expect(judgement.uses == [.planned, .planned, .planned, .offPlan, .offPlan, .offPlan])
  }

  @Test func `of one programme no more count in a month than a hub lays down`() {
    var month = month
    month.slot("P1", 20, "09:00")
    for day in [3, 7, 11, 20] { month.play("P1", day, "09:00") }
    var rules = PlayedRules()
    rules.countMax = 2
    let judgement = month.judge(rules)
    #expect(judgement.states == [.onTime])
    #expect(judgement.uses == [.offPlan, .beyondMax, .beyondMax, .planned])
  }

  @Test func `a playback of unknown time makes a slot unknown, never a miss`() {
    var month = month
    month.slot("P1", 5, "09:00")
    month.slot("P2", 5, "10:00")
    month.play("P1", 5, "09:00") { $0.isTimed = false }
    let judgement = month.judge()
    #expect(judgement.states == [.notKnown, .missed])
    #expect(judgement.slots[0].cause == "clock")
  }

  @Test func `a clock that runs ten hours off is seen`() {
    var month = month
    for day in 2...20 {
      month.slot("P\(day)", day, "19:00")
      month.play("P\(day)", day, day % 2 == 0 ? "09:03" : "08:58")
    }
    let judgement = month.judge()
    let ahead = ClockSuspicion.minutesAhead(judgement, month.zone)
    #expect(ahead.map { abs($0 + 600) <= 5 } == true)
    // Where keepers are merely late nothing is said.
    var other = Month0326()
    for day in 2...20 {
      other.slot("P\(day)", day, "19:00")
      other.play("P\(day)", day, day % 2 == 0 ? "19:03" : "09:00")
    }
    #expect(ClockSuspicion.minutesAhead(other.judge(), other.zone) == nil)
  }

  @Test func `the order of slots and playbacks does not matter`() {
    let dice = Dice(seed: 5)
    for _ in 0..<200 {
      var month = Month0326()
      for _ in 0..<12 {
        month.slot("P\(dice.next() % 3)", Int(dice.next() % 5) + 1, "1\(dice.next() % 10):00")
      }
      for _ in 0..<12 {
        month.play("P\(dice.next() % 3)", Int(dice.next() % 5) + 1, "1\(dice.next() % 10):20")
      }
      let judgement = month.judge()
      var counts = Figures()
      for slot in judgement.slots { counts.add(slot) }
      var shuffled = month.facts
      shuffled.plays.reverse()
      shuffled.slots.reverse()
      shuffled.reach = Reach(until: Instant(startOf: Month0326.day(61), in: month.zone))
      let again = SlotJudge(
        PlayedRules(), zone: month.zone, now: Instant(startOf: Month0326.day(61), in: month.zone)
      ).judge(shuffled)
      var others = Figures()
      for slot in again.slots { others.add(slot) }
      #expect(counts == others)
      // No playback fills two slots.
      let used = judgement.slots.compactMap(\.play)
      #expect(Set(used).count == used.count)
    }
  }
}

extension Slot {
  fileprivate func time(_ text: String) -> ClockTime {
    guard let time = ClockTime(text) else { preconditionFailure("\(text) is no time") }
    return time
  }
}
