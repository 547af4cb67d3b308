package import Causality

/// When an item of a plan is to be played.
package enum Due: Hashable, Sendable {
  case at(CivilDate, ClockTime)
  /// Any time of the day.
  case on(CivilDate)
  /// Any day of the week.
  case within(ISOWeek)

  /// The first day on which it may be played.
  package var firstDay: CivilDate {
    switch self {
    case .at(let day, _), .on(let day): day
    case .within(let week): week.monday
    }
  }

  package var lastDay: CivilDate {
    switch self {
    case .at(let day, _), .on(let day): day
    case .within(let week): CivilDate(days: week.monday.days + 6)
    }
  }
}

/// What one station was to play once: an item of a plan as this station took it.
package struct Slot: Equatable, Sendable {
  package let item: Dot
  package var due: Due
  package var programme: String
  package var title: String?
  package var category: String?
  package var seconds: Int64?
  package var isRequired = false
  /// When the item was first sent out; nil if that is not known.
  package var issuedAt: Instant?
  /// Why the station left it out, if it did.
  package var skipped: String?
  /// What it was before the station moved it: months and weeks count it there.
  package var planned: Due

  package init(item: Dot, due: Due, programme: String) {
    self.item = item
    self.due = due
    self.programme = programme
    planned = due
  }
}

/// A playback as far as it is held against a plan.
package struct Play: Equatable, Sendable {
  package let dot: Dot
  package var programme: String
  package var title: String?
  package var started: Instant
  package var seconds: Int64?
  package var item: Dot?
  package var occasion: String?
  package var outcome: String?
  /// The playback of the short programme before a meeting.
  package var prelude: Dot?
  /// Whether the machine's clock could be believed.
  package var isTimed = true

  package init(dot: Dot, programme: String, started: Instant) {
    self.dot = dot
    self.programme = programme
    self.started = started
  }
}

/// Days on which a station could not play.
package struct Closure: Equatable, Sendable {
  package let dot: Dot
  package let from: CivilDate
  /// The last day; nil while it lasts.
  package let to: CivilDate?
  package let cause: String

  package func covers(_ day: CivilDate) -> Bool { from <= day && (to.map { $0 >= day } ?? true) }
}

/// What became of a slot. Every slot is in exactly one of these.
package enum SlotState: String, CaseIterable, Sendable {
  case onTime = "on_time"
  /// Played, but not in the time around the slot's start.
  case late
  case missed
  /// There is a recorded cause.
  case excused
  /// What the station logged is not held that far, or its clock was wrong: silence is no miss.
  case notKnown = "not_known"
  /// Its time has not come; or it was over before the station was enrolled, or before the plan went
  /// out, where such slots are not due.
  case notDue = "not_due"
}

/// A slot with what became of it.
package struct SlotOutcome: Equatable, Sendable {
  package let slot: Slot
  package let state: SlotState
  /// The playback that says so.
  package let play: Dot?
  /// By how many minutes the playback began after the slot's start; negative for before.
  package let minutesOff: Int?
  /// Why it is excused, not known or not due.
  package let cause: String?

  /// The cause of what was over before the station was there.
  package static let notEnrolled = "not_enrolled"
}

/// What a playback counts for.
package enum PlayUse: String, CaseIterable, Sendable {
  /// It is what was planned.
  case planned
  /// It counts, and nobody had planned it.
  case offPlan = "off_plan"
  /// Too short to count.
  case short
  /// A repetition beyond what counts on one day.
  case repeated
  /// Beyond what counts of one programme in a month.
  case beyondMax = "beyond_max"
}

package struct PlayOutcome: Equatable, Sendable {
  package let play: Play
  package let use: PlayUse
}
