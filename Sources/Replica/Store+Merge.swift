package import Bundles
package import Causality
internal import Records
internal import Wording

/// A bundle's pieces, to be had more than once.
package protocol BundleContent {
  /// The bytes of a piece, verified against the manifest.
  func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8]
}

/// What became of one delta.
package struct MergeOutcome: Sendable, Equatable {
  package let partition: PartitionID
  /// Events or records that were new or changed.
  package var merged: Int
  /// What of it had no right to be, and was taken back by a write of this replica's.
  package var answered: [RefusedWrite] = []
  /// A stable code and a sentence, if the delta or the rest of it was refused.
  package var refusal: Refusal?

  package init(partition: PartitionID, merged: Int, refusal: Refusal? = nil) {
    self.partition = partition
    self.merged = merged
    self.refusal = refusal
  }

  /// Why not all of it stands, whether it was refused as a whole or taken back in part.
  package var complaint: Refusal? {
    refusal
      ?? answered.first.map {
        Refusal(code: $0.code, reason: "writes that had no right to be were taken back")
      }
  }

  package struct Refusal: Sendable, Equatable {
    package let code: String
    package let reason: String

    package init(code: String, reason: String) {
      self.code = code
      self.reason = reason
    }
  }
}

extension Store {
  /// Merges one delta. A refusal leaves nothing of it behind but whole valid pieces (P9); only
  /// failures of this machine are thrown, and end the transaction.
  package func merge(
    _ index: Int, of manifest: Manifest, codec: BundleCodec, catalogue: Catalogue?,
    content: some BundleContent, by authority: any Authority = NoQuestions()
  ) throws(ReplicaError) -> MergeOutcome {
    let delta = manifest.deltas[index]
    try flush()
    try run("SAVEPOINT delta")
    do {
      let partition = try open(delta.partition)
      try admit(delta, to: partition)
      let outcome: MergeOutcome
      if try holds(partition, delta.target) {
        try compareChains(delta)
        outcome = MergeOutcome(partition: delta.partition, merged: 0)
      } else if partition.id.section.holdsEvents {
        let court = Court(authority, self, partition)
        var work = LogMerge(index: index, manifest: manifest, codec: codec, catalogue: catalogue)
        outcome = try work.run(self, partition, content, court)
      } else {
        let court = Court(authority, self, partition)
        var work = RecordMerge(index: index, manifest: manifest, codec: codec)
        outcome = try work.run(self, partition, content, court)
      }
      if outcome.refusal == nil { try compareDigests(delta, partition) }
      try run("RELEASE delta")
      return outcome
    } catch {
      guard Self.refusals.contains(error.code) else { throw error }
      try run("ROLLBACK TO delta")
      try run("RELEASE delta")
      forget()
      forgetNames()
      if error.code == .fork {
        try raise("fork", "\(delta.partition): \(error.reason)")
        // It may be the own open epoch that was forked: it is not gone on with (P4).
        if let partition = try find(delta.partition) { ownEpochs[partition.number] = nil }
      }
      return MergeOutcome(
        partition: delta.partition, merged: 0,
        refusal: .init(code: error.bundleCode ?? error.code.rawValue, reason: error.reason))
    }
  }

  private static let refusals: Set<ReplicaError.Code> = [
    .gap, .fork, .deltaMalformed, .notOwner, .notProven,
  ]

  func run(_ sql: StaticString) throws(ReplicaError) { try literal(sql).run() }

  /// The delta must begin where this replica is, and its births must fit.
  private func admit(_ delta: Delta, to partition: LivePartition) throws(ReplicaError) {
    guard try holds(partition, delta.base) else {
      throw ReplicaError(
        .gap, "the delta begins at \(delta.base), here is only \(partition.vector)")
    }
    for (entry, short) in zip(delta.base.entries, delta.baseChains) where short != 0 {
      let known = try chainValue(of: entry.epoch, at: entry.sequence)
      guard known == nil || known?.low == 0 || known?.low == short else {
        throw ReplicaError(.fork, "two histories of epoch \(entry.epoch) up to \(entry.sequence)")
      }
    }
    for birth in delta.births {
      let parents = birth.parents.entries
      for parent in parents where try find(parent.epoch)?.partition != partition.number {
        throw ReplicaError(.gap, "the birth of epoch \(parent.epoch) is missing")
      }
      _ = try insert(birth, into: partition)
    }
    for entry in delta.target.entries
    where try find(entry.epoch)?.partition != partition.number {
      throw ReplicaError(.gap, "the birth of epoch \(entry.epoch) is missing")
    }
  }

  /// Whether everything of a partition at `vector` is held.
  package func holds(_ id: PartitionID, _ vector: VersionVector) throws(ReplicaError) -> Bool {
    guard let partition = try find(id) else { return vector.isEmpty }
    return try holds(partition, vector)
  }

  func holds(_ partition: LivePartition, _ vector: VersionVector) throws(ReplicaError) -> Bool {
    if vector.isEmpty || vector == partition.vector { return true }
    for entry in vector.entries {
      guard let live = try find(entry.epoch), live.partition == partition.number else {
        return false
      }
    }
    return try ancestryCovers(partition, vector)
  }

  /// Compares the chain values at the delta's target with what is known of those positions.
  func compareChains(_ delta: Delta) throws(ReplicaError) {
    for (entry, value) in zip(delta.target.entries, delta.targetChains) where !value.isUnknown {
      let known = try chainValue(of: entry.epoch, at: entry.sequence)
      guard known == nil || known == value || known?.isUnknown == true else {
        throw ReplicaError(.fork, "two histories of epoch \(entry.epoch) up to \(entry.sequence)")
      }
    }
  }

  /// Equal vectors over unequal content are an alarm, never ignored (P6).
  private func compareDigests(
    _ delta: Delta, _ partition: LivePartition
  ) throws(ReplicaError) {
    guard delta.digest != 0, partition.vector == delta.target else { return }
    let mine = try digest(of: partition)
    if mine != 0, mine != delta.digest {
      try raise(
        "digest_mismatch", "\(delta.partition) differs from its sender's at \(delta.target)")
    }
  }
}

extension ChainValue {
  /// Sent by who cannot know the value.
  var isUnknown: Bool { low == 0 && high == 0 }
}

/// Merges a delta of events, piece by piece: what is whole stays, whatever follows.
private struct LogMerge {
  let index: Int
  let manifest: Manifest
  let codec: BundleCodec
  let catalogue: Catalogue?

  mutating func run(
    _ store: Store, _ partition: LivePartition, _ content: some BundleContent, _ court: Court
  ) throws(ReplicaError) -> MergeOutcome {
    let delta = manifest.deltas[index]
    var outcome = MergeOutcome(partition: delta.partition, merged: 0)
    for number in delta.pieces.indices {
      let piece: EventPiece
      do {
        piece = try codec.events(
          try content.bytes(delta: index, piece: number), of: manifest, catalogue: catalogue)
      } catch {
        outcome.refusal = .init(code: error.code.rawValue, reason: error.reason)
        return outcome
      }
      outcome.merged += try store.merge(piece, into: partition, court)
    }
    for entry in delta.target.entries {
      guard let live = try store.find(entry.epoch), live.seen >= entry.sequence else {
        throw ReplicaError(.deltaMalformed, "the delta does not lead to the target that it names")
      }
    }
    try store.compareChains(delta)
    return outcome
  }
}

/// Merges a delta of records: all of it, or none; whole pieces of a torn one are kept.
private struct RecordMerge {
  let index: Int
  let manifest: Manifest
  let codec: BundleCodec

  mutating func run(
    _ store: Store, _ partition: LivePartition, _ content: some BundleContent, _ court: Court
  ) throws(ReplicaError) -> MergeOutcome {
    let delta = manifest.deltas[index]
    var outcome = MergeOutcome(partition: delta.partition, merged: 0)
    try store.compareChains(delta)
    guard !delta.pieces.isEmpty else {
      throw ReplicaError(.deltaMalformed, "the delta claims writes and brings none")
    }
    let proofs = try store.admissible(delta.proofs, of: delta, partition)
    try court.look(at: delta)
    var kept = KeptPieces(store: store, partition: partition.number, delta: delta)
    if let refusal = try kept.gather(delta.pieces.count, index, content) {
      outcome.refusal = refusal
      return outcome
    }
    for number in delta.pieces.indices {
      let piece: RecordPiece
      do {
        piece = try codec.records(try kept.bytes(number, index, content), of: manifest)
      } catch let error as BundleError {
        throw ReplicaError(.deltaMalformed, error.why, bundle: error.code.rawValue)
      } catch { throw error as? ReplicaError ?? ReplicaError(.diskError, "\(error)") }
      outcome.merged += try merge(piece, store, partition, delta, court)
    }
    try finish(store, partition, delta)
    outcome.answered = try court.close(proofs)
    try store.keep(court.believable(proofs))
    try kept.drop()
    return outcome
  }

  private func merge(
    _ piece: RecordPiece, _ store: Store, _ partition: LivePartition, _ delta: Delta,
    _ court: Court
  ) throws(ReplicaError) -> Int {
    let ancestry = try store.ancestry(of: partition)
    var tables: [(RecordTable, [FieldID])] = []
    for layout in piece.layouts {
      guard store.schema.event(layout.collection) == nil else {
        throw ReplicaError(.deltaMalformed, "\(layout.collection) is a collection of events")
      }
      let table = try store.recordTable(layout.collection)
      var fields: [FieldID] = []
      for field in layout.fields {
        fields.append(try store.names.field(field.name, of: table.number))
      }
      tables.append((table, fields))
    }
    var changed = 0
    for record in piece.records {
      let (table, fields) = tables[record.layout]
      let incoming = RecordState(
        id: record.id, vector: record.vector,
        fields: record.fields.map { FieldState(field: fields[$0.name], siblings: $0.siblings) })
      try check(incoming, store, partition, delta, ancestry)
      var change = try RecordChange(
        of: try store.stored(record.id, table), id: record.id,
        touching: incoming.fields.map(\.field))
      change.new.merge(incoming, in: ancestry)
      guard change.isChange else { continue }
      try court.look(at: change, table)
      try store.apply(change, table, partition)
      changed += 1
    }
    return changed
  }

  /// A record may name only writes that the delta's target covers, and its vector must cover what
  /// it names: or the vectors would claim what is not held.
  private func check(
    _ record: RecordState, _ store: Store, _ partition: LivePartition, _ delta: Delta,
    _ ancestry: Ancestry
  ) throws(ReplicaError) {
    let isOurs = try store.find(record.id.epoch)?.partition == partition.number
    guard isOurs, ancestry.covers(record.vector, record.id),
      ancestry.covers(delta.target, record.vector),
      record.fields.allSatisfy({ field in
        field.siblings.allSatisfy { ancestry.covers(record.vector, $0.dot) }
      })
    else {
      throw ReplicaError(
        .deltaMalformed, "record \(record.id) names writes beyond the delta's target")
    }
  }

  private func finish(
    _ store: Store, _ partition: LivePartition, _ delta: Delta
  ) throws(ReplicaError) {
    for (entry, value) in zip(delta.target.entries, delta.targetChains) where !value.isUnknown {
      try store.keepCheckpoint(entry.dot, value)
    }
    let joined = try store.ancestry(of: partition).join(partition.vector, delta.target)
    for entry in delta.target.entries {
      let live = try store.intern(entry.epoch)
      try store.settle(live, at: entry.sequence)
    }
    try store.raiseSeen(partition, to: delta.target)
    partition.vector = joined
    store.touch(partition)
  }
}

extension Store {
  /// Raises what is seen of every epoch that `target` stands for.
  func raiseSeen(_ partition: LivePartition, to target: VersionVector) throws(ReplicaError) {
    let ancestry = try ancestry(of: partition)
    for (epoch, _) in ancestry.uncovered(at: target, beyond: partition.vector) {
      let live = try intern(epoch)
      try settle(live, at: ancestry.reach(of: epoch, in: target))
    }
  }

  /// Goes on with this epoch no more.
  func disown(_ epoch: LiveEpoch) {
    guard let partition = epoch.partition, ownEpochs[partition]?.number == epoch.number else {
      return
    }
    ownEpochs[partition] = nil
  }

  /// Raises what is seen of an epoch of records.
  func settle(_ epoch: LiveEpoch, at sequence: UInt64) throws(ReplicaError) {
    guard sequence > epoch.seen else { return }
    // Another replica knows more writes of an epoch that this one has the running chain of: this
    // database was set back. It is not the epoch's author any more.
    epoch.chain = nil
    disown(epoch)
    epoch.seen = sequence
    touch(epoch)
  }
}

/// Pieces of a torn delta of records, which wait for the rest.
private struct KeptPieces {
  let store: Store
  let partition: Int64
  let delta: Delta

  /// Checks that every piece is here or was kept before. If not, keeps those that are here and
  /// says what is wrong with the first that is not.
  mutating func gather(
    _ count: Int, _ index: Int, _ content: some BundleContent
  ) throws(ReplicaError) -> MergeOutcome.Refusal? {
    var refusal: MergeOutcome.Refusal?
    var good: [Int] = []
    for number in 0..<count {
      do throws(BundleError) {
        _ = try content.bytes(delta: index, piece: number)
        good.append(number)
      } catch {
        if try find(number) == nil, refusal == nil {
          refusal = .init(code: error.code.rawValue, reason: error.reason)
        }
      }
    }
    guard refusal != nil else { return nil }
    // What was kept of other deltas of the partition is of no use to this one.
    try drop()
    for number in good {
      guard let hash = hash(number), let bytes = try? content.bytes(delta: index, piece: number)
      else { continue }
      let insert = try store.literal("INSERT OR IGNORE INTO kept_piece VALUES (?, ?, ?)")
      insert.bind(1, copying: hash)
      insert.bind(2, partition)
      insert.bind(3, copying: bytes)
      try insert.run()
    }
    return refusal
  }

  func bytes(
    _ number: Int, _ index: Int, _ content: some BundleContent
  ) throws -> [UInt8] {
    do throws(BundleError) {
      return try content.bytes(delta: index, piece: number)
    } catch {
      if let kept = try find(number) { return kept }
      throw error
    }
  }

  private func find(_ number: Int) throws(ReplicaError) -> [UInt8]? {
    guard let hash = hash(number) else { return nil }
    let select = try store.literal("SELECT bytes FROM kept_piece WHERE hash = ?")
    select.bind(1, copying: hash)
    defer { select.reset() }
    return try select.step() ? Array(select.bytes(0)) : nil
  }

  private func hash(_ number: Int) -> [UInt8]? {
    guard case .following(_, let hash) = delta.pieces[number].body else { return nil }
    var writer = ByteWriter()
    writer.fixed(hash.low)
    writer.fixed(hash.high)
    return writer.bytes
  }

  func drop() throws(ReplicaError) {
    let remove = try store.literal("DELETE FROM kept_piece WHERE partition = ?")
    remove.bind(1, partition)
    try remove.run()
  }
}
