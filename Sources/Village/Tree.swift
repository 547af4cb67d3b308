package import Causality
package import Replica

/// The places that are known here and how they hang together.
package struct Tree {
  package let places: [PlaceID: Place]
  /// This replica's place and those above it, the nearest first.
  let chain: [PlaceID]

  package init(_ store: Store) throws {
    places = Dictionary(
      try Places.all(store).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    chain = [store.identity.place] + (try Places.ancestors(store))
  }

  /// Whether a place hangs below another.
  package func lies(_ place: Place, below upper: PlaceID) -> Bool {
    place.id != upper && isAtOrBelow(upper, from: place.hub)
  }

  /// Whether a place hangs below another or still reports there.
  package func reports(_ place: Place, below upper: PlaceID) -> Bool {
    lies(place, below: upper) || place.id != upper && isAtOrBelow(upper, from: place.reached)
  }

  /// Whether a place was once below another.
  package func was(_ place: Place, below upper: PlaceID) -> Bool {
    place.hubs.contains { isAtOrBelow(upper, from: $0) }
  }

  /// The hubs whose plans and catalogues hold for a station, the nearest first.
  func hubs(above station: Place) -> [PlaceID] {
    if station.id == chain[0] { return Array(chain.dropFirst()) }
    var hubs: [PlaceID] = []
    var next = station.hub
    while let hub = next, hub != chain[0], !hubs.contains(hub) {
      hubs.append(hub)
      next = places[hub]?.hub
    }
    return hubs + chain
  }

  private func isAtOrBelow(_ upper: PlaceID, from start: PlaceID?) -> Bool {
    Self.isAtOrAbove(upper, start) { places[$0] }
  }

  /// Whether a walk upwards from a place comes to another. Where orders that crossed have made a
  /// ring, it goes on from where a place of the ring reported last.
  static func isAtOrAbove(
    _ upper: PlaceID, _ start: PlaceID?, _ place: (PlaceID) throws -> Place?
  ) rethrows -> Bool {
    var passed: Set<PlaceID> = []
    var next = start
    while let id = next, passed.insert(id).inserted {
      if id == upper { return true }
      let found = try place(id)
      let isRing = found?.hub.map(passed.contains) ?? false
      next = isRing ? found?.reached : found?.hub
    }
    return false
  }
}
