internal import Bundles
internal import Causality
package import Replica
internal import Sync
internal import Village

/// How a replica goes on whose database was made anew out of a damaged one (Replica/Salvage).
package enum Salvaged {
  /// So many bundles may have been written since what is saved was noted.
  private static let numbersSkipped: UInt64 = 1_000

  /// In the new database, before anything else is written. Whether the place still knows its hub.
  package static func begin(_ store: Store) throws -> Bool {
    let isKnown = try Membership.recover(store)
    guard isKnown else { return false }
    for neighbour in try Neighbours.all(store) {
      var contact = try store.contact(neighbour.place.id)
      // Where the number is lost too, one that no count of bundles has reached.
      let least = contact == Contact() ? UInt64(clamping: store.now / 1000) : 0
      contact.sent = max(contact.sent + numbersSkipped, least)
      try store.setContact(neighbour.place.id, contact)
    }
    try PeerSession.mistrustAll(store)
    return true
  }

  /// After a neighbour's bundle was merged: writes to records that were saved are written again as soon
  /// as all who share their partition have said what they hold, and all of that is held here. Then what
  /// has not come back nobody had.
  static func settle(_ manifest: Manifest, _ store: Store) throws {
    guard !manifest.hasMore else { return }
    let waiting = try store.salvagedPartitions()
    guard !waiting.isEmpty else { return }
    let neighbours = try Neighbours.all(store)
    for (partition, _) in waiting {
      let holders = neighbours.filter { $0.shared.contains(partition) }
      guard !holders.isEmpty, try holders.allSatisfy({ try isBack(partition, from: $0, store) })
      else { continue }
      _ = try store.writeSalvaged(in: partition)
    }
  }

  private static func isBack(
    _ partition: PartitionID, from neighbour: Neighbour, _ store: Store
  ) throws -> Bool {
    let contact = try store.contact(neighbour.place.id)
    guard contact.heard != nil, contact.standing != Standing.misunderstood.rawValue else {
      return false
    }
    return try store.holds(partition, store.mark(of: neighbour.place.id, partition).received)
  }

  // MARK: Rescue

  /// In a private copy that only makes a bundle for the hub above: its numbers are not those that the
  /// machine itself takes next.
  package static func lend(_ store: Store) throws {
    guard let above = try Neighbours.above(store) else { return }
    var contact = try store.contact(above.place.id)
    contact.sent -= min(contact.sent, numbersSkipped)
    try store.setContact(above.place.id, contact)
  }
}
