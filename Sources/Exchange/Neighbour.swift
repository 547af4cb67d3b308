package import Bundles
package import Causality
package import Replica
internal import Sync
internal import Trust
package import Village

/// A replica that this one exchanges bundles with.
package struct Neighbour: Sendable {
  package let place: Place
  /// In the order of travel.
  package let shared: [PartitionID]
  package let isAbove: Bool
  /// The places above the lower of the two.
  let ancestors: Set<PlaceID>

  /// Whether this place belongs elsewhere now, and only does not know it.
  func isAstray(_ store: Store) -> Bool {
    !isAbove && place.hub != store.identity.place && place.reached != store.identity.place
  }

  /// Whether a partition belongs to the lower of the two and what lies below it: the upper one
  /// answers for what it has received of that.
  func isLower(_ partition: PartitionID) -> Bool { !ancestors.contains(partition.place) }
}

package enum Neighbours {
  /// The hub above this replica; and at a hub those directly below it that are not retired. Who was
  /// here once is among them as long as it does not know where it belongs.
  package static func all(_ store: Store) throws -> [Neighbour] {
    let above = try above(store)
    guard store.identity.role == .hub else { return [above].compactMap { $0 } }
    let own = store.identity.place
    let tree = try Tree(store)
    let children = try tree.places.values.filter { place in
      guard !place.isRetired, place.id != own, place.id != above?.place.id else { return false }
      if place.hub == own || place.reached == own { return true }
      return try place.hubs.contains(own)
        && store.contact(place.id).standing
          != Standing.settled.rawValue
    }
    return try [above].compactMap { $0 }
      + (children + Keyring.returning(store)).sorted(by: { ($0.code, $0.id) < ($1.code, $1.id) })
      .map { try below($0, tree, store) }
  }

  /// The hub above this replica, or nil.
  package static func above(_ store: Store) throws -> Neighbour? {
    let ancestors = try Places.ancestors(store)
    guard let hub = ancestors.first else { return nil }
    let own = try Places.own(store)
    let place = try Places.find(store, id: hub) ?? unmet(hub, above: own, store)
    let tree = store.identity.role == .hub ? try Tree(store) : nil
    return Neighbour(
      place: place, shared: try shared(own, ancestors, tree, unsentTo: hub, store), isAbove: true,
      ancestors: Set(ancestors))
  }

  /// The neighbour of this id, or nil. Whoever was here once may come and hear where it belongs now.
  package static func find(_ store: Store, _ id: PlaceID) throws -> Neighbour? {
    let own = store.identity.place
    if id == (try Places.hub(store)) { return try above(store) }
    guard store.identity.role == .hub, id != own,
      let place = try Places.find(store, id: id) ?? returning(id, store),
      place.hub == own || place.reached == own || place.hubs.contains(own)
    else { return nil }
    return try below(place, place.role == .hub ? try Tree(store) : nil, store)
  }

  private static func returning(_ id: PlaceID, _ store: Store) throws -> Place? {
    try Keyring.returning(store).first { $0.id == id }
  }

  /// The neighbour that a bundle is from, or nil. Who shows a certificate from here or above is one: this
  /// hub may have been set back to before it knew the place, and the one above to before it moved it here.
  package static func find(_ store: Store, _ envelope: Envelope) throws -> Neighbour? {
    let sender = envelope.label.sender
    if let known = try find(store, sender) { return known }
    guard store.identity.role == .hub, try Places.find(store, id: sender) == nil,
      let introduction = Introduction(envelope.introduction),
      let place = try Keyring.place(certifiedBy: introduction, sender, store)
    else { return nil }
    return try below(place, place.role == .hub ? try Tree(store) : nil, store)
  }

  private static func below(
    _ place: Place, _ tree: Tree?, _ store: Store
  ) throws -> Neighbour {
    let ancestors = [store.identity.place] + (try Places.ancestors(store))
    return Neighbour(
      place: place,
      shared: try shared(place, ancestors, place.role == .hub ? tree : nil, unsentTo: nil, store),
      isAbove: false, ancestors: Set(ancestors))
  }

  /// What a place shares with the one above it: what lies below it too; the records of places that
  /// were below it once; and of these what was written there and has not gone up yet.
  private static func shared(
    _ lower: Place, _ ancestors: [PlaceID], _ tree: Tree?, unsentTo upper: PlaceID?,
    _ store: Store
  ) throws -> [PartitionID] {
    let reads = (lower.certificate?.rights ?? .all).reads
    guard let tree else {
      return Scope.shared(lower: [lower.id], ancestors: ancestors, reads: reads)
    }
    let others = tree.places.values.filter { $0.id != lower.id && !ancestors.contains($0.id) }
    let former = others.filter {
      tree.was($0, below: lower.id) && !tree.reports($0, below: lower.id)
    }.map(\.id)
    let shared = Scope.shared(
      lower: [lower.id] + others.filter { tree.reports($0, below: lower.id) }.map(\.id),
      ancestors: ancestors, former: former, reads: reads)
    guard let upper else { return shared }
    // order: sorted below.
    let unsent = try former.flatMap { place in reads.map { PartitionID(place, $0) } }
      .filter { partition in
        let received = try store.mark(of: upper, partition).received
        return try partition.section != .public
          && store.lacking(partition, beyond: received) > 0
      }
    return unsent.isEmpty ? shared : (shared + unsent).sorted()
  }

  /// Whether what a neighbour tells of a partition is taken though it is not shared yet: who lies
  /// above and below this place is known by what the hub above tells, and what lies below a hub by
  /// what that tells: of places that are unknown, and of those that were there once. A record may say
  /// that its place is there, as this hub once knew: it is proven, or refused.
  static func admits(
    _ partition: PartitionID, from neighbour: Neighbour, _ store: Store
  ) throws -> Bool {
    if neighbour.isAbove { return store.identity.role == .hub || partition.section == .public }
    guard neighbour.place.role == .hub else { return false }
    guard partition.section != .public, let place = try Places.find(store, id: partition.place)
    else { return true }
    return try Tree(store).was(place, below: neighbour.place.id)
  }

  /// A hub whose first bundle has not come yet: known by its id, and by the code it must have.
  private static func unmet(_ hub: PlaceID, above own: Place, _ store: Store) throws -> Place {
    for start in [own.code, try Places.invitedCode(store)].compactMap({ $0 }) {
      var segments = start.segments
      while !segments.isEmpty {
        segments.removeLast()
        if let code = PlaceCode(segments.joined(separator: ".")), code.foundingID == hub {
          return Place(id: hub, code: code, name: code.dotted, zone: own.zone)
        }
      }
    }
    return Place(id: hub, code: own.code, name: hub.description, zone: own.zone)
  }
}
