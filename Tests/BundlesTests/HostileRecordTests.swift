import Causality
import Records
import Testing

@testable import Bundles

/// Record pieces that no writer of ours would write, one lie each.
@Suite struct HostileRecordTests {
  private static let epochs = [Epoch(bits: 10), Epoch(bits: 20), Epoch(bits: 30)]

  private static func manifest(_ epochs: [Epoch] = epochs) -> Manifest {
    var manifest = emptyManifest()
    manifest.epochs = EpochTable(epochs)
    return manifest
  }

  private static func code(
    _ bytes: [UInt8], epochs: [Epoch] = epochs
  ) -> BundleError.Code? {
    do throws(BundleError) {
      _ = try BundleCodec().records(bytes, of: manifest(epochs))
      return nil
    } catch { return error.code }
  }

  private static func sibling(_ dot: Dot, _ value: Value = .null) -> Sibling {
    Sibling(dot: dot, time: HybridTime(bits: 5 << 16), value: value)
  }

  private static func record(
    _ siblings: [Sibling], vector: VersionVector? = nil, id: Dot = Dot(epochs[0], 1)
  ) -> WireRecord {
    WireRecord(
      layout: 0, id: id,
      vector: vector ?? VersionVector(siblings.map { .init($0.dot.epoch, $0.dot.sequence) }),
      fields: [.init(name: 0, siblings: siblings)])
  }

  private static func bytes(_ records: [WireRecord]) -> [UInt8] {
    var manifest = manifest()
    let layout = RecordLayout(collection: "x", fields: [.init(name: "f")])
    return BundleCodec().encode(RecordPiece(layouts: [layout], records: records), into: &manifest)
  }

  // MARK: Sizes and layouts

  @Test func `a number of records that is not so is refused`() throws {
    var piece = try OpenPiece(Self.bytes([Self.record([Self.sibling(Dot(Self.epochs[0], 1))])]))
    #expect(Self.code(piece.bytes) == nil)
    for (count, code) in [
      (0, .pieceMalformed), (UInt64(Limits.pieceRowsMax) + 1, .pieceTooLarge),
      (UInt64.max, .pieceTooLarge),
    ] as [(UInt64, BundleError.Code)] {
      piece.rows = count
      #expect(Self.code(piece.bytes) == code, "\(count) records")
    }
    for bytes in [[2], [2, 0x80], [2, 1], [2, 1, 5], [2, 1, 0]] as [[UInt8]] {
      #expect(Self.code(bytes) == .pieceMalformed)
    }
  }

  private static func layouts(
    _ count: UInt64, texts: [[UInt8]] = [], _ body: (inout ByteWriter) -> Void
  ) -> BundleError.Code? {
    let heap = OpenPiece.heap(count: count, texts: texts, body)
    // One record with a null in its first field.
    let stream = OpenPiece.stream { coder, arena in
      for value in [0, 0, 0] as [UInt64] { _ = NumberModel(arena).number(&coder, value) }
      _ = coder.bit(arena.models(1), true)
      _ = NumberModel(arena).number(&coder, 0)
      _ = coder.bit(arena.models(1), true)
      for _ in 0..<3 { _ = NumberModel(arena).number(&coder, 0) }
      for _ in 0..<300 { _ = coder.bit(arena.models(1), false) }
      _ = coder.bit(arena.models(1), true)
    }
    return code(OpenPiece(kind: 2, rows: 1, heap: heap, stream: stream).bytes)
  }

  private static func layout(
    _ name: String, _ fields: Range<Int>, follows: UInt64 = 0
  ) -> (inout ByteWriter) -> Void {
    { writer in
      writer.block(name.utf8)
      writer.varint(UInt64(fields.count))
      for field in fields {
        writer.block("\(field)".utf8)
        writer.varint(follows)
      }
    }
  }

  @Test func `layouts that cannot be read or told apart are malformed`() {
    #expect(Self.layouts(1, Self.layout("x", 0..<3)) == nil)
    #expect(Self.layouts(0, { _ in }) == .pieceMalformed)
    #expect(Self.layouts(1, Self.layout("", 0..<3)) == .pieceMalformed)
    #expect(Self.layouts(1, Self.layout("x", 0..<0)) == .pieceMalformed)
    #expect(Self.layouts(2, Self.layout("x", 0..<3)) == .pieceMalformed)
    #expect(Self.layouts(UInt64.max, Self.layout("x", 0..<3)) == .pieceMalformed)
    #expect(Self.layouts(1, Self.layout("x", 0..<1, follows: 1)) == .pieceMalformed, "itself")
    #expect(Self.layouts(1, Self.layout("x", 0..<1, follows: .max)) == .pieceMalformed)
    #expect(
      Self.layouts(2) {
        Self.layout("x", 0..<1)(&$0)
        Self.layout("x", 0..<1)(&$0)
      } == .pieceMalformed)
    #expect(
      Self.layouts(1) { writer in
        writer.block([0x78])
        writer.varint(2)
        for _ in 0..<2 { writer.bytes += [1, 0x66, 0] }
      } == .pieceMalformed, "a field twice")
    #expect(
      Self.layouts(1) { writer in
        writer.block([0xFF])
        writer.bytes += [1, 1, 0x66, 0]
      } == .pieceMalformed, "a name that is no text")
  }

  @Test func `more fields than memory is meant for are refused`() {
    #expect(Self.layouts(1, Self.layout("x", 0..<Limits.fieldsMax)) == nil)
    #expect(Self.layouts(1, Self.layout("x", 0..<Limits.fieldsMax + 1)) == .pieceMalformed)
    func many(_ count: Int) -> BundleError.Code? {
      Self.layouts(UInt64(count)) { writer in
        for number in 0..<count { Self.layout("x\(number)", 0..<Limits.fieldsMax)(&writer) }
      }
    }
    let most = Limits.pieceFieldsMax / Limits.fieldsMax
    #expect(many(most) == nil)
    #expect(many(most + 1) == .pieceTooLarge)
  }

  @Test func `texts that nothing names are malformed`() {
    #expect(Self.layouts(1, texts: [[0x61]], Self.layout("x", 0..<1)) == .pieceMalformed)
  }

  // MARK: Streams

  @Test func `more values than memory is meant for are refused`() throws {
    let layout = RecordLayout(collection: "x", fields: [.init(name: "f")])
    func code(allowed: Int, _ counts: [Int]) -> BundleError.Code? {
      var stream = RecordStream(layouts: [layout], made: HybridTime(bits: 0))
      stream.valuesLeft = allowed
      var tables = RecordStream.Tables(
        epochs: Self.epochs, epochIndex: { _ in 0 }, table: TextTable(),
        texts: TextCoding(catalogued: 0, count: 0))
      var coder = RangeEncoder()
      for count in counts {
        let siblings = (1...count).map { Self.sibling(Dot(Self.epochs[0], UInt64($0))) }
        do throws(BundleError) {
          _ = try stream.record(&coder, Self.record(siblings), in: &tables)
        } catch { return error.code }
      }
      return nil
    }
    #expect(code(allowed: 9, [4, 5]) == nil)
    #expect(code(allowed: 9, [4, 6]) == .pieceTooLarge)
    #expect(code(allowed: 9, [3, 3, 3, 1]) == .pieceTooLarge)
    #expect(code(allowed: Limits.pieceValuesMax, [Limits.siblingsMax + 1]) == .pieceTooLarge)
    let stream = RecordStream(layouts: [layout], made: HybridTime(bits: 0))
    #expect(stream.valuesLeft == Limits.pieceValuesMax)
  }

  @Test func `values that come to more than a database is meant for are refused`() {
    let layout = RecordLayout(collection: "x", fields: [.init(name: "f")])
    func code(_ length: Int, _ count: Int) -> BundleError.Code? {
      let text = Array(repeating: UInt8(0x61), count: length)
      var table = TextTable()
      table.append(text)
      var stream = RecordStream(layouts: [layout], made: HybridTime(bits: 0))
      var tables = RecordStream.Tables(
        epochs: Self.epochs, epochIndex: { _ in 0 }, table: table,
        texts: TextCoding(catalogued: 0, count: 1), numbers: [text[...]: 0])
      var coder = RangeEncoder()
      for number in 1...count {
        let sibling = Self.sibling(Dot(Self.epochs[0], UInt64(number)), Value(bytes: [2] + text))
        do throws(BundleError) {
          _ = try stream.record(&coder, Self.record([sibling]), in: &tables)
        } catch { return error.code }
      }
      return nil
    }
    let most = Limits.namedBytesMax / (Limits.textBytesMax + 1)
    #expect(code(Limits.textBytesMax, most) == nil)
    #expect(code(Limits.textBytesMax, most + 1) == .pieceTooLarge)
    #expect(code(Limits.textBytesMax + 1, 1) == .pieceTooLarge)
  }

  @Test func `an empty record and a collection outside the list are malformed`() {
    let heap = OpenPiece.heap(count: 1, Self.layout("x", 0..<1))
    func code(layout: UInt64, isPresent: Bool) -> BundleError.Code? {
      let stream = OpenPiece.stream { coder, arena in
        for value in [layout, 0, 0] { _ = NumberModel(arena).number(&coder, value) }
        _ = coder.bit(arena.models(1), isPresent)
      }
      return Self.code(OpenPiece(kind: 2, rows: 1, heap: heap, stream: stream).bytes)
    }
    #expect(code(layout: 0, isPresent: false) == .pieceMalformed)
    #expect(code(layout: 1, isPresent: true) == .pieceMalformed)
    #expect(code(layout: UInt64.max, isPresent: true) == .pieceMalformed)
  }

  @Test func `siblings out of order are malformed`() {
    let bytes = Self.bytes([Self.record(Self.epochs.map { Self.sibling(Dot($0, 4)) })])
    #expect(Self.code(bytes) == nil)
    // The same indices, but the epochs that they stand for go down.
    #expect(Self.code(bytes, epochs: Self.epochs.reversed()) == .pieceMalformed)
  }

  @Test func `a vector out of order or of epochs that are not listed is malformed`() {
    let dot = Dot(Self.epochs[0], 1)
    let vector = VersionVector(Self.epochs.map { .init($0, 9) })
    let bytes = Self.bytes([Self.record([Self.sibling(dot)], vector: vector)])
    #expect(Self.code(bytes) == nil)
    let swapped = [Self.epochs[0], Self.epochs[2], Self.epochs[1]]
    #expect(Self.code(bytes, epochs: swapped) == .pieceMalformed)
    #expect(Self.code(bytes, epochs: Array(Self.epochs.dropLast())) == .pieceMalformed)
    #expect(Self.code(bytes, epochs: []) == .pieceMalformed)
  }

  /// A piece of one record with one value, whose kind and content are as `body` says.
  private static func value(
    _ kind: UInt64, _ body: (inout RangeEncoder, ModelArena) -> Void
  ) -> BundleError.Code? {
    let heap = OpenPiece.heap(count: 1, layout("x", 0..<1))
    let stream = OpenPiece.stream { coder, arena in
      for value in [0, 0, 0] as [UInt64] { _ = NumberModel(arena).number(&coder, value) }
      _ = coder.bit(arena.models(1), true)
      _ = NumberModel(arena).number(&coder, 0)
      _ = coder.bit(arena.models(1), true)
      for value in [0, 0, kind] { _ = NumberModel(arena).number(&coder, value) }
      body(&coder, arena)
      _ = coder.bit(arena.models(1), true)
    }
    return code(OpenPiece(kind: 2, rows: 1, heap: heap, stream: stream).bytes)
  }

  @Test func `a value longer than allowed is refused before it is read`() {
    func code(_ length: UInt64) -> BundleError.Code? {
      Self.value(ValueCoder.Kind.other.rawValue) { coder, arena in
        _ = NumberModel(arena).number(&coder, length)
        for _ in 0..<length % 4096 { _ = coder.raw(8, 0x41) }
      }
    }
    #expect(code(3) == nil)
    for length in [UInt64(Limits.textBytesMax) + 1, 1 << 40, UInt64.max] {
      #expect(code(length) == .pieceTooLarge)
    }
  }

  @Test func `a date outside the calendar is malformed`() {
    func code(_ day: Int64) -> BundleError.Code? {
      Self.value(ValueCoder.Kind.date.rawValue) { coder, arena in
        _ = NumberModel(arena).signed(&coder, day)
      }
    }
    let range = CalendarText.range
    for day in [range.lowerBound, 0, range.upperBound] { #expect(code(day) == nil) }
    for day in [range.lowerBound - 1, range.upperBound + 1, Int64.max, Int64.min] {
      #expect(code(day) == .pieceMalformed, "day \(day)")
    }
  }

  @Test func `a dot outside what is possible and a kind that does not exist are malformed`() {
    func code(_ epoch: UInt64, _ sequence: Int64) -> BundleError.Code? {
      Self.value(ValueCoder.Kind.dot.rawValue) { coder, arena in
        _ = NumberModel(arena).number(&coder, epoch)
        _ = NumberModel(arena).signed(&coder, sequence)
      }
    }
    let top = Int64(Limits.sequenceMax)
    #expect(code(2, 1) == nil)
    #expect(code(0, top) == nil)
    for epoch in [3, 1 << 40, UInt64.max] { #expect(code(epoch, 1) == .pieceMalformed) }
    for sequence in [0, -1, top + 1, Int64.max, Int64.min] {
      #expect(code(0, sequence) == .pieceMalformed)
    }
    for kind in [6, 7, 1 << 40, UInt64.max] {
      #expect(Self.value(kind) { _, _ in } == .pieceMalformed)
    }
  }
}
