package import Causality
package import Replica
internal import Sync
package import Village

/// A replica that this one exchanges bundles with.
package struct Neighbour: Sendable {
  package let place: Place
  /// In the order of travel.
  package let shared: [PartitionID]
  package let isAbove: Bool
  /// The places above the lower of the two.
  let ancestors: Set<PlaceID>

  /// Whether a partition belongs to the lower of the two and what lies below it: the upper one
  /// answers for what it has received of that.
  func isLower(_ partition: PartitionID) -> Bool { !ancestors.contains(partition.place) }
}

package enum Neighbours {
  /// The hub above this replica; and at a hub those directly below it that are not retired.
  package static func all(_ store: Store) throws -> [Neighbour] {
    var all = try [above(store)].compactMap { $0 }
    guard store.identity.role == .hub else { return all }
    let own = store.identity.place
    let tree = try Tree(store)
    let children = tree.places.values.filter { place in
      !place.isRetired && place.id != own && (place.hub == own || place.reached == own)
    }
    for place in children.sorted(by: { ($0.code, $0.id) < ($1.code, $1.id) }) {
      all.append(try below(place, tree, store))
    }
    return all
  }

  /// The hub above this replica, or nil.
  package static func above(_ store: Store) throws -> Neighbour? {
    let ancestors = try Places.ancestors(store)
    guard let hub = ancestors.first else { return nil }
    let own = try Places.own(store)
    let place = try Places.find(store, id: hub) ?? unmet(hub, above: own)
    let tree = store.identity.role == .hub ? try Tree(store) : nil
    return Neighbour(
      place: place, shared: shared(own, ancestors, tree), isAbove: true,
      ancestors: Set(ancestors))
  }

  /// The neighbour of this id, or nil. Whoever was here once may come and hear where it belongs now.
  package static func find(_ store: Store, _ id: PlaceID) throws -> Neighbour? {
    let own = store.identity.place
    if id == (try Places.hub(store)) { return try above(store) }
    guard store.identity.role == .hub, let place = try Places.find(store, id: id), id != own,
      place.hub == own || place.reached == own || place.former.contains(own)
    else { return nil }
    return try below(place, place.role == .hub ? try Tree(store) : nil, store)
  }

  private static func below(
    _ place: Place, _ tree: Tree?, _ store: Store
  ) throws -> Neighbour {
    let own = store.identity.place
    let ancestors = [own] + (try Places.ancestors(store))
    guard place.hub == own || place.reached == own else {
      return Neighbour(
        place: place, shared: [PartitionID(place.id, .public)], isAbove: false,
        ancestors: Set(ancestors))
    }
    return Neighbour(
      place: place,
      shared: shared(place, ancestors, place.role == .hub ? tree : nil), isAbove: false,
      ancestors: Set(ancestors))
  }

  /// What a place shares with the one above it: what lies below it too, and the records of places
  /// that were below it once.
  private static func shared(
    _ lower: Place, _ ancestors: [PlaceID], _ tree: Tree?
  ) -> [PartitionID] {
    let others = (tree?.places ?? [:]).values
    return Scope.shared(
      lower: [lower.id]
        + others.filter { tree?.reports($0, below: lower.id) == true }.map(\.id),
      ancestors: ancestors,
      former: others.filter { place in
        tree?.was(place, below: lower.id) == true && !ancestors.contains(place.id)
      }.map(\.id))
  }

  /// Whether what a neighbour tells of a partition is taken though it is not shared yet: who lies
  /// above this place is known by what the hub above tells, and what lies below a hub by what that
  /// tells.
  static func admits(
    _ partition: PartitionID, from neighbour: Neighbour, _ store: Store
  ) throws -> Bool {
    if neighbour.isAbove, partition.section == .public { return true }
    guard neighbour.isAbove ? store.identity.role == .hub : neighbour.place.role == .hub else {
      return false
    }
    return try Places.find(store, id: partition.place) == nil
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
