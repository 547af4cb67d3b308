import Causality
import Records
import Testing

/// Bytes from a peer or a disk never trap, and equal things have one form.
@Suite struct ByteReaderTests {
  private static let numbers: [UInt64] =
    (0..<64).flatMap { (bit: UInt64) -> [UInt64] in
      let power: UInt64 = 1 << bit
      return [power - 1, power, power + 1]
    } + [UInt64.max]

  @Test func `numbers, dots, vectors and blocks are read back`() {
    withEverySeed(0..<500) { random in
      let vector = VersionVector(
        (0..<random.below(6)).map { _ in
          let dot = random.dot()
          return .init(dot.epoch, dot.sequence)
        })
      let (number, signed) = (random.number(), Int64(bitPattern: random.next()))
      let (dot, block) = (random.dot(), random.bytes(random.below(300)))
      var writer = ByteWriter()
      writer.varint(number)
      writer.zigzag(signed)
      writer.fixed(number)
      writer.dot(dot)
      writer.vector(vector)
      writer.block(block)
      // A reader of a slice counts from where the slice begins.
      let padded = [1, 2, 3] + writer.bytes + [9]
      var reader = ByteReader(padded[3..<(padded.count - 1)])
      try demand(try reader.varint() == number, "\(number)")
      try demand(try reader.zigzag() == signed, "\(signed)")
      try demand(try reader.fixed() == number, "\(number)")
      try demand(try reader.dot() == dot, "\(dot)")
      try demand(try reader.vector() == vector, "\(vector)")
      try demand(Array(try reader.block()) == block, "\(block)")
      try demand(reader.isAtEnd && reader.remaining == 0, "\(reader.remaining) bytes left")
    }
  }

  @Test(arguments: numbers)
  func `a varint has one form`(number: UInt64) throws {
    var writer = ByteWriter()
    writer.varint(number)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.varint() == number)
    #expect(reader.isAtEnd)
    #expect(writer.bytes.count == max(1, (64 - number.leadingZeroBitCount + 6) / 7))

    var longer = writer.bytes
    longer[longer.count - 1] |= 0x80
    var refused = ByteReader(longer + [0])
    #expect(throws: ByteReader.Malformed()) { try refused.varint() }
    var truncated = ByteReader(longer)
    #expect(throws: ByteReader.Malformed()) { try truncated.varint() }
  }

  @Test(arguments: [
    "8000", "ff00", "80808000", "ffffffffffffffffff02", "ffffffffffffffffff03",
    "ffffffffffffffffffff01", "80808080808080808080", "8080808080808080808001",
    "80808080808080808002", "ffffffffffffffffff8100",
  ])
  func `a varint that is longer than needed or too large is refused`(digits: String) {
    var reader = ByteReader(hex(digits))
    #expect(throws: ByteReader.Malformed()) { try reader.varint() }
  }

  @Test func `signs fold so that small numbers stay short`() {
    #expect([0, -1, 1, -2, 2].map(ByteWriter.fold) == [0, 1, 2, 3, 4])
    #expect(ByteWriter.fold(Int64.max) == UInt64.max - 1)
    #expect(ByteWriter.fold(Int64.min) == UInt64.max)
    for number in Self.numbers {
      #expect(ByteWriter.fold(ByteWriter.unfold(number)) == number)
    }
  }

  @Test func `a count or block that exceeds what remains is refused`() {
    for digits in ["01", "0261", "ffffffffffffffff7f00", "ffffffffffffffffff0100"] {
      var counting = ByteReader(hex(digits))
      #expect(throws: ByteReader.Malformed()) { try counting.count() }
      var taking = ByteReader(hex(digits))
      #expect(throws: ByteReader.Malformed()) { try taking.block() }
    }
    var reader = ByteReader([1, 2])
    #expect(throws: ByteReader.Malformed()) { try reader.take(-1) }
    #expect(throws: ByteReader.Malformed()) { try reader.take(3) }
    #expect(throws: ByteReader.Malformed()) { try reader.take(Int.max) }
    #expect(reader.remaining == 2)
  }

  @Test(arguments: [
    // Zero is no epoch and no sequence.
    "01 0000000000000000 01", "01 0100000000000000 00",
    // Entries out of order, or twice.
    "02 0200000000000000 01 0100000000000000 01", "02 0100000000000000 01 0100000000000000 02",
    // More entries than bytes.
    "ff01 0100000000000000 01",
  ])
  func `a vector that no vector prints is refused`(digits: String) {
    var reader = ByteReader(hex(digits))
    #expect(throws: ByteReader.Malformed()) { try reader.vector() }
  }

  @Test func `every truncation is refused`() throws {
    var writer = ByteWriter()
    writer.vector(
      VersionVector("0000000000000001:2 00000000000000ff:2147483647") ?? .init())
    for length in writer.bytes.indices {
      var reader = ByteReader(writer.bytes[..<length])
      #expect(throws: ByteReader.Malformed()) { try reader.vector() }
    }
    var whole = ByteReader(writer.bytes)
    #expect(try whole.vector().entries.count == 2)
  }

  @Test func `no bytes trap, and what is read writes the same bytes`() {
    withEverySeed(0..<3000) { random in
      var bytes = random.bytes(random.below(40))
      if random.chance(50) { bytes = bytes.map { $0 & 0x83 } }
      var reader = ByteReader(bytes)
      while !reader.isAtEnd {
        let start = reader.offset
        var writer = ByteWriter()
        do {
          switch random.below(7) {
          case 0: writer.bytes.append(try reader.byte())
          case 1: writer.varint(try reader.varint())
          case 2: writer.zigzag(try reader.zigzag())
          case 3: writer.fixed(try reader.fixed())
          case 4: writer.block(try reader.block())
          case 5: writer.dot(try reader.dot())
          default: writer.vector(try reader.vector())
          }
        } catch { return }
        try demand(Array(bytes[start..<reader.offset]) == writer.bytes, "\(bytes) at \(start)")
      }
    }
  }
}
