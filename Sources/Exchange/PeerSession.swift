package import Bundles
internal import Causality
internal import Records
package import Replica
package import Sync
internal import Village

/// By what a bundle came.
package enum Route: String, Sendable {
  case stick
  case network
}

/// A session with one neighbour, loaded from and saved to the replica.
package struct PeerSession {
  package let neighbour: Neighbour

  package init(_ neighbour: Neighbour) { self.neighbour = neighbour }

  private func session(_ store: Store) throws -> Session {
    var memories: [PartitionID: Memory] = [:]
    for partition in neighbour.shared {
      let mark = try store.mark(of: neighbour.place.id, partition)
      memories[partition] = Memory(
        received: mark.received, safe: mark.safe, acknowledged: mark.acknowledged)
    }
    let standing = try store.contact(neighbour.place.id).standing
    return Session(
      own: store.identity.place, peer: neighbour.place.id, shared: neighbour.shared,
      memories: memories, standing: Standing(rawValue: standing) ?? .misunderstood)
  }

  /// What is held of each shared partition; of those in `questioned` with the births.
  private func held(
    _ store: Store, questioned: Set<PartitionID> = []
  ) throws -> [PartitionID: Holding] {
    var held: [PartitionID: Holding] = [:]
    for partition in neighbour.shared {
      let summary = try store.summary(partition)
      let ancestry = questioned.contains(partition) ? try store.ancestry(partition) : Ancestry()
      held[partition] = Holding(
        vector: summary.vector, digest: summary.digest, ancestry: ancestry)
    }
    return held
  }

  /// What to write for the neighbour now.
  package func outgoing(_ store: Store) throws -> Outgoing {
    let held = try held(store)
    var session = try session(store)
    let outgoing = session.compose(held: held)
    var contact = try store.contact(neighbour.place.id)
    if contact.standing != session.standing.rawValue {
      contact.standing = session.standing.rawValue
      try store.setContact(neighbour.place.id, contact)
    }
    return outgoing
  }

  /// Decides about a bundle of the neighbour's and remembers what it told.
  private func hear(
    _ manifest: Manifest, _ route: Route, _ store: Store
  ) throws -> [Hearing.Decision] {
    var session = try session(store)
    let told = manifest.deltas.map(\.partition) + manifest.receipts.map(\.partition)
    let held = try held(store, questioned: Set(told))
    let hearing = try session.hear(manifest, held: held)
    for partition in neighbour.shared {
      let memory = session.memories[partition] ?? Memory()
      let mark = PeerMark(
        received: memory.received, safe: memory.safe, acknowledged: memory.acknowledged)
      if mark != (try store.mark(of: neighbour.place.id, partition)) {
        try store.setMark(of: neighbour.place.id, partition, mark)
      }
    }
    if !hearing.diverged.isEmpty {
      try store.raise(
        "place_diverged",
        """
        \(neighbour.place.code) goes on from an old copy of its data, or two machines run as this \
        place; nothing is lost, but look which machines run there
        """)
    }
    try compareDigests(manifest, store)
    try remember(manifest, session.standing, route, store)
    return hearing.decisions
  }

  private func remember(
    _ manifest: Manifest, _ standing: Standing, _ route: Route, _ store: Store
  ) throws {
    var contact = try store.contact(neighbour.place.id)
    contact.heard = store.now
    contact.number = manifest.number
    contact.standing = standing.rawValue
    contact.route = route.rawValue
    contact.lacking = nil
    if let lacking = manifest.catalogueLacking { contact.refusedCatalogue = lacking }
    if let named = manifest.catalogue, try store.catalogue(named) == nil {
      contact.lacking = named
    }
    try store.setContact(neighbour.place.id, contact)
  }

  /// Writes the pieces of a bundle to `spool` and returns its manifest. The same bundle is never
  /// numbered twice.
  package func compose(
    _ outgoing: Outgoing, catalogue: Catalogue?, bytesMax: UInt64, codec: BundleCodec,
    spool: any PieceSpool, _ store: Store
  ) throws -> Manifest {
    var contact = try store.contact(neighbour.place.id)
    contact.sent += 1
    try store.setContact(neighbour.place.id, contact)
    let order = BundleOrder(
      reader: neighbour.place.id,
      parts: outgoing.parts.map { .init(partition: $0.partition, base: $0.base) },
      receipts: outgoing.receipts, catalogue: catalogue, catalogueLacking: contact.lacking,
      believed: outgoing.believed, number: contact.sent, made: UInt64(max(0, store.now / 1000)),
      bytesMax: bytesMax)
    var manifest = try store.compose(order, codec: codec, spool: spool)
    // A delta tells by its target what is held: no receipt is needed beside it.
    manifest.receipts.removeAll { receipt in
      manifest.deltas.contains {
        $0.partition == receipt.partition && $0.target == receipt.received
      }
    }
    return manifest
  }

  /// Merges a bundle of the neighbour's. The outcomes are in the order of its deltas.
  package func merge(
    _ manifest: Manifest, _ content: some BundleContent, by route: Route, codec: BundleCodec,
    _ store: Store
  ) throws -> [MergeOutcome] {
    let catalogue = try manifest.catalogue.flatMap { try store.catalogue($0) }
    var outcomes: [MergeOutcome] = []
    for decision in try hear(manifest, route, store) {
      switch decision {
      case .merge(let index):
        outcomes.append(
          try store.merge(
            index, of: manifest, codec: codec, catalogue: catalogue, content: content))
      case .refuse(let index, let error):
        outcomes.append(
          MergeOutcome(
            partition: manifest.deltas[index].partition, merged: 0,
            refusal: .init(code: error.code.rawValue, reason: error.reason)))
      }
    }
    // Made now, so that the next bundle to the neighbour can refer to it.
    _ = try self.catalogue(store)
    return outcomes
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
  package func catalogue(_ store: Store) throws -> Catalogue? {
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
