package import Causality
package import Replica

/// A station in a report: every slot and every playback of the months with what became of it.
package struct StationReport: Sendable {
  package let station: Place
  /// The hub that it reported to last in these months.
  package let township: PlaceID?
  package let slots: [SlotOutcome]
  package let plays: [PlayOutcome]
  /// How far its data reaches; nil if nothing was ever heard.
  package let reach: Instant?
  /// By how many minutes its clock seems to be ahead of what was planned.
  package let clockAhead: Int?
  /// What people should look at, month by month.
  package var flags: [(month: Month, flag: PlaybackFlag)] = []
  /// Under which hubs it was when.
  let whereabouts: Whereabouts
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
    var reader = try SlotReader(store)
    let reaches = try Reach.all(store, asOf: now)
    let judge = SlotJudge(rules, zone: zone, now: now)
    let months = MonthFacts(scope, rules, zone: zone, store)
    for member in try scope.members(store) {
      let station = member.station
      let slots = try reader.slots(of: station, member.whereabouts)
      let log = try months.log(of: station)
      let closures = try Closures.list(station.id, store)
      var judged = Judgement()
      var flags: [(month: Month, flag: PlaybackFlag)] = []
      for month in scope.months.list {
        var facts = try months.facts(of: station, slots, log, in: month)
        facts.closures = closures
        facts.reach = reaches[station.id]
        facts.since = try months.since(station, facts.slots)
        judged.add(judge.judge(facts), of: member, in: month, zone)
        if member.last(in: ReportScope(month...month).days, zone) != nil {
          flags += Self.flags(facts, month, zone)
        }
      }
      var report = StationReport(
        station: station, township: member.last(in: scope.days, zone)?.hub, slots: judged.slots,
        plays: judged.plays, reach: reaches[station.id]?.until,
        clockAhead: ClockSuspicion.minutesAhead(judged, zone), whereabouts: member.whereabouts)
      report.flags = flags
      try body(report)
    }
  }

  private static func flags(
    _ facts: StationFacts, _ month: Month, _ zone: TimeZoneOffset
  ) -> [(month: Month, flag: PlaybackFlag)] {
    // Of whom nothing was ever heard nothing is said.
    guard let reach = facts.reach else { return [] }
    // Of most playbacks there is nothing to say.
    let special = facts.plays.filter {
      ![.routine, .training, .other].contains(OccasionKind(of: $0.occasion))
    }.sorted { ($0.started, $0.dot) < ($1.started, $1.dot) }
    var look = PlaybackFlags(month, zone: zone)
    for play in special where play.started >= look.from && play.started < look.to {
      look.look(at: play)
    }
    return look.flags(reach).map { (month, $0) }
  }
}

extension Judgement {
  /// What of a judgement counts in a month: what lies around it was judged for its sake only.
  fileprivate mutating func add(
    _ judgement: Judgement, of member: ReportScope.Member, in month: Month, _ zone: TimeZoneOffset
  ) {
    slots += judgement.slots.filter {
      let planned = $0.slot.planned
      return Month(of: planned.countedDay) == month && member.counts(at: planned.end(in: zone))
    }
    plays += judgement.plays.filter {
      let started = $0.play.started
      return Month(of: started.date(in: zone)) == month && member.counts(at: started)
    }
  }
}

extension ClosedRange where Bound == Month {
  /// All of them, by time.
  package var list: [Month] {
    var months = [lowerBound]
    while let last = months.last, last < upperBound { months.append(last.next) }
    return months
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
