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
      let computed = try recomputedChain(of: epoch, at: epoch.seen)?.value
      if computed == nil {
        complaints.append("\(partition.id): events of epoch \(epoch.epoch) are missing")
      } else if computed != epoch.chain?.value {
        complaints.append("\(partition.id): events of epoch \(epoch.epoch) were altered")
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
        let id = try dot(Key(key))
        guard let state = try state(id, table) else { continue }
        for field in Self.counted(state) {
          let name = try names.fieldName(field.field, of: table.number)
          for sibling in field.siblings {
            digest.add(
              Canonical.item(collection: table.name, id: id, field: name, sibling: sibling))
          }
        }
        if try !isProjected(state, key, table) {
          complaints.append("\(partition.id): the columns of \(table.name) \(id) were altered")
        }
      }
    }
    if digest != partition.digest {
      complaints.append("\(partition.id): the records do not add up to the digest")
    }
    return complaints
  }

  /// Whether the plain columns show what the state says.
  private func isProjected(
    _ state: RecordState, _ key: Int64, _ table: RecordTable
  ) throws(ReplicaError) -> Bool {
    guard let declaration = table.declaration else { return true }
    let names = declaration.fields.map { Tables.quoted($0.name) }.joined(separator: ", ")
    let select = try statement("SELECT \(names) FROM \(table.source) WHERE id = ?")
    var wanted: [Value] = []
    for (field, rule) in table.fields {
      let value = state.isDeleted ? nil : rule.resolve(state[field], role: role(of:))?.value
      if let dot = value?.dot {
        wanted.append(try find(dot.epoch) == nil ? .null : .integer(try self.key(dot).number))
      } else {
        let isShown = value.flatMap { Canonical.kind(of: $0) } != nil
        wanted.append(isShown ? value ?? .null : .null)
      }
    }
    select.bind(1, key)
    defer { select.reset() }
    guard try select.step() else { return false }
    return wanted.indices.allSatisfy { select.value(Int32($0)) == wanted[$0] }
  }
}
