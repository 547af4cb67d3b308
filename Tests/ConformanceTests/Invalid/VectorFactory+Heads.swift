import Bundles
import Causality
import Records

/// Damage that is seen before the manifest is read, or behind it.
extension VectorFactory {
  /// A good bundle with one piece within the manifest and one behind it.
  private static func whole() throws -> (bytes: [UInt8], head: Int) {
    let telling = try severalEventPieces(at: .usual)
    let head = try BundleHead(parsing: telling.bytes).length
    // So that the length of the manifest takes two bytes.
    try demand(head > 200 && telling.bytes.count > head + 100, "a length of two bytes")
    return (telling.bytes, head)
  }

  static func cuts() throws -> [Vector] {
    let (bytes, head) = try whole()
    let cuts: [(String, Int, String)] = [
      ("empty", 0, "No byte at all."), ("cut-in-magic", 1, "Only the letter Y."),
      ("cut-before-version", 2, "Cut before the version."),
      ("cut-before-length", 3, "Cut before the length of the manifest."),
      ("cut-in-length", 4, "Cut within the length of the manifest."),
      ("cut-before-manifest", 5, "Cut behind the length of the manifest."),
      ("cut-in-manifest", head / 2, "Cut in the middle of the manifest."),
      ("cut-before-check", head - 9, "Cut behind the manifest."),
      ("cut-in-check", head - 4, "Cut within the check."),
      ("cut-before-signature", head - 1, "Cut before the place of the signature."),
      ("cut-before-piece", head, "A whole head, and nothing of its piece."),
      ("cut-in-piece", head + 40, "Cut within the piece."),
      ("cut-last-byte", bytes.count - 1, "The last byte is missing."),
    ]
    return cuts.map { name, count, about in
      .invalid(name, .truncated, about, Array(bytes.prefix(count)))
    }
  }

  static func heads() throws -> [Vector] {
    let (bytes, head) = try whole()
    let junk = Array(repeating: UInt8(0xFF), count: 20)
    func changed(_ at: Int, _ mask: UInt8 = 0x10) -> [UInt8] {
      var bytes = bytes
      bytes[at] ^= mask
      return bytes
    }
    func length(_ value: UInt64) -> [UInt8] {
      var writer = ByteWriter()
      writer.bytes = [0x59, 0x5A, 1]
      writer.varint(value)
      return writer.bytes + Array(repeating: 0, count: 20)
    }
    return [
      .invalid("other-file", .notABundle, "A zip file.", [0x50, 0x4B, 3, 4] + junk),
      .invalid("one-foreign-byte", .notABundle, "One byte, and not a Y.", [0x50]),
      .invalid("second-byte", .notABundle, "The second byte is not a Z.", changed(1)),
      .invalid("version-zero", .versionUnsupported, "Format version 0.", changed(2, 1)),
      .invalid(
        "newer-version", .versionUnsupported, "Format version 2, which may do anything behind it.",
        [0x59, 0x5A, 2] + junk),
      .invalid(
        "manifest-over-the-limit", .manifestTooLarge, "The manifest claims a byte too many.",
        length(UInt64(Limits.manifestBytesMax) + 1)),
      .invalid(
        "length-of-five-bytes", .manifestTooLarge, "The manifest claims 2^34 bytes.",
        length(1 << 34)),
      .invalid(
        "length-without-end", .manifestTooLarge, "The length goes on and on.",
        [0x59, 0x5A, 1] + junk),
      .invalid(
        "length-in-a-longer-form", .manifestMalformed, "The length has a byte more than it needs.",
        longer(bytes)),
      .invalid(
        "length-one-less", .checkFailed, "The manifest claims a byte less than it has.",
        changed(3, 1)),
      .invalid("flip-in-manifest", .checkFailed, "A bit of the manifest.", changed(head / 2)),
      .invalid("flip-in-check", .checkFailed, "A bit of the check.", changed(head - 3)),
      .invalid(
        "signed", .manifestMalformed, "A signature, which nobody can verify yet.",
        Array(bytes[..<(head - 1)]) + [64] + Array(repeating: 5, count: 64) + bytes[head...]),
      .invalid("trailing-byte", .trailingBytes, "A byte behind the end.", bytes + [0]),
      .invalid("trailing-bundle", .trailingBytes, "The same bundle twice.", bytes + bytes),
    ]
  }

  /// The same with the two bytes of the length in three, and a check that fits.
  private static func longer(_ bytes: [UInt8]) -> [UInt8] {
    let head = Array(bytes[..<4]) + [bytes[4] | 0x80, 0] + bytes[5...].prefix(600)
    let check = ChainValue(hashing: head).inOrder.prefix(8)
    return head + check + [0]
  }

  static func following() throws -> [Vector] {
    let (bytes, head) = try whole()
    var flipped = bytes
    flipped[head + 30] ^= 1
    let behind = try severalEventPieces(at: .behind)
    let start = try BundleHead(parsing: behind.bytes).length
    let lengths = behind.manifest.deltas[0].pieces.map(\.following)
    let (first, second) = (start + lengths[0], start + lengths[0] + lengths[1])
    let swapped =
      Array(behind.bytes[..<start]) + behind.bytes[first..<second] + behind.bytes[start..<first]
      + behind.bytes[second...]
    return [
      .invalid("flip-in-piece", .pieceDamaged, "A bit of a following piece.", flipped),
      .invalid("pieces-swapped", .pieceDamaged, "Two following pieces changed places.", swapped),
    ]
  }
}
