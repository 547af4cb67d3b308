package import Causality
package import Replica

/// A station in a report: every slot and every playback of the months with what became of it.
package struct StationReport: Sendable {
  package let station: Place
  /// The hub that it reports to.
  package let township: PlaceID?
  package let slots: [SlotOutcome]
  package let plays: [PlayOutcome]
  /// How far its data reaches; nil if nothing was ever heard.
  package let reach: Instant?
  /// By how many minutes its clock seems to be ahead of what was planned.
  package let clockAhead: Int?
  /// What people should look at, month by month.
  package var flags: [(month: Month, flag: PlaybackFlag)] = []
}

/// Planned against played.
package enum PlayedReport {
  /// Calls `body` with each station of the scope, by code. Memory: of one station at a time, and the
  /// hubs' plans.
  package static func run(
    _ scope: ReportScope, _ rules: PlayedRules, now: Instant, _ store: Store,
    _ body: (StationReport) throws -> Void
  ) throws {
    let zone = try Places.zone(store)
    // What lies around the months may have a claim to a playback, or a playback to a slot.
    let margin = Int(rules.lateDays) + 7
    let days = scope.days(and: margin)
    let first = Instant(startOf: days.lowerBound, in: zone).seconds
    let behind = Instant(startOf: CivilDate(days: days.upperBound.days + 1), in: zone).seconds
    var slots = try SlotReader(store, days: days)
    let plays = PlayReader(store, seconds: first...(behind - 1))
    let reaches = try Reach.all(store, asOf: now)
    let judge = SlotJudge(rules, zone: zone, now: now)
    for station in try scope.stations(store) {
      var facts = StationFacts()
      facts.slots = try slots.slots(of: station)
      facts.plays = try plays.plays(of: station.id)
      facts.closures = try Closures.list(station.id, store)
      facts.reach = reaches[station.id]
      let judgement = judge.judge(facts)
      var report = StationReport(
        station: station, township: station.hub,
        slots: judgement.slots.filter { scope.contains($0.slot.planned.countedDay) },
        plays: judgement.plays.filter { scope.contains($0.play.started.date(in: zone)) },
        reach: facts.reach?.until, clockAhead: ClockSuspicion.minutesAhead(judgement, zone))
      report.flags = flags(facts, scope.months, zone)
      try body(report)
    }
  }

  private static func flags(
    _ facts: StationFacts, _ months: ClosedRange<Month>, _ zone: TimeZoneOffset
  ) -> [(month: Month, flag: PlaybackFlag)] {
    // Of most playbacks there is nothing to say.
    let special = facts.plays.filter {
      ![.routine, .training, .other].contains(OccasionKind(of: $0.occasion))
    }.sorted { ($0.started, $0.dot) < ($1.started, $1.dot) }
    var flags: [(month: Month, flag: PlaybackFlag)] = []
    var month = months.lowerBound
    while month <= months.upperBound {
      var look = PlaybackFlags(month, zone: zone)
      for play in special where play.started >= look.from && play.started < look.to {
        look.look(at: play)
      }
      // Of whom nothing was ever heard nothing is said.
      if let reach = facts.reach { flags += look.flags(reach).map { (month, $0) } }
      month = month.next
    }
    return flags
  }
}

extension Due {
  /// The day by which months and weeks count it: of a week its Thursday, as ISO 8601 does.
  package var countedDay: CivilDate {
    switch self {
    case .at(let day, _), .on(let day): day
    case .within(let week): CivilDate(days: week.monday.days + 3)
    }
  }
}

/// Sees that a station's clock is wrong by what it played: everything that was planned was played by
/// the same span too early or too late.
enum ClockSuspicion {
  /// So many slots must agree.
  private static let agreeingMin = 5
  /// Minutes. Less is a keeper's habit; more cannot be told from another slot.
  private static let aheadMin = 90
  private static let aheadMax = 14 * 60
  /// Minutes by which they may differ from each other.
  private static let tolerance = 20

  /// Minutes, or nil if nothing points to it.
  static func minutesAhead(_ judgement: Judgement, _ zone: TimeZoneOffset) -> Int? {
    var starts: [String: [Int64]] = [:]
    for play in judgement.plays where play.use != .short {
      starts[play.play.programme, default: []].append(play.play.started.seconds)
    }
    var spans: [Int] = []
    var timely = 0
    for outcome in judgement.slots {
      guard case .at(let day, let time) = outcome.slot.due else { continue }
      if outcome.state == .onTime { timely += 1 }
      guard outcome.state == .late || outcome.state == .missed else { continue }
      let start = Instant(startOf: day, in: zone).seconds + Int64(time.minutes) * 60
      let nearest = (starts[outcome.slot.programme] ?? []).map { Int(($0 - start) / 60) }
        .filter { abs($0) <= aheadMax }.min { abs($0) < abs($1) }
      if let nearest { spans.append(nearest) }
    }
    guard spans.count >= agreeingMin, spans.count > timely else { return nil }
    let middle = spans.sorted()[spans.count / 2]
    let agreeing = spans.count { abs($0 - middle) <= tolerance }
    guard abs(middle) >= aheadMin, agreeing >= agreeingMin, agreeing * 10 >= spans.count * 6 else {
      return nil
    }
    return middle
  }
}
