package import Causality

/// Reads what `ByteWriter` wrote; bytes from a peer or a disk never trap.
package struct ByteReader: Sendable {
  package struct Malformed: Error, Equatable { @inlinable package init() {} }

  @usableFromInline let bytes: ArraySlice<UInt8>
  @usableFromInline package internal(set) var offset: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  @inlinable package var isAtEnd: Bool { offset == bytes.endIndex }
  @inlinable package var remaining: Int { bytes.endIndex - offset }

  @inlinable package mutating func byte() throws(Malformed) -> UInt8 {
    guard offset < bytes.endIndex else { throw Malformed() }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// Refuses longer forms than the shortest, so that equal values have equal bytes.
  @inlinable package mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      let low = UInt64(next & 0x7F)
      guard shift < 63 || (shift == 63 && low <= 1) else { throw Malformed() }
      value |= low << shift
      if next < 0x80 {
        guard next != 0 || shift == 0 else { throw Malformed() }
        return value
      }
      shift += 7
    }
  }

  package mutating func zigzag() throws(Malformed) -> Int64 { ByteWriter.unfold(try varint()) }

  /// A varint that counts things of at least one byte each: never more than what remains.
  @inlinable package mutating func count() throws(Malformed) -> Int {
    let value = try varint()
    guard value <= UInt64(remaining) else { throw Malformed() }
    return Int(value)
  }

  package mutating func fixed() throws(Malformed) -> UInt64 {
    guard remaining >= 8 else { throw Malformed() }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[offset + index]) << (8 * UInt64(index)) }
    offset += 8
    return value
  }

  package mutating func bytes(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard remaining >= count else { throw Malformed() }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  @inlinable package mutating func block() throws(Malformed) -> ArraySlice<UInt8> {
    try take(try count())
  }

  @inlinable package mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw Malformed() }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  package mutating func dot() throws(Malformed) -> Dot {
    let epoch = try fixed()
    let sequence = try varint()
    guard epoch != 0, sequence != 0 else { throw Malformed() }
    return Dot(Epoch(bits: epoch), sequence)
  }

  /// Refuses entries out of order: equal vectors have equal bytes.
  package mutating func vector() throws(Malformed) -> VersionVector {
    var vector = VersionVector()
    for _ in 0..<(try count()) {
      let dot = try dot()
      if let last = vector.entries.last, last.epoch >= dot.epoch { throw Malformed() }
      vector.insert(dot)
    }
    return vector
  }
}
