import Bundles
import Causality
import Records
import Testing
import Wording

@testable import Trust

/// P16: of two good bundles no third is made by who has not the sender's keys.
@Suite struct SwapTests {
  /// The parts of a sealed bundle that somebody on the road can tell from each other.
  private struct Parts {
    var bound: [UInt8]
    var ephemeral: [UInt8]
    var manifest: [UInt8]
    var signature: [UInt8]
    var pieces: [UInt8]

    init(_ bytes: [UInt8]) throws {
      let envelope = try Envelope(parsing: bytes)
      bound = envelope.bound
      ephemeral = envelope.ephemeral
      manifest = envelope.sealedManifest
      signature = envelope.signature
      pieces = Array(bytes[envelope.length...])
    }

    /// With a check that is right, which anybody can make.
    var bytes: [UInt8] {
      Envelope.signed(bound: bound, ephemeral: ephemeral, sealedManifest: manifest) + signature
        + pieces
    }

    static let swaps: [@Sendable (inout Parts, Parts) -> Void] = [
      { $0.bound = $1.bound }, { $0.ephemeral = $1.ephemeral }, { $0.manifest = $1.manifest },
      { $0.signature = $1.signature }, { $0.pieces = $1.pieces },
    ]
  }

  private static let sender = SecretKeys([UInt8](0..<64))
  private static let reader = SecretKeys([UInt8](64..<128))

  /// A bundle with a piece that says which it is.
  private func bundle(
    _ number: UInt64, from: UInt64 = 5, to: UInt64 = 6, introduction: [UInt8] = []
  ) throws -> [UInt8] {
    let (sender, reader) = (try #require(Self.sender), try #require(Self.reader))
    let piece = Array(repeating: UInt8(truncatingIfNeeded: number), count: 40)
    var manifest = Manifest(
      sender: PlaceID(bits: from), reader: PlaceID(bits: to), number: number,
      made: 1_800_000_000 + number)
    manifest.deltas = [
      Delta(
        partition: PartitionID(PlaceID(bits: from), .log), base: .init(), target: .init(),
        pieces: [Piece(.following(length: piece.count, hash: ChainValue(hashing: piece)))])
    ]
    let (head, seal) = try SealedHead.close(
      manifest, introduction: introduction, from: sender, to: reader.publicKeys,
      random: Array(repeating: UInt8(truncatingIfNeeded: number), count: 32))
    return head + seal.close(piece, number: 1)
  }

  /// The number of the bundle that was opened, and what its piece says.
  private func open(_ bytes: [UInt8]) throws -> [UInt64] {
    let (sender, reader) = (try #require(Self.sender), try #require(Self.reader))
    let envelope = try Envelope(parsing: bytes)
    let (manifest, seal) = try SealedHead.open(envelope, from: sender.publicKeys, with: reader)
    let content = try seal.open(Array(bytes[envelope.length...]), number: 1)
    try BundleCodec.verify(content, as: try #require(manifest.followingPieces.first))
    return [manifest.number, UInt64(content[0])]
  }

  @Test func `no mixture of two bundles of one sender is a bundle`() throws {
    let others = try [
      bundle(8), bundle(7, from: 9), bundle(7, to: 9), bundle(7, introduction: [1, 2, 3]),
    ]
    let good = try bundle(7)
    #expect(try open(good) == [7, 7])
    let all = Parts.swaps.count
    for other in others {
      for choice in 1..<(1 << all) - 1 {
        var parts = try Parts(good)
        for part in 0..<all where choice >> part & 1 == 1 {
          Parts.swaps[part](&parts, try Parts(other))
        }
        guard parts.bytes != good, parts.bytes != other else { continue }
        #expect(throws: (any Error).self, "\(choice)") { try open(parts.bytes) }
      }
    }
  }

  @Test func `no field of a label is another's`() throws {
    let (good, other) = (try bundle(7), try bundle(8, from: 9, to: 10))
    let (mine, theirs) = (try Envelope(parsing: good), try Envelope(parsing: other))
    let swaps: [@Sendable (inout Label, Label) -> Void] = [
      { $0.sender = $1.sender }, { $0.reader = $1.reader }, { $0.number = $1.number },
      { $0.made = $1.made }, { $0.following += 1 + $1.following },
    ]
    for choice in 1..<(1 << swaps.count) {
      var label = mine.label
      for swap in swaps.indices where choice >> swap & 1 == 1 { swaps[swap](&label, theirs.label) }
      var parts = try Parts(good)
      parts.bound = Envelope.bound(label, introduction: [])
      #expect(throws: BundleError(.signatureWrong, "")) { try open(parts.bytes) }
    }
  }

  @Test func `no other version is read from a sealed bundle`() throws {
    let good = try bundle(7)
    for version in UInt8.min...UInt8.max where version != Envelope.formatVersion {
      var bytes = good
      bytes[2] = version
      #expect(throws: BundleError(.versionUnsupported, "")) { try Envelope(parsing: bytes) }
      // Nor as what does not travel.
      #expect(throws: BundleError.self) { try BundleHead(parsing: bytes) }
    }
    #expect(throws: BundleError(.versionUnsupported, "")) { try BundleHead(parsing: good) }
  }
}
