internal import Bundles
internal import Causality
internal import Records
internal import Replica
internal import Sync
internal import Village

/// A session with one neighbour, loaded from and saved to the replica.
struct PeerSession {
  let neighbour: Neighbour

  private func session(_ store: Store) throws -> Session {
    var memories: [PartitionID: Memory] = [:]
    for partition in neighbour.shared {
      let mark = try store.mark(of: neighbour.place.id, partition)
      memories[partition] = Memory(
        received: mark.received, safe: mark.safe, acknowledged: mark.acknowledged)
    }
    return Session(
      own: store.identity.place, peer: neighbour.place.id, shared: neighbour.shared,
      memories: memories)
  }

  /// What to write for the neighbour now; nil if there is nothing to say.
  func outgoing(_ store: Store) throws -> Outgoing? {
    var held: [PartitionID: Holding] = [:]
    for partition in neighbour.shared {
      let summary = try store.summary(partition)
      held[partition] = Holding(vector: summary.vector, digest: summary.digest)
    }
    let outgoing = try session(store).compose { held[$0] ?? Holding() }
    return outgoing.isEmpty ? nil : outgoing
  }

  /// Decides about a bundle of the neighbour's and remembers what it told.
  func hear(_ manifest: Manifest, _ store: Store) throws -> [Decision] {
    var session = try session(store)
    let decisions = try session.hear(manifest)
    for partition in neighbour.shared {
      let memory = session.memories[partition] ?? Memory()
      let mark = PeerMark(
        received: memory.received, safe: memory.safe, acknowledged: memory.acknowledged)
      if mark != (try store.mark(of: neighbour.place.id, partition)) {
        try store.setMark(of: neighbour.place.id, partition, mark)
      }
    }
    try compareDigests(manifest, store)
    var contact = try store.contact(neighbour.place.id)
    contact.heard = store.now
    contact.number = manifest.number
    contact.lacking = nil
    if let lacking = manifest.catalogueLacking { contact.refusedCatalogue = lacking }
    if let named = manifest.catalogue, try store.catalogue(named) == nil {
      contact.lacking = named
    }
    try store.setContact(neighbour.place.id, contact)
    return decisions
  }

  /// Equal vectors over unequal content are an alarm, never ignored (P6). Deltas are compared when
  /// they are merged.
  private func compareDigests(_ manifest: Manifest, _ store: Store) throws {
    for receipt in manifest.receipts where receipt.digest != 0 {
      guard neighbour.shared.contains(receipt.partition) else { continue }
      let own = try store.summary(receipt.partition)
      if own.vector == receipt.received, own.digest != 0, own.digest != receipt.digest {
        try store.raise(
          "digest_mismatch",
          "\(receipt.partition) differs from its sender's at \(receipt.received)")
      }
    }
  }

  /// The catalogue that both sides hold: that of the upper place's programmes, if the neighbour
  /// has told the same vector of them as is held here.
  func catalogue(_ store: Store) throws -> Catalogue? {
    let upper =
      store.identity.role == .hub ? store.identity.place : neighbour.place.id
    let partition = PartitionID(upper, .public)
    // Made even where it cannot be used yet: the neighbour may refer to it from now on.
    let current = try store.currentCatalogue(
      of: Village.programme.name, key: "code", attributes: ["title", "seconds"], in: partition)
    let mark = try store.mark(of: neighbour.place.id, partition)
    let isShared = try store.summary(partition).vector == mark.received
    let isRefused =
      try store.contact(neighbour.place.id).refusedCatalogue == current?.identity
    return isShared && !isRefused ? current : nil
  }
}
