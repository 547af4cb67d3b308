import Bundles
import Causality
import Records
import Testing
import Wording

@testable import Trust

/// Keys and a bundle with two pieces, the same for the same seed.
private struct Parcel {
  let sender: SecretKeys
  let reader: SecretKeys
  let manifest: Manifest
  let pieces: [[UInt8]]

  init(_ seed: UInt8 = 1, number: UInt64 = 7) throws {
    sender = try #require(SecretKeys((0..<64).map { $0 &* 3 &+ seed }))
    reader = try #require(SecretKeys((0..<64).map { $0 &* 5 &+ seed }))
    pieces = [2000, 3000].map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) } }
    var manifest = Manifest(
      sender: PlaceID(bits: 5), reader: PlaceID(bits: 6), number: number, made: 1_800_000_000)
    let partition = PartitionID(PlaceID(bits: 5), .log)
    manifest.deltas = [
      Delta(
        partition: partition, base: .init(), target: .init(),
        pieces: pieces.map {
          Piece(.following(length: $0.count, hash: ChainValue(hashing: $0)))
        })
    ]
    self.manifest = manifest
  }

  func close(
    random: [UInt8] = Array(repeating: 9, count: 32), introduction: [UInt8] = []
  ) throws -> (bytes: [UInt8], seal: Seal) {
    try SealedHead.close(
      manifest, introduction: introduction, from: sender, to: reader.publicKeys, random: random)
  }

  func open(_ bytes: [UInt8]) throws -> Manifest {
    try SealedHead.open(Envelope(parsing: bytes), from: sender.publicKeys, with: reader).manifest
  }
}

@Suite struct SealTests {
  @Test func `what is sealed is opened by its reader`() throws {
    let parcel = try Parcel()
    let (bytes, seal) = try parcel.close(introduction: [1, 2, 3])
    let envelope = try Envelope(parsing: bytes + [99, 98])
    #expect(envelope.length == bytes.count && envelope.introduction == [1, 2, 3])
    #expect(envelope.label.following == 5032)
    #expect(try Envelope.end(prefix: Array(bytes.prefix(Envelope.prefixBytes))) == bytes.count)
    let (manifest, opened) = try SealedHead.open(
      envelope, from: parcel.sender.publicKeys, with: parcel.reader)
    #expect(manifest == parcel.manifest)
    for (index, piece) in parcel.pieces.enumerated() {
      let sealed = seal.close(piece, number: UInt64(index) + 1)
      #expect(sealed.count == piece.count + Envelope.tagBytes)
      #expect(try opened.open(sealed, number: UInt64(index) + 1) == piece)
      #expect(throws: Seal.Broken.self) { try opened.open(sealed, number: UInt64(index) + 2) }
    }
  }

  @Test func `a courier reads no more than the label`() throws {
    let parcel = try Parcel()
    let plain = parcel.manifest.bytes
    let bytes = try parcel.close().bytes
    // No run of eight bytes of the manifest behind its sender and reader shows.
    for start in stride(from: 18, to: plain.count - 8, by: 1) {
      let part = plain[start..<start + 8]
      #expect(!bytes.indices.dropLast(8).contains { bytes[$0..<$0 + 8] == part })
    }
  }

  @Test func `every flipped bit and every truncation of a head is refused`() throws {
    let parcel = try Parcel()
    let bytes = try parcel.close().bytes
    for index in bytes.indices {
      for bit in UInt8(0)..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << bit
        #expect(throws: BundleError.self, "byte \(index), bit \(bit)") { try parcel.open(flipped) }
      }
      #expect(throws: BundleError.self) { try parcel.open(Array(bytes[..<index])) }
    }
  }

  @Test func `who mends the check after a change is still found out`() throws {
    let parcel = try Parcel()
    let bytes = try parcel.close().bytes
    let checkAt = bytes.count - Envelope.signatureBytes - 8
    for index in 3..<checkAt {
      var changed = bytes
      changed[index] ^= 4
      var check = ByteWriter()
      check.fixed(ChainValue(hashing: Array(changed[..<checkAt])).low)
      changed.replaceSubrange(checkAt..<checkAt + 8, with: check.bytes)
      #expect(throws: BundleError.self, "byte \(index)") { try parcel.open(changed) }
    }
  }

  @Test func `a label that says otherwise than the manifest is refused`() throws {
    let parcel = try Parcel()
    let right = try Envelope(parsing: parcel.close().bytes).label
    for change: @Sendable (inout Label) -> Void in [
      { $0.number += 1 }, { $0.made += 1 }, { $0.following += 16 },
      { $0.sender = PlaceID(bits: 9) }, { $0.reader = PlaceID(bits: 9) },
    ] {
      var label = right
      change(&label)
      let bytes = try SealedHead.close(
        parcel.manifest, label, [], from: parcel.sender, to: parcel.reader.publicKeys,
        [UInt8](repeating: 1, count: 32)
      ).bytes
      #expect(throws: BundleError(.manifestMalformed, "")) { try parcel.open(bytes) }
    }
  }

  @Test func `neither sender nor reader can be exchanged`() throws {
    let (parcel, other) = (try Parcel(), try Parcel(2))
    let envelope = try Envelope(parsing: parcel.close().bytes)
    #expect(throws: BundleError(.signatureWrong, "")) {
      try SealedHead.open(envelope, from: other.sender.publicKeys, with: parcel.reader)
    }
    #expect(throws: BundleError(.signatureWrong, "")) {
      try SealedHead.open(envelope, from: parcel.sender.publicKeys, with: other.reader)
    }
    // Somebody else signs what another has sealed.
    let forged =
      envelope.signed
      + other.sender.sign(SealedHead.message(envelope.signed, parcel.reader.publicKeys))
    #expect(
      SealedHead.isSigned(
        try Envelope(parsing: forged), by: other.sender.publicKeys, to: parcel.reader.publicKeys))
    #expect(throws: BundleError(.sealWrong, "")) {
      try SealedHead.open(
        Envelope(parsing: forged), from: other.sender.publicKeys, with: parcel.reader)
    }
  }

  @Test func `dice that fall the same again make another key for another bundle`() throws {
    let (first, second) = (try Parcel(number: 7), try Parcel(number: 8))
    let (one, two) = (
      try Envelope(parsing: first.close().bytes), try Envelope(parsing: second.close().bytes)
    )
    #expect(one.ephemeral != two.ephemeral)
    #expect(try first.close().bytes == first.close().bytes)
    let other = try Envelope(parsing: first.close(random: Array(repeating: 8, count: 32)).bytes)
    #expect(one.ephemeral != other.ephemeral)
  }

  @Test(arguments: [
    [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31),
  ])
  func `a key of low order is none`(sealing: [UInt8]) throws {
    let parcel = try Parcel()
    let keys = try #require(PublicKeys(parcel.reader.publicKeys.signing + sealing))
    #expect(throws: BundleError(.sealWrong, "")) {
      try SealedHead.close(
        parcel.manifest, from: parcel.sender, to: keys, random: [UInt8](repeating: 1, count: 32))
    }
  }

  @Test func `a seal costs a bundle less than 260 bytes`() throws {
    let parcel = try Parcel()
    let sealed = try parcel.close().bytes.count + 2 * Envelope.tagBytes
    #expect(sealed - BundleHead.serialized(parcel.manifest).count <= 200)
  }
}
