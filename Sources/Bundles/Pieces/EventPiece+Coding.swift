internal import Causality
internal import Records
internal import Wording

/// An event piece as bytes (Protocol/03-bundles.md, "Event pieces"):
/// kind 1 · number of rows · heap (descriptors, own texts) · range-coded stream (segments, then
/// column after column of each batch).
enum EventPieceCoding {
  static let kind: UInt8 = 1

  static func encode(
    _ piece: EventPiece, catalogue: Catalogue?, epochIndex: (Epoch) -> Int, deflater: Deflater
  ) -> [UInt8] {
    var renumbered = Renumbering(piece)
    var heap = ByteWriter()
    heap.varint(UInt64(piece.batches.count))
    for batch in piece.batches { Descriptor.write(batch.collection, to: &heap) }
    for index in 0..<renumbered.texts.count { heap.block(renumbered.texts[index]) }
    var writer = ByteWriter()
    writer.bytes.append(kind)
    writer.varint(UInt64(piece.rows))
    Heap.write(heap.bytes, deflater: deflater, to: &writer)
    var coder = RangeEncoder()
    let segments = piece.segments.map {
      Stream.Segment(
        batch: $0.batch, epoch: epochIndex($0.epoch), first: $0.first, count: $0.count)
    }
    var texts = TextCoding(
      catalogued: piece.texts.catalogue.count,
      count: piece.texts.catalogue.count + renumbered.texts.count)
    let stream = Stream(
      catalogue: catalogue, epochCount: piece.epochs.count, texts: texts.count)
    do {
      _ = try stream.segments(
        &coder, segments, rows: piece.rows, batches: piece.batches.count)
      for index in piece.batches.indices {
        try stream.batch(&coder, &renumbered.batches[index], texts: &texts)
      }
    } catch {
      preconditionFailure("P9: the writer wrote what its reader would refuse: \(error.reason)")
    }
    writer.bytes.append(contentsOf: coder.finish())
    return writer.bytes
  }

  static func decode(
    _ bytes: [UInt8], epochs: [Epoch], catalogue: Catalogue?, inflater: Inflater
  ) throws(BundleError) -> EventPiece {
    var reader = ByteReader(bytes[1...])
    let rows: UInt64
    do { rows = try reader.varint() } catch { throw malformed("no number of rows") }
    guard rows > 0 else { throw malformed("it has no event") }
    guard rows <= UInt64(Limits.pieceRowsMax) else {
      throw BundleError(.pieceTooLarge, "a piece of \(rows) events")
    }
    var heap = ByteReader(try Heap.read(&reader, inflater: inflater))
    var collections: [EventCollection] = []
    var texts = PieceTexts(catalogue: catalogue)
    do {
      let count = try heap.count()
      guard count > 0, count <= Int(rows) else { throw ByteReader.Malformed() }
      for _ in 0..<count { collections.append(try Descriptor.read(&heap)) }
      texts.own = try Heap.texts(&heap)
    } catch { throw malformed("its collections or texts cannot be read") }
    guard Set(collections.map(\.name)).count == collections.count else {
      throw malformed("it has a collection twice")
    }
    let rest = bytes[reader.offset...]
    let stream = Stream(catalogue: catalogue, epochCount: epochs.count, texts: texts.count)
    return try withDecoder(rest) { (coder: inout RangeDecoder) throws(BundleError) in
      let segments = try stream.segments(
        &coder, nil, rows: Int(rows), batches: collections.count)
      var batches = try allocate(collections, segments)
      var coding = TextCoding(catalogued: texts.catalogue.count, count: texts.count)
      for index in batches.indices { try stream.batch(&coder, &batches[index], texts: &coding) }
      guard coding.isComplete else { throw malformed("it carries texts that no cell names") }
      try checkNamedBytes(batches, texts)
      return EventPiece(
        segments: segments.map {
          EventSegment(batch: $0.batch, epoch: epochs[$0.epoch], first: $0.first, count: $0.count)
        }, batches: batches, texts: texts, epochs: epochs)
    }
  }

  /// Naming a text costs almost nothing on the wire, but each naming is a copy in the database.
  private static func checkNamedBytes(
    _ batches: [EventBatch], _ texts: PieceTexts
  ) throws(BundleError) {
    let longest = (0..<texts.count).reduce(0) { max($0, texts[$1].count) }
    guard longest <= Limits.textBytesMax else {
      throw BundleError(.pieceTooLarge, "a text of \(longest) bytes")
    }
    let cells = batches.reduce(0) { sum, batch in
      sum + batch.rows * batch.collection.columns.count { $0.kind == .text }
    }
    // Most pieces cannot exceed the limit whatever their cells name.
    if cells * longest <= Limits.namedBytesMax { return }
    var total = 0
    for batch in batches {
      for (index, column) in batch.collection.columns.enumerated() where column.kind == .text {
        for cell in batch.columns[index] where cell != Cell.null {
          total += texts[Int(cell)].count
        }
      }
    }
    guard total <= Limits.namedBytesMax else {
      throw BundleError(.pieceTooLarge, "the texts of a piece come to \(total) bytes")
    }
  }

  private static func allocate(
    _ collections: [EventCollection], _ segments: [Stream.Segment]
  ) throws(BundleError) -> [EventBatch] {
    var counts = Array(repeating: 0, count: collections.count)
    for segment in segments { counts[segment.batch] += segment.count }
    guard !counts.contains(0) else { throw malformed("a collection has no event") }
    return zip(collections, counts).map { collection, count in
      EventBatch(
        collection: collection,
        columns: collection.columns.map { _ in Array(repeating: 0, count: count) })
    }
  }

  static func malformed(_ what: Message) -> BundleError {
    BundleError(.pieceMalformed, "an event piece is malformed: \(what)")
  }

  static func withDecoder<Result>(
    _ bytes: ArraySlice<UInt8>,
    _ body: (inout RangeDecoder) throws(BundleError) -> Result
  ) throws(BundleError) -> Result {
    let empty: [UInt8] = [0]
    let outcome: Swift.Result<Result, BundleError> = bytes.withUnsafeBufferPointer { bytes in
      empty.withUnsafeBufferPointer { empty in
        guard let start = empty.baseAddress else { preconditionFailure("an array of one byte") }
        var coder = RangeDecoder(bytes, empty: start)
        do throws(BundleError) {
          return .success(try body(&coder))
        } catch {
          return .failure(error)
        }
      }
    }
    return try outcome.get()
  }
}

/// Gives the piece's own texts the numbers in which the column coding first meets them.
private struct Renumbering {
  var batches: [EventBatch]
  var texts = TextTable()

  init(_ piece: EventPiece) {
    batches = piece.batches
    let catalogued = piece.texts.catalogue.count
    var numbers = Array(repeating: -1, count: piece.texts.own.count)
    for (index, batch) in piece.batches.enumerated() {
      guard let plan = ColumnPlan(batch.collection) else { continue }
      for column in plan.order where batch.collection.columns[column].kind == .text {
        for (row, cell) in batch.columns[column].enumerated() where cell >= Int64(catalogued) {
          let own = Int(cell) - catalogued
          if numbers[own] < 0 {
            numbers[own] = texts.count
            texts.append(piece.texts.own[own])
          }
          batches[index].columns[column][row] = Int64(catalogued + numbers[own])
        }
      }
    }
  }
}

/// The range-coded part, in either direction.
struct Stream {
  struct Segment {
    var batch = 0
    var epoch = 0
    var first: UInt64 = 0
    var count = 0
  }

  let catalogue: Catalogue?
  let epochCount: Int
  let notes: KeyNotes

  init(catalogue: Catalogue?, epochCount: Int, texts: Int) {
    self.catalogue = catalogue
    self.epochCount = epochCount
    notes = KeyNotes(texts: texts)
  }

  func segments<C: BitCoder>(
    _ coder: inout C, _ given: [Segment]?, rows: Int, batches: Int
  ) throws(BundleError) -> [Segment] {
    let arena = ModelArena()
    let (counts, epochs) = (NumberModel(arena), NumberModel(arena))
    let (firsts, kinds) = (NumberModel(arena), NumberModel(arena))
    var next: [Int: UInt64] = [:]
    var result: [Segment] = []
    var total = 0
    while total < rows {
      var segment = given?[result.count] ?? Segment()
      segment.batch = Int(
        truncatingIfNeeded: kinds.number(&coder, UInt64(segment.batch)))
      segment.epoch = Int(truncatingIfNeeded: epochs.number(&coder, UInt64(segment.epoch)))
      let expected = Int64(next[segment.epoch] ?? 1)
      let step = firsts.signed(&coder, Int64(segment.first) &- expected)
      let first = expected &+ step
      let count = counts.number(&coder, UInt64(segment.count))
      guard (0..<batches).contains(segment.batch), (0..<epochCount).contains(segment.epoch),
        first > 0, count > 0, count <= UInt64(rows - total),
        first <= Int64(Limits.sequenceMax) - Int64(count) + 1
      else { throw EventPieceCoding.malformed("a run of events lies outside what it may") }
      segment.first = UInt64(first)
      segment.count = Int(count)
      next[segment.epoch] = segment.first + count
      total += segment.count
      result.append(segment)
    }
    return result
  }

  func batch<C: BitCoder>(
    _ coder: inout C, _ batch: inout EventBatch, texts: inout TextCoding
  ) throws(BundleError) {
    guard let plan = ColumnPlan(batch.collection) else {
      throw EventPieceCoding.malformed("its columns foretell each other in a circle")
    }
    let rows = batch.rows
    let width = batch.columns.count
    let cells = UnsafeMutablePointer<Int64>.allocate(capacity: rows * width)
    defer { cells.deallocate() }
    let noted = UnsafeMutablePointer<UInt8>.allocate(capacity: rows * width)
    noted.initialize(repeating: 0, count: rows * width)
    defer { noted.deallocate() }
    let columns = (0..<width).map { cells + $0 * rows }
    for (index, column) in batch.columns.enumerated() {
      column.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { columns[index].initialize(from: base, count: rows) }
      }
    }
    let arena = ModelArena()
    for index in plan.order {
      let column = ColumnCoder(
        arena: arena, kind: batch.collection.columns[index].kind, source: plan.sources[index],
        rows: rows, catalogue: catalogue, epochCount: epochCount,
        hasContext: plan.givens[index] != nil)
      try column.code(
        &coder, columns[index], texts: &texts,
        around: .init(
          columns: columns, given: plan.givens[index].map { UnsafePointer(noted + $0 * rows) },
          noted: noted + index * rows, notes: notes))
    }
    if C.isDecoder {
      for index in 0..<width {
        batch.columns[index] = Array(UnsafeBufferPointer(start: columns[index], count: rows))
      }
    }
  }
}
