package import Causality
internal import Records

/// The canonical text of a partition: equal for replicas that have seen the same writes (P2). It
/// shows nothing that is a replica's own affair: no numbers, no order of arrival.
extension Store {
  package func dump(
    _ partition: PartitionID, _ line: (String) throws -> Void
  ) throws {
    guard let live = try find(partition), !live.vector.isEmpty else { return }
    try line("partition \(partition)")
    try line("vector \(live.vector)")
    if partition.section.holdsEvents {
      try dumpEvents(live, line)
    } else {
      try dumpRecords(live, line)
    }
  }

  private func dumpRecords(
    _ partition: LivePartition, _ line: (String) throws -> Void
  ) throws {
    for table in try allRecordTables().sorted(by: { $0.name < $1.name }) {
      var keys: [Int64] = []
      let select = try statement("SELECT id FROM \(table.source) WHERE partition = ?")
      select.bind(1, partition.number)
      try select.eachRow { keys.append($0.integer(0)) }
      var ids: [Dot] = []
      for key in keys { ids.append(try dot(Key(key))) }
      for id in ids.sorted() {
        guard let state = try state(id, table) else { continue }
        try line("record \(table.name) \(id)\(state.isDeleted ? " deleted" : "")")
        var fields: [(String, FieldState)] = []
        for field in Self.counted(state) {
          fields.append((try names.fieldName(field.field, of: table.number), field))
        }
        for (name, field) in fields.sorted(by: { $0.0 < $1.0 }) {
          for sibling in field.siblings {
            try line("  \(name) \(sibling.dot) \(sibling.time.bits) \(sibling.value)")
          }
        }
      }
    }
  }

  private func dumpEvents(
    _ partition: LivePartition, _ line: (String) throws -> Void
  ) throws {
    for epoch in try epochs(of: partition).sorted(by: { $0.epoch < $1.epoch }) where epoch.seen > 0
    {
      var cursor = try EventCursor(self, epoch: epoch.number, from: 1, through: epoch.seen)
      defer { cursor.close() }
      while let next = cursor.current {
        var writer = ByteWriter()
        try canonical(of: next.source, into: &writer)
        let event = try damaged { () throws(ByteReader.Malformed) in
          try Canonical.parse(event: writer.bytes)
        }
        let names = try descriptor(of: event.collection).columns.map(\.name)
        let cells = zip(names, event.cells).filter { !$0.1.isNull }.map { "\($0)=\($1)" }
        try line(
          "event \(event.collection) \(Dot(epoch.epoch, next.key.sequence)) "
            + cells.joined(separator: " "))
        try cursor.advance()
      }
    }
  }

  // MARK: Check

  /// Recomputes chains and digests from what the tables hold, and compares the plain columns with
  /// the states behind them. Every complaint is a sentence.
  package func complaints(
    _ partition: PartitionID
  ) throws(ReplicaError) -> [String] {
    guard let live = try find(partition) else { return [] }
    return partition.section.holdsEvents ? try logComplaints(live) : try recordComplaints(live)
  }

  private func logComplaints(_ partition: LivePartition) throws(ReplicaError) -> [String] {
    var complaints: [String] = []
    for epoch in try epochs(of: partition) where epoch.seen > 0 {
      do {
        let computed = try recomputedChain(of: epoch, at: epoch.seen)?.value
        if computed == nil {
          complaints.append("\(partition.id): events of epoch \(epoch.epoch) are missing")
        } else if computed != epoch.chain?.value {
          complaints.append("\(partition.id): events of epoch \(epoch.epoch) were altered")
        }
      } catch {
        guard error.code == .databaseDamaged else { throw error }
        complaints.append("\(partition.id): \(error.reason)")
      }
    }
    return complaints
  }

  private func recordComplaints(_ partition: LivePartition) throws(ReplicaError) -> [String] {
    var digest = Digest()
    var complaints: [String] = []
    for table in try allRecordTables() {
      var keys: [Int64] = []
      let select = try statement("SELECT id FROM \(table.source) WHERE partition = ?")
      select.bind(1, partition.number)
      try select.eachRow { keys.append($0.integer(0)) }
      for key in keys {
        do {
          guard let complaint = try complaint(Key(key), table, &digest) else { continue }
          complaints.append("\(partition.id): \(complaint)")
        } catch {
          guard error.code == .databaseDamaged else { throw error }
          complaints.append("\(partition.id): \(error.reason)")
        }
      }
    }
    if digest != partition.digest {
      complaints.append("\(partition.id): the records do not add up to the digest")
    }
    return complaints
  }

  /// What is wrong with one record. Counts it for the digest.
  private func complaint(
    _ key: Key, _ table: RecordTable, _ digest: inout Digest
  ) throws(ReplicaError) -> String? {
    let id = try dot(key)
    guard let state = try state(id, table) else { return nil }
    for field in Self.counted(state) {
      let name = try names.fieldName(field.field, of: table.number)
      for sibling in field.siblings {
        digest.add(Canonical.item(collection: table.name, id: id, field: name, sibling: sibling))
      }
    }
    if try !isProjected(state, key, table) {
      return "the columns of \(table.name) \(id) were altered"
    }
    return try isIndexed(state, key, table)
      ? nil : "not all writes to \(table.name) \(id) would travel"
  }

  /// Whether the plain columns show what the state says.
  private func isProjected(
    _ state: RecordState, _ key: Key, _ table: RecordTable
  ) throws(ReplicaError) -> Bool {
    let names = ["deleted", "conflict"] + (table.declaration?.fields.map(\.name) ?? [])
    let list = names.map(Tables.quoted).joined(separator: ", ")
    let select = try statement("SELECT \(list) FROM \(table.source) WHERE id = ?")
    var isConflict = false
    var wanted: [Value] = []
    for (field, rule) in table.fields {
      let resolution = state.isDeleted ? nil : rule.resolve(state[field], role: role(of:))
      if resolution?.isConflict == true { isConflict = true }
      let value = resolution?.value
      if let dot = value?.dot {
        wanted.append(try find(dot.epoch) == nil ? .null : .integer(try self.key(dot).number))
      } else {
        let isShown = value.flatMap { Canonical.kind(of: $0) } != nil
        wanted.append(isShown ? value ?? .null : .null)
      }
    }
    select.bind(1, key.number)
    defer { select.reset() }
    guard try select.step() else { return false }
    // Of a deleted record the row also says whether its content was released.
    let isReleased = state.fields.count == 1 && select.value(0) == .integer(2)
    let deleted: Int64 = state.isDeleted ? isReleased ? 2 : 1 : 0
    wanted.insert(contentsOf: [.integer(deleted), .integer(isConflict ? 1 : 0)], at: 0)
    return wanted.indices.allSatisfy { select.value(Int32($0)) == wanted[$0] }
  }

  /// Whether every write that still has a value is where a delta looks for it.
  private func isIndexed(
    _ state: RecordState, _ key: Key, _ table: RecordTable
  ) throws(ReplicaError) -> Bool {
    let select = try literal("SELECT record, collection FROM written WHERE dot = ?")
    for dot in state.survivingDots where dot != state.id {
      guard let epoch = try find(dot.epoch) else { return false }
      select.bind(1, Key(epoch: epoch.number, sequence: dot.sequence).number)
      defer { select.reset() }
      guard try select.step(), select.integer(0) == key.number, select.integer(1) == table.number
      else { return false }
    }
    return true
  }
}
