import Causality
import Records
import Testing
import Wording

@testable import Bundles

/// The head of a bundle: what stands before the pieces.
@Suite struct BundleHeadTests {
  private static let head = BundleHead.serialized(emptyManifest())

  private static func code(_ bytes: [UInt8]) -> BundleError.Code? {
    do {
      _ = try BundleHead(parsing: bytes)
      return nil
    } catch { return error.code }
  }

  /// A head around any bytes, with a check that fits.
  private static func head(around body: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes = [0x59, 0x5A, BundleHead.formatVersion]
    writer.block(body)
    writer.fixed(ChainValue(hashing: writer.bytes).low)
    writer.varint(0)
    return writer.bytes
  }

  @Test func `a head says where the pieces begin whatever follows`() throws {
    withEverySeed(0..<50) { random in
      var source = RandomManifests(&random)
      let manifest = source.manifest()
      let bytes = BundleHead.serialized(manifest)
      let head = try BundleHead(parsing: bytes + random.bytes(random.below(20)))
      try demand(head.length == bytes.count, "\(head.length)")
      try demand(head == (try BundleHead(parsing: bytes)), "what follows matters")
      let pieces = manifest.deltas.flatMap(\.pieces).reduce(0) { $0 + $1.following }
      try demand(head.bundleLength == UInt64(bytes.count + pieces), "\(head.bundleLength)")
      let prefix = Array(bytes.prefix(BundleHead.prefixBytes))
      // All but the length of the signature.
      try demand(try BundleHead.manifestEnd(prefix: prefix) == bytes.count - 1, "another end")
    }
  }

  @Test func `other files are not bundles`() {
    for magic in [[0x50, 0x4B], [0x59, 0x59], [0x5A, 0x5A], [0, 0], [0x59, 0x7A]] as [[UInt8]] {
      #expect(Self.code(magic + Self.head.dropFirst(2)) == .notABundle)
      #expect(Self.code(magic) == .notABundle)
    }
    #expect(Self.code([0x50]) == .notABundle)
  }

  @Test(arguments: [0, 2, 3, 127, 255] as [UInt8])
  func `a bundle of another version is named as such`(version: UInt8) {
    var bytes = Self.head
    bytes[2] = version
    #expect(Self.code(bytes) == .versionUnsupported)
    // Whatever the other version has there.
    #expect(
      Self.code([0x59, 0x5A, version] + Array(repeating: 0xFF, count: 20)) == .versionUnsupported)
  }

  @Test func `a length beyond the limit is refused from the prefix alone`() throws {
    let lengths = [UInt64(Limits.manifestBytesMax) + 1, 1 << 28, 1 << 35, 1 << 63, UInt64.max]
    for length in lengths {
      var writer = ByteWriter()
      writer.bytes = [0x59, 0x5A, 1]
      writer.varint(length)
      let bytes = writer.bytes + Array(repeating: 0, count: 20)
      #expect(Self.code(bytes) == .manifestTooLarge)
      #expect(throws: BundleError(.manifestTooLarge, "")) {
        try BundleHead.manifestEnd(prefix: Array(bytes.prefix(BundleHead.prefixBytes)))
      }
    }
    var writer = ByteWriter()
    writer.bytes = [0x59, 0x5A, 1]
    writer.varint(UInt64(Limits.manifestBytesMax))
    #expect(
      try BundleHead.manifestEnd(prefix: writer.bytes)
        == writer.bytes.count + Limits.manifestBytesMax + 8)
    #expect(Self.code(writer.bytes) == .truncated)
  }

  @Test func `a length in a longer form than the shortest is malformed`() {
    #expect(
      Self.code([0x59, 0x5A, 1, 0x80, 0] + Array(repeating: 0, count: 20)) == .manifestMalformed)
  }

  @Test func `a damaged manifest fails its check before it is read`() {
    for at in 4..<Self.head.count - 1 {
      var bytes = Self.head
      bytes[at] ^= 0x10
      #expect(Self.code(bytes) == .checkFailed, "byte \(at)")
    }
    // Not protobuf, and yet it is the check that fails.
    #expect(Self.code([0x59, 0x5A, 1, 2, 0xFF, 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 0]) == .checkFailed)
    #expect(Self.code(Self.head(around: [0xFF, 0xFF])) == .manifestMalformed)
    #expect(Self.code(Self.head(around: [])) == .manifestMalformed)
  }

  @Test func `a signature that nobody here can verify is refused`() {
    #expect(
      Self.code(Self.head.dropLast() + [64] + Array(repeating: 1, count: 64)) == .manifestMalformed)
    #expect(Self.code(Self.head.dropLast() + [0xFF]) == .manifestMalformed)
  }

  @Test func `every cut of a head is a truncation`() {
    for count in 0..<Self.head.count {
      #expect(Self.code(Array(Self.head.prefix(count))) == .truncated, "\(count) bytes")
    }
    #expect(Self.code(Self.head) == nil)
  }

  @Test func `small pieces travel within the manifest and larger ones after it`() throws {
    let small = Array(repeating: UInt8(3), count: Limits.inlineBytesMax)
    #expect(BundleCodec.piece(small) == Piece(.inline(small)))
    #expect(BundleCodec.piece(small).following == 0)
    let large = BundleCodec.piece(small + [3])
    #expect(large.following == Limits.inlineBytesMax + 1)
    try BundleCodec.verify(small + [3], as: large)
    #expect(throws: BundleError(.truncated, "")) { try BundleCodec.verify(small, as: large) }
    #expect(throws: BundleError(.truncated, "")) {
      try BundleCodec.verify(small + [3, 3], as: large)
    }
    #expect(throws: BundleError(.pieceDamaged, "")) {
      try BundleCodec.verify(small + [4], as: large)
    }
  }

  @Test func `errors are equal by code and every code has its own name`() {
    #expect(BundleError(.truncated, "a") == BundleError(.truncated, "b", offset: 3))
    #expect(BundleError(.truncated, "a") != BundleError(.trailingBytes, "a"))
    let names = BundleError.Code.allCases.map(\.rawValue)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.allSatisfy { $0 == "_" || ("a"..."z").contains($0) } })
  }
}
