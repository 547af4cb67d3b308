import Causality
import Records
import Testing

@testable import Bundles

/// Pieces whose frame is whole and whose content is anything (P9, P14): each is refused with a
/// code, or means something that can be kept, forwarded and read again.
@Suite struct HostileMutationTests {
  private static let allowed: Set<BundleError.Code> = [.pieceMalformed, .pieceTooLarge]

  /// What was read of how many mutations: if all were refused, little would have been tried.
  private struct Tally {
    var tried = 0
    var read = 0
  }

  private static func checkEvents(
    _ bytes: [UInt8], _ manifest: Manifest, _ catalogue: Catalogue?, _ codec: BundleCodec,
    _ tally: inout Tally
  ) throws {
    tally.tried += 1
    let piece: EventPiece
    do throws(BundleError) {
      piece = try codec.events(bytes, of: manifest, catalogue: catalogue)
    } catch {
      try demand(allowed.contains(error.code), "\(error)")
      return
    }
    tally.read += 1
    try piece.checkCells()
    let story = EventStory(piece)
    guard story.events.count < 100 else { return }
    try demand(try EventPieceTests.travelled(story, catalogue) == story, "\(story)")
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `mutated pieces of events are refused or mean something`(part: UInt64) {
    var tally = Tally()
    let codec = BundleCodec()
    withEverySeed(part * 50..<part * 50 + 50) { random in
      var source = RandomEvents(&random)
      let catalogue = source.catalogue
      let story = source.story(events: 1 + random.below(12))
      var manifest = emptyManifest(catalogue)
      let whole = try OpenPiece(
        codec.encode(story.piece(catalogue), catalogue: catalogue, into: &manifest))
      for _ in 0..<25 {
        try Self.checkEvents(random.mutated(whole), manifest, catalogue, codec, &tally)
      }
    }
    #expect(tally.tried == 1250)
    #expect(tally.read > 50)
  }

  private static func checkRecords(
    _ bytes: [UInt8], _ manifest: Manifest, _ codec: BundleCodec, _ tally: inout Tally
  ) throws {
    tally.tried += 1
    let piece: RecordPiece
    do throws(BundleError) { piece = try codec.records(bytes, of: manifest) } catch {
      try demand(allowed.contains(error.code), "\(error)")
      return
    }
    tally.read += 1
    for record in piece.records {
      try demand(!record.fields.isEmpty, "a record without a field")
      for field in record.fields {
        let dots = field.siblings.map(\.dot)
        try demand(!dots.isEmpty && zip(dots, dots.dropFirst()).allSatisfy(<), "\(dots)")
        try demand(dots.allSatisfy { 1...Limits.sequenceMax ~= $0.sequence }, "\(dots)")
      }
    }
    guard piece.records.count < 100 else { return }
    var again = manifest
    let forwarded = codec.encode(piece, into: &again)
    try demand(try codec.records(forwarded, of: again) == piece, "\(piece)")
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `mutated pieces of records are refused or mean something`(part: UInt64) {
    var tally = Tally()
    let codec = BundleCodec()
    withEverySeed(1000 + part * 50..<1050 + part * 50) { random in
      var source = RandomRecords(&random)
      var manifest = emptyManifest()
      let piece = source.piece(records: 1 + random.below(5))
      let whole = try OpenPiece(codec.encode(piece, into: &manifest))
      for _ in 0..<25 {
        try Self.checkRecords(random.mutated(whole), manifest, codec, &tally)
      }
    }
    #expect(tally.tried == 1250)
    #expect(tally.read > 50)
  }

  /// The table of epochs is the manifest's, and says nothing of what a piece holds.
  @Test func `pieces that name epochs beyond the manifest's are malformed`() {
    let codec = BundleCodec()
    withEverySeed(2000..<2030) { random in
      var source = RandomRecords(&random)
      var manifest = emptyManifest()
      let bytes = codec.encode(source.piece(records: 4), into: &manifest)
      manifest.epochs = EpochTable(manifest.epochs.list.dropLast())
      try demand(throwing: .pieceMalformed) { () throws(BundleError) in
        _ = try codec.records(bytes, of: manifest)
      }
    }
  }

  @Test func `a codec reads on after it has refused`() throws {
    var random = SplitMix64(seed: 5)
    var source = RandomEvents(&random)
    let story = source.story(events: 30)
    let codec = BundleCodec()
    var manifest = emptyManifest()
    let bytes = codec.encode(story.piece(), catalogue: nil, into: &manifest)
    for _ in 0..<50 { _ = try? codec.events(random.mutated(bytes), of: manifest, catalogue: nil) }
    #expect(EventStory(try codec.events(bytes, of: manifest, catalogue: nil)) == story)
    #expect(codec.encode(story.piece(), catalogue: nil, into: &manifest) == bytes)
  }
}

/// Throws unless `body` is refused with `code`.
func demand(throwing code: BundleError.Code, _ body: () throws(BundleError) -> Void) throws {
  do { try body() } catch {
    try demand(error.code == code, "\(error)")
    return
  }
  throw Broken(description: "nothing was refused")
}
