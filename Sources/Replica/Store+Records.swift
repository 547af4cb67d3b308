internal import Bundles
package import Causality
package import Records

extension Store {
  func recordTable(_ name: String) throws(ReplicaError) -> RecordTable {
    if let known = recordTables[name] { return known }
    let table = try RecordTable(name, self)
    recordTables[name] = table
    return table
  }

  /// Every collection of records that rows may be in: the declared, then the others by name.
  func allRecordTables() throws(ReplicaError) -> [RecordTable] {
    var tables: [RecordTable] = []
    for collection in schema.records { tables.append(try recordTable(collection.name)) }
    var others: [String] = []
    try literal(
      "SELECT name FROM collection WHERE id IN (SELECT collection FROM other_record) ORDER BY name"
    ).eachRow { others.append($0.text(0)) }
    for name in others { tables.append(try recordTable(name)) }
    return tables
  }

  // MARK: Writing

  /// Makes a record and returns its id, which is the dot of its first write.
  package func create(
    _ collection: RecordCollection, in partition: PartitionID,
    _ values: [(name: String, value: Value)]
  ) throws(ReplicaError) -> Dot {
    guard collection.sections.contains(partition.section) else {
      throw ReplicaError(
        .outOfScope, "\(collection.name) has no place in \(partition.section.name)")
    }
    let live = try open(partition)
    let (dot, _) = try write(collection.name, live, id: nil, values)
    return dot
  }

  /// Sets fields of a record. One write, whatever the number of fields.
  package func update(
    _ collection: RecordCollection, _ id: Dot, in partition: PartitionID,
    _ values: [(name: String, value: Value)]
  ) throws(ReplicaError) {
    let live = try open(partition)
    _ = try write(collection.name, live, id: id, values)
  }

  /// Deletes a record, for ever (P10).
  package func delete(
    _ collection: RecordCollection, _ id: Dot, in partition: PartitionID
  ) throws(ReplicaError) {
    let live = try open(partition)
    _ = try write(collection.name, live, id: id, [(RecordFieldName.deletion, .null)])
  }

  private func write(
    _ collection: String, _ partition: LivePartition, id: Dot?,
    _ values: [(name: String, value: Value)]
  ) throws(ReplicaError) -> (Dot, RecordState) {
    let table = try recordTable(collection)
    var before: RecordState?
    if let id {
      before = try state(id, table)
      guard let before else {
        throw ReplicaError(.unknownRecord, "there is no \(collection) \(id)")
      }
      guard !before.isDeleted else {
        throw ReplicaError(.recordDeleted, "\(collection) \(id) was deleted")
      }
    }
    var numbered: [(field: FieldID, value: Value)] = []
    var size = before.map(Self.size) ?? 0
    for (name, value) in values {
      size += value.bytes.count
      guard value.bytes.count <= Limits.textBytesMax, size <= Limits.rowBytesMax else {
        throw ReplicaError(
          .valueTooLarge, "\(name) is too long for one record", hint: "shorten the text")
      }
      numbered.append((try names.field(name, of: table.number), value))
    }
    // From here on nothing about the write can be refused: a dot is never taken in vain.
    let (dot, epoch) = try nextDot(in: partition)
    let time = clock.tick(wall: surroundings.wall())
    var state = before ?? RecordState(id: dot)
    state.write(numbered, at: dot, time: time, in: try ancestry(of: partition))
    epoch.chain?.absorb(
      Canonical.write(collection: collection, id: state.id, time: time, values: values))
    // A peer may name any of these as its base, and superseded writes cannot be hashed again.
    if let chain = epoch.chain { try keepCheckpoint(dot, chain.value) }
    try replace(before, by: state, in: table, partition)
    return (dot, state)
  }

  /// Bytes of all values that a record holds.
  private static func size(_ state: RecordState) -> Int {
    state.fields.reduce(0) { sum, field in
      field.siblings.reduce(sum) { $0 + $1.value.bytes.count }
    }
  }

  // MARK: State

  func key(_ dot: Dot) throws(ReplicaError) -> Key {
    Key(epoch: try intern(dot.epoch).number, sequence: dot.sequence)
  }

  func dot(_ key: Key) throws(ReplicaError) -> Dot {
    Dot(try epoch(number: key.epoch).epoch, key.sequence)
  }

  func state(_ id: Dot, _ table: RecordTable) throws(ReplicaError) -> RecordState? {
    guard let epoch = try find(id.epoch) else { return nil }
    table.select.bind(1, Key(epoch: epoch.number, sequence: id.sequence).number)
    defer { table.select.reset() }
    guard try table.select.step() else { return nil }
    return try StateBytes.decode(Array(table.select.bytes(0)), id: id)
  }

  /// Stores a record's new state: row, index of writes, digest.
  func replace(
    _ before: RecordState?, by state: RecordState, in table: RecordTable,
    _ partition: LivePartition
  ) throws(ReplicaError) {
    let id = try key(state.id)
    try index(before, state, id, table)
    try count(before, state, in: table, partition)
    try project(state, id, table, partition)
  }

  /// Keeps `written` to the dots that still have a value.
  private func index(
    _ before: RecordState?, _ state: RecordState, _ id: Key, _ table: RecordTable
  ) throws(ReplicaError) {
    for dot in Self.dots(of: state, lackedBy: before) where dot != state.id {
      let insert = try literal("INSERT OR IGNORE INTO written VALUES (?, ?, ?)")
      insert.bind(1, try key(dot).number)
      insert.bind(2, id.number)
      insert.bind(3, table.number)
      try insert.run()
      guard changedRows == 1 else {
        throw ReplicaError(.deltaMalformed, "write \(dot) is said to be of two records")
      }
    }
    guard let before else { return }
    for dot in Self.dots(of: before, lackedBy: state) where dot != state.id {
      let remove = try literal("DELETE FROM written WHERE dot = ?")
      remove.bind(1, try key(dot).number)
      try remove.run()
    }
  }

  /// The dots with a value in one state and with none in the other. Most fields are the same in
  /// both, and are not looked into.
  private static func dots(of state: RecordState, lackedBy other: RecordState?) -> [Dot] {
    var dots: [Dot] = []
    for field in state.fields {
      let others = other?[field.field] ?? []
      if field.siblings == others { continue }
      for sibling in field.siblings
      where !dots.contains(sibling.dot) && other?.holds(sibling.dot) != true {
        dots.append(sibling.dot)
      }
    }
    return dots
  }

  /// Moves the digest from one state to the next. Of a deleted record only the deletion counts,
  /// so that releasing its content changes no digest.
  private func count(
    _ before: RecordState?, _ state: RecordState, in table: RecordTable,
    _ partition: LivePartition
  ) throws(ReplicaError) {
    let old = before.map(Self.counted) ?? []
    let new = Self.counted(state)
    for field in old where !new.contains(field) {
      let name = try names.fieldName(field.field, of: table.number)
      for sibling in field.siblings {
        partition.digest.subtract(
          Canonical.item(collection: table.name, id: state.id, field: name, sibling: sibling))
      }
    }
    for field in new where !old.contains(field) {
      let name = try names.fieldName(field.field, of: table.number)
      for sibling in field.siblings {
        partition.digest.add(
          Canonical.item(collection: table.name, id: state.id, field: name, sibling: sibling))
      }
    }
    touch(partition)
  }

  static func counted(_ state: RecordState) -> [FieldState] {
    state.isDeleted ? Array(state.fields.prefix(1)) : state.fields
  }

  func project(
    _ state: RecordState, _ id: Key, _ table: RecordTable, _ partition: LivePartition
  ) throws(ReplicaError) {
    var isConflict = false
    var winners: [Value] = []
    for (field, rule) in table.fields {
      let resolution = state.isDeleted ? nil : rule.resolve(state[field], role: role(of:))
      winners.append(resolution?.value ?? .null)
      if resolution?.isConflict == true { isConflict = true }
    }
    let upsert = table.upsert
    upsert.bind(1, id.number)
    upsert.bind(2, partition.number)
    upsert.bind(3, state.isDeleted ? 1 : 0)
    upsert.bind(4, isConflict ? 1 : 0)
    upsert.bind(5, copying: StateBytes.encode(state))
    var position: Int32 = 6
    for value in winners {
      try bind(value, at: position, of: upsert)
      position += 1
    }
    try upsert.run()
  }

  /// Binds a value as people read it; a dot becomes the key that joins to the row it names.
  func bind(_ value: Value, at position: Int32, of statement: Statement) throws(ReplicaError) {
    switch Canonical.kind(of: value) {
    case .integer: statement.bind(position, value.integer ?? 0)
    case .text: statement.bind(position, copyingText: value.bytes.dropFirst())
    case .dot:
      if let dot = value.dot, dot.sequence <= UInt64(Key.sequenceMask) {
        statement.bind(position, try key(dot).number)
      } else {
        statement.bindNull(position)
      }
    case nil: statement.bindNull(position)
    }
  }
}
