internal import Causality
internal import Records

/// A record's state as the bytes of a database cell. Dots that several fields share are listed
/// once. Format 1; a local form that never travels.
enum StateBytes {
  static func encode(_ state: RecordState) -> [UInt8] {
    var writer = ByteWriter(reserving: 192)
    var dots: [Dot] = []
    var times: [HybridTime] = []
    var body = ByteWriter(reserving: 160)
    body.varint(UInt64(state.fields.count))
    for field in state.fields {
      body.varint(UInt64(field.field.number))
      body.varint(UInt64(field.siblings.count))
      for sibling in field.siblings {
        let index = dots.firstIndex(of: sibling.dot) ?? dots.count
        if index == dots.count {
          dots.append(sibling.dot)
          times.append(sibling.time)
        }
        body.varint(UInt64(index))
        body.block(sibling.value.bytes)
      }
    }
    writer.bytes.append(1)
    writer.vector(state.vector)
    writer.varint(UInt64(dots.count))
    for (dot, time) in zip(dots, times) {
      writer.dot(dot)
      writer.varint(time.bits)
    }
    writer.bytes.append(contentsOf: body.bytes)
    return writer.bytes
  }

  static func decode(_ bytes: [UInt8], id: Dot) throws(ReplicaError) -> RecordState {
    do {
      return try decode(ByteReader(bytes), id: id)
    } catch {
      throw ReplicaError(
        .databaseDamaged, "the state of record \(id) cannot be read",
        hint: "run `yizhan check`, and set up a new folder from the hub or a stick")
    }
  }

  private static func decode(
    _ reader: ByteReader, id: Dot
  ) throws(ByteReader.Malformed) -> RecordState {
    var reader = reader
    guard try reader.byte() == 1 else { throw ByteReader.Malformed() }
    let vector = try reader.vector()
    var dots: [(Dot, HybridTime)] = []
    for _ in 0..<(try reader.count()) {
      let dot = try reader.dot()
      guard dot.sequence <= Dot.sequenceMax else { throw ByteReader.Malformed() }
      dots.append((dot, HybridTime(bits: try reader.varint())))
    }
    var fields: [FieldState] = []
    let count = try reader.count()
    fields.reserveCapacity(count)
    for _ in 0..<count {
      let number = try reader.varint()
      var siblings: [Sibling] = []
      for _ in 0..<(try reader.count()) {
        let index = try reader.varint()
        guard index < UInt64(dots.count) else { throw ByteReader.Malformed() }
        let (dot, time) = dots[Int(index)]
        siblings.append(
          Sibling(dot: dot, time: time, value: Value(bytes: Array(try reader.block()))))
      }
      guard number <= UInt64(UInt32.max), !siblings.isEmpty,
        fields.last.map({ UInt64($0.field.number) < number }) ?? true
      else { throw ByteReader.Malformed() }
      fields.append(FieldState(field: FieldID(UInt32(number)), siblings: siblings))
    }
    guard reader.isAtEnd else { throw ByteReader.Malformed() }
    return RecordState(id: id, vector: vector, ordered: fields)
  }
}
