package import Causality
internal import Replica

/// Since when a place has reported to a hub.
package struct Stay: Equatable, Sendable {
  package let hub: PlaceID
  package let since: Instant

  /// A line of the field `hubs`: the place's id, a space, the second.
  init?(line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard words.count == 2, let hub = Places.id(words[0]), let second = Int64(words[1]),
      // A peer may have written any number: some thirty thousand years are enough.
      (0...1 << 40).contains(second)
    else { return nil }
    self.init(hub, since: Instant(seconds: second))
  }

  init(_ hub: PlaceID, since: Instant) {
    self.hub = hub
    self.since = since
  }

  var line: String { "\(hub) \(since.seconds)" }
}

/// Under which hubs a station was at what time, as far as it is known here. A move takes place when
/// the new hub hears of the place for the first time: until then its keeper sees the old plans.
package struct Whereabouts: Sendable {
  /// In the order of time; each lasts until the next. The first has no beginning.
  private var spans: [(since: Int64, hubs: [PlaceID])] = []
  /// Whether neither the station nor a hub above it was ever moved.
  package let isSettled: Bool

  package init(_ station: Place, _ tree: Tree) {
    var points: Set<Int64> = [.min]
    var passed: Set<PlaceID> = []
    var next = [station.id]
    while let id = next.popLast() {
      guard passed.insert(id).inserted else { continue }
      let stays = tree.places[id]?.stays ?? []
      points.formUnion(stays.map(\.since.seconds))
      next += stays.map(\.hub) + [tree.hub(above: id)].compactMap { $0 }
    }
    isSettled = points.count == 1
    guard !isSettled else {
      spans = [(.min, tree.hubs(above: station))]
      return
    }
    for point in points.sorted() {
      spans.append((point, tree.hubs(above: station.id, at: Instant(seconds: point))))
    }
  }

  /// The hubs above the station at a time, the nearest first.
  func hubs(at time: Instant) -> [PlaceID] {
    (spans.last { $0.since <= time.seconds } ?? spans[0]).hubs
  }

  /// All hubs that it was ever under.
  var allHubs: [PlaceID] {
    var hubs: [PlaceID] = []
    for span in spans { hubs += span.hubs.filter { !hubs.contains($0) } }
    return hubs
  }

  /// The last of the stays among these seconds of which the hubs are as wanted, and where among the
  /// seconds it ends.
  func last(
    in seconds: ClosedRange<Int64>, where isWanted: ([PlaceID]) -> Bool
  ) -> (hubs: [PlaceID], until: Int64)? {
    for index in spans.indices.reversed()
    where spans[index].since <= seconds.upperBound && isWanted(spans[index].hubs) {
      let until = index + 1 < spans.count ? spans[index + 1].since : .max
      guard until > seconds.lowerBound else { return nil }
      return (spans[index].hubs, min(until, seconds.upperBound + 1))
    }
    return nil
  }
}

extension Place {
  /// The hub that it reported to at a time; nil if nothing is known of moves.
  func hub(at time: Instant) -> PlaceID? {
    (stays.last { $0.since <= time } ?? stays.first)?.hub
  }
}

extension Tree {
  /// The hub above a place as it is today.
  func hub(above id: PlaceID) -> PlaceID? {
    chain.firstIndex(of: id).map { chain[($0 + 1)...].first } ?? places[id]?.hub
  }

  func hubs(above id: PlaceID, at time: Instant) -> [PlaceID] {
    func above(_ id: PlaceID) -> PlaceID? { places[id]?.hub(at: time) ?? hub(above: id) }
    var hubs: [PlaceID] = []
    var next = above(id)
    while let hub = next, hub != id, !hubs.contains(hub) {
      hubs.append(hub)
      next = above(hub)
    }
    return hubs
  }
}
