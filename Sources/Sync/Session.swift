package import Bundles
package import Causality

/// What is remembered of a peer for one partition. The next telling replaces it; it is never
/// joined with what was remembered, because a peer that was set back holds less than it did.
package struct Memory: Equatable, Sendable {
  /// What the peer has durably merged: the base of the next delta.
  package var received: VersionVector
  /// What the peer has in a verified backup.
  package var safe: VersionVector
  /// What the peer knows to be held here.
  package var acknowledged: VersionVector

  package init(
    received: VersionVector = .init(), safe: VersionVector = .init(),
    acknowledged: VersionVector = .init()
  ) {
    self.received = received
    self.safe = safe
    self.acknowledged = acknowledged
  }
}

/// What this replica holds of a partition.
package struct Holding: Equatable, Sendable {
  package let vector: VersionVector
  package let digest: UInt64

  package init(vector: VersionVector = .init(), digest: UInt64 = 0) {
    self.vector = vector
    self.digest = digest
  }
}

/// What the next bundle to the peer should hold.
package struct Outgoing: Equatable, Sendable {
  package struct Part: Equatable, Sendable {
    package let partition: PartitionID
    package let base: VersionVector

    package init(partition: PartitionID, base: VersionVector) {
      self.partition = partition
      self.base = base
    }
  }

  /// In the order of travel.
  package let parts: [Part]
  package let receipts: [Receipt]

  package init(parts: [Part], receipts: [Receipt]) {
    self.parts = parts
    self.receipts = receipts
  }

  package var isEmpty: Bool { parts.isEmpty && receipts.isEmpty }
}

/// What to do with one delta of a bundle from the peer.
package enum Decision: Equatable, Sendable {
  /// Merge the delta of this index.
  case merge(Int)
  /// Do not touch it.
  case refuse(Int, SyncError)
}

/// The exchange between this replica and one peer, without I/O: a stick, a request and the
/// simulator drive the same one (design 6). Each event is a function that returns what to do.
///
///     compose        -> Outgoing      what to write: deltas from the last receipt on, receipts
///     hear(manifest) -> [Decision]    what to merge of what the peer wrote
///
/// A peer's guess about this replica may be wrong (it was set back, or this one was): then a delta
/// begins beyond what is held, the merge refuses it as a gap, and the next bundle's receipt says
/// what is held, so the next guess is right. Nothing here depends on a clock or a counter.
package struct Session: ~Copyable {
  package let own: PlaceID
  package let peer: PlaceID
  /// In the order of travel (P15).
  package let shared: [PartitionID]
  package private(set) var memories: [PartitionID: Memory]

  package init(
    own: PlaceID, peer: PlaceID, shared: [PartitionID], memories: [PartitionID: Memory]
  ) {
    precondition(own != peer, "a replica has no session with itself")
    self.own = own
    self.peer = peer
    self.shared = shared
    self.memories = memories
  }

  /// What the peer lacks, judging by its last receipt, and what it does not know to be held here.
  package func compose(held: (PartitionID) -> Holding) -> Outgoing {
    var parts: [Outgoing.Part] = []
    var receipts: [Receipt] = []
    for partition in shared {
      let memory = memories[partition] ?? Memory()
      let holding = held(partition)
      let vector = holding.vector
      // A delta tells by its target what is held, so it needs no receipt beside it.
      if vector != memory.received, !vector.isEmpty {
        parts.append(.init(partition: partition, base: memory.received))
      }
      if vector != memory.acknowledged {
        receipts.append(
          Receipt(partition: partition, received: vector, digest: holding.digest))
      }
    }
    return Outgoing(parts: parts, receipts: receipts)
  }

  /// Takes in what a bundle of the peer's says of itself, and decides about its deltas.
  ///
  /// Throws if the bundle is not from the peer or not for this replica; nothing is remembered then.
  package mutating func hear(_ manifest: Manifest) throws(SyncError) -> [Decision] {
    guard manifest.reader == own else {
      throw SyncError(.notForHere, "the bundle is for another place")
    }
    guard manifest.sender == peer else {
      throw SyncError(.unknownSender, "the bundle is from a place that is not a neighbour")
    }
    var decisions: [Decision] = []
    for (index, delta) in manifest.deltas.enumerated() {
      guard shared.contains(delta.partition) else {
        decisions.append(
          .refuse(index, SyncError(.outOfScope, "\(delta.partition) is not shared with the sender"))
        )
        continue
      }
      // What the peer sends it also holds; where it begins is what it knows to be held here.
      memories[delta.partition, default: Memory()].received = delta.target
      memories[delta.partition, default: Memory()].acknowledged = delta.base
      decisions.append(.merge(index))
    }
    for receipt in manifest.receipts where shared.contains(receipt.partition) {
      memories[receipt.partition, default: Memory()].received = receipt.received
      memories[receipt.partition, default: Memory()].safe = receipt.safe
    }
    return decisions
  }
}
