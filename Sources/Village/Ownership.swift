package import Causality
internal import Records
package import Replica
internal import Trust
package import Wording

/// Who may write what (P18): a station its own place's `work`, `log` and `people`; a hub what is
/// its own and its subtree's. A replica holds only its own place, places below it and places above
/// it, so what a hub may not write is what belongs to those above.
package enum Ownership {
  /// Throws `not_owner` unless this replica may write in the partition.
  package static func check(_ partition: PartitionID, _ store: Store, _ what: Message) throws {
    switch store.identity.role {
    case .station:
      let isOwn = partition.place == store.identity.place
      if isOwn, partition.section != .public {
        let rights = try Places.recorded(store, partition.place)?.certificate?.rights ?? .all
        guard !rights.writes.contains(partition.section) else { return }
        throw VillageError(
          .notOwner, "\(what): this station may not write in `\(partition.section.name)`",
          hint: "ask those who keep the hub above, who can allow it with `yizhan hub allow`")
      }
      let owner = try isOwn ? hub(above: store) : name(partition.place, store)
      throw VillageError(
        .notOwner, "\(what) belongs to \(owner), not to this station",
        hint: "ask those who keep it; a station writes its own plan and what it played")
    case .hub:
      if try Places.ancestors(store).contains(partition.place) {
        throw VillageError(
          .notOwner,
          "\(what) belongs to \(try name(partition.place, store)), which is above this hub",
          hint: "ask those who keep it")
      }
      if let hub = try Places.otherHub(of: partition.place, store) {
        throw VillageError(
          .notOwner, "\(what) belongs to a place that is under \(try name(hub, store)) now",
          hint: "ask those who keep it")
      }
    }
  }

  /// Where the plan of a place lives: a hub's own is for all its stations, the plan of a station
  /// alone is in that station's `work`, where both may edit it.
  static func planPartition(of place: PlaceID, _ store: Store) throws -> PartitionID {
    let isForAll = store.identity.role == .hub && place == store.identity.place
    let partition = PartitionID(place, isForAll ? .public : .work)
    try check(partition, store, "the plan of \(try name(place, store))")
    return partition
  }

  /// Who keeps what is public of a station's own place.
  private static func hub(above store: Store) throws -> Message {
    guard let hub = try Places.ancestors(store).first,
      try Places.find(store, id: hub) != nil
    else { return "the hub above" }
    return try name(hub, store)
  }

  private static func name(_ place: PlaceID, _ store: Store) throws -> Message {
    guard let known = try Places.find(store, id: place) else { return "another place" }
    return "\(known.code) \(known.name)"
  }
}
