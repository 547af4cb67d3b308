internal import Bundles
internal import Causality
internal import Replica
internal import Village

/// Places that have left a hub below: until it knows of the move and has brought what it had of them, it
/// speaks for them, as the clerk there could not know better. Then it does no more (P18).
enum Parting {
  private static let kind = "parted"

  private static func key(_ neighbour: Neighbour, _ place: Place) -> String {
    "\(neighbour.place.id)/\(place.id)"
  }

  private static func move(_ place: Place, _ store: Store) throws -> [UInt8] {
    Array((try Moving.order(of: place.id, store)?.dot.description ?? "").utf8)
  }

  private static func left(_ neighbour: Neighbour, _ tree: Tree) -> [Place] {
    tree.places.values.filter {
      $0.id != neighbour.place.id && tree.was($0, below: neighbour.place.id)
        && !tree.reports($0, below: neighbour.place.id)
    }
  }

  /// Places of which the neighbour knows, and has said all.
  static func known(
    to neighbour: Neighbour, _ tree: Tree?, _ store: Store
  ) throws -> Set<PlaceID> {
    guard let tree else { return [] }
    return Set(
      try left(neighbour, tree).filter { place in
        try store.keepsake(kind, key(neighbour, place)) == move(place, store)
      }.map(\.id))
  }

  /// After a bundle that was wholly merged and after which the neighbour had no more to say.
  static func note(
    _ neighbour: Neighbour, _ manifest: Manifest, _ outcomes: [MergeOutcome], _ store: Store
  ) throws {
    // What says nothing changes nothing, and most bundles say nothing.
    guard !neighbour.isAbove, neighbour.place.role == .hub, !manifest.hasMore,
      !manifest.deltas.isEmpty || !manifest.receipts.isEmpty
    else { return }
    let refused = Set(outcomes.filter { $0.refusal != nil }.map(\.partition.place))
    // order: each place has a keepsake of its own.
    for place in left(neighbour, try Tree(store)) where !refused.contains(place.id) {
      let record = PartitionID(place.id, .public)
      let received = try store.mark(of: neighbour.place.id, record).received
      guard try store.lacking(record, beyond: received) == 0,
        try store.keepsake(kind, key(neighbour, place)) != move(place, store)
      else { continue }
      try store.keep(move(place, store), kind, key(neighbour, place))
    }
  }
}
