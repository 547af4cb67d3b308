internal import Causality
internal import Records

/// Partitions of records: one stays if its records add up to its digest. If not, nobody can say what
/// is missing, so it begins again from nothing, and the neighbours send all of it.
///
/// Writes of this replica's that no neighbour is known to hold are noted first (`SalvagedWrite`).
extension SalvageJudge {
  private struct Row {
    let key: Key
    let state: RecordState
    let table: RecordTable
  }

  mutating func judgeRecords(_ partition: LivePartition, isNamed: Bool) throws(ReplicaError) {
    let (rows, isReadable) = try rows(of: partition)
    if isNamed, isReadable, try digest(of: rows) == partition.digest {
      for row in rows { try store.indexWrites(row.state, row.key, row.table) }
      for epoch in try store.epochs(of: partition) { try store.doubtChain(of: epoch) }
      return
    }
    let isUsed = try !store.epochs(of: partition).isEmpty
    guard isUsed || !rows.isEmpty || !isReadable else { return }
    report.emptied.append(partition.id)
    let ancestry = try store.ancestry(of: partition)
    let told = try told(partition)
    var writes: [SalvagedWrite] = []
    for row in rows {
      if let write = try write(row, partition, told, ancestry) { writes.append(write) }
    }
    switch purpose {
    case .repair:
      try store.empty(partition)
      for write in writes { try store.keep(write) }
      report.writesAgain += writes.reduce(0) { $0 + $1.fields.count }
    case .rescue:
      // Of whom nobody was ever told anything nobody holds anything.
      let isHeard = try store.hasHeardAnybody()
      guard !told.isEmpty || !isHeard else {
        try store.empty(partition)
        report.writesLeft += writes.reduce(0) { $0 + $1.fields.count }
        return
      }
      try setBack(partition, rows, to: told.first ?? VersionVector(), ancestry)
      for write in writes {
        // Nobody can be asked: what the hub may have under a name that says nothing is not made twice.
        guard try isBorn([write.record] + write.fields.map(\.sibling.dot)) else {
          report.writesLeft += write.fields.count
          continue
        }
        try store.keep(write)
      }
      try store.doubt(partition.id)
      report.writesAgain += try store.writeSalvaged(in: partition.id)
    }
  }

  /// The records of a partition, and whether all of their rows make sense.
  private func rows(of partition: LivePartition) throws(ReplicaError) -> ([Row], Bool) {
    var rows: [Row] = []
    var isReadable = true
    for table in try store.allRecordTables() {
      var found: [(Int64, [UInt8])] = []
      let select = try store.statement("SELECT id, state FROM \(table.source) WHERE partition = ?")
      try select.eachRow(binding: partition.number) {
        found.append(($0.integer(0), Array($0.bytes(1))))
      }
      for (number, bytes) in found {
        let key = Key(number)
        guard let epoch = try store.known(number: key.epoch), key.sequence > 0,
          let state = try? StoredRecord(bytes, id: Dot(epoch.epoch, key.sequence)).state(),
          try isNamed(state, in: table)
        else {
          isReadable = false
          try store.removeRow(key, table)
          continue
        }
        if try !isBorn(state.survivingDots + [state.id]) { isReadable = false }
        rows.append(Row(key: key, state: state, table: table))
      }
    }
    return (rows, isReadable)
  }

  /// Whether it is known where all of these writes come from.
  private func isBorn(_ dots: [Dot]) throws(ReplicaError) -> Bool {
    for dot in dots where try store.find(dot.epoch)?.birth == nil { return false }
    return true
  }

  /// Whether all fields have names.
  private func isNamed(
    _ state: RecordState, in table: RecordTable
  ) throws(ReplicaError) -> Bool {
    for field in state.fields {
      guard (try? store.names.fieldName(field.field, of: table.number)) != nil else { return false }
    }
    return true
  }

  private func digest(of rows: [Row]) throws(ReplicaError) -> Digest {
    var digest = Digest()
    for row in rows {
      for field in Store.counted(row.state) {
        let name = try store.names.fieldName(field.field, of: row.table.number)
        for sibling in field.siblings {
          digest.add(
            Canonical.item(
              collection: row.table.name, id: row.state.id, field: name, sibling: sibling))
        }
      }
    }
    return digest
  }

  /// What was written to a record here that no neighbour is known to hold; nil if nothing was.
  private func write(
    _ row: Row, _ partition: LivePartition, _ told: [VersionVector], _ ancestry: Ancestry
  ) throws(ReplicaError) -> SalvagedWrite? {
    let isNew = try isOwn(row.state.id) && !isTold(row.state.id, told, ancestry)
    var fields: [SalvagedWrite.Field] = []
    for field in row.state.fields {
      let name = try store.names.fieldName(field.field, of: row.table.number)
      for sibling in field.siblings {
        let isOpen = try isOwn(sibling.dot) && !isTold(sibling.dot, told, ancestry)
        // With a record that only this replica has goes all of it.
        if isNew || isOpen { fields.append(.init(name: name, sibling: sibling)) }
      }
    }
    guard !fields.isEmpty else { return nil }
    return SalvagedWrite(
      partition: partition.id, collection: row.table.name, record: row.state.id, fields: fields)
  }

  /// Makes of a partition what can be known of it as it was at `vector`.
  private func setBack(
    _ partition: LivePartition, _ rows: [Row], to vector: VersionVector, _ ancestry: Ancestry
  ) throws(ReplicaError) {
    let known = ancestry.leaves(
      of: VersionVector(vector.entries.filter { ancestry[$0.epoch] != nil }))
    try store.empty(partition)
    for row in rows where ancestry.covers(known, row.state.id) {
      let fields = row.state.fields.map { field in
        FieldState(
          field: field.field, siblings: field.siblings.filter { ancestry.covers(known, $0.dot) })
      }
      let state = RecordState(
        id: row.state.id, vector: ancestry.meet(row.state.vector, known), fields: fields)
      try store.apply(RecordChange(placing: state), row.table, partition)
    }
    try store.raiseSeen(partition, to: known)
    partition.vector = known
    store.touch(partition)
    try store.flush()
  }
}

extension Store {
  func removeRow(_ key: Key, _ table: RecordTable) throws(ReplicaError) {
    let name = table.declaration == nil ? "other_record" : Tables.quoted(table.name)
    let delete = try statement("DELETE FROM \(name) WHERE id = ?")
    delete.bind(1, key.number)
    try delete.run()
  }

  /// Notes where a delta finds the writes of a record.
  func indexWrites(
    _ state: RecordState, _ key: Key, _ table: RecordTable
  ) throws(ReplicaError) {
    for dot in state.survivingDots where dot != state.id {
      let insert = try literal("INSERT OR IGNORE INTO written VALUES (?, ?, ?)")
      insert.bind(1, try self.key(dot).number)
      insert.bind(2, key.number)
      insert.bind(3, table.number)
      try insert.run()
    }
  }

  /// The chain of records cannot be computed again, but its values were noted at each write: where the two
  /// differ neither is told to anybody.
  func doubtChain(of epoch: LiveEpoch) throws(ReplicaError) {
    guard let chain = epoch.chain, let noted = try checkpoint(epoch.number, epoch.seen),
      noted != chain.value
    else { return }
    epoch.chain = nil
    touch(epoch)
    let delete = try literal("DELETE FROM checkpoint WHERE epoch = ?")
    delete.bind(1, epoch.number)
    try delete.run()
  }

  func hasHeardAnybody() throws(ReplicaError) -> Bool {
    let select = try literal("SELECT 1 FROM contact WHERE heard NOT NULL")
    defer { select.reset() }
    return try select.step()
  }
}
