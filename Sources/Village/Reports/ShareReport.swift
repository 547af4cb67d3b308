internal import Causality
internal import Records
package import Replica

/// How the time that was played divides among categories.
package struct Shares: Equatable, Sendable {
  /// Seconds by category.
  package internal(set) var seconds: [String: Int64] = [:]
  /// Of programmes whose category nobody has told.
  package internal(set) var unknownSeconds: Int64 = 0
  /// Playbacks whose length nobody knows: they are in no share.
  package internal(set) var untimedPlays = 0

  package init() {}

  // order: a sum does not depend on it.
  package var total: Int64 { seconds.values.reduce(unknownSeconds, +) }

  /// From what is sure to what is possible if all that is unknown were of this category; nil if
  /// nothing was played.
  package func share(of category: String) -> ClosedRange<Double>? {
    guard total > 0 else { return nil }
    let sure = seconds[category] ?? 0
    return Double(sure) / Double(total)...Double(sure + unknownSeconds) / Double(total)
  }

  /// How the share stands to a limit.
  package enum Verdict: String, Sendable {
    case within
    case over
    /// It depends on what the unknown programmes are.
    case notKnown = "not_known"
    case nothingPlayed = "nothing_played"
  }

  /// Where the data does not reach to the end of what is asked about, what is not held yet may be of
  /// any category.
  package func verdict(
    _ category: String, limit: Double, _ completeness: Completeness = .complete
  ) -> Verdict {
    let sure = verdict(category, limit: limit)
    return completeness == .partial && sure != .over ? .notKnown : sure
  }

  package enum Completeness: Sendable {
    case complete
    case partial
  }

  private func verdict(_ category: String, limit: Double) -> Verdict {
    guard let share = share(of: category) else {
      return untimedPlays > 0 ? .notKnown : .nothingPlayed
    }
    // Rounded as it is shown, so that what reads as 30.0% is not over 30.
    if Self.rounded(share.lowerBound) > limit { return .over }
    return Self.rounded(share.upperBound) > limit || untimedPlays > 0 ? .notKnown : .within
  }

  private static func rounded(_ share: Double) -> Double { (share * 1000).rounded() / 1000 }

  package mutating func add(_ other: Shares) {
    // order: sums do not depend on it.
    for (category, seconds) in other.seconds { self.seconds[category, default: 0] += seconds }
    unknownSeconds += other.unknownSeconds
    untimedPlays += other.untimedPlays
  }
}

/// What was really on the screen, by category: every second that was played, however short or often.
package enum ShareReport {
  package struct Station: Sendable {
    package let station: Place
    package let shares: Shares
    package let reach: Instant?
    package let completeness: Shares.Completeness
    /// Programmes without a category, by the seconds they were played, the most first.
    package let unknown: [(programme: String, title: String?, seconds: Int64)]
  }

  /// Calls `body` with each station of the scope, by code.
  package static func run(
    _ scope: ReportScope, _ store: Store, _ body: (Station) throws -> Void
  ) throws {
    let zone = try Places.zone(store)
    let plays = PlayReader(store, seconds: scope.days.seconds(in: zone))
    let first = scope.days.seconds(in: zone).lowerBound
    let reaches = try Reach.all(store)
    var categories = try Categories(store)
    for member in try scope.members(store) {
      let station = member.station
      let ofStation = try plays.plays(of: station.id).filter { member.counts(at: $0.started) }
      let end = member.last(in: scope.days, zone)?.until
      let (shares, unknown) = try categories.shares(ofStation, of: station)
      try body(
        Station(
          station: station, shares: shares, reach: reaches[station.id]?.until,
          completeness: Self.completeness(reaches[station.id], from: first, until: end),
          unknown: unknown))
    }
  }

  private static func completeness(
    _ reach: Reach?, from first: Int64, until end: Instant?
  ) -> Shares.Completeness {
    guard let reach, let end, end.seconds > first else { return .partial }
    return reach.isComplete(first...(end.seconds - 1)) ? .complete : .partial
  }
}

/// Of which category a playback's programme is: what the catalogue says, or else the plan's item that
/// the playback names.
private struct Categories {
  private let store: Store
  private let tree: Tree
  private var catalogues: [PlaceID: [String: String]] = [:]
  private var items: [Dot: String?] = [:]

  init(_ store: Store) throws {
    self.store = store
    tree = try Tree(store)
  }

  mutating func shares(
    _ plays: [Play], of station: Place
  ) throws -> (Shares, [(programme: String, title: String?, seconds: Int64)]) {
    var shares = Shares()
    var unknown: [String: (title: String?, seconds: Int64)] = [:]
    let catalogue = try catalogue(above: station)
    for play in plays {
      guard let seconds = play.seconds else {
        shares.untimedPlays += 1
        continue
      }
      let known = try catalogue[play.programme] ?? play.item.flatMap { try category(ofItem: $0) }
      if let known {
        shares.seconds[known, default: 0] += seconds
      } else {
        shares.unknownSeconds += seconds
        unknown[play.programme, default: (play.title, 0)].seconds += seconds
      }
    }
    let list = unknown.map { (programme: $0.key, title: $0.value.title, seconds: $0.value.seconds) }
    return (shares, list.sorted { ($1.seconds, $0.programme) < ($0.seconds, $1.programme) })
  }

  /// The nearest place's word on a programme counts.
  private mutating func catalogue(above station: Place) throws -> [String: String] {
    let chain = tree.hubs(above: station)
    guard let hub = chain.first else { return try described(station.id) }
    if let known = catalogues[hub] { return known }
    var catalogue: [String: String] = [:]
    for place in chain.reversed() {
      catalogue.merge(try described(place)) { _, nearer in nearer }
    }
    catalogues[hub] = catalogue
    return catalogue
  }

  private func described(_ place: PlaceID) throws -> [String: String] {
    let programmes = try Programmes.described(in: PartitionID(place, .public), store)
    return Dictionary(
      programmes.sorted { $0.dot < $1.dot }.compactMap { programme in
        programme.category.map { (programme.code, $0) }
      }, uniquingKeysWith: { first, _ in first })
  }

  private mutating func category(ofItem dot: Dot) throws -> String? {
    if let known = items[dot] { return known }
    let category = try store.record(Village.planItem, dot)?.text("category")
    items[dot] = .some(category)
    return category
  }
}
