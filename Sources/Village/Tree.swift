package import Causality
package import Replica

/// The places that are known here and how they hang together.
package struct Tree {
  package let places: [PlaceID: Place]

  package init(_ store: Store) throws {
    places = Dictionary(
      try Places.all(store).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
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

  private func isAtOrBelow(_ upper: PlaceID, from start: PlaceID?) -> Bool {
    var next = start
    // A ring that two concurrent moves may make ends the search.
    for _ in 0...places.count {
      guard let id = next else { return false }
      if id == upper { return true }
      next = places[id]?.hub
    }
    return false
  }
}
