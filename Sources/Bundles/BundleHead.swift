internal import Causality
internal import Records
internal import Wording

/// The head of a bundle: everything up to the first piece that follows the manifest
/// (Protocol/03-bundles.md):
///
///     'Y' 'Z' · format version · varint length · manifest · check (8) · varint length · signature
///
/// The check is the first 8 bytes of the SHA-256 of all bytes before it. It finds damage; the
/// signature, whose place is kept, will find malice.
package struct BundleHead: Equatable, Sendable {
  package static let formatVersion: UInt8 = 1
  /// Enough bytes to learn how long the head is.
  package static let prefixBytes = 8

  package let manifest: Manifest
  /// Bytes of the head: where the first following piece begins.
  package let length: Int

  /// The bytes of a head for `manifest`.
  package static func serialized(_ manifest: Manifest) -> [UInt8] {
    let body = manifest.serialized()
    var writer = ByteWriter(reserving: body.count + 32)
    writer.bytes = [0x59, 0x5A, formatVersion]
    writer.block(body)
    writer.fixed(ChainValue(hashing: writer.bytes).low)
    writer.varint(0)
    return writer.bytes
  }

  /// How many bytes from the start hold the manifest and its check, from the first
  /// `prefixBytes` or all there are.
  package static func manifestEnd(prefix: [UInt8]) throws(BundleError) -> Int {
    guard prefix.first == nil || prefix[0] == 0x59, prefix.count < 2 || prefix[1] == 0x5A else {
      throw BundleError(.notABundle, "this is not a Yizhan bundle", offset: 0)
    }
    guard prefix.count >= 4 else { throw Self.truncated(prefix.count) }
    guard prefix[2] == formatVersion else {
      throw BundleError(
        .versionUnsupported,
        "the bundle has format version \(prefix[2]), this program reads version \(formatVersion)",
        offset: 2)
    }
    // The five bytes of the prefix hold any length up to the limit, and much more.
    guard prefix[3...].contains(where: { $0 < 0x80 }) else {
      guard prefix.count >= Self.prefixBytes else { throw Self.truncated(prefix.count) }
      throw BundleError(.manifestTooLarge, "the manifest claims a huge length", offset: 3)
    }
    var reader = ByteReader(prefix[3...])
    let length: UInt64
    do { length = try reader.varint() } catch {
      throw Manifest.malformed("its length is not in the shortest form")
    }
    guard length <= UInt64(Limits.manifestBytesMax) else {
      throw BundleError(.manifestTooLarge, "the manifest claims \(length) bytes", offset: 3)
    }
    return reader.offset + Int(length) + 8
  }

  /// Reads a head from the start of `bytes`, which may go on behind it.
  package init(parsing bytes: [UInt8]) throws(BundleError) {
    let end = try Self.manifestEnd(prefix: Array(bytes.prefix(Self.prefixBytes)))
    guard bytes.count > end else { throw Self.truncated(bytes.count) }
    var check = ByteReader(bytes[(end - 8)..<end])
    guard let stated = try? check.fixed(),
      stated == ChainValue(hashing: Array(bytes[..<(end - 8)])).low
    else {
      throw BundleError(.checkFailed, "the manifest is damaged", offset: 3)
    }
    var reader = ByteReader(bytes[3..<end])
    guard let body = try? reader.block() else { throw Self.truncated(bytes.count) }
    manifest = try Manifest(parsing: body)
    // The place kept for the signature; this version signs nothing and accepts no signature that
    // it could not verify.
    guard bytes[end] == 0 else {
      throw BundleError(.manifestMalformed, "the bundle has a signature", offset: UInt64(end))
    }
    length = end + 1
  }

  private static func truncated(_ at: Int) -> BundleError {
    BundleError(.truncated, "the bundle ends too early", offset: UInt64(at))
  }

  /// Bytes of the whole bundle.
  package var bundleLength: UInt64 {
    manifest.deltas.reduce(UInt64(length)) { sum, delta in
      delta.pieces.reduce(sum) { $0 + UInt64($1.following) }
    }
  }
}
