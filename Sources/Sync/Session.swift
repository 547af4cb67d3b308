package import Bundles
package import Causality
internal import Records
internal import Wording

/// What is remembered of a peer for one partition. The next telling replaces it; it is never
/// joined with what was remembered, because a peer that was set back holds less than it did.
package struct Memory: Equatable, Sendable {
  /// What the peer has durably merged: the base of the next delta.
  package var received: VersionVector
  /// What the peer has in a verified backup.
  package var safe: VersionVector
  /// What the peer knows to be held here.
  package var acknowledged: VersionVector
  /// What the peer knows to be in a verified backup here.
  package var acknowledgedSafe: VersionVector

  package init(
    received: VersionVector = .init(), safe: VersionVector = .init(),
    acknowledged: VersionVector = .init(), acknowledgedSafe: VersionVector = .init()
  ) {
    self.received = received
    self.safe = safe
    self.acknowledged = acknowledged
    self.acknowledgedSafe = acknowledgedSafe
  }
}

/// What this replica holds of a partition. To hear of a partition takes its births too.
package struct Holding: Sendable {
  package let vector: VersionVector
  /// What of it is in a verified backup, if the peer is to be told.
  package let safe: VersionVector
  package let digest: UInt64
  package let ancestry: Ancestry

  package init(
    vector: VersionVector = .init(), safe: VersionVector = .init(), digest: UInt64 = 0,
    ancestry: Ancestry = .init()
  ) {
    self.vector = vector
    self.safe = safe
    self.digest = digest
    self.ancestry = ancestry
  }
}

/// How far this replica and its peer understand each other, beyond what is remembered for each
/// partition.
package enum Standing: Int, Sendable, CaseIterable {
  /// Nothing more to say than what the memories call for.
  case settled
  /// The peer has told what it received and does not know yet that it was heard: one more bundle
  /// goes out, even if it is empty. Nobody waits for it.
  case answering
  /// What the peer believes to be held here is not what it was told, so one of the two was set
  /// back: every partition gets a receipt until the peer has it right.
  case misunderstood
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
  /// What the sender believes the reader to hold (`Manifest.believed`).
  package let believed: UInt32
  /// The bundle goes out even with nothing in it.
  package let isAnswer: Bool

  package init(
    parts: [Part], receipts: [Receipt], believed: UInt32 = 0, isAnswer: Bool = false
  ) {
    self.parts = parts
    self.receipts = receipts
    self.believed = believed
    self.isAnswer = isAnswer
  }

  package var isEmpty: Bool { parts.isEmpty && receipts.isEmpty && !isAnswer }

  /// The same without the partitions of other sections than this, if it is one.
  package func only(_ section: Section?) -> Outgoing {
    guard let section else { return self }
    return Outgoing(
      parts: parts.filter { $0.partition.section == section },
      receipts: receipts.filter { $0.partition.section == section }, believed: believed,
      isAnswer: isAnswer)
  }
}

/// What to do about a bundle from the peer.
package struct Hearing: Equatable, Sendable {
  /// What to do with one delta.
  package enum Decision: Equatable, Sendable {
    /// Merge the delta of this index.
    case merge(Int)
    /// Do not touch it.
    case refuse(Int, SyncError)
  }

  package var decisions: [Decision] = []
  /// Partitions of which the peer has told two states that no single replica can have had: it goes
  /// on from an old copy, or two machines run under its name.
  package var diverged: [PartitionID] = []

  package init() {}
}

/// The exchange between this replica and one peer, without I/O: a stick, a request and the
/// simulator drive the same one (design 6). Each event is a function that returns what to do.
///
///     compose        -> Outgoing   what to write: deltas from the last receipt on, receipts
///     hear(manifest) -> Hearing    what to merge of what the peer wrote
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
  package private(set) var standing: Standing

  package init(
    own: PlaceID, peer: PlaceID, shared: [PartitionID], memories: [PartitionID: Memory],
    standing: Standing = .settled
  ) {
    precondition(own != peer, "a replica has no session with itself")
    self.own = own
    self.peer = peer
    self.shared = shared
    self.memories = memories
    self.standing = standing
  }

  /// What the peer lacks, judging by its last receipt, and what it does not know to be held here.
  /// What is not in `held` is empty.
  package mutating func compose(held: [PartitionID: Holding]) -> Outgoing {
    var parts: [Outgoing.Part] = []
    var receipts: [Receipt] = []
    for partition in shared {
      let memory = memories[partition] ?? Memory()
      let holding = held[partition] ?? Holding()
      let vector = holding.vector
      if vector != memory.received, !vector.isEmpty {
        parts.append(.init(partition: partition, base: memory.received))
      }
      if vector != memory.acknowledged || holding.safe != memory.acknowledgedSafe
        || standing == .misunderstood
      {
        receipts.append(
          Receipt(
            partition: partition, received: vector, safe: holding.safe, digest: holding.digest))
      }
    }
    let believed = belief { Told(memories[$0]?.received, memories[$0]?.safe) }
    let isAnswer = standing == .answering
    if isAnswer { standing = .settled }
    return Outgoing(parts: parts, receipts: receipts, believed: believed, isAnswer: isAnswer)
  }

  /// Takes in what a bundle of the peer's says of itself, and decides about its deltas. `held` is
  /// what is held before anything of the bundle is merged.
  ///
  /// Throws if the bundle is not from the peer or not for this replica; nothing is remembered then.
  package mutating func hear(
    _ manifest: Manifest, held: [PartitionID: Holding]
  ) throws(SyncError) -> Hearing {
    guard manifest.reader == own else {
      throw SyncError(.notForHere, "the bundle is for another place")
    }
    guard manifest.sender == peer else {
      throw SyncError(.unknownSender, "the bundle is from a place that is not a neighbour")
    }
    var hearing = Hearing()
    for (index, delta) in manifest.deltas.enumerated() {
      guard shared.contains(delta.partition) else {
        hearing.decisions.append(
          .refuse(index, SyncError(.outOfScope, "\(delta.partition) is not shared with the sender"))
        )
        continue
      }
      // What the peer sends it also holds; where it begins is what it knows to be held here.
      let holding = held[delta.partition] ?? Holding()
      remember(delta.target, delta.partition, holding, delta.births, &hearing)
      memories[delta.partition, default: Memory()].acknowledged = delta.base
      hearing.decisions.append(.merge(index))
    }
    for receipt in manifest.receipts where shared.contains(receipt.partition) {
      let holding = held[receipt.partition] ?? Holding()
      remember(receipt.received, receipt.partition, holding, [], &hearing)
      memories[receipt.partition, default: Memory()].safe = receipt.safe
    }
    understand(manifest, held)
    return hearing
  }

  /// Remembers what the peer has told to hold. Of two states that no single replica can have had
  /// it keeps what both have in common, so that either machine can read the next delta.
  private mutating func remember(
    _ told: VersionVector, _ partition: PartitionID, _ holding: Holding, _ births: [Birth],
    _ hearing: inout Hearing
  ) {
    let before = memories[partition]?.received ?? .init()
    var ancestry = holding.ancestry
    for birth in births { try? ancestry.insert(birth) }
    let isKnown = ancestry.unknown(in: told).isEmpty && ancestry.unknown(in: before).isEmpty
    if isKnown, !ancestry.covers(told, before), !ancestry.covers(before, told) {
      memories[partition, default: Memory()].received = ancestry.meet(told, before)
      if !hearing.diverged.contains(partition) { hearing.diverged.append(partition) }
    } else {
      memories[partition, default: Memory()].received = told
    }
  }

  /// What is told of one partition: what is held, and what of it is safe.
  private struct Told {
    let vector: VersionVector
    let safe: VersionVector

    init(_ vector: VersionVector?, _ safe: VersionVector?) {
      self.vector = vector ?? .init()
      self.safe = safe ?? .init()
    }
  }

  /// Compares what the peer believes to be held here with what it may rightly believe: what is
  /// held, or what it was told when it wrote.
  private mutating func understand(_ manifest: Manifest, _ held: [PartitionID: Holding]) {
    var receipts: [PartitionID: VersionVector] = [:]
    for receipt in manifest.receipts { receipts[receipt.partition] = receipt.received }
    // What the peer received of here it knows to be held here.
    let candidates: [(PartitionID) -> Told] = [
      { Told(held[$0]?.vector, held[$0]?.safe) },
      { [memories] in
        Told(receipts[$0] ?? memories[$0]?.acknowledged, memories[$0]?.acknowledgedSafe)
      },
      { [memories] in Told(memories[$0]?.acknowledged, memories[$0]?.acknowledgedSafe) },
    ]
    guard let right = candidates.first(where: { belief($0) == manifest.believed }) else {
      standing = .misunderstood
      for partition in shared { memories[partition]?.acknowledgedSafe = .init() }
      return
    }
    for partition in shared {
      let told = right(partition)
      memories[partition, default: Memory()].acknowledged = told.vector
      memories[partition, default: Memory()].acknowledgedSafe = told.safe
    }
    standing = manifest.receipts.isEmpty ? .settled : .answering
  }

  /// A short digest of what is told of each shared partition; zero if all are empty.
  private func belief(_ told: (PartitionID) -> Told) -> UInt32 {
    var digest = Digest()
    for partition in shared {
      let told = told(partition)
      guard !told.vector.isEmpty else { continue }
      var writer = ByteWriter()
      writer.fixed(partition.place.bits)
      writer.varint(UInt64(partition.section.rawValue))
      writer.vector(told.vector)
      if !told.safe.isEmpty { writer.vector(told.safe) }
      digest.add(writer.bytes)
    }
    return UInt32(truncatingIfNeeded: digest.short)
  }
}
