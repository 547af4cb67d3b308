package import Causality

/// Writes the primitive forms that canonical bytes are made of (Protocol/02-canonical.md).
package struct ByteWriter: Sendable {
  package var bytes: [UInt8]

  @inlinable package init(reserving count: Int = 0) {
    bytes = []
    bytes.reserveCapacity(count)
  }

  /// Little-endian base 128, seven bits a byte, shortest form.
  @inlinable package mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A signed number as a varint whose lowest bit is the sign.
  package mutating func zigzag(_ value: Int64) { varint(Self.fold(value)) }

  /// Eight bytes, little-endian.
  @inlinable package mutating func fixed(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// A varint length, then the bytes.
  package mutating func block(_ block: some Collection<UInt8>) {
    varint(UInt64(block.count))
    bytes.append(contentsOf: block)
  }

  package mutating func dot(_ dot: Dot) {
    fixed(dot.epoch.bits)
    varint(dot.sequence)
  }

  package mutating func vector(_ vector: VersionVector) {
    varint(UInt64(vector.entries.count))
    for entry in vector.entries { dot(entry.dot) }
  }

  @inlinable package static func fold(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63)
  }

  @inlinable package static func unfold(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}
