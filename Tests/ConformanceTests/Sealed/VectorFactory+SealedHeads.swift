import Bundles
import Causality
import Records
import Trust

/// Sealed bundles that anybody refuses, without keys: checks 1 to 8 of Protocol/07.
extension VectorFactory {
  /// A good one, and where its parts begin.
  private struct Whole {
    let draft: SealedDraft
    let parts: SealedParts
    let bytes: [UInt8]

    init() throws {
      draft = try SealedDraft(smallTelling())
      var introduced = draft
      introduced.introduction = Array(1...20)
      parts = try introduced.sealed()
      bytes = parts.bytes()
    }

    var introduction: Int { 4 + parts.label.count }
    var ephemeral: Int { parts.bound.count }
    var manifest: Int { ephemeral + 32 }
    var check: Int { parts.unchecked.count }
    var signature: Int { check + 8 }
    var piece: Int { signature + 64 }

    func changed(_ at: Int, _ mask: UInt8 = 0x10) -> [UInt8] {
      var bytes = bytes
      bytes[at] ^= mask
      return bytes
    }

    /// With another label, of which all the rest is right.
    func labelled(_ label: [UInt8]) throws -> [UInt8] {
      var draft = draft
      draft.label = label
      return try draft.bytes()
    }

    /// The head up to a length, and what is written there instead, with much behind it.
    func length(at place: Int, _ length: [UInt8]) -> [UInt8] {
      bytes[..<place] + length + Array(repeating: 1, count: 9000)
    }
  }

  static func sealedCuts() throws -> [Vector] {
    let whole = try Whole()
    let second = whole.piece + whole.parts.pieces[0].count
    let cuts: [(String, Int, String)] = [
      ("no-byte", 0, "No byte at all."), ("cut-in-magic", 1, "Only the letter Y."),
      ("cut-before-version", 2, "Cut before the version."),
      ("cut-before-label", 3, "Cut before the length of the label."),
      ("cut-in-label", 10, "Cut within the label."),
      ("cut-before-introduction", whole.introduction, "Cut behind the label."),
      ("cut-in-introduction", whole.introduction + 9, "Cut within the introduction."),
      ("cut-in-ephemeral", whole.ephemeral + 16, "Cut within the ephemeral key."),
      ("cut-before-manifest", whole.manifest, "Cut behind the ephemeral key."),
      ("cut-in-length", whole.manifest + 1, "Cut within the length of the sealed manifest."),
      ("cut-in-manifest", whole.manifest + 50, "Cut within the sealed manifest."),
      ("cut-before-check", whole.check, "Cut behind the sealed manifest."),
      ("cut-in-check", whole.check + 4, "Cut within the check."),
      ("cut-before-signature", whole.signature, "Cut behind the check."),
      ("cut-in-signature", whole.piece - 1, "The last byte of the signature is missing."),
      ("cut-before-piece", whole.piece, "A whole head, and none of its pieces."),
      ("cut-in-piece", whole.piece + 20, "Cut within the first piece."),
      ("cut-before-second-piece", second, "The second piece is missing."),
      ("cut-last-byte", whole.bytes.count - 1, "The last byte of the last tag is missing."),
    ]
    return cuts.map { name, count, about in
      refused(name, .truncated, about, Array(whole.bytes.prefix(count)))
    }
  }

  static func sealedHeads() throws -> [Vector] {
    let whole = try Whole()
    let endless = Array(repeating: UInt8(0xFF), count: 10)
    func malformed(_ name: String, _ about: String, _ bytes: [UInt8]) -> Vector {
      refused(name, .manifestMalformed, about, bytes)
    }
    return [
      refused("other-file", .notABundle, "The second byte is not a Z.", whole.changed(1)),
      refused("one-foreign-byte", .notABundle, "One byte, and not a Y.", [0x50]),
      refused(
        "plain", .versionUnsupported, "A good bundle that is not sealed.",
        try smallTelling().bytes),
      refused("newer-version", .versionUnsupported, "Format version 3.", whole.changed(2, 1)),
      malformed("label-too-long", "A label of 65 bytes.", whole.length(at: 3, [65])),
      malformed(
        "label-length-in-a-longer-form", "Its length has a byte more than it needs.",
        whole.length(at: 3, [UInt8(whole.parts.label.count) | 0x80, 0])),
      malformed(
        "label-length-without-end", "The length goes on and on.", whole.length(at: 3, endless)),
      malformed(
        "introduction-too-long", "An introduction of 4,097 bytes.",
        whole.length(at: whole.introduction, [0x81, 0x20])),
      malformed(
        "introduction-length-in-a-longer-form", "Its length has a byte more than it needs.",
        whole.length(at: whole.introduction, [0x94, 0])),
      malformed(
        "manifest-length-in-a-longer-form", "Its length has a byte more than it needs.",
        whole.length(at: whole.manifest, [0x94, 0])),
      malformed(
        "manifest-length-without-end", "The length goes on and on.",
        whole.length(at: whole.manifest, endless)),
      refused(
        "manifest-over-the-limit", .manifestTooLarge,
        "The sealed manifest claims a byte too many, and more than there is.",
        whole.length(at: whole.manifest, [0x91, 0x80, 0x80, 0x04])),
      refused(
        "flip-in-label", .checkFailed, "A bit of the label's reader, which is then another's.",
        whole.changed(14)),
      refused(
        "flip-in-introduction", .checkFailed, "A bit of the introduction.",
        whole.changed(whole.introduction + 5)),
      refused(
        "flip-in-ephemeral", .checkFailed, "A bit of the ephemeral key.",
        whole.changed(whole.ephemeral + 7)),
      refused(
        "flip-in-sealed-manifest", .checkFailed, "A bit of the sealed manifest.",
        whole.changed(whole.check - 30)),
      refused(
        "flip-in-sealed-check", .checkFailed, "A bit of the check.", whole.changed(whole.check)),
      refused(
        "flip-and-tail", .checkFailed, "A bit of the label, and a byte behind the end.",
        whole.changed(5) + [0]),
    ]
  }

  static func labels() throws -> [Vector] {
    let whole = try Whole()
    let (sender, reader) = (VectorWorld.village.bits, VectorWorld.town.bits)
    let right = whole.parts.label
    func label(
      _ name: String, _ about: String, _ sender: UInt64 = sender, _ reader: UInt64 = reader,
      _ numbers: [UInt64] = [1, 2, 3]
    ) throws -> Vector {
      refused(
        "label-" + name, .manifestMalformed, about,
        try whole.labelled(SealedDraft.label(sender, reader, numbers[0], numbers[1], numbers[2])))
    }
    func malformed(_ name: String, _ about: String, _ label: [UInt8]) throws -> Vector {
      refused("label-" + name, .manifestMalformed, about, try whole.labelled(label))
    }
    return try [
      malformed("empty", "A label of no bytes.", []),
      malformed("cut", "A label without its last number.", Array(right.dropLast(2))),
      malformed("with-a-tail", "A byte behind the label's last number.", right + [0]),
      malformed(
        "number-in-a-longer-form", "A number has a byte more than it needs.",
        Array(right[..<16]) + [right[16] | 0x80, 0] + right[17...]),
      label("without-sender", "It does not say who wrote it.", 0),
      label("without-reader", "It does not say for whom it is.", sender, 0),
      label("to-oneself", "Sender and reader are the same.", sender, sender),
      label(
        "number-out-of-range", "A number above its limit.", sender, reader,
        [Limits.numberMax + 1, 2, 3]),
      label(
        "made-out-of-range", "A time above its limit.", sender, reader, [1, Limits.madeMax + 1, 3]),
      label(
        "following-out-of-range", "Pieces above their limit.", sender, reader,
        [1, 2, Limits.followingMax + 1]),
      refused(
        "trailing-byte", .trailingBytes, "A byte behind the end.", whole.bytes + [0]),
      refused(
        "twice", .trailingBytes, "The same bundle twice.", whole.bytes + whole.bytes),
      refused(
        "forged-with-a-tail", .trailingBytes, "A byte behind the end, and a signature of zeros.",
        whole.parts.bytes(signature: Array(repeating: 0, count: 64)) + [0]),
    ]
  }
}
