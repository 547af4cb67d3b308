internal import Bundles
internal import Causality
internal import Records
internal import Wording

/// Proofs of hubs' own writes: made with them, kept as long as one of their values has a place, sent with
/// them, and looked at when such writes come back (P18, Protocol/07-trust.md).
extension Store {
  /// The values that this transaction has set in own epochs since the last `flush`.
  struct OwnWrites {
    let partition: PartitionID
    let first: UInt64
    var last: UInt64
    var values: [ChainValue]
  }

  /// Only what a hub writes where others below it hold it too can come back.
  private func isProven(_ partition: PartitionID) -> Bool {
    guard identity.role == .hub, surroundings.sign != nil else { return false }
    return partition.section == .public || partition.place != identity.place
  }

  /// Notes a write of one's own, to be proven.
  func note(
    _ dot: Dot, _ epoch: LiveEpoch, _ partition: PartitionID, _ change: RecordChange,
    _ table: RecordTable, _ values: [(name: String, value: Value)], _ time: HybridTime
  ) {
    guard isProven(partition) else { return }
    var writes =
      ownWrites[epoch.number]
      ?? OwnWrites(partition: partition, first: dot.sequence, last: dot.sequence, values: [])
    writes.last = dot.sequence
    for (name, value) in values {
      writes.values.append(
        ChainValue(
          hashing: Canonical.item(
            collection: table.name, id: change.id, field: name,
            sibling: Sibling(dot: dot, time: time, value: value))))
    }
    ownWrites[epoch.number] = writes
  }

  /// Proves what was written since the last time.
  func proveOwnWrites() throws(ReplicaError) {
    guard !ownWrites.isEmpty, let sign = surroundings.sign else { return }
    // order: each is a row of its own.
    for (number, writes) in ownWrites {
      let epoch = try epoch(number: number)
      guard let birth = epoch.birth else { continue }
      var proof = Proof(
        epoch: epoch.epoch, first: writes.first, last: writes.last,
        count: UInt64(writes.values.count),
        signature: sign(
          Proof.statement(
            writes.values, of: birth, in: writes.partition, first: writes.first,
            last: writes.last)))
      proof.forget(goneEarly[number] ?? [])
      try add(proof, number)
    }
    ownWrites = [:]
    goneEarly = [:]
  }

  // MARK: What goes

  /// Notes that values have no place any more, of which proofs may speak.
  func forget(
    _ old: [FieldState], butFor new: [FieldState], of record: Dot, _ table: RecordTable
  ) throws(ReplicaError) {
    for field in old {
      let kept = new.first { $0.field == field.field }?.siblings ?? []
      for sibling in field.siblings where !kept.contains(where: { $0.dot == sibling.dot }) {
        guard let epoch = try find(sibling.dot.epoch), epoch.birth?.author.role == .hub else {
          continue
        }
        let name = try names.fieldName(field.field, of: table.number)
        let hash = ChainValue(
          hashing: Canonical.item(
            collection: table.name, id: record, field: name, sibling: sibling))
        if let writes = ownWrites[epoch.number], writes.first <= sibling.dot.sequence {
          goneEarly[epoch.number, default: []].append(hash)
        } else if var proof = try proof(of: sibling.dot, epoch) {
          proof.forget([hash])
          try save(proof, epoch.number)
        }
      }
    }
  }

  private func proof(of dot: Dot, _ epoch: LiveEpoch) throws(ReplicaError) -> Proof? {
    let select = try literal(
      """
      SELECT first, last, count, signature, gone FROM proof WHERE epoch = ? AND first <= ?
      ORDER BY first DESC LIMIT 1
      """)
    select.bind(1, epoch.number)
    select.bind(2, Int64(dot.sequence))
    defer { select.reset() }
    guard try select.step() else { return nil }
    let proof = try proof(select, epoch.epoch)
    return proof.covers(dot) ? proof : nil
  }

  private func proof(_ row: Statement, _ epoch: Epoch) throws(ReplicaError) -> Proof {
    var list = ByteReader(Array(row.bytes(4)))
    return try damaged { () throws(ByteReader.Malformed) in
      let signature = Array(row.bytes(3))
      guard signature.count == Proof.signatureBytes else { throw ByteReader.Malformed() }
      var gone: [ChainValue] = []
      while !list.isAtEnd { gone.append(ChainValue(low: try list.fixed(), high: try list.fixed())) }
      return Proof(
        epoch: epoch, first: UInt64(clamping: row.integer(0)),
        last: UInt64(clamping: row.integer(1)),
        count: UInt64(clamping: row.integer(2)), signature: signature, gone: gone)
    }
  }

  /// Adds what comes after all that there is of an epoch.
  private func add(_ proof: Proof, _ epoch: Int64) throws(ReplicaError) {
    try save(proof, epoch)
    let delete = try literal(
      """
      DELETE FROM proof WHERE epoch = ?1 AND length(gone) >= 16 * count
      AND first = (SELECT max(first) FROM proof WHERE epoch = ?1 AND first < ?2)
      """)
    delete.bind(1, epoch)
    delete.bind(2, Int64(proof.first))
    try delete.run()
  }

  private func isLast(_ proof: Proof, _ epoch: Int64) throws(ReplicaError) -> Bool {
    let select = try literal("SELECT 1 FROM proof WHERE epoch = ? AND first > ? LIMIT 1")
    select.bind(1, epoch)
    select.bind(2, Int64(proof.first))
    defer { select.reset() }
    return try !select.step()
  }

  /// One that is spent goes, but for the last of an epoch: it shows how far that went.
  private func save(_ proof: Proof, _ epoch: Int64) throws(ReplicaError) {
    let isKept = proof.isSpent ? try isLast(proof, epoch) : true
    guard isKept else {
      let delete = try literal("DELETE FROM proof WHERE epoch = ? AND first = ?")
      delete.bind(1, epoch)
      delete.bind(2, Int64(proof.first))
      return try delete.run()
    }
    var gone = ByteWriter(reserving: 16 * proof.gone.count)
    for hash in proof.gone {
      gone.fixed(hash.low)
      gone.fixed(hash.high)
    }
    let upsert = try literal("INSERT OR REPLACE INTO proof VALUES (?, ?, ?, ?, ?, ?)")
    upsert.bind(1, epoch)
    upsert.bind(2, Int64(proof.first))
    upsert.bind(3, Int64(proof.last))
    upsert.bind(4, Int64(proof.count))
    upsert.bind(5, copying: proof.signature)
    upsert.bind(6, copying: gone.bytes)
    try upsert.run()
  }

  // MARK: On the way

  /// The proofs of what is sent of these epochs. Who is above believes of a hub's own writes what the
  /// hub says.
  func proofs(
    of ranges: [(epoch: LiveEpoch, from: UInt64)], isUpwards: Bool
  ) throws(ReplicaError) -> [Proof] {
    var proofs: [Proof] = []
    for (epoch, from) in ranges {
      guard let author = epoch.birth?.author, author.role == .hub,
        !isUpwards || author.place != identity.place
      else { continue }
      let select = try literal(
        """
        SELECT first, last, count, signature, gone FROM proof WHERE epoch = ? AND last >= ?
        ORDER BY first
        """)
      select.bind(1, epoch.number)
      select.bind(2, Int64(from))
      defer { select.reset() }
      while try select.step() { proofs.append(try proof(select, epoch.epoch)) }
    }
    return proofs
  }

  /// Those of a delta's proofs that are of writes which are new here and which it brings; each write has
  /// one. Asked before the delta is merged.
  func admissible(
    _ proofs: [Proof], of delta: Delta, _ partition: LivePartition
  ) throws(ReplicaError) -> [Proof] {
    let ancestry = try ancestry(of: partition)
    var ends: [Epoch: UInt64] = [:]
    var admissible: [Proof] = []
    for proof in proofs {
      guard let epoch = try find(proof.epoch), epoch.partition == partition.number,
        epoch.birth?.author.role == .hub, UInt64(proof.gone.count) <= proof.count,
        proof.first > ends[proof.epoch] ?? 0,
        proof.last <= ancestry.reach(of: proof.epoch, in: delta.target)
      else { throw ReplicaError(.deltaMalformed, "a proof of no hub's writes here") }
      ends[proof.epoch] = proof.last
      // What is held already was proven when it came, or lost its last value since.
      if proof.first > epoch.seen { admissible.append(proof) }
    }
    return admissible
  }

  /// Keeps proofs that came with a delta. Nothing that is there gives way.
  func keep(_ proofs: [Proof]) throws(ReplicaError) {
    for proof in proofs {
      let epoch = try intern(proof.epoch)
      if try self.proof(of: Dot(proof.epoch, proof.first), epoch) == nil {
        try add(proof, epoch.number)
      }
    }
  }

  func dropProofs(of epoch: LiveEpoch) throws(ReplicaError) {
    let delete = try literal("DELETE FROM proof WHERE epoch = ?")
    delete.bind(1, epoch.number)
    try delete.run()
  }
}
