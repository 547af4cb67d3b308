import Causality
import Records
import Testing

@testable import Bundles

/// Event pieces that no writer of ours would write, one lie each.
@Suite struct HostileEventTests {
  private static let epoch = Epoch(bits: 11)

  private static func code(
    _ piece: OpenPiece, _ catalogue: Catalogue? = nil
  ) -> BundleError.Code? { code(piece.bytes, catalogue) }

  private static func code(_ bytes: [UInt8], _ catalogue: Catalogue? = nil) -> BundleError.Code? {
    var manifest = emptyManifest(catalogue)
    _ = manifest.epochs.index(of: epoch)
    do throws(BundleError) {
      let piece = try BundleCodec().events(bytes, of: manifest, catalogue: catalogue)
      #expect(throws: Never.self) { try piece.checkCells() }
      return nil
    } catch { return error.code }
  }

  private static func open(
    _ collection: EventCollection, _ rows: [[Meaning]], _ catalogue: Catalogue? = nil
  ) throws -> OpenPiece {
    var story = EventStory([collection])
    story.events = rows.enumerated().map {
      Happening(batch: 0, dot: Dot(epoch, UInt64($0 + 1)), cells: $1)
    }
    var manifest = emptyManifest(catalogue)
    let piece = story.piece(catalogue)
    return try OpenPiece(BundleCodec().encode(piece, catalogue: catalogue, into: &manifest))
  }

  private static func text(_ text: String) -> Meaning { .text(Array(text.utf8)) }

  private static func texts() throws -> OpenPiece {
    try open(
      EventCollection("x", [Column("a", .text)]), ["one", "two", "one", "six"].map { [text($0)] })
  }

  // MARK: Sizes

  @Test func `a number of events that is not so is refused or read within bounds`() throws {
    var piece = try Self.texts()
    for (rows, code) in [
      (0, .pieceMalformed), (UInt64(Limits.pieceRowsMax) + 1, .pieceTooLarge),
      (UInt64.max, .pieceTooLarge), (1, .pieceMalformed),
    ] as [(UInt64, BundleError.Code)] {
      piece.rows = rows
      #expect(Self.code(piece) == code, "\(rows) rows")
    }
    #expect(Self.code([1]) == .pieceMalformed)
    #expect(Self.code([1, 0x80]) == .pieceMalformed)
    #expect(Self.code([1, 4]) == .pieceMalformed)
  }

  /// A piece with a heap of the given claim.
  private static func heap(claims length: UInt64, deflated: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes = [1, 1]
    writer.varint(length)
    writer.block(deflated)
    return writer.bytes + OpenPiece.nothing(rows: 1, columns: 1)
  }

  @Test func `a heap that is longer or shorter than it says is malformed`() {
    let plain = OpenPiece.heap(count: 1) {
      Descriptor.write(EventCollection("x", [Column("a", .integer)]), to: &$0)
    }
    let deflated = Deflater().deflate(plain)
    let length = UInt64(plain.count)
    #expect(Self.code(Self.heap(claims: length, deflated: deflated)) == nil)
    for wrong in [1, length - 1, length + 1, 2 * length] {
      #expect(Self.code(Self.heap(claims: wrong, deflated: deflated)) == .pieceMalformed)
    }
    for cut in 0..<deflated.count {
      let torn = Array(deflated.prefix(cut))
      #expect(Self.code(Self.heap(claims: length, deflated: torn)) == .pieceMalformed)
    }
    #expect(Self.code(Self.heap(claims: length, deflated: deflated + [0])) == .pieceMalformed)
    #expect(Self.code(Self.heap(claims: length, deflated: [7] + deflated)) == .pieceMalformed)
  }

  @Test func `a heap beyond the limits is refused before it is inflated`() {
    let bomb = Deflater().deflate(Array(repeating: 0, count: 2 * Limits.heapBytesMax))
    #expect(bomb.count < 3000)
    let limit = UInt64(Limits.heapBytesMax)
    for claim in [limit + 1, 2 * limit, UInt64.max] {
      #expect(Self.code(Self.heap(claims: claim, deflated: bomb)) == .pieceTooLarge)
    }
    // It says less than it is.
    #expect(Self.code(Self.heap(claims: limit, deflated: bomb)) == .pieceMalformed)
    // More than deflate can do.
    #expect(Self.code(Self.heap(claims: 20_000, deflated: [1, 2])) == .pieceTooLarge)
  }

  // MARK: Descriptors

  private static func descriptors(
    _ collections: [EventCollection], rows: UInt64 = 1
  ) -> BundleError.Code? {
    let heap = OpenPiece.heap(count: UInt64(collections.count)) { writer in
      for collection in collections { Descriptor.write(collection, to: &writer) }
    }
    let width = collections.first?.columns.count ?? 0
    return code(
      OpenPiece(
        kind: 1, rows: rows, heap: heap, stream: OpenPiece.nothing(rows: rows, columns: width)))
  }

  private static func columns(_ columns: Column...) -> BundleError.Code? {
    descriptors([EventCollection("x", columns)])
  }

  @Test func `columns that foretell each other in a circle are malformed`() {
    #expect(Self.columns(Column("a", .integer, given: "a")) == .pieceMalformed)
    #expect(
      Self.columns(Column("a", .integer, given: "b"), Column("b", .integer, given: "a"))
        == .pieceMalformed)
    #expect(Self.columns(Column("a", .text, .attribute(0, of: "a"))) == .pieceMalformed)
    let ring = (0..<31).map { Column("\($0)", .integer, .after(["\(($0 + 1) % 31)"])) }
    #expect(Self.descriptors([EventCollection("x", ring)]) == .pieceMalformed)
    // Not a circle, but the longest way round.
    let chain = (0..<31).map { Column("\($0)", .integer, .after(["\(min($0 + 1, 30))"])) }
    #expect(Self.descriptors([EventCollection("x", chain)]) == nil)
  }

  @Test func `predictions that make no sense are malformed`() {
    #expect(Self.columns(Column("a", .integer, .after(["b"]))) == .pieceMalformed)
    #expect(Self.columns(Column("a", .integer, given: "b")) == .pieceMalformed)
    #expect(Self.columns(Column("a", .integer, .key)) == .pieceMalformed)
    #expect(Self.columns(Column("a", .text, .after(["a"]))) == .pieceMalformed)
    #expect(
      Self.columns(Column("a", .integer, .after(["b"])), Column("b", .dot)) == .pieceMalformed)
    #expect(
      Self.columns(Column("a", .integer), Column("b", .integer, .attribute(0, of: "a")))
        == .pieceMalformed)
    #expect(
      Self.columns(Column("a", .text), Column("b", .integer, .attribute(16, of: "a")))
        == .pieceMalformed)
    let names = { (count: Int) in Array(repeating: "a", count: count) }
    #expect(Self.columns(Column("a", .integer, .after(names(31)))) == nil)
    #expect(Self.columns(Column("a", .integer, .after(names(32)))) == .pieceMalformed)
  }

  @Test func `collections and columns that cannot be told apart are malformed`() {
    let one = EventCollection("x", [Column("a", .integer)])
    #expect(Self.descriptors([]) == .pieceMalformed)
    #expect(Self.descriptors([one, one], rows: 2) == .pieceMalformed)
    #expect(Self.descriptors([EventCollection("x", [])]) == .pieceMalformed)
    #expect(Self.columns(Column("a", .integer), Column("a", .text)) == .pieceMalformed)
    #expect(Self.columns(Column("", .integer)) == .pieceMalformed)
    // More than there are events.
    let many = (0..<3).map { EventCollection("\($0)", one.columns) }
    #expect(Self.descriptors(many, rows: 2) == .pieceMalformed)
    // Not all of them have an event.
    #expect(Self.descriptors(many, rows: 3) == .pieceMalformed)
  }

  /// A descriptor by hand: a name, the number of columns, then anything.
  private static func descriptor(_ count: UInt64, _ rest: [UInt8]) -> BundleError.Code? {
    let heap = OpenPiece.heap(count: 1) { writer in
      writer.block([0x78])
      writer.varint(count)
      writer.bytes += rest
    }
    return code(
      OpenPiece(
        kind: 1, rows: 1, heap: heap, stream: OpenPiece.nothing(rows: 1, columns: Int(count & 31))))
  }

  @Test func `descriptors that cannot be read are malformed`() {
    let column = { (name: UInt8) -> [UInt8] in [1, name, 1, 0, 0] }
    #expect(Self.descriptor(1, column(0x61)) == nil)
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    #expect(Self.descriptor(31, letters.prefix(31).flatMap { column($0) }) == nil)
    #expect(Self.descriptor(32, letters.prefix(32).flatMap { column($0) }) == .pieceMalformed)
    #expect(Self.descriptor(UInt64.max, column(0x61)) == .pieceMalformed)
    #expect(Self.descriptor(2, column(0x61)) == .pieceMalformed)
    for kind in [0, 4, 255] as [UInt8] {
      #expect(Self.descriptor(1, [1, 0x61, kind, 0, 0]) == .pieceMalformed)
    }
    #expect(Self.descriptor(1, [1, 0x61, 1, 5, 0]) == .pieceMalformed, "a prediction unknown")
    #expect(Self.descriptor(1, [1, 0xFF, 1, 0, 0]) == .pieceMalformed, "a name that is no text")
    #expect(Self.descriptor(1, [1, 0x61, 1, 0, 9]) == .pieceMalformed, "a name cut short")
  }

  @Test func `names are of lower-case letters, digits and underscores`() {
    func code(_ name: String) -> BundleError.Code? {
      let column = Self.columns(Column(name, .integer))
      #expect(Self.descriptors([EventCollection(name, [Column("a", .integer)])]) == column)
      return column
    }
    let longest = String(repeating: "n", count: Limits.nameBytesMax)
    for name in ["a", "plan_item", "_", "7", longest] { #expect(code(name) == nil) }
    for name in ["", "A", "a b", "a-b", "e\u{301}", "é", "列", "a\0", longest + "n"] {
      #expect(code(name) == .pieceMalformed, "\(name)")
    }
  }

  @Test func `texts that come to more than a database is meant for are refused`() throws {
    let long = Meaning.text(Array(repeating: 0x61, count: Limits.textBytesMax))
    let collection = EventCollection("x", [Column("a", .text, .previous)])
    let most = Limits.namedBytesMax / Limits.textBytesMax
    #expect(Self.code(try Self.open(collection, (0..<most).map { _ in [long] })) == nil)
    #expect(Self.code(try Self.open(collection, (0...most).map { _ in [long] })) == .pieceTooLarge)
    let longer = Meaning.text(Array(repeating: 0x61, count: Limits.textBytesMax + 1))
    #expect(Self.code(try Self.open(collection, [[longer]])) == .pieceTooLarge)
    // Empty cells name nothing.
    #expect(Self.code(try Self.open(collection, [[long]] + (0..<most).map { _ in [.null] })) == nil)
  }
}
