import Causality
import Records
import Testing

@testable import Bundles

/// Streams of event pieces that name what is not there.
@Suite struct HostileCellTests {
  private static let epoch = Epoch(bits: 11)

  private static func read(_ bytes: [UInt8], _ catalogue: Catalogue? = nil) throws(BundleError)
    -> EventPiece
  {
    var manifest = emptyManifest(catalogue)
    _ = manifest.epochs.index(of: epoch)
    return try BundleCodec().events(bytes, of: manifest, catalogue: catalogue)
  }

  private static func code(_ piece: OpenPiece, _ catalogue: Catalogue? = nil) -> BundleError.Code? {
    do throws(BundleError) {
      let read = try read(piece.bytes, catalogue)
      #expect(throws: Never.self) { try read.checkCells() }
      return nil
    } catch { return error.code }
  }

  private static func open(
    _ columns: [Column], _ rows: [[Meaning]], _ catalogue: Catalogue? = nil
  ) throws -> OpenPiece {
    var story = EventStory([EventCollection("x", columns)])
    story.events = rows.enumerated().map {
      Happening(batch: 0, dot: Dot(epoch, UInt64($0 + 1)), cells: $1)
    }
    var manifest = emptyManifest(catalogue)
    let piece = story.piece(catalogue)
    return try OpenPiece(BundleCodec().encode(piece, catalogue: catalogue, into: &manifest))
  }

  private static func text(_ text: String) -> Meaning { .text(Array(text.utf8)) }

  @Test func `texts that are not there or that nothing names are malformed`() throws {
    let rows = ["one", "two", "one", "six"].map { [Self.text($0)] }
    let whole = try Self.open([Column("a", .text)], rows)
    #expect(Self.code(whole) == nil)
    var fewer = whole
    fewer.heap.removeLast(4)
    #expect(Self.code(fewer) == .pieceMalformed)
    var more = whole
    more.heap += [0]
    #expect(Self.code(more) == .pieceMalformed)
    var torn = whole
    torn.heap += [5, 1]
    #expect(Self.code(torn) == .pieceMalformed)
  }

  @Test func `a text named before its turn, or as new twice, is malformed`() {
    /// A column of two texts: what is said of each, once it is not one of the column's own.
    func code(texts: Int, _ names: [UInt64?]) -> BundleError.Code? {
      let heap = OpenPiece.heap(count: 1, texts: (0..<texts).map { [UInt8($0)] }) {
        Descriptor.write(EventCollection("x", [Column("a", .text)]), to: &$0)
      }
      let stream = OpenPiece.stream { coder, arena in
        for value in [0, 0, 0, UInt64(names.count)] {
          _ = NumberModel(arena).number(&coder, value)
        }
        _ = coder.raw(2, Shape.full.rawValue)
        let models = TextModels(arena)
        for name in names {
          _ = coder.bit(models.isSeen, false)
          _ = coder.bit(models.isFresh, name == nil)
          if let name { _ = models.numbers.number(&coder, name) }
        }
        _ = coder.bit(arena.models(1), true)
      }
      return Self.code(OpenPiece(kind: 1, rows: UInt64(names.count), heap: heap, stream: stream))
    }
    #expect(code(texts: 2, [nil, nil]) == nil)
    #expect(code(texts: 1, [nil, nil]) == .pieceMalformed)
    #expect(code(texts: 1, [nil, 0]) == .pieceMalformed, "as new twice")
    for name in [1, 1 << 32, UInt64.max] {
      #expect(code(texts: 2, [nil, name]) == .pieceMalformed, "before its turn")
    }
    #expect(code(texts: 1, [0]) == .pieceMalformed)
  }

  @Test func `a key outside the catalogue is malformed`() throws {
    let keys = { (count: Int) in
      Catalogue((0..<count).map { (Array("key \(10 + $0)".utf8), [Value]()) })
    }
    let whole = try Self.open([Column("k", .text, .key)], [[Self.text("key 17")]], keys(8))
    #expect(Self.code(whole, keys(8)) == nil)
    #expect(Self.code(whole, keys(7)) == .pieceMalformed)
  }

  /// A number can never become the number of a text, or a dot, by way of a prediction.
  @Test(arguments: [CellKind.text, .dot])
  func `a descriptor that lies about a kind gets no prediction from the catalogue`(
    kind: CellKind
  ) throws {
    let lies: [Int64] = [1 << 40, -1, Int64(UInt32.max), 0]
    let catalogue = Catalogue(
      lies.enumerated().map { (Array("key \($0)".utf8), [.integer($1)]) })
    let columns = [Column("k", .text, .key), Column("a", .integer, .attribute(0, of: "k"))]
    // Every cell of the second column is as the catalogue says: the stream says yes four times.
    let rows = lies.enumerated().map { [Self.text("key \($0)"), Meaning.integer($1)] }
    try Self.checkLie(about: 1, as: kind, columns, rows, catalogue)
  }

  /// Nor by way of what an earlier column noted of the same key.
  @Test(arguments: [CellKind.text, .dot])
  func `what one column noted of a key is not told to another`(kind: CellKind) throws {
    let columns =
      [Column("k", .text)] + ["a", "b"].map { Column($0, .integer, .attribute(0, of: "k")) }
    let rows = (0..<12).map { row -> [Meaning] in
      [Self.text("key \(row % 3)"), .integer(1 << 40), .integer(1 << 40)]
    }
    try Self.checkLie(about: 2, as: kind, columns, rows, nil)
  }

  private static func checkLie(
    about column: Int, as kind: CellKind, _ columns: [Column], _ rows: [[Meaning]],
    _ catalogue: Catalogue?
  ) throws {
    var piece = try open(columns, rows, catalogue)
    var lying = columns
    lying[column] = Column(columns[column].name, kind, columns[column].prediction)
    var writer = ByteWriter()
    writer.varint(1)
    Descriptor.write(EventCollection("x", columns), to: &writer)
    let texts = piece.heap.dropFirst(writer.bytes.count)
    writer.bytes = []
    writer.varint(1)
    Descriptor.write(EventCollection("x", lying), to: &writer)
    piece.heap = writer.bytes + texts
    if let read = try? read(piece.bytes, catalogue) { try read.checkCells() }
  }

  // MARK: Segments

  private struct Run {
    var batch: UInt64 = 0
    var epoch: UInt64 = 0
    /// From what is expected, which is 1 for the first.
    var step: Int64 = 0
    var count: UInt64 = 4
  }

  private static func code(rows: UInt64 = 4, _ runs: Run...) -> BundleError.Code? {
    let heap = OpenPiece.heap(count: 1) {
      Descriptor.write(EventCollection("x", [Column("a", .integer)]), to: &$0)
    }
    let stream = OpenPiece.stream { coder, arena in
      let models = (0..<4).map { _ in NumberModel(arena) }
      for run in runs {
        _ = models[0].number(&coder, run.batch)
        _ = models[1].number(&coder, run.epoch)
        _ = models[2].signed(&coder, run.step)
        _ = models[3].number(&coder, run.count)
      }
      _ = coder.raw(2, Shape.empty.rawValue)
    }
    return code(OpenPiece(kind: 1, rows: rows, heap: heap, stream: stream))
  }

  @Test func `runs of events outside what they may be are malformed`() {
    let top = Int64(Limits.sequenceMax)
    #expect(Self.code(Run()) == nil)
    #expect(Self.code(Run(count: 1), Run(step: 5, count: 3)) == nil)
    #expect(Self.code(Run(step: top - 4)) == nil, "ends with the highest sequence")
    #expect(Self.code(Run(step: top - 3)) == .pieceMalformed)
    for step in [-1, top, Int64.max, Int64.min, Int64.max - 1] {
      #expect(Self.code(Run(step: step)) == .pieceMalformed, "a step of \(step)")
      #expect(Self.code(Run(count: 1), Run(step: step &- 2, count: 3)) == .pieceMalformed)
    }
    for count in [0, 5, UInt64.max, 1 << 63] {
      #expect(Self.code(Run(count: count)) == .pieceMalformed, "\(count) events")
    }
    for index in [1, 1 << 32, 1 << 63, UInt64.max] {
      #expect(Self.code(Run(batch: index)) == .pieceMalformed)
      #expect(Self.code(Run(epoch: index)) == .pieceMalformed)
    }
  }

  @Test func `a column of a shape that does not exist is malformed`() {
    let heap = OpenPiece.heap(count: 1) {
      Descriptor.write(EventCollection("x", [Column("a", .integer)]), to: &$0)
    }
    for shape in 0..<4 as Range<UInt64> {
      let stream = OpenPiece.stream { coder, arena in
        for value in [0, 0, 0, 1] as [UInt64] { _ = NumberModel(arena).number(&coder, value) }
        _ = coder.raw(2, shape)
        _ = coder.raw(2, 0)
      }
      let code = Self.code(OpenPiece(kind: 1, rows: 1, heap: heap, stream: stream))
      #expect(code == (shape == 3 ? .pieceMalformed : nil))
    }
  }

  @Test func `a reference to no possible write and the number that means nothing are malformed`() {
    func code(_ kind: CellKind, _ cell: (inout RangeEncoder, ModelArena) -> Void) -> BundleError
      .Code?
    {
      let heap = OpenPiece.heap(count: 1) {
        Descriptor.write(EventCollection("x", [Column("a", kind)]), to: &$0)
      }
      let stream = OpenPiece.stream { coder, arena in
        for value in [0, 0, 0, 1] as [UInt64] { _ = NumberModel(arena).number(&coder, value) }
        _ = coder.raw(2, Shape.full.rawValue)
        cell(&coder, arena)
      }
      return Self.code(OpenPiece(kind: 1, rows: 1, heap: heap, stream: stream))
    }
    func dot(_ epoch: UInt64, _ step: Int64) -> BundleError.Code? {
      code(.dot) { coder, arena in
        _ = NumberModel(arena).number(&coder, epoch)
        _ = NumberModel(arena).signed(&coder, step)
      }
    }
    let top = Int64(Limits.sequenceMax)
    #expect(dot(0, 0) == nil)
    #expect(dot(0, top - 1) == nil)
    for step in [-1, top, Int64.max, Int64.min] { #expect(dot(0, step) == .pieceMalformed) }
    for epoch in [1, 1 << 31, 1 << 32, UInt64.max] { #expect(dot(epoch, 0) == .pieceMalformed) }
    for (value, result) in [
      (Int64.min, .pieceMalformed), (Int64.max, nil), (Int64.min + 1, nil),
    ] as [(Int64, BundleError.Code?)] {
      let read = code(.integer) { coder, arena in
        _ = NumberModel(arena).signed(&coder, value)
      }
      #expect(read == result)
    }
  }
}
