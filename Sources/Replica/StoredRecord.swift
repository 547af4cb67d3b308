internal import Causality
internal import Records
internal import Wording

/// A record as its row holds it. Reading one finds where its fields are; the values of a field are
/// read when they are asked for, so an edit of one field costs little however many there are.
///
/// Format 1, a local form that never travels:
///
///     1, the vector, a count of writes, for each its dot and time,
///     a count of fields, for each its number, a count of siblings,
///     for each the index of its write and its value as a block
struct StoredRecord {
  struct Field {
    let field: FieldID
    let siblings: Int
    /// Of the siblings' bytes.
    let range: Range<Int>
  }

  let id: Dot
  let vector: VersionVector
  /// Every write that still has a value, each once.
  let writes: [(dot: Dot, time: HybridTime)]
  /// In ascending order.
  let fields: [Field]
  /// Bytes of all values.
  let valueBytes: Int
  private let bytes: [UInt8]

  var isDeleted: Bool { fields.first?.field == .deleted }

  init(_ bytes: [UInt8], id: Dot) throws(ReplicaError) {
    do throws(ByteReader.Malformed) {
      try self.init(parsing: bytes, id: id)
    } catch {
      throw Self.damaged(id)
    }
  }

  private init(parsing bytes: [UInt8], id: Dot) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    guard try reader.byte() == 1 else { throw ByteReader.Malformed() }
    self.id = id
    self.bytes = bytes
    vector = try reader.vector()
    var writes: [(dot: Dot, time: HybridTime)] = []
    for _ in 0..<(try reader.count()) {
      let dot = try reader.dot()
      guard dot.sequence <= Dot.sequenceMax else { throw ByteReader.Malformed() }
      writes.append((dot, HybridTime(bits: try reader.varint())))
    }
    self.writes = writes
    let count = try reader.count()
    var fields: [Field] = []
    fields.reserveCapacity(count)
    var valueBytes = 0
    for _ in 0..<count {
      let number = try reader.varint()
      let siblings = try reader.count()
      let start = reader.offset
      for _ in 0..<siblings {
        guard try reader.varint() < UInt64(writes.count) else { throw ByteReader.Malformed() }
        valueBytes += try reader.block().count
      }
      guard number <= UInt64(UInt32.max), siblings > 0,
        fields.last.map({ UInt64($0.field.number) < number }) ?? true
      else { throw ByteReader.Malformed() }
      fields.append(
        Field(
          field: FieldID(UInt32(number)), siblings: siblings, range: start..<reader.offset))
    }
    guard reader.isAtEnd else { throw ByteReader.Malformed() }
    self.fields = fields
    self.valueBytes = valueBytes
  }

  private static func damaged(_ id: Dot) -> ReplicaError {
    ReplicaError(
      .databaseDamaged, "the state of record \(id) cannot be read",
      hint: "run `yizhan check`, then `yizhan repair`")
  }

  // MARK: Reading

  /// The whole record.
  func state() throws(ReplicaError) -> RecordState { try state { _ in true } }

  /// The record with the fields that are wanted, as a delta of a record lists some.
  func state(
    where isWanted: (FieldID) -> Bool
  ) throws(ReplicaError) -> RecordState {
    var states: [FieldState] = []
    for stored in fields where isWanted(stored.field) {
      states.append(FieldState(field: stored.field, siblings: try siblings(of: stored)))
    }
    return RecordState(id: id, vector: vector, ordered: states)
  }

  func siblings(of field: Field) throws(ReplicaError) -> [Sibling] {
    var siblings: [Sibling] = []
    siblings.reserveCapacity(field.siblings)
    try eachSibling(of: field) { write, value in
      siblings.append(Sibling(dot: write.dot, time: write.time, value: Value(bytes: Array(value))))
    }
    return siblings
  }

  private func eachSibling(
    of field: Field, _ body: ((dot: Dot, time: HybridTime), ArraySlice<UInt8>) -> Void
  ) throws(ReplicaError) {
    var reader = ByteReader(bytes[field.range])
    do throws(ByteReader.Malformed) {
      while !reader.isAtEnd {
        let write = writes[Int(try reader.varint())]
        body(write, try reader.block())
      }
    } catch {
      throw Self.damaged(id)
    }
  }

  // MARK: Writing

  /// The bytes of a record that was new or held `stored`, after its `touched` fields have become
  /// those of `state`; and the dots of all writes that still have a value.
  static func encode(
    _ state: RecordState, over stored: StoredRecord?, touched: (FieldID) -> Bool
  ) throws(ReplicaError) -> (bytes: [UInt8], dots: [Dot]) {
    var body = StateWriter()
    var rest = state.fields[...]
    for old in stored?.fields ?? [] where !touched(old.field) {
      while let field = rest.first, field.field < old.field {
        body.add(field)
        rest.removeFirst()
      }
      body.begin(old.field, siblings: old.siblings)
      try stored?.eachSibling(of: old) { write, value in
        body.add(write.dot, write.time, value)
      }
    }
    for field in rest { body.add(field) }
    return (body.bytes(vector: state.vector), body.dots)
  }
}

/// Collects a record's fields; dots that several share are listed once.
private struct StateWriter {
  private(set) var dots: [Dot] = []
  private var times: [HybridTime] = []
  private var fields: UInt64 = 0
  private var body = ByteWriter(reserving: 240)

  mutating func begin(_ field: FieldID, siblings: Int) {
    fields += 1
    body.varint(UInt64(field.number))
    body.varint(UInt64(siblings))
  }

  mutating func add(_ field: FieldState) {
    begin(field.field, siblings: field.siblings.count)
    for sibling in field.siblings { add(sibling.dot, sibling.time, sibling.value.bytes[...]) }
  }

  mutating func add(_ dot: Dot, _ time: HybridTime, _ value: ArraySlice<UInt8>) {
    let index = dots.firstIndex(of: dot) ?? dots.count
    if index == dots.count {
      dots.append(dot)
      times.append(time)
    }
    body.varint(UInt64(index))
    body.varint(UInt64(value.count))
    body.bytes.append(contentsOf: value)
  }

  func bytes(vector: VersionVector) -> [UInt8] {
    var writer = ByteWriter(reserving: body.bytes.count + 24 * (dots.count + 4))
    writer.bytes.append(1)
    writer.vector(vector)
    writer.varint(UInt64(dots.count))
    for (dot, time) in zip(dots, times) {
      writer.dot(dot)
      writer.varint(time.bits)
    }
    writer.varint(fields)
    writer.bytes.append(contentsOf: body.bytes)
    return writer.bytes
  }
}
