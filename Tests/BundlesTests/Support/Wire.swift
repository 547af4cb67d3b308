import Records

/// Protobuf by hand, so that messages can be written that no library would write.
struct Wire {
  private var writer = ByteWriter()

  var bytes: [UInt8] { writer.bytes }

  mutating func varint(_ field: UInt64, _ value: UInt64) {
    writer.varint(field << 3)
    writer.varint(value)
  }

  mutating func fixed(_ field: UInt64, _ value: UInt64) {
    writer.varint(field << 3 | 1)
    writer.fixed(value)
  }

  mutating func block(_ field: UInt64, _ block: [UInt8]) {
    writer.varint(field << 3 | 2)
    writer.block(block)
  }

  mutating func numbers(_ field: UInt64, _ numbers: [UInt64]) {
    var packed = ByteWriter()
    for number in numbers { packed.varint(number) }
    block(field, packed.bytes)
  }

  mutating func epochs(_ epochs: [UInt64]) {
    var packed = ByteWriter()
    for epoch in epochs { packed.fixed(epoch) }
    block(6, packed.bytes)
  }

  mutating func raw(_ bytes: [UInt8]) { writer.bytes += bytes }

  /// A manifest from place 1 to place 2 with the epochs 10, 20 and 30.
  static func manifest(_ body: (inout Wire) -> Void) -> [UInt8] {
    var wire = Wire()
    wire.fixed(1, 1)
    wire.fixed(2, 2)
    wire.epochs([10, 20, 30])
    body(&wire)
    return wire.bytes
  }

  /// A delta of the sender's `work` with one target leaf and its chain value.
  static func delta(_ body: (inout Wire) -> Void) -> [UInt8] {
    manifest { manifest in
      var wire = Wire()
      wire.varint(1, 2)
      wire.numbers(3, [0, 5])
      wire.block(4, Array(repeating: 7, count: 16))
      body(&wire)
      manifest.block(7, wire.bytes)
    }
  }

  static func receipt(_ body: (inout Wire) -> Void) -> [UInt8] {
    manifest { manifest in
      var wire = Wire()
      wire.varint(1, 2)
      body(&wire)
      manifest.block(8, wire.bytes)
    }
  }

  static func piece(_ body: (inout Wire) -> Void) -> [UInt8] {
    delta { delta in
      var wire = Wire()
      body(&wire)
      delta.block(7, wire.bytes)
    }
  }
}
