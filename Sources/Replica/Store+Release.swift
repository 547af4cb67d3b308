package import Causality
internal import Records

/// What leaves the disk: the content of deleted records, and partitions that are no longer held.
extension Store {
  /// The partitions with deleted records whose content is still here, in the order of travel.
  package func unreleased() throws(ReplicaError) -> [PartitionID] {
    var numbers: Set<Int64> = []
    for table in try allRecordTables() {
      try statement("SELECT DISTINCT partition FROM \(table.source) WHERE deleted = 1").eachRow {
        numbers.insert($0.integer(0))
      }
    }
    var ids: [PartitionID] = []
    // order: sorted below.
    for number in numbers { if let id = try partitionID(number) { ids.append(id) } }
    return ids.sorted()
  }

  /// Releases the content of the deleted records of a partition whose every write `confirmed`
  /// covers; a stub stays for ever (P10). Returns how many.
  package func release(
    _ id: PartitionID, confirmed: VersionVector
  ) throws(ReplicaError) -> Int {
    guard let partition = try find(id) else { return 0 }
    let ancestry = try ancestry(of: partition)
    var count = 0
    for table in try allRecordTables() {
      let select = try statement(
        "SELECT id, state FROM \(table.source) WHERE partition = ? AND deleted = 1")
      select.bind(1, partition.number)
      var rows: [(Int64, [UInt8])] = []
      try select.eachRow { rows.append(($0.integer(0), Array($0.bytes(1)))) }
      for (key, bytes) in rows {
        let stored = try StoredRecord(bytes, id: try dot(Key(key)))
        guard ancestry.covers(confirmed, stored.vector) else { continue }
        try release(stored, Key(key), table, ancestry)
        count += 1
      }
    }
    return count
  }

  private func release(
    _ stored: StoredRecord, _ key: Key, _ table: RecordTable, _ ancestry: Ancestry
  ) throws(ReplicaError) {
    let stub = try stored.state { $0 == .deleted }
    try forget(try stored.state().fields, butFor: stub.fields, of: stored.id, table)
    let (bytes, dots) = try StoredRecord.encode(stub, over: nil) { _ in true }
    // Who lacks the last write that was released must be told of the deletion again, or its vector would
    // never count that write as seen (Protocol/model, mended-alone).
    let last = ancestry.leaves(of: stored.vector)
    for (dot, _) in stored.writes
    where dot != stored.id && !dots.contains(dot) && last[dot.epoch] != dot.sequence {
      let remove = try literal("DELETE FROM written WHERE dot = ?")
      remove.bind(1, try self.key(dot).number)
      try remove.run()
    }
    let name = table.declaration == nil ? "other_record" : Tables.quoted(table.name)
    let update = try statement("UPDATE \(name) SET deleted = 2, state = ? WHERE id = ?")
    update.bind(1, copying: bytes)
    update.bind(2, key.number)
    try update.run()
  }

  /// What every one of these peers has said to hold of a partition.
  package func confirmed(
    _ id: PartitionID, by peers: [PlaceID]
  ) throws(ReplicaError) -> VersionVector {
    guard let partition = try find(id) else { return VersionVector() }
    let ancestry = try ancestry(of: partition)
    var confirmed = partition.vector
    for peer in peers {
      let told = try mark(of: peer, id).received
      if told == confirmed { continue }
      guard ancestry.unknown(in: told).isEmpty else { return VersionVector() }
      confirmed = ancestry.meet(confirmed, told)
    }
    return confirmed
  }

  /// Forgets what is held of a partition of records. Births stay known; what is merged of it later
  /// begins from nothing.
  package func drop(_ id: PartitionID) throws(ReplicaError) {
    guard !id.section.holdsEvents, let partition = try find(id) else { return }
    try empty(partition)
    try setSafe(id, VersionVector())
    for statement: StaticString in [
      "DELETE FROM peer WHERE partition = ?", "DELETE FROM kept_piece WHERE partition = ?",
      "DELETE FROM imported WHERE partition = ?",
    ] {
      let delete = try literal(statement)
      delete.bind(1, partition.number)
      try delete.run()
    }
    try setMeta("catalogue \(id)", "")
  }

  /// Takes the records of a partition away, and what its vector says of them.
  func empty(_ partition: LivePartition) throws(ReplicaError) {
    for table in try allRecordTables() {
      let name = table.declaration == nil ? "other_record" : Tables.quoted(table.name)
      let written = try statement(
        "DELETE FROM written WHERE record IN (SELECT id FROM \(name) WHERE partition = ?)")
      written.bind(1, partition.number)
      try written.run()
      let rows = try statement("DELETE FROM \(name) WHERE partition = ?")
      rows.bind(1, partition.number)
      try rows.run()
    }
    for epoch in try epochs(of: partition) {
      try dropProofs(of: epoch)
      epoch.seen = 0
      epoch.chain = nil
      touch(epoch)
    }
    ownEpochs[partition.number] = nil
    partition.vector = VersionVector()
    partition.digest = Digest()
    touch(partition)
  }
}
