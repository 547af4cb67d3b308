package import Causality
internal import Records
internal import Wording

/// What a courier reads on a sealed bundle, and nothing else.
package struct Label: Equatable, Sendable {
  package var sender: PlaceID
  package var reader: PlaceID
  /// Counts the sender's bundles for this reader.
  package var number: UInt64
  /// Seconds since 1970 by the sender's clock.
  package var made: UInt64
  /// Bytes that follow the head.
  package var following: UInt64

  package init(_ manifest: Manifest, following: UInt64) {
    sender = manifest.sender
    reader = manifest.reader
    number = manifest.number
    made = manifest.made
    self.following = following
  }

  fileprivate var bytes: [UInt8] {
    var writer = ByteWriter(reserving: 32)
    writer.fixed(sender.bits)
    writer.fixed(reader.bits)
    writer.varint(number)
    writer.varint(made)
    writer.varint(following)
    return writer.bytes
  }

  fileprivate init(parsing bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    sender = PlaceID(bits: try reader.fixed())
    self.reader = PlaceID(bits: try reader.fixed())
    number = try reader.varint()
    made = try reader.varint()
    following = try reader.varint()
    guard reader.isAtEnd, sender.bits != 0, self.reader.bits != 0, sender != self.reader,
      number <= Limits.numberMax, made <= Limits.madeMax, following <= Limits.followingMax
    else { throw ByteReader.Malformed() }
  }
}

/// The head of a sealed bundle, as far as anybody can read it (Protocol/07-trust.md):
///
///     'Y' 'Z' 02 · block label · block introduction · ephemeral key (32) · block sealed manifest
///     · check (8) · signature (64)
///
/// The check is the first 8 bytes of the SHA-256 of all before it: it finds damage for those who do
/// not know the sender's key.
package struct Envelope: Equatable, Sendable {
  package static let formatVersion: UInt8 = 2
  package static let ephemeralBytes = 32
  package static let signatureBytes = 64
  /// What a seal adds to what it seals.
  package static let tagBytes = 16

  package let label: Label
  /// Who the sender is, if the reader may not know; empty if it does.
  package let introduction: [UInt8]
  package let ephemeral: [UInt8]
  package let sealedManifest: [UInt8]
  package let signature: [UInt8]
  /// All that the signature signs.
  package let signed: [UInt8]
  /// What is bound into the seal: everything before the ephemeral key.
  package let bound: [UInt8]

  /// Bytes of the head: where the first following piece begins.
  package var length: Int { signed.count + Self.signatureBytes }
  package var bundleLength: UInt64 { UInt64(length) + label.following }

  // MARK: Writing

  /// Everything before the ephemeral key.
  package static func bound(_ label: Label, introduction: [UInt8]) -> [UInt8] {
    var writer = ByteWriter(reserving: 64)
    writer.bytes = [0x59, 0x5A, formatVersion]
    writer.block(label.bytes)
    writer.block(introduction)
    return writer.bytes
  }

  /// All that the signature signs.
  package static func signed(
    bound: [UInt8], ephemeral: [UInt8], sealedManifest: [UInt8]
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: bound.count + sealedManifest.count + 48)
    writer.bytes = bound
    writer.bytes += ephemeral
    writer.block(sealedManifest)
    writer.fixed(ChainValue(hashing: writer.bytes).low)
    return writer.bytes
  }

  // MARK: Reading

  /// Enough bytes to learn how long a head is at most: its sealed manifest's length is within them.
  package static let prefixBytes =
    3 + 1 + labelBytesMax + 2 + Limits.introductionBytesMax + ephemeralBytes + 4
  private static let labelBytesMax = 64

  /// How many bytes from the start hold the head, from the first `prefixBytes` or all there are.
  package static func end(prefix: [UInt8]) throws(BundleError) -> Int {
    try start(prefix)
    var reader = ByteReader(prefix[3...])
    for max in [labelBytesMax, Limits.introductionBytesMax] {
      let count = try length(&reader, prefix)
      guard count <= UInt64(max) else { throw malformed }
      guard (try? reader.take(Int(count))) != nil else { throw truncated(prefix.count) }
    }
    guard (try? reader.take(ephemeralBytes)) != nil else { throw truncated(prefix.count) }
    let count = try length(&reader, prefix)
    guard count <= UInt64(Limits.manifestBytesMax + tagBytes) else {
      throw BundleError(.manifestTooLarge, "the bundle claims a huge head", offset: 3)
    }
    return reader.offset + Int(count) + 8 + signatureBytes
  }

  private typealias Malformed = ByteReader.Malformed

  private static func start(_ bytes: [UInt8]) throws(BundleError) {
    guard bytes.first == nil || bytes[0] == 0x59, bytes.count < 2 || bytes[1] == 0x5A else {
      throw BundleError(.notABundle, "this is not a Yizhan bundle", offset: 0)
    }
    guard bytes.count >= 3 else { throw truncated(bytes.count) }
    guard bytes[2] == formatVersion else {
      throw BundleError(
        .versionUnsupported,
        "the bundle has format version \(bytes[2]), this program reads version \(formatVersion)",
        offset: 2)
    }
  }

  /// A varint, which must be there and of the shortest form.
  private static func length(
    _ reader: inout ByteReader, _ bytes: [UInt8]
  ) throws(BundleError) -> UInt64 {
    let start = reader.offset
    do { return try reader.varint() } catch {
      let isThere = bytes[start...].prefix(10).contains { $0 < 0x80 } || bytes.count >= start + 10
      throw isThere ? malformed : truncated(bytes.count)
    }
  }

  private static var malformed: BundleError {
    BundleError(.manifestMalformed, "the label is malformed", offset: 3)
  }

  /// Reads a head from the start of `bytes`, which may go on behind it.
  package init(parsing bytes: [UInt8]) throws(BundleError) {
    let end = try Self.end(prefix: Array(bytes.prefix(Self.prefixBytes)))
    guard bytes.count >= end else { throw Self.truncated(bytes.count) }
    signed = Array(bytes[..<(end - Self.signatureBytes)])
    signature = Array(bytes[(end - Self.signatureBytes)..<end])
    var check = ByteReader(signed[(signed.count - 8)...])
    guard let stated = try? check.fixed(),
      stated == ChainValue(hashing: Array(signed.dropLast(8))).low
    else { throw BundleError(.checkFailed, "the bundle's head is damaged", offset: 3) }
    var reader = ByteReader(signed[3...])
    do {
      label = try Label(parsing: try reader.block())
      introduction = Array(try reader.block())
      bound = Array(signed[..<reader.offset])
      ephemeral = Array(try reader.take(Self.ephemeralBytes))
      sealedManifest = Array(try reader.block())
      guard reader.remaining == 8 else { throw Malformed() }
    } catch { throw Self.malformed }
  }

  private static func truncated(_ at: Int) -> BundleError {
    BundleError(.truncated, "the bundle ends too early", offset: UInt64(at))
  }
}

extension Manifest {
  /// From and to the bytes that a sealed bundle seals.
  package var bytes: [UInt8] { serialized() }

  package init(unsealed bytes: [UInt8]) throws(BundleError) { try self.init(parsing: bytes[...]) }

  /// The pieces that follow, in their order.
  package var followingPieces: [Piece] {
    deltas.flatMap { $0.pieces.filter { $0.following > 0 } }
  }
}
