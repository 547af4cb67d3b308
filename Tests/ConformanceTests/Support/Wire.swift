import Causality
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

  mutating func block(_ field: UInt64, _ body: (inout Wire) -> Void) {
    var inner = Wire()
    body(&inner)
    block(field, inner.bytes)
  }

  /// Packed varints.
  mutating func numbers(_ field: UInt64, _ numbers: [UInt64]) {
    var packed = ByteWriter()
    for number in numbers { packed.varint(number) }
    block(field, packed.bytes)
  }

  /// Packed numbers of eight bytes.
  mutating func fixeds(_ field: UInt64, _ numbers: [UInt64]) {
    var packed = ByteWriter()
    for number in numbers { packed.fixed(number) }
    block(field, packed.bytes)
  }

  mutating func raw(_ bytes: [UInt8]) { writer.bytes += bytes }

  /// Fields that this version does not know, one of each wire type that it may skip.
  mutating func unknown() {
    varint(1000, 7)
    fixed(1001, 7)
    block(1002, [7, 7])
    raw([0xDD, 0x3E, 1, 2, 3, 4])
  }

  // MARK: Bundles

  /// A head around any manifest, with a check that fits.
  static func head(around body: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes = [0x59, 0x5A, 1]
    writer.block(body)
    writer.fixed(ChainValue(hashing: writer.bytes).low)
    return writer.bytes + [0]
  }

  /// A bundle from the town to the village whose manifest goes on as `body` says.
  static func bundle(_ body: (inout Wire) -> Void) -> [UInt8] {
    var wire = Wire()
    wire.fixed(1, VectorWorld.town.bits)
    wire.fixed(2, VectorWorld.village.bits)
    wire.varint(3, 1)
    wire.varint(4, UInt64(VectorWorld.morning / 1000))
    body(&wire)
    return head(around: wire.bytes)
  }

  /// The same with the epochs 10, 20 and 30, and one delta of the town's `work` that leads to
  /// 10:5 and goes on as `body` says.
  static func delta(_ body: (inout Wire) -> Void) -> [UInt8] {
    bundle { wire in
      wire.fixeds(6, [10, 20, 30])
      wire.block(7) { delta in
        delta.varint(1, 2)
        delta.numbers(3, [0, 5])
        delta.block(4, Array(repeating: 7, count: 16))
        body(&delta)
      }
    }
  }

  /// The same with one receipt for the town's `work`.
  static func receipt(_ body: (inout Wire) -> Void) -> [UInt8] {
    bundle { wire in
      wire.fixeds(6, [10, 20, 30])
      wire.block(8) { receipt in
        receipt.varint(1, 2)
        body(&receipt)
      }
    }
  }
}
