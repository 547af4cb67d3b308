import Bundles
import Causality
import Records

/// Manifests that break one rule each, with checks that fit.
extension VectorFactory {
  private static func malformed(_ name: String, _ about: String, _ bytes: [UInt8]) -> Vector {
    .invalid(name, .manifestMalformed, about, bytes)
  }

  static func parts() throws -> [Vector] {
    let many = (0..<Limits.manifestPartsMax).flatMap { _ -> [UInt8] in [0x3A, 0] }
    return [
      .invalid(
        "too-many-parts", .manifestTooLarge,
        "A delta with so many empty pieces that it makes one part too many.",
        Wire.bundle { $0.block(7, many) }),
      malformed("not-protobuf", "The manifest is no protobuf.", Wire.head(around: [0xFF, 0xFF])),
      malformed("manifest-empty", "The manifest is empty.", Wire.head(around: [])),
      malformed("field-cut", "A field is cut short.", Wire.bundle { $0.raw([0x49, 1, 2]) }),
      malformed(
        "block-over-the-end", "A block is longer than the rest.",
        Wire.bundle { $0.raw([0x3A, 9, 8]) }
      ),
      malformed(
        "group", "A group within the manifest.", Wire.bundle { $0.raw([0x9B, 6, 0x9C, 6]) }),
      malformed(
        "wire-type-seven", "A wire type that does not exist.", Wire.bundle { $0.raw([0x3F, 1]) }),
      malformed(
        "number-in-a-longer-form", "A number has a byte more than it needs.",
        Wire.bundle { $0.raw([0x58, 0x81, 0]) }),
      malformed(
        "tag-in-a-longer-form", "A tag has a byte more than it needs.",
        Wire.bundle { $0.raw([0xD8, 0, 1]) }),
      malformed(
        "number-above-64-bits", "A number exceeds 64 bits.",
        Wire.bundle { $0.raw([0x58] + Array(repeating: 0xFF, count: 9) + [2]) }),
      malformed(
        "field-number-zero", "A field has the number zero.", Wire.bundle { $0.raw([0x00, 1]) }),
      malformed(
        "packed-numbers-cut", "The last number of a list is cut short.",
        Wire.receipt { $0.block(2, [0, 0x80]) }),
      malformed(
        "packed-epochs-cut", "The last epoch of the list is cut short.",
        Wire.bundle { $0.block(6, Array(repeating: 1, count: 15)) }),
      malformed(
        "sealed", "A seal, which this version never has.", Wire.bundle { $0.block(15, [1]) }),
    ]
  }

  static func addresses() throws -> [Vector] {
    let (town, village) = (VectorWorld.town.bits, VectorWorld.village.bits)
    func addressed(
      _ sender: UInt64, _ reader: UInt64, _ body: (inout Wire) -> Void = { _ in }
    ) -> [UInt8] {
      var wire = Wire()
      if sender > 0 { wire.fixed(1, sender) }
      if reader > 0 { wire.fixed(2, reader) }
      body(&wire)
      return Wire.head(around: wire.bytes)
    }
    return [
      malformed("no-sender", "It does not say who wrote it.", addressed(0, village)),
      malformed("no-reader", "It does not say for whom it is.", addressed(town, 0)),
      malformed("to-oneself", "Sender and reader are the same.", addressed(town, town)),
      malformed(
        "place-twice", "A further place is listed twice.",
        addressed(town, village) { $0.fixeds(5, [3, 3]) }),
      malformed(
        "reader-again", "The reader is listed as a further place.",
        addressed(town, village) { $0.fixeds(5, [village]) }),
      malformed(
        "epoch-zero", "An epoch is zero.", addressed(town, village) { $0.fixeds(6, [1, 0]) }),
      malformed(
        "epoch-twice", "An epoch is listed twice.",
        addressed(town, village) { $0.fixeds(6, [7, 8, 7]) }),
      malformed(
        "number-out-of-range", "The bundle's number is above its limit.",
        addressed(town, village) { $0.varint(3, Limits.numberMax + 1) }),
      malformed(
        "made-out-of-range", "The bundle's time is above its limit.",
        addressed(town, village) { $0.varint(4, Limits.madeMax + 1) }),
      malformed(
        "partition-of-no-place", "A partition of a place that is not listed.",
        Wire.bundle { $0.block(8, [0x08, 16]) }),
      malformed(
        "section-five", "A section that does not exist.", Wire.bundle { $0.block(8, [0x08, 5]) }),
      malformed(
        "two-deltas-of-one-partition", "Two deltas of one partition.",
        Wire.bundle { wire in for _ in 0..<2 { wire.block(7, [0x08, 2]) } }),
      malformed(
        "two-receipts-of-one-partition", "Two receipts of one partition.",
        Wire.bundle { wire in for _ in 0..<2 { wire.block(8, [0x08, 2]) } }),
    ]
  }

  static func vectors() throws -> [Vector] {
    func received(_ numbers: [UInt64]) -> [UInt8] { Wire.receipt { $0.numbers(2, numbers) } }
    let chain = Array(repeating: UInt8(7), count: 8)
    return [
      malformed("half-a-pair", "A vector of an odd number of numbers.", received([0, 1, 1])),
      malformed(
        "half-a-pair-in-safe", "The same in what is safe.", Wire.receipt { $0.numbers(3, [0]) }),
      malformed("epoch-not-listed", "An epoch beyond the list.", received([3, 1])),
      malformed("epoch-far-beyond", "An epoch of the highest index.", received([UInt64.max, 1])),
      malformed("sequence-zero", "A sequence of zero.", received([0, 0])),
      malformed(
        "sequence-too-high", "A sequence of 2^31.", received([0, Limits.sequenceMax + 1])),
      malformed("epochs-out-of-order", "The epochs of a vector descend.", received([1, 1, 0, 2])),
      malformed(
        "epoch-twice-in-vector", "An epoch comes twice in a vector.", received([0, 1, 0, 2])),
      malformed(
        "no-chain-at-target", "No chain value at a leaf of the target.",
        Wire.delta { $0.numbers(3, [1, 5]) }),
      malformed(
        "no-chain-at-base", "No chain value at a leaf of the base.",
        Wire.delta { $0.numbers(2, [0, 4]) }),
      malformed(
        "chain-too-many", "A chain value that belongs to no leaf.",
        Wire.delta { $0.block(4, Array(repeating: 7, count: 32)) }),
      malformed(
        "chain-cut", "A chain value is cut short.",
        Wire.delta { $0.block(4, Array(repeating: 7, count: 15)) }),
      malformed(
        "chain-at-base-of-log", "A log with a chain value at its base.",
        Wire.delta { delta in
          delta.varint(1, 3)
          delta.numbers(2, [0, 4])
          delta.block(4, chain + chain + chain)
        }),
    ]
  }

  static func births() throws -> [Vector] {
    func born(_ numbers: [UInt64]) -> [UInt8] { Wire.delta { $0.numbers(6, numbers) } }
    return [
      malformed("birth-without-author", "A birth ends behind its epoch.", born([1])),
      malformed("birth-without-count", "A birth ends behind its author.", born([1, 3])),
      malformed("birth-with-half-a-parent", "A birth ends within a parent.", born([1, 3, 1, 0])),
      malformed(
        "birth-with-endless-parents", "A birth claims 2^64 - 1 parents.",
        born([1, 3, UInt64.max, 0, 4])),
      malformed(
        "birth-of-unlisted-epoch", "A birth of an epoch beyond the list.", born([3, 3, 0])),
      malformed("birth-by-nobody", "A birth by a place that is not listed.", born([1, 4, 0])),
      malformed("birth-from-zero", "A parent with the sequence zero.", born([1, 3, 1, 0, 0])),
      malformed(
        "birth-from-unlisted-epoch", "A parent of an epoch beyond the list.", born([1, 3, 1, 7, 1])),
      malformed(
        "parents-out-of-order", "The epochs of parents descend.", born([2, 3, 2, 1, 4, 0, 4])),
    ]
  }

  static func listedPieces() throws -> [Vector] {
    let hash = Array(repeating: UInt8(1), count: 16)
    func piece(_ content: [UInt8], _ length: Int, _ hash: [UInt8]) -> [UInt8] {
      Wire.delta { delta in
        delta.block(7) { piece in
          if !content.isEmpty { piece.block(1, content) }
          if length > 0 { piece.varint(2, UInt64(length)) }
          if !hash.isEmpty { piece.block(3, hash) }
        }
      }
    }
    let long = Array(repeating: UInt8(1), count: Limits.inlineBytesMax + 1)
    return [
      malformed("piece-nowhere", "A piece neither within nor behind.", piece([], 0, [])),
      malformed("piece-of-no-bytes", "A hash of no bytes.", piece([], 0, hash)),
      malformed("piece-within-and-behind", "A piece both within and behind.", piece([1], 5, hash)),
      malformed("piece-without-hash", "A following piece without a hash.", piece([], 5, [])),
      malformed("hash-cut", "A hash of fifteen bytes.", piece([], 5, hash.dropLast())),
      malformed("hash-too-long", "A hash of seventeen bytes.", piece([], 5, hash + [1])),
      malformed("inline-piece-with-hash", "A piece within, with a hash.", piece([1], 0, hash)),
      malformed("inline-piece-too-long", "A piece within of 1,025 bytes.", piece(long, 0, [])),
      malformed(
        "piece-over-the-limit", "A following piece that claims a byte too many.",
        piece([], Limits.pieceBytesMax + 1, hash)),
    ]
  }
}
