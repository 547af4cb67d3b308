package import Causality
package import Replica
internal import Sync
package import Village

/// A replica that this one exchanges bundles with.
package struct Neighbour: Sendable {
  package let place: Place
  package let shared: [PartitionID]
}

package enum Neighbours {
  /// At a station the hub above it; at a hub the stations directly below it.
  package static func all(_ store: Store) throws -> [Neighbour] {
    let own = try Places.own(store)
    let ancestors = try Places.ancestors(store)
    switch store.identity.role {
    case .station:
      guard let hub = ancestors.first else { return [] }
      let place = try Places.find(store, id: hub) ?? unmet(hub, above: own)
      return [Neighbour(place: place, shared: Scope.shared(lower: own.id, ancestors: ancestors))]
    case .hub:
      return try Places.all(store).filter { own.code.isAbove($0.code) }.map { place in
        Neighbour(
          place: place,
          shared: Scope.shared(lower: place.id, ancestors: [own.id] + ancestors))
      }
    }
  }

  /// The hub above this replica, or nil.
  package static func above(_ store: Store) throws -> Neighbour? {
    store.identity.role == .station ? try all(store).first : nil
  }

  /// The neighbour of this id, or nil.
  package static func find(_ store: Store, _ id: PlaceID) throws -> Neighbour? {
    if store.identity.role == .station { return try all(store).first { $0.place.id == id } }
    let own = try Places.own(store)
    guard let place = try Places.find(store, id: id), own.code.isAbove(place.code) else {
      return nil
    }
    let ancestors = [own.id] + (try Places.ancestors(store))
    return Neighbour(place: place, shared: Scope.shared(lower: id, ancestors: ancestors))
  }

  /// A hub whose first bundle has not come yet: known by its id, and by the code it must have.
  private static func unmet(_ hub: PlaceID, above own: Place) -> Place {
    var segments = own.code.segments
    while !segments.isEmpty {
      segments.removeLast()
      if let code = PlaceCode(segments.joined(separator: ".")), code.foundingID == hub {
        return Place(id: hub, code: code, name: code.dotted, zone: own.zone)
      }
    }
    return Place(id: hub, code: own.code, name: hub.description, zone: own.zone)
  }
}
