import Causality
import Testing
import Wording

@testable import Bundles

/// Torn and damaged bundles (P9): each damage is found, and named for what it is.
@Suite struct BundleDamageTests {
  private static func bundle(_ seed: UInt64) -> TestBundle {
    var random = SplitMix64(seed: seed)
    return TestBundle(&random)
  }

  private static func code(_ bytes: [UInt8], _ bundle: TestBundle, _ codec: BundleCodec) throws
    -> BundleError.Code?
  {
    do {
      let manifest = try TestBundle.read(bytes, bundle.catalogue, codec: codec)
      try demand(manifest == bundle.manifest, "another manifest was believed")
      return nil
    } catch let error as BundleError { return error.code }
  }

  @Test func `a whole bundle is read`() {
    let codec = BundleCodec()
    for seed in 0..<20 as Range<UInt64> {
      let bundle = Self.bundle(seed)
      #expect(throws: Never.self) {
        let read = try TestBundle.read(bundle.bytes, bundle.catalogue, codec: codec)
        #expect(read == bundle.manifest, "seed \(seed)")
      }
    }
  }

  @Test func `the bundles of these tests have pieces of every sort`() {
    let pieces = (0..<20).flatMap { Self.bundle($0).manifest.deltas.flatMap(\.pieces) }
    #expect(pieces.contains { $0.following > 0 })
    #expect(pieces.contains { $0.following == 0 })
  }

  @Test func `every cut of a bundle is a truncation`() throws {
    let codec = BundleCodec()
    let bundle = Self.bundle(3)
    let head = try BundleHead(parsing: bundle.bytes)
    for count in 0..<bundle.bytes.count {
      // A cut between pieces is like any other; not every one within a long piece is tried.
      guard count < head.length + 300 || count % 7 == 0 || bundle.bytes.count - count < 50 else {
        continue
      }
      let code = try Self.code(Array(bundle.bytes.prefix(count)), bundle, codec)
      #expect(code == .truncated, "\(count) of \(bundle.bytes.count) bytes")
    }
  }

  /// What a flip at `offset` may be found to be.
  private static func family(
    _ offset: Int, _ bundle: TestBundle, head: Int
  ) -> Set<BundleError.Code> {
    switch offset {
    case 0, 1: return [.notABundle]
    case 2: return [.versionUnsupported]
    case 3, 4:
      // A length that says more, less, too much, or nothing.
      return [.checkFailed, .truncated, .manifestTooLarge, .manifestMalformed]
    case head - 1: return [.manifestMalformed]
    default: return offset < head ? [.checkFailed] : [.pieceDamaged]
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `every flipped byte is found and named for what it is`(seed: UInt64) throws {
    let codec = BundleCodec()
    let bundle = Self.bundle(seed)
    let head = try BundleHead(parsing: bundle.bytes).length
    #expect(head > 300, "so that the length has two bytes")
    var random = SplitMix64(seed: 1000 + seed)
    for _ in 0..<1000 {
      // Half of them in the head, which is the smaller part.
      let at = random.below(random.chance(50) ? head : bundle.bytes.count)
      var bytes = bundle.bytes
      bytes[at] ^= UInt8(1 + random.below(255))
      let code = try Self.code(bytes, bundle, codec)
      guard let code, Self.family(at, bundle, head: head).contains(code) else {
        Issue.record("seed \(seed): byte \(at) of \(bytes.count), head \(head): \(code as Any)")
        return
      }
    }
  }

  @Test func `pieces in another order are damaged pieces`() throws {
    let codec = BundleCodec()
    var tried = 0
    for seed in 0..<10 as Range<UInt64> {
      let bundle = Self.bundle(seed)
      let head = try BundleHead(parsing: bundle.bytes)
      let following = head.manifest.deltas.flatMap(\.pieces).map(\.following).filter { $0 > 0 }
      guard following.count > 1 else { continue }
      tried += 1
      let start = head.length
      let (one, two) = (start + following[0], start + following[0] + following[1])
      let swapped =
        Array(bundle.bytes[..<start]) + bundle.bytes[one..<two] + bundle.bytes[start..<one]
        + bundle.bytes[two...]
      #expect(try Self.code(swapped, bundle, codec) == .pieceDamaged)
    }
    #expect(tried > 3)
  }

  @Test func `a piece of another bundle is a damaged piece`() throws {
    let codec = BundleCodec()
    let (mine, other) = (Self.bundle(1), Self.bundle(2))
    let head = try BundleHead(parsing: mine.bytes)
    let length = try #require(
      head.manifest.deltas.flatMap(\.pieces).map(\.following).first { $0 > 0 })
    let foreign = try BundleHead(parsing: other.bytes).length
    var bytes = mine.bytes
    for at in 0..<min(length, other.bytes.count - foreign) {
      bytes[head.length + at] = other.bytes[foreign + at]
    }
    #expect(try Self.code(bytes, mine, codec) == .pieceDamaged)
  }

  @Test func `a bundle that names another catalogue says so`() throws {
    let codec = BundleCodec()
    let seed = try #require((0..<20).first { Self.bundle($0).catalogue != nil })
    let bundle = Self.bundle(seed)
    for catalogue in [nil, Catalogue([(Array("other".utf8), [])])] {
      #expect(throws: BundleError(.catalogueUnknown, "")) {
        try TestBundle.read(bundle.bytes, catalogue, codec: codec)
      }
    }
    // Nor is a catalogue used that a bundle does not name.
    let plain = try #require((0..<20).first { Self.bundle($0).catalogue == nil })
    #expect(throws: BundleError(.catalogueUnknown, "")) {
      try TestBundle.read(Self.bundle(plain).bytes, Catalogue([]), codec: codec)
    }
  }
}
