package import Causality
internal import Records
internal import Wording

/// Writes to a record whose partition was lost, and which perhaps nobody else holds.
struct SalvagedWrite {
  struct Field {
    let name: String
    let sibling: Sibling
  }

  let partition: PartitionID
  let collection: String
  let record: Dot
  let fields: [Field]

  init(partition: PartitionID, collection: String, record: Dot, fields: [Field]) {
    self.partition = partition
    self.collection = collection
    self.record = record
    self.fields = fields
  }

  static let kind = "salvaged write"

  var key: String { "\(partition)/\(collection)/\(record)" }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.fixed(partition.place.bits)
    writer.bytes.append(partition.section.rawValue)
    writer.block(collection.utf8)
    writer.dot(record)
    writer.varint(UInt64(fields.count))
    for field in fields {
      writer.block(field.name.utf8)
      writer.dot(field.sibling.dot)
      writer.varint(field.sibling.time.bits)
      writer.block(field.sibling.value.bytes)
    }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    let place = PlaceID(bits: try reader.fixed())
    guard let section = Section(rawValue: try reader.byte()) else { throw ByteReader.Malformed() }
    partition = PartitionID(place, section)
    collection = String(decoding: try reader.block(), as: UTF8.self)
    record = try reader.dot()
    var fields: [Field] = []
    for _ in 0..<(try reader.count()) {
      let name = String(decoding: try reader.block(), as: UTF8.self)
      let dot = try reader.dot()
      let time = HybridTime(bits: try reader.varint())
      let value = Value(bytes: Array(try reader.block()))
      fields.append(Field(name: name, sibling: Sibling(dot: dot, time: time, value: value)))
    }
    self.fields = fields
  }
}

extension Store {
  private static let doubtedKind = "doubted"

  /// No digest of the partition is told from this database.
  func doubt(_ partition: PartitionID) throws(ReplicaError) {
    doubted = nil
    try keep([], Self.doubtedKind, partition.description)
  }

  func isDoubted(_ partition: PartitionID) throws(ReplicaError) -> Bool {
    let known: Set<String>
    if let doubted {
      known = doubted
    } else {
      known = Set(try keepsakes(Self.doubtedKind).map(\.key))
    }
    doubted = known
    return known.contains(partition.description)
  }

  func keep(_ write: SalvagedWrite) throws(ReplicaError) {
    try keep(write.bytes, SalvagedWrite.kind, write.key)
  }

  /// What waits, the oldest records of an epoch first. What cannot be read any more is passed over.
  private func salvagedWrites() throws(ReplicaError) -> [SalvagedWrite] {
    try keepsakes(SalvagedWrite.kind).compactMap { try? SalvagedWrite($0.bytes) }
      .sorted { $0.record < $1.record }
  }

  /// The partitions that writes wait for which were saved from a damaged database, in the order of
  /// travel; and how many writes.
  package func salvagedPartitions() throws(ReplicaError) -> [(id: PartitionID, writes: Int)] {
    var counts: [PartitionID: Int] = [:]
    for write in try salvagedWrites() { counts[write.partition, default: 0] += write.fields.count }
    return counts.map { (id: $0.key, writes: $0.value) }.sorted { $0.id < $1.id }
  }

  /// Writes again what was saved of a partition and has not come back with it: called when all is held
  /// that the neighbours hold. Returns how many values were written.
  ///
  /// What the partition's vector covers the neighbours had, so it stands or was written over. A record
  /// that nobody had gets a new id; others that were saved and name it name the new one.
  package func writeSalvaged(in id: PartitionID) throws(ReplicaError) -> Int {
    let partition = try open(id)
    var renamed: [Dot: Dot] = [:]
    var count = 0
    for write in try salvagedWrites() where write.partition == id {
      let ancestry = try ancestry(of: partition)
      let open = write.fields.filter { !ancestry.covers(partition.vector, $0.sibling.dot) }
      if ancestry.covers(partition.vector, write.record) {
        count += try writeAgain(open, to: write, partition, renamed)
      } else if !open.isEmpty, !open.contains(where: { $0.name == RecordFieldName.deletion }) {
        let time = open.map(\.sibling.time).max() ?? HybridTime(bits: 0)
        let new = try self.write(
          write.collection, partition, id: nil, Self.values(open, renamed), at: time)
        renamed[write.record] = new
        try renameImported(write.record, new)
        count += open.count
      }
      try discardKeepsake(SalvagedWrite.kind, write.key)
    }
    return count
  }

  private func writeAgain(
    _ fields: [SalvagedWrite.Field], to write: SalvagedWrite, _ partition: LivePartition,
    _ renamed: [Dot: Dot]
  ) throws(ReplicaError) -> Int {
    let table = try recordTable(write.collection)
    guard !fields.isEmpty, let state = try state(write.record, table), !state.isDeleted else {
      return 0
    }
    // Each of the writes as one, in the order in which they were made.
    let writes = Dictionary(grouping: fields) { $0.sibling.dot }
    for (_, fields) in writes.sorted(by: { $0.value[0].sibling.time < $1.value[0].sibling.time }) {
      _ = try self.write(
        write.collection, partition, id: write.record, Self.values(fields, renamed),
        at: fields[0].sibling.time)
    }
    return fields.count
  }

  /// Of several values of one field the one that was written last.
  private static func values(
    _ fields: [SalvagedWrite.Field], _ renamed: [Dot: Dot]
  ) -> [(name: String, value: Value)] {
    var values: [(name: String, value: Value)] = []
    for field in fields.sorted(by: { $0.sibling.time < $1.sibling.time }) {
      let value =
        field.sibling.value.dot.flatMap { renamed[$0] }.map(Value.dot) ?? field.sibling.value
      values.removeAll { $0.name == field.name }
      values.append((field.name, value))
    }
    return values
  }
}
