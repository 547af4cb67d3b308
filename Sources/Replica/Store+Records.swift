internal import Bundles
package import Causality
package import Records
internal import Wording

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
    return try write(collection.name, live, id: nil, values)
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

  /// Writes over what should not be: a record anew if none is named.
  func answer(
    _ collection: String, _ partition: LivePartition, record: Dot?,
    _ values: [(name: String, value: Value)]
  ) throws(ReplicaError) {
    _ = try write(collection, partition, id: record, values)
  }

  /// `time` is when it was first written, if that is known.
  func write(
    _ collection: String, _ partition: LivePartition, id: Dot?,
    _ values: [(name: String, value: Value)], at time: HybridTime? = nil
  ) throws(ReplicaError) -> Dot {
    let table = try recordTable(collection)
    var stored: StoredRecord?
    if let id {
      stored = try self.stored(id, table)
      guard let stored else {
        throw ReplicaError(.unknownRecord, "there is no \(collection) \(id)")
      }
      guard !stored.isDeleted else {
        throw ReplicaError(.recordDeleted, "\(collection) \(id) was deleted")
      }
    }
    var numbered: [(field: FieldID, value: Value)] = []
    var size = stored?.valueBytes ?? 0
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
    let time = time ?? clock.tick(wall: now)
    var change = try RecordChange(of: stored, id: id ?? dot, touching: numbered.map(\.field))
    change.new.write(numbered, at: dot, time: time, in: try ancestry(of: partition))
    epoch.chain?.absorb(
      Canonical.write(collection: collection, id: change.id, time: time, values: values))
    // A peer may name any of these as its base, and superseded writes cannot be hashed again.
    if let chain = epoch.chain { try keepCheckpoint(dot, chain.value) }
    note(dot, epoch, partition.id, change, table, values, time)
    try apply(change, table, partition)
    return dot
  }

  // MARK: State

  func key(_ dot: Dot) throws(ReplicaError) -> Key {
    Key(epoch: try intern(dot.epoch).number, sequence: dot.sequence)
  }

  func dot(_ key: Key) throws(ReplicaError) -> Dot {
    Dot(try epoch(number: key.epoch).epoch, key.sequence)
  }

  func stored(_ id: Dot, _ table: RecordTable) throws(ReplicaError) -> StoredRecord? {
    guard let epoch = try find(id.epoch) else { return nil }
    table.select.bind(1, Key(epoch: epoch.number, sequence: id.sequence).number)
    defer { table.select.reset() }
    guard try table.select.step() else { return nil }
    return try StoredRecord(Array(table.select.bytes(0)), id: id)
  }

  func state(_ id: Dot, _ table: RecordTable) throws(ReplicaError) -> RecordState? {
    try stored(id, table)?.state()
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
