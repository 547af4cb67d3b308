import Bundles
import Causality
import Records
import Trust

/// Sealed bundles that only the reader finds out: checks 11 to 14 of Protocol/07. The check, which
/// anybody can make right, is right in all of them.
extension VectorFactory {
  private static let town = VectorKeys.town
  private static let thief = VectorKeys.thief

  private static func flipped(_ bytes: [UInt8], _ at: Int, _ mask: UInt8 = 1) -> [UInt8] {
    var bytes = bytes
    bytes[at] ^= mask
    return bytes
  }

  /// Adds the order of Ed25519's base point to the number in the second half of a signature.
  private static func beyondOrder(_ signature: [UInt8]) -> [UInt8] {
    let order: [UInt8] = [
      0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE,
      0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]
    var signature = signature
    var carry = 0
    for (at, byte) in order.enumerated() {
      carry += Int(signature[32 + at]) + Int(byte)
      signature[32 + at] = UInt8(truncatingIfNeeded: carry)
      carry >>= 8
    }
    return signature
  }

  static func signatures() throws -> [Vector] {
    var draft = try SealedDraft(smallTelling())
    let parts = try draft.sealed()
    let right = parts.signature(by: .village, for: town.publicKeys)
    var other = try SealedDraft(smallTelling(number: 2))
    other.ephemeralSecret = VectorKeys.dice(2)
    let others = try other.sealed()
    draft.reader = thief.publicKeys
    let elsewhere = try draft.sealed()
    func wrong(_ name: String, _ about: String, _ bytes: [UInt8]) -> Vector {
      refused(name, .signatureWrong, about, bytes)
    }
    func changed(
      _ name: String, _ about: String, _ change: (inout SealedParts) -> Void
    ) -> Vector {
      wrong(name, about, parts.with(change).bytes(signature: right))
    }
    let halfReader = PublicKeys(town.publicKeys.signing + thief.publicKeys.sealing)
    return [
      wrong("other-sender", "Signed by another.", parts.bytes(signedBy: thief)),
      wrong("signed-by-the-reader", "Signed by the reader itself.", parts.bytes(signedBy: town)),
      wrong(
        "for-another", "Sealed and signed for another reader.",
        elsewhere.bytes(for: thief.publicKeys)),
      wrong(
        "signed-for-another", "Sealed for this reader, and signed for another.",
        parts.bytes(for: thief.publicKeys)),
      wrong(
        "signed-for-half-the-reader", "Signed for keys of which only the first are this reader's.",
        parts.bytes(for: try demanded(halfReader, "keys"))),
      wrong(
        "unsigned", "A signature of zeros.",
        parts.bytes(signature: Array(repeating: 0, count: 64))),
      wrong(
        "flip-in-signed-point", "A bit of the signature's first half.",
        parts.bytes(signature: flipped(right, 3))),
      wrong(
        "flip-in-signed-number", "A bit of its second half.",
        parts.bytes(signature: flipped(right, 40))),
      wrong(
        "signature-beyond-the-order", "The same signature with the order added to its number.",
        parts.bytes(signature: beyondOrder(right))),
      wrong(
        "signature-of-another", "The signature of the sender's next bundle.",
        parts.bytes(signature: others.signature(by: .village, for: town.publicKeys))),
      wrong(
        "signed-without-its-purpose", "Signed without the words in front of it.",
        parts.bytes(
          signature: VectorKeys.village.keys.sign(
            Array(SealedParts.message(parts.signed, for: town.publicKeys).dropFirst(15))))),
      changed("introduction-changed", "An introduction where there was none.") {
        $0.introduction = [1, 2, 3]
      },
      changed("label-changed", "The label says another number than was signed.") {
        $0.label[16] += 1
      },
      changed("ephemeral-exchanged", "The ephemeral key of the sender's next bundle.") {
        $0.ephemeral = others.ephemeral
      },
      changed("ephemeral-zero", "An ephemeral key of zeros, which nobody signed.") {
        $0.ephemeral = Array(repeating: 0, count: 32)
      },
      changed("manifest-exchanged", "The sealed manifest of the sender's next bundle.") {
        $0.manifest = others.manifest
      },
    ]
  }

  /// The seven points below 2^255 with which every secret gives zero, and one with the highest bit.
  private static let lowOrder: [(String, String)] = [
    ("zero", "0000000000000000000000000000000000000000000000000000000000000000"),
    ("one", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("order-eight", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    ("order-eight-too", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    ("below-p", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("above-p", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("one-with-high-bit", "0100000000000000000000000000000000000000000000000000000000000080"),
  ]

  static func seals() throws -> [Vector] {
    let draft = try SealedDraft(smallTelling())
    let parts = try draft.sealed()
    var other = try SealedDraft(smallTelling(number: 2))
    other.ephemeralSecret = VectorKeys.dice(2)
    let others = try other.sealed()
    func wrong(
      _ name: String, _ about: String, _ change: (inout SealedParts) -> Void
    ) -> Vector {
      refused(name, .sealWrong, about, parts.with(change).bytes())
    }
    func sealed(
      _ name: String, _ about: String, _ change: (inout SealedDraft) -> Void
    ) throws -> Vector {
      var changed = draft
      change(&changed)
      return refused(name, .sealWrong, about, try changed.sealed().bytes())
    }
    let points = try lowOrder.map { name, point in
      refused(
        "ephemeral-of-low-order-" + name, .sealWrong,
        "An ephemeral key with which anybody shares zero, sealed with just that.",
        try draft.sealed(
          ephemeral: demanded(unhex(point), "hex"), shared: Array(repeating: 0, count: 32)
        ).bytes())
    }
    return try points + [
      sealed("stolen", "Sealed by another, whose key is bound in, and signed by the sender.") {
        $0.sender = thief
      },
      sealed("sealed-for-another", "Sealed for another reader, and signed for this one.") {
        $0.reader = thief.publicKeys
      },
      sealed("sealed-under-one", "The manifest is sealed under the number 1.") {
        $0.firstNumber = 1
      },
      wrong("introduction-changed-and-signed", "Another introduction than was bound in.") {
        $0.introduction = [1, 2, 3]
      },
      wrong("label-changed-and-signed", "Another number on the label than was bound in.") {
        $0.label[16] += 1
      },
      wrong("ephemeral-exchanged-and-signed", "Another bundle's ephemeral key.") {
        $0.ephemeral = others.ephemeral
      },
      wrong("manifest-exchanged-and-signed", "Another bundle's sealed manifest.") {
        $0.manifest = others.manifest
      },
      wrong("flip-in-manifest-and-signed", "A bit of the sealed manifest.") {
        $0.manifest = flipped($0.manifest, 20)
      },
      wrong("flip-in-tag-and-signed", "A bit of its tag.") {
        $0.manifest = flipped($0.manifest, $0.manifest.count - 1, 0x80)
      },
      wrong("manifest-without-tag", "A sealed manifest of 15 bytes, shorter than a tag.") {
        $0.manifest = Array($0.manifest.prefix(15))
      },
      wrong("manifest-empty", "A sealed manifest of no bytes.") { $0.manifest = [] },
      wrong("manifest-cut-and-signed", "A sealed manifest without its last byte.") {
        $0.manifest.removeLast()
      },
    ]
  }

  static func sealedManifests() throws -> [Vector] {
    let telling = try smallTelling()
    let right = try SealedDraft(telling)
    let (sender, reader) = (telling.manifest.sender.bits, telling.manifest.reader.bits)
    let (made, following) = (
      telling.manifest.made, right.pieces.reduce(0) { $0 + UInt64($1.count) + 16 }
    )
    func malformed(
      _ name: String, _ about: String, _ change: (inout SealedDraft) -> Void
    ) throws -> Vector {
      var draft = right
      change(&draft)
      return refused(name, .manifestMalformed, about, try draft.bytes())
    }
    func otherwise(
      _ name: String, _ about: String, _ numbers: [UInt64]
    ) throws -> Vector {
      try malformed("label-of-another-" + name, about) {
        $0.label = SealedDraft.label(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
      }
    }
    return try [
      otherwise(
        "sender", "The label names another sender than the manifest.",
        [VectorWorld.county.bits, reader, 1, made, following]),
      otherwise(
        "reader", "It names another reader.",
        [sender, VectorWorld.county.bits, 1, made, following]),
      otherwise("number", "It says another number.", [sender, reader, 2, made, following]),
      otherwise("time", "It says another time.", [sender, reader, 1, made + 1, following]),
      otherwise(
        "length", "It says more than the pieces have.",
        [sender, reader, 1, made, following + 16]),
      malformed("manifest-of-nothing", "The manifest is empty.") { $0.manifest = [] },
      malformed("manifest-of-no-protobuf", "The manifest is no protobuf.") {
        $0.manifest = [0xFF, 0xFF]
      },
      malformed("manifest-with-a-seal", "The manifest has a seal of its own.") {
        $0.manifest += [0x7A, 1, 1]
      },
    ]
  }

  static func sealedPieces() throws -> [Vector] {
    let draft = try SealedDraft(smallTelling())
    let parts = try draft.sealed()
    var other = try SealedDraft(smallTelling(number: 2))
    other.ephemeralSecret = VectorKeys.dice(2)
    let others = try other.sealed()
    func damaged(_ name: String, _ about: String, _ change: (inout SealedParts) -> Void) -> Vector {
      refused(name, .pieceDamaged, about, parts.with(change).bytes())
    }
    var exchanged = draft
    exchanged.pieces.swapAt(0, 1)
    var shifted = draft
    shifted.firstNumber = 1
    let late = try shifted.sealed().pieces
    return [
      damaged("flip-in-sealed-piece", "A bit of the second piece.") {
        $0.pieces[1] = flipped($0.pieces[1], 9)
      },
      damaged("flip-in-tag-of-piece", "A bit of the first piece's tag.") {
        $0.pieces[0] = flipped($0.pieces[0], $0.pieces[0].count - 1)
      },
      damaged("sealed-pieces-exchanged", "Two sealed pieces changed places.") {
        $0.pieces.swapAt(0, 1)
      },
      damaged("sealed-piece-twice", "The first piece stands for the second, too.") {
        $0.pieces[1] = $0.pieces[0]
      },
      damaged("piece-of-another-bundle", "The first piece of the sender's next bundle.") {
        $0.pieces[0] = others.pieces[0]
      },
      damaged("piece-not-sealed", "A piece as it is, and zeros where its tag would be.") {
        $0.pieces[0] = draft.pieces[0] + Array(repeating: 0, count: 16)
      },
      damaged("piece-under-another-number", "The pieces are sealed under the numbers 2 and 3.") {
        $0.pieces = late
      },
      refused(
        "piece-of-another-hash", .pieceDamaged,
        "Two pieces changed places before they were sealed.", try exchanged.bytes()),
      refused(
        "piece-damaged-and-next-cut", .pieceDamaged,
        "A bit of the first piece, and the second is cut: the first is looked at first.",
        Array(parts.with { $0.pieces[0] = flipped($0.pieces[0], 0) }.bytes().dropLast())),
    ]
  }
}
