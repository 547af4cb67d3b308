// Planned against played: a pure function of what a station was to play, what it played, and how far
// its data reaches.
//
// 1. A playback that is too short counts for nothing.
// 2. A playback that names a slot's item is that slot's, if it came in its time or was late.
// 3. Of each programme, as many slots as possible get a playback within their time.
// 4. Of what is left of one day's playbacks of a programme no more count than were planned.
// 5. With these, as many of the other slots as possible become late.
// 6. A slot that got none is excused, not due, not known or missed, asked in an order in which
//    silence never becomes a miss.

internal import Causality

/// What is known of one station when it is judged.
package struct StationFacts: Sendable {
  package var slots: [Slot] = []
  package var plays: [Play] = []
  package var closures: [Closure] = []
  /// How far the station's log is held; nil if nothing was ever heard.
  package var reach: Reach?
  /// Since when the station is held to plans; nil for ever.
  package var since: Instant?

  package init() {}
}

/// One station's slots and playbacks with what became of them, in the order they were given.
package struct Judgement: Equatable, Sendable {
  package internal(set) var slots: [SlotOutcome] = []
  package internal(set) var plays: [PlayOutcome] = []
}

package struct SlotJudge: Sendable {
  package let rules: PlayedRules
  package let zone: TimeZoneOffset
  package let now: Instant

  package init(_ rules: PlayedRules, zone: TimeZoneOffset, now: Instant) {
    self.rules = rules
    self.zone = zone
    self.now = now
  }

  /// Slots and playbacks may be in any order. Time: by programme, its slots times its playbacks.
  package func judge(_ facts: StationFacts) -> Judgement {
    var match = SlotMatch(facts, self)
    match.run()
    var judgement = Judgement()
    judgement.slots.reserveCapacity(facts.slots.count)
    for (index, slot) in facts.slots.enumerated() {
      judgement.slots.append(outcome(slot, match.play(of: index), match, facts))
    }
    judgement.plays = facts.plays.indices.map {
      PlayOutcome(play: facts.plays[$0], use: match.uses[$0])
    }
    return judgement
  }

  // MARK: Time

  /// From the first to the last second in which a playback that begins is on time.
  func window(_ due: Due) -> ClosedRange<Int64> {
    switch due {
    case .at(let day, let time):
      let start = Instant(startOf: day, in: zone).seconds + Int64(time.minutes) * 60
      return (start - rules.onTimeMinutes * 60)...(start + rules.onTimeMinutes * 60)
    case .on, .within: return days(due, after: 0)
    }
  }

  /// From the first to the last second in which one is late at least. What was played before its
  /// time was not what was planned.
  func lateWindow(_ due: Due) -> ClosedRange<Int64> {
    let window = window(due)
    return window.lowerBound...max(days(due, after: rules.lateDays).upperBound, window.upperBound)
  }

  private func days(_ due: Due, after: Int64) -> ClosedRange<Int64> {
    let first = Instant(startOf: due.firstDay, in: zone).seconds
    let behind = CivilDate(days: due.lastDay.days + 1 + Int(after))
    return first...(Instant(startOf: behind, in: zone).seconds - 1)
  }

  /// Whether a playback lasted long enough to count. One whose length nobody knows counts unless it
  /// was cut short.
  func counts(_ play: Play, programmeSeconds: Int64?) -> Bool {
    guard let seconds = play.seconds else { return play.outcome.map(Outcome.isWhole) ?? true }
    return seconds >= min(rules.secondsMin, programmeSeconds ?? .max)
  }

  /// Why nothing could be played on any of the days; closures may follow each other.
  private func cause(_ closures: [Closure], of due: Due) -> String? {
    guard !closures.isEmpty else { return nil }
    let days = (due.firstDay.days...due.lastDay.days).map { day in
      closures.first { $0.covers(CivilDate(days: day)) }
    }
    return days.contains { $0 == nil } ? nil : days.first??.cause
  }

  private func minutesOff(_ play: Play, _ due: Due) -> Int? {
    guard case .at(let day, let time) = due else { return nil }
    let start = Instant(startOf: day, in: zone).seconds + Int64(time.minutes) * 60
    return Int((Double(play.started.seconds - start) / 60).rounded(.towardZero))
  }

  // MARK: What became of a slot

  private func outcome(
    _ slot: Slot, _ play: Int?, _ match: SlotMatch, _ facts: StationFacts
  ) -> SlotOutcome {
    func outcome(
      _ state: SlotState, _ play: Play? = nil, cause: String? = nil
    ) -> SlotOutcome {
      SlotOutcome(
        slot: slot, state: state, play: play?.dot,
        minutesOff: play.flatMap { minutesOff($0, slot.due) }, cause: cause)
    }
    if let play {
      let play = facts.plays[play]
      return outcome(window(slot.due).contains(play.started.seconds) ? .onTime : .late, play)
    }
    if let reason = slot.skipped { return outcome(.excused, cause: reason) }
    let window = window(slot.due)
    if rules.dueBeforeIssue == 0, let issued = slot.issuedAt, issued.seconds > window.upperBound {
      return outcome(.notDue)
    }
    if window.upperBound > now.seconds { return outcome(.notDue) }
    if let since = facts.since, window.upperBound < since.seconds {
      return outcome(.notDue, cause: SlotOutcome.notEnrolled)
    }
    if let cause = cause(facts.closures, of: slot.due) { return outcome(.excused, cause: cause) }
    if let broken = match.broken(slot) {
      return outcome(.excused, broken, cause: broken.outcome)
    }
    guard let reach = facts.reach, reach.until.seconds > lateWindow(slot.due).upperBound else {
      return outcome(.notKnown)
    }
    guard reach.isComplete(lateWindow(slot.due)) else {
      return outcome(.notKnown, cause: "data_lost")
    }
    if let untimed = match.untimed(slot) { return outcome(.notKnown, untimed, cause: "clock") }
    return outcome(.missed)
  }
}

/// What the outcomes that the program knows say of a playback.
enum Outcome {
  /// Cut short by what nobody at the station could help.
  static func isBroken(_ outcome: String) -> Bool { ["power_lost", "no_signal"].contains(outcome) }

  /// Nothing is known to have cut it short.
  static func isWhole(_ outcome: String) -> Bool {
    !isBroken(outcome) && !["stopped", "unknown"].contains(outcome)
  }
}
