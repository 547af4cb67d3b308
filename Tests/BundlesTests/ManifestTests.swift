import Causality
import Records
import Testing

@testable import Bundles

/// Manifests arrive as they were, and what breaks a rule is refused before it is believed.
@Suite struct ManifestTests {
  private static func parsed(_ manifest: Manifest) throws -> Manifest {
    try Manifest(parsing: manifest.serialized()[...])
  }

  @Test func `random manifests arrive as they were`() {
    withEverySeed(0..<200) { random in
      var source = RandomManifests(&random)
      var manifest = source.manifest()
      let read = try Self.parsed(manifest)
      // The table of epochs is the writer's own, then what serialising added.
      try demand(read.epochs.list.starts(with: manifest.epochs.list), "epochs moved")
      manifest.epochs = read.epochs
      try demand(read == manifest, "wrote \(manifest)\nread \(read)")
      try demand(read.serialized() == manifest.serialized(), "another serialisation")
    }
  }

  @Test func `epochs that only pieces name are listed and keep their indices`() throws {
    var manifest = emptyManifest()
    for bits in [30, 10, 20] as [UInt64] { _ = manifest.epochs.index(of: Epoch(bits: bits)) }
    manifest.receipts = [
      Receipt(
        partition: PartitionID(PlaceID(bits: 9), .log),
        received: VersionVector(Dot(Epoch(bits: 5), 1)))
    ]
    #expect(try Self.parsed(manifest).epochs.list.map(\.bits) == [30, 10, 20, 5])
  }

  @Test func `an empty manifest is small`() throws {
    #expect(emptyManifest().serialized().count < 30)
    #expect(try Self.parsed(emptyManifest()) == emptyManifest())
  }

  private static func code(_ bytes: [UInt8]) -> BundleError.Code? {
    do {
      _ = try Manifest(parsing: bytes[...])
      return nil
    } catch { return error.code }
  }

  @Test func `the smallest manifest of each form is accepted`() {
    // So that the refusals below are for what they say.
    #expect(Self.code(Wire.manifest { _ in }) == nil)
    #expect(Self.code(Wire.delta { _ in }) == nil)
    #expect(Self.code(Wire.receipt { $0.numbers(2, [0, 1, 2, 9]) }) == nil)
    #expect(Self.code(Wire.delta { $0.numbers(6, [1, 3, 1, 0, 4]) }) == nil)
    #expect(Self.code(Wire.piece { $0.block(1, [1]) }) == nil)
    #expect(
      Self.code(
        Wire.piece {
          $0.varint(2, 5)
          $0.block(3, Array(repeating: 1, count: 16))
        }) == nil)
  }

  @Test(arguments: BrokenManifests.all)
  func `a manifest that breaks a rule is malformed`(broken: BrokenManifests.Case) {
    #expect(Self.code(broken.bytes) == .manifestMalformed)
  }

  @Test func `more parts than memory is meant for are refused before they become objects`() {
    func parts(_ count: Int, _ field: UInt64) -> [UInt8] {
      Wire.manifest { wire in for _ in 0..<count { wire.block(field, []) } }
    }
    let many = Limits.manifestPartsMax + 1
    #expect(Self.code(parts(many, 7)) == .manifestTooLarge)
    #expect(Self.code(parts(many, 8)) == .manifestTooLarge)
    let pieces = Wire.manifest { wire in
      wire.block(7, (0..<many).flatMap { _ in [UInt8(0x3A), 0] })
    }
    #expect(Self.code(pieces) == .manifestTooLarge)
    #expect(
      Self.code(Wire.manifest { $0.epochs((0...UInt64(Limits.epochsMax)).map { $0 + 1 }) })
        == .manifestTooLarge)
    // Fewer are looked at, and these are empty.
    #expect(Self.code(parts(200, 7)) == .manifestMalformed)
  }
}
