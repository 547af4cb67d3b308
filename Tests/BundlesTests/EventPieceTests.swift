import Causality
import Records
import Testing
import Wording

@testable import Bundles

/// Pieces of events mean the same after a journey (P12: whatever they hold).
@Suite struct EventPieceTests {
  /// The story as a reader of the wire has it. The reader knows the manifest from its own bytes.
  static func travelled(_ story: EventStory, _ catalogue: Catalogue?) throws -> EventStory {
    var manifest = emptyManifest(catalogue)
    let codec = BundleCodec()
    let bytes = codec.encode(story.piece(catalogue), catalogue: catalogue, into: &manifest)
    let read = try BundleHead(parsing: BundleHead.serialized(manifest)).manifest
    return EventStory(try codec.events(bytes, of: read, catalogue: catalogue))
  }

  private static func check(_ story: EventStory, _ catalogue: Catalogue? = nil) throws {
    let read = try travelled(story, catalogue)
    try demand(read.collections == story.collections, "\(read.collections)")
    for (one, other) in zip(read.events, story.events) {
      try demand(one == other, "wrote \(other)\nread \(one)")
    }
    try demand(read.events.count == story.events.count, "\(read.events.count) events")
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `random events mean the same after a journey`(part: UInt64) {
    withEverySeed(part * 60..<part * 60 + 60) { random in
      var source = RandomEvents(&random)
      let story = source.story(events: 1 + random.below(random.chance(15) ? 150 : 30))
      try Self.check(story, source.catalogue)
    }
  }

  @Test func `equal pieces have equal bytes whatever the codec wrote before`() {
    withEverySeed(500..<520) { random in
      var source = RandomEvents(&random)
      let story = source.story(events: 20)
      let codec = BundleCodec()
      var first = emptyManifest()
      var second = emptyManifest()
      let once = codec.encode(story.piece(), catalogue: nil, into: &first)
      _ = codec.encode(source.story(events: 9).piece(), catalogue: nil, into: &second)
      var third = emptyManifest()
      try demand(once == codec.encode(story.piece(), catalogue: nil, into: &third), "bytes differ")
      try demand(
        once == BundleCodec().encode(story.piece(), catalogue: nil, into: &first), "bytes differ")
    }
  }

  /// Texts are numbered by their first appearance in the coding, not by their table.
  @Test func `the numbers of texts leave no trace in the bytes`() throws {
    let collection = EventCollection("x", [Column("a", .text), Column("b", .text)])
    let words = ["one", "two", "three", "one"].map { Meaning.text(Array($0.utf8)) }
    var story = EventStory([collection])
    for (index, word) in words.enumerated() {
      story.events.append(
        Happening(
          batch: 0, dot: Dot(Epoch(bits: 9), UInt64(index + 1)),
          cells: [word, words[words.count - 1 - index]]))
    }
    let piece = story.piece()
    var interner = TextInterner()
    for word in ["idle", "three", "two", "one"] { _ = interner.index(of: word.utf8) }
    let renumbered = piece.batches[0].columns.map { column in
      column.map { cell in Int64(interner.index(of: piece.texts[Int(cell)])) }
    }
    let other = EventPiece(
      segments: piece.segments,
      batches: [EventBatch(collection: collection, columns: renumbered)], texts: interner.texts,
      epochs: piece.epochs)
    var manifest = emptyManifest()
    let codec = BundleCodec()
    #expect(
      codec.encode(piece, catalogue: nil, into: &manifest)
        == codec.encode(other, catalogue: nil, into: &manifest))
  }

  @Test func `long, empty and broken texts arrive as they are`() throws {
    let collection = EventCollection("x", [Column("note", .text)])
    let long = (0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let texts: [[UInt8]] = [[], long, [0], [0xFF], [0xC0, 0x80], [], long, Array("备注".utf8)]
    var story = EventStory([collection])
    for (index, text) in texts.enumerated() {
      story.events.append(
        Happening(batch: 0, dot: Dot(Epoch(bits: 3), UInt64(index + 1)), cells: [.text(text)]))
    }
    try Self.check(story)
  }

  @Test func `as many events as a piece may hold and the highest sequences arrive`() throws {
    let collection = EventCollection("x", [Column("n", .integer, .previous)])
    var story = EventStory([collection])
    let first = Limits.sequenceMax - UInt64(Limits.pieceRowsMax) + 1
    for index in 0..<UInt64(Limits.pieceRowsMax) {
      story.events.append(
        Happening(batch: 0, dot: Dot(Epoch(bits: 3), first + index), cells: [.integer(5)]))
    }
    #expect(story.events.last?.dot.sequence == Limits.sequenceMax)
    try Self.check(story)
  }

  @Test func `cells of nothing but nulls cost nothing`() throws {
    let columns = (0..<31).map { Column("\($0)", [.integer, .text, .dot][$0 % 3]) }
    let collection = EventCollection("x", columns)
    var story = EventStory([collection])
    func bytes() -> Int {
      var manifest = emptyManifest()
      return BundleCodec().encode(story.piece(), catalogue: nil, into: &manifest).count
    }
    let event = Array(repeating: Meaning.null, count: 31)
    story.events = [Happening(batch: 0, dot: Dot(Epoch(bits: 3), 1), cells: event)]
    let one = bytes()
    story.events = (1...500).map {
      Happening(batch: 0, dot: Dot(Epoch(bits: 3), $0), cells: event)
    }
    try Self.check(story)
    #expect(bytes() <= one + 3)
  }

  @Test func `the epochs of a piece are added to the manifest's and the others stay`() throws {
    var random = SplitMix64(seed: 77)
    var source = RandomEvents(&random)
    let story = source.story(events: 30)
    var manifest = emptyManifest()
    let known = (0..<5).map { Epoch(bits: 1000 + $0) }
    for epoch in known { _ = manifest.epochs.index(of: epoch) }
    let codec = BundleCodec()
    let bytes = codec.encode(story.piece(), catalogue: nil, into: &manifest)
    #expect(manifest.epochs.list.starts(with: known))
    #expect(EventStory(try codec.events(bytes, of: manifest, catalogue: nil)) == story)
    // A second piece with the same epochs adds none.
    let before = manifest
    #expect(codec.encode(story.piece(), catalogue: nil, into: &manifest) == bytes)
    #expect(manifest == before)
  }

  @Test func `a record piece is not read as events nor events as records`() throws {
    var random = SplitMix64(seed: 78)
    var source = RandomEvents(&random)
    var manifest = emptyManifest()
    let codec = BundleCodec()
    let bytes = codec.encode(source.story(events: 3).piece(), catalogue: nil, into: &manifest)
    #expect(throws: BundleError(.pieceMalformed, "")) {
      try codec.records(bytes, of: manifest)
    }
    #expect(throws: BundleError(.pieceMalformed, "")) {
      try codec.events([2] + bytes.dropFirst(), of: manifest, catalogue: nil)
    }
    #expect(throws: BundleError(.pieceMalformed, "")) {
      try codec.events([], of: manifest, catalogue: nil)
    }
    #expect(throws: BundleError(.pieceMalformed, "")) { try codec.records([], of: manifest) }
  }
}
