import Records
import Testing

@testable import Bundles

/// Manifests each of which breaks one rule.
enum BrokenManifests {
  struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let bytes: [UInt8]

    init(_ what: String, _ bytes: [UInt8]) {
      self.what = what
      self.bytes = bytes
    }

    var testDescription: String { what }
  }

  static let all: [Case] = [numbers, addresses, vectors, partitions, births, pieces, wires].flatMap
  { $0 }

  private static let numbers = [
    Case("a number out of range", Wire.manifest { $0.varint(3, Limits.numberMax + 1) }),
    Case("the largest number", Wire.manifest { $0.varint(3, UInt64.max) }),
    Case("a time out of range", Wire.manifest { $0.varint(4, Limits.madeMax + 1) }),
    Case("the last time", Wire.manifest { $0.varint(4, UInt64.max) }),
    Case("a seal", Wire.manifest { $0.block(15, [1]) }),
  ]

  private static let addresses: [Case] = {
    func addressed(_ sender: UInt64, _ reader: UInt64, _ places: [UInt64] = []) -> [UInt8] {
      var wire = Wire()
      wire.fixed(1, sender)
      wire.fixed(2, reader)
      for place in places { wire.fixed(5, place) }
      return wire.bytes
    }
    return [
      Case("nothing at all", []), Case("no sender", addressed(0, 2)),
      Case("no reader", addressed(1, 0)),
      Case("to oneself", addressed(1, 1)),
      Case("the sender as a further place", addressed(1, 2, [1])),
      Case("a place twice", addressed(1, 2, [3, 3])),
      Case("an epoch zero", addressed(1, 2) + Wire.manifest { $0.epochs([0]) }),
      Case("an epoch twice", Wire.manifest { $0.epochs([40, 20]) }),
    ]
  }()

  private static let vectors: [Case] = [
    Case("half a pair", Wire.receipt { $0.numbers(2, [0]) }),
    Case("half a pair in what is safe", Wire.receipt { $0.numbers(3, [0, 1, 1]) }),
    Case("half a pair in a base", Wire.delta { $0.numbers(2, [0]) }),
    Case("an epoch that is not listed", Wire.receipt { $0.numbers(2, [3, 1]) }),
    Case("an epoch far beyond the list", Wire.receipt { $0.numbers(2, [UInt64.max, 1]) }),
    Case("a sequence zero", Wire.receipt { $0.numbers(2, [0, 0]) }),
    Case("a sequence too large", Wire.receipt { $0.numbers(2, [0, Limits.sequenceMax + 1]) }),
    Case("the largest sequence", Wire.receipt { $0.numbers(2, [0, UInt64.max]) }),
    Case("an epoch twice in a vector", Wire.receipt { $0.numbers(2, [0, 1, 0, 2]) }),
    Case("epochs out of order", Wire.receipt { $0.numbers(2, [1, 1, 0, 2]) }),
  ]

  private static let partitions: [Case] = [
    Case("a partition of no place", Wire.manifest { $0.block(8, [0x08, 16]) }),
    Case(
      "a partition far beyond", Wire.manifest { $0.block(8, [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]) }),
    Case("a section that does not exist", Wire.manifest { $0.block(8, [0x08, 5]) }),
    Case("the last section that does not exist", Wire.manifest { $0.block(8, [0x08, 7]) }),
    Case(
      "a partition with two receipts",
      Wire.manifest {
        $0.block(8, [0x08, 2])
        $0.block(8, [0x08, 2])
      }
    ),
    Case(
      "a partition with two deltas",
      Wire.manifest {
        $0.block(7, [0x08, 2])
        $0.block(7, [0x08, 2])
      }
    ),
    Case(
      "no chain value for a target leaf", Wire.manifest { $0.block(7, [0x08, 2, 0x1A, 2, 0, 5]) }),
    Case("no chain value for a base leaf", Wire.delta { $0.numbers(2, [0, 4]) }),
    Case("a chain value too many", Wire.delta { $0.block(4, Array(repeating: 7, count: 32)) }),
    Case("a chain value cut short", Wire.delta { $0.block(4, Array(repeating: 7, count: 15)) }),
    Case(
      "base values in a log",
      Wire.delta {
        $0.varint(1, 3)
        $0.numbers(2, [0, 4])
        $0.block(4, Array(repeating: 7, count: 24))
      }
    ),
  ]

  private static let births: [Case] = [
    Case("a birth without an author", Wire.delta { $0.numbers(6, [1]) }),
    Case("a birth without a number of parents", Wire.delta { $0.numbers(6, [1, 3]) }),
    Case("a birth with fewer parents than it says", Wire.delta { $0.numbers(6, [1, 3, 1]) }),
    Case("a birth with half a parent", Wire.delta { $0.numbers(6, [1, 3, 1, 0]) }),
    Case("a birth with endless parents", Wire.delta { $0.numbers(6, [1, 3, UInt64.max, 0, 4]) }),
    Case("a birth of an unlisted epoch", Wire.delta { $0.numbers(6, [3, 3, 0]) }),
    Case("a birth by nobody", Wire.delta { $0.numbers(6, [1, 4, 0]) }),
    Case("a birth by nobody at all", Wire.delta { $0.numbers(6, [1, UInt64.max, 0]) }),
    Case("an epoch born twice", Wire.delta { $0.numbers(6, [1, 3, 0, 1, 3, 0]) }),
    Case(
      "an epoch born twice in different ways", Wire.delta { $0.numbers(6, [1, 3, 0, 1, 2, 0]) }),
    Case(
      "an epoch born in two partitions",
      Wire.manifest { manifest in
        for partition in 2...3 as ClosedRange<UInt64> {
          var wire = Wire()
          wire.varint(1, partition)
          wire.numbers(6, [1, 3, 0])
          manifest.block(7, wire.bytes)
        }
      }),
    Case("a birth from a write zero", Wire.delta { $0.numbers(6, [1, 3, 1, 0, 0]) }),
    Case("a birth from an unlisted epoch", Wire.delta { $0.numbers(6, [1, 3, 1, 7, 1]) }),
  ]

  private static let hash = Array(repeating: UInt8(1), count: 16)
  private static let pieces: [Case] = [
    Case("a piece that is nowhere", Wire.piece { _ in }),
    Case("a piece of no bytes", Wire.piece { $0.block(3, hash) }),
    Case("a piece without a hash", Wire.piece { $0.varint(2, 5) }),
    Case("a piece both within and after", piece(content: [1], length: 5, hash: hash)),
    Case("a piece within that has a hash", piece(content: [1], length: 0, hash: hash)),
    Case("a piece within and after without a hash", piece(content: [1], length: 5, hash: [])),
    Case("a hash cut short", piece(content: [], length: 5, hash: hash.dropLast())),
    Case("a hash too long", piece(content: [], length: 5, hash: hash + [1])),
    Case(
      "a piece too long", piece(content: [], length: UInt64(Limits.pieceBytesMax) + 1, hash: hash)),
    Case("a piece far too long", piece(content: [], length: 1 << 32 - 1, hash: hash)),
    Case(
      "a piece within that is too long",
      piece(content: Array(repeating: 1, count: Limits.inlineBytesMax + 1), length: 0, hash: [])
    ),
  ]

  private static func piece(content: [UInt8], length: UInt64, hash: [UInt8]) -> [UInt8] {
    Wire.piece {
      if !content.isEmpty { $0.block(1, content) }
      if length > 0 { $0.varint(2, length) }
      if !hash.isEmpty { $0.block(3, hash) }
    }
  }

  private static let wires: [Case] = [
    Case("a field cut short", Wire.manifest { $0.raw([0x09, 1, 2]) }),
    Case("a block longer than the rest", Wire.manifest { $0.raw([0x3A, 9, 1]) }),
    Case("a group", Wire.manifest { $0.raw([0x3B, 0x3C]) }),
    Case("a wire type that does not exist", Wire.manifest { $0.raw([0x3F, 1]) }),
    Case("a field of another type", Wire.manifest { $0.raw([0x3A + 8, 3, 0x08, 2]) }),
    Case("numbers cut short", Wire.receipt { $0.block(2, [0x80]) }),
    Case("epochs cut short", Wire.manifest { $0.block(6, [1, 2, 3]) }),
    Case(
      "a varint without end", Wire.manifest { $0.raw([0x18] + Array(repeating: 0xFF, count: 11)) }),
  ]
}
