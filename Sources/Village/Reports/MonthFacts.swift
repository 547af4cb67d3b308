internal import Causality
internal import Replica

/// What a month of a station is judged by. A month is judged by itself, so that it is the same
/// alone and within a range: by its slots and playbacks, and by what lies around them and may have a
/// claim to one of them, also around the days to which the station moved some.
struct MonthFacts {
  /// Days before and behind.
  private let margin: Int
  private let zone: TimeZoneOffset
  private let store: Store
  /// What is read once for all months.
  private let seconds: ClosedRange<Int64>
  /// More stretches of days than this are read as one.
  private static let stretchesMax = 4

  init(_ scope: ReportScope, _ rules: PlayedRules, zone: TimeZoneOffset, _ store: Store) {
    // A slot may be late by `lateDays`, and one of a week is due for seven days.
    margin = Int(rules.lateDays) + 7
    self.zone = zone
    self.store = store
    seconds = scope.days.widened(by: margin).seconds(in: zone)
  }

  /// What all months of a station are read from.
  func log(of station: Place) throws -> PlayLog {
    try PlayReader(store, seconds: seconds).log(of: station.id)
  }

  /// Without what does not depend on the month.
  func facts(
    of station: Place, _ slots: StationSlots, _ log: PlayLog, in month: Month
  ) throws -> StationFacts {
    let days = ReportScope(month...month).days.widened(by: margin)
    var facts = StationFacts()
    var known: Set<Dot> = []
    var plays: Set<Dot> = []
    for stretch in stretches(days, slots.slots(in: days), month) {
      facts.slots += slots.slots(in: stretch).filter { known.insert($0.item).inserted }
      let wanted = stretch.seconds(in: zone)
      let isRead = seconds.contains(wanted.lowerBound) && seconds.contains(wanted.upperBound)
      let found =
        try isRead
        ? log.plays(in: wanted) : PlayReader(store, seconds: wanted).plays(of: station.id)
      facts.plays += found.filter { plays.insert($0.dot).inserted }
    }
    return facts
  }

  /// The days, and those to which slots that count in the month were moved out of them.
  private func stretches(
    _ days: ClosedRange<CivilDate>, _ slots: [Slot], _ month: Month
  ) -> [ClosedRange<CivilDate>] {
    let moved = slots.filter {
      Month(of: $0.planned.countedDay) == month && !days.contains($0.due.lastDay)
    }
    let wanted = ([days] + moved.map { $0.due.days.widened(by: margin) }).sorted {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }
    var stretches: [ClosedRange<CivilDate>] = []
    for next in wanted {
      if let last = stretches.last, next.lowerBound <= last.upperBound {
        stretches[stretches.count - 1] =
          last.lowerBound...max(last.upperBound, next.upperBound)
      } else {
        stretches.append(next)
      }
    }
    guard stretches.count > Self.stretchesMax, let last = stretches.last else { return stretches }
    return [stretches[0].lowerBound...last.upperBound]
  }

  /// Since when the station is held to plans: since it was enrolled, or since the first playback that
  /// it logged of a time before. Nil if that is not known, or before all that was due.
  func since(_ station: Place, _ slots: [Slot]) throws -> Instant? {
    guard let enrolled = try Places.enrolled(station.id, store),
      slots.contains(where: { $0.due.end(in: zone) < enrolled })
    else { return nil }
    let before = try PlayReader(store, seconds: Int64.min...(enrolled.seconds - 1))
      .plays(of: station.id)
    return before.filter(\.isTimed).map(\.started).min() ?? enrolled
  }
}
