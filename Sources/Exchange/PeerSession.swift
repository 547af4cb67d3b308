package import Bundles
package import Causality
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

  private func session(_ store: Store, _ shared: [PartitionID]) throws -> Session {
    var memories: [PartitionID: Memory] = [:]
    for partition in shared {
      let mark = try store.mark(of: neighbour.place.id, partition)
      memories[partition] = Memory(
        received: mark.received, safe: mark.safe, acknowledged: mark.acknowledged,
        acknowledgedSafe: mark.acknowledgedSafe)
    }
    let standing = try store.contact(neighbour.place.id).standing
    return Session(
      own: store.identity.place, peer: neighbour.place.id, shared: shared,
      memories: memories, standing: Standing(rawValue: standing) ?? .misunderstood)
  }

  /// What is held of each shared partition; of those in `questioned` with the births.
  private func held(
    _ store: Store, _ shared: [PartitionID], questioned: Set<PartitionID> = []
  ) throws -> [PartitionID: Holding] {
    var held: [PartitionID: Holding] = [:]
    for partition in shared {
      let summary = try store.summary(partition)
      let ancestry = questioned.contains(partition) ? try store.ancestry(partition) : Ancestry()
      held[partition] = Holding(
        vector: summary.vector, safe: neighbour.isLower(partition) ? summary.safe : .init(),
        digest: summary.digest, ancestry: ancestry)
    }
    return held
  }

  /// What to write for the neighbour now.
  package func outgoing(_ store: Store) throws -> Outgoing {
    if neighbour.isAbove { try Reach.tell(store) }
    let held = try held(store, neighbour.shared)
    var session = try session(store, neighbour.shared)
    let strays = session.standing == .misunderstood ? try strays(store) : []
    let outgoing = session.compose(held: held)
    var contact = try store.contact(neighbour.place.id)
    if contact.standing != session.standing.rawValue {
      contact.standing = session.standing.rawValue
      try store.setContact(neighbour.place.id, contact)
    }
    // Who is astray hears once where it belongs; it asks again if it did not.
    if neighbour.isAstray(store) {
      contact.standing = Standing.settled.rawValue
      try store.setContact(neighbour.place.id, contact)
    }
    // What was refused is told even if nothing else is; and who has never heard the hub above may
    // be a new disk of a place that the hub knows well.
    let isUnheard = neighbour.isAbove && contact.heard == nil
    let mustAnswer =
      try isUnheard || isOverdue(store) || !store.refusals(.here, with: neighbour.place.id).isEmpty
    guard mustAnswer || !strays.isEmpty else { return outgoing }
    return Outgoing(
      parts: outgoing.parts,
      receipts: (outgoing.receipts + strays).sorted { $0.partition < $1.partition },
      believed: outgoing.believed,
      isAnswer: mustAnswer || outgoing.isAnswer)
  }

  /// A hub that was set back may have forgotten that it put a place under this neighbour, or that it was there:
  /// it tells of what it is told although it does not share it, or the neighbour would never tell it again.
  private func strays(_ store: Store) throws -> [Receipt] {
    guard !neighbour.isAbove, neighbour.place.role == .hub else { return [] }
    return try store.surpassed(by: neighbour.place.id).filter { partition in
      try !neighbour.shared.contains(partition)
        && Neighbours.admits(partition, from: neighbour, store)
    }.map { partition in
      let summary = try store.summary(partition)
      return Receipt(partition: partition, received: summary.vector, digest: summary.digest)
    }
  }

  /// A day without a word is as long as it takes until the hub above is told that there is none: its
  /// reports take silence for nothing.
  private func isOverdue(_ store: Store) throws -> Bool {
    guard neighbour.isAbove else { return false }
    let last = try store.keepsake(Self.wordKind, neighbour.place.id.description)
      .flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    return last.map { abs(store.now - $0) >= Self.silenceMax } ?? true
  }

  private static let wordKind = "last word"
  /// Milliseconds.
  private static let silenceMax: Int64 = 20 * 3_600_000

  /// After this replica was set back: nobody knows it rightly, and everybody is told everything.
  package static func mistrustAll(_ store: Store) throws {
    for neighbour in try Neighbours.all(store) {
      var contact = try store.contact(neighbour.place.id)
      contact.standing = Standing.misunderstood.rawValue
      try store.setContact(neighbour.place.id, contact)
    }
  }

  /// Whether the neighbour, judging by its last word, lacks something of what is held here.
  package func hasNews(_ store: Store) throws -> Bool {
    try neighbour.shared.contains { partition in
      let mark = try store.mark(of: neighbour.place.id, partition)
      return try store.lacking(partition, beyond: mark.received) > 0
    }
  }

  /// Decides about a bundle of the neighbour's and remembers what it told.
  private func hear(
    _ manifest: Manifest, _ route: Route, _ store: Store
  ) throws -> [Hearing.Decision] {
    let told = Set(manifest.deltas.map(\.partition) + manifest.receipts.map(\.partition))
    let unknown = try told.subtracting(neighbour.shared).filter {
      try Neighbours.admits($0, from: neighbour, store)
    }
    let shared = unknown.isEmpty ? neighbour.shared : (neighbour.shared + unknown).sorted()
    var session = try session(store, shared)
    let held = try held(store, shared, questioned: told)
    let hearing = try session.hear(manifest, held: held)
    for partition in shared {
      let memory = session.memories[partition] ?? Memory()
      let mark = PeerMark(
        received: memory.received, safe: memory.safe, acknowledged: memory.acknowledged,
        acknowledgedSafe: memory.acknowledgedSafe)
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
    if neighbour.isAbove, route == .stick {
      // A manifest with a time for which this would not fit is malformed.
      try store.hear(
        time: Int64(manifest.made) * 1000, from: .stick,
        isLatest: manifest.number > contact.number)
    }
    // What comes again is merged without effect; it is counted, for whoever looks into a replay (P17).
    if manifest.number <= contact.number {
      let count = try Self.repeated(by: neighbour.place.id, store) + 1
      try store.keep(
        Array(String(count).utf8), Self.repeatedKind, neighbour.place.id.description)
    }
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

  private static let repeatedKind = "repeated"

  /// How many bundles of a neighbour's came again, or after a later one.
  package static func repeated(by neighbour: PlaceID, _ store: Store) throws -> Int {
    try store.keepsake(repeatedKind, neighbour.description).flatMap {
      Int(String(decoding: $0, as: UTF8.self))
    } ?? 0
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
    if neighbour.isAbove {
      try store.keep(
        Array(String(store.now).utf8), Self.wordKind, neighbour.place.id.description)
    }
    let order = BundleOrder(
      reader: neighbour.place.id,
      parts: outgoing.parts.map { .init(partition: $0.partition, base: $0.base) },
      receipts: outgoing.receipts, catalogue: catalogue, catalogueLacking: contact.lacking,
      believed: outgoing.believed, number: contact.sent,
      made: UInt64(min(max(0, store.now / 1000), Int64(Limits.madeMax))),
      bytesMax: bytesMax, isUpwards: neighbour.isAbove)
    var manifest = try store.compose(order, codec: codec, spool: spool)
    try tellRefusals(in: &manifest, store)
    // A delta tells by its target what is held: no receipt is needed beside it, unless it tells
    // what is safe.
    try manifest.receipts.removeAll { receipt in
      let isTold = manifest.deltas.contains {
        $0.partition == receipt.partition && $0.target == receipt.received
      }
      let mark = isTold ? try store.mark(of: neighbour.place.id, receipt.partition) : nil
      return receipt.refused == nil && mark?.acknowledgedSafe == receipt.safe
    }
    return manifest
  }

  /// What was refused of the neighbour's last bundle it is told by its receipts, with the reason.
  private func tellRefusals(in manifest: inout Manifest, _ store: Store) throws {
    for refusal in try store.refusals(.here, with: neighbour.place.id) {
      let at = manifest.receipts.firstIndex { $0.partition == refusal.partition }
      if let at {
        manifest.receipts[at].refused = refusal.refused
      } else {
        manifest.receipts.append(try owedReceipt(refusal, store))
      }
    }
  }

  /// The receipt for a partition that needs none but for what came of it. Of one that is not shared
  /// any more the neighbour may not know all births: it is told no more than it has sent.
  private func owedReceipt(
    _ refusal: Store.PeerRefusal, _ store: Store
  ) throws -> Receipt {
    let partition = refusal.partition
    let held = try store.summary(partition)
    let sent = try store.mark(of: neighbour.place.id, partition).received
    if !neighbour.shared.contains(partition), try store.holds(partition, sent) {
      return Receipt(partition: partition, received: sent, refused: refusal.refused)
    }
    return Receipt(
      partition: partition, received: held.vector,
      safe: neighbour.isLower(partition) ? held.safe : .init(), digest: held.digest,
      refused: refusal.refused)
  }

  /// Notes what either side refused. A gap heals with the next bundle and is nobody's concern.
  private func noteRefusals(
    _ manifest: Manifest, _ outcomes: [MergeOutcome], _ store: Store
  ) throws {
    var here: [(partition: PartitionID, code: String)] = []
    for outcome in outcomes {
      let code = outcome.complaint.map { $0.code == "gap" ? "" : $0.code } ?? ""
      // What is not shared and yet was taken must be receipted too, or it comes again and again; and where
      // it did not fit what is held, or it never would.
      let isOwed =
        !neighbour.shared.contains(outcome.partition)
        && (outcome.refusal == nil || outcome.refusal?.code == "gap")
      if !code.isEmpty || isOwed { here.append((outcome.partition, code)) }
    }
    // A new disk is told of places below it that it has never heard of: it says that it holds nothing.
    for partition in manifest.receipts.map(\.partition)
    where neighbour.isAbove && !neighbour.shared.contains(partition)
      && !here.contains(where: { $0.partition == partition })
    {
      if try Places.find(store, id: partition.place) == nil { here.append((partition, "")) }
    }
    try store.setRefusals(.here, with: neighbour.place.id, here)
    let there = manifest.receipts.compactMap { receipt in
      receipt.refused.map { (partition: receipt.partition, code: $0) }
    }
    try store.setRefusals(
      .peer, with: neighbour.place.id, there.filter { neighbour.shared.contains($0.partition) })
  }

  /// Merges a bundle of the neighbour's. The outcomes are in the order of its deltas.
  package func merge(
    _ manifest: Manifest, _ content: some BundleContent, by route: Route, codec: BundleCodec,
    isAccepted: Bool = false, _ store: Store
  ) throws -> [MergeOutcome] {
    let catalogue = try manifest.catalogue.flatMap { try store.catalogue($0) }
    var outcomes: [MergeOutcome] = []
    let reach = try LogReach(of: neighbour, store)
    // As things were before the bundle; who brings nothing is asked nothing.
    let authority: any Authority =
      isAccepted || manifest.deltas.isEmpty ? NoQuestions() : try PeerAuthority(neighbour, store)
    for decision in try hear(manifest, route, store) {
      switch decision {
      case .merge(let index):
        outcomes.append(
          try store.merge(
            index, of: manifest, codec: codec, catalogue: catalogue, content: content,
            by: authority))
      case .refuse(let index, let error):
        outcomes.append(
          MergeOutcome(
            partition: manifest.deltas[index].partition, merged: 0,
            refusal: .init(code: error.code.rawValue, reason: error.reason)))
      }
    }
    for outcome in outcomes where !outcome.answered.isEmpty {
      try Rejections.note(outcome.answered, from: neighbour.place.id, store)
    }
    try noteRefusals(manifest, outcomes, store)
    if outcomes.contains(where: { $0.partition.section == .public && $0.merged > 0 }) {
      try Revoking.heard(store)
    }
    let standing = try store.contact(neighbour.place.id).standing
    try reach?.note(
      manifest, isUnderstood: standing != Standing.misunderstood.rawValue, store)
    try Moving.heard(store, from: neighbour.place.id)
    try Parting.note(neighbour, manifest, outcomes, store)
    try Salvaged.settle(manifest, store)
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
    let upper = neighbour.isAbove ? neighbour.place.id : store.identity.place
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
