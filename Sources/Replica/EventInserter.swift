internal import Bundles
internal import Causality
internal import Records
internal import Wording

/// Binds and hashes the rows of one batch: the innermost loop of a hub.
///
/// Cells are first laid out row by row, and texts are read through raw pointers, so that a row
/// costs its own bytes and no allocation.
struct EventInserter {
  private let batch: EventBatch
  private let piece: EventPiece
  private let store: Store
  private let table: EventTable?
  private let number: Int64
  private let prefix: [UInt8]
  /// For packed dots: the key of sequence 0 of each of the piece's epochs.
  private let epochKeys: [Int64]

  init(_ batch: EventBatch, _ piece: EventPiece, _ store: Store) throws(ReplicaError) {
    self.batch = batch
    self.piece = piece
    self.store = store
    let collection = batch.collection
    let declared = try store.eventTable(collection.name)
    table = declared.flatMap { $0.fits(collection) ? $0 : nil }
    guard declared == nil || table != nil else {
      throw ReplicaError(
        .deltaMalformed, "the columns of \(collection.name) differ from those known here")
    }
    guard store.schema.record(collection.name) == nil else {
      throw ReplicaError(.deltaMalformed, "\(collection.name) is a collection of records")
    }
    try store.learn(collection)
    number = declared == nil ? try store.names.collection(collection.name) : 0
    if let table {
      prefix = table.prefix
    } else {
      var writer = ByteWriter()
      writer.block(collection.name.utf8)
      prefix = writer.bytes
    }
    var keys: [Int64] = []
    if collection.columns.contains(where: { $0.kind == .dot }) {
      for epoch in piece.epochs {
        keys.append(Key(epoch: try store.intern(epoch).number, sequence: 0).number)
      }
    }
    epochKeys = keys
  }

  /// Inserts rows under consecutive keys and absorbs their canonical bytes into the chain.
  func insert(
    _ rows: Range<Int>, epoch: Int64, first: UInt64, chain: inout Chain?
  ) throws(ReplicaError) {
    let width = batch.columns.count
    let cells = UnsafeMutablePointer<Int64>.allocate(capacity: rows.count * width)
    defer { cells.deallocate() }
    for (index, column) in batch.columns.enumerated() {
      column.withUnsafeBufferPointer { source in
        var at = index
        for row in rows {
          cells[at] = source[row]
          at += width
        }
      }
    }
    let kinds = batch.collection.columns.map(\.kind)
    let outcome = TextPointers.with(piece.texts) { texts in
      kinds.withUnsafeBufferPointer { kinds in
        let work = Work(
          inserter: self, cells: cells, kinds: kinds, texts: texts, count: rows.count)
        do throws(ReplicaError) {
          try work.run(from: Key(epoch: epoch, sequence: first).number, &chain)
          return Result<Void, ReplicaError>.success(())
        } catch {
          return .failure(error)
        }
      }
    }
    try outcome.get()
  }

  /// The loop, with everything it reads as pointers.
  private struct Work {
    let inserter: EventInserter
    let cells: UnsafeMutablePointer<Int64>
    let kinds: UnsafeBufferPointer<CellKind>
    let texts: TextPointers
    let count: Int

    func run(from first: Int64, _ chain: inout Chain?) throws(ReplicaError) {
      let buffer = inserter.store.rowBuffer
      buffer.count = 0
      var key = first
      var row = cells
      for _ in 0..<count {
        let start = buffer.count
        canonical(row, buffer)
        if let table = inserter.table {
          try insert(row, key, table, buffer, from: start)
        } else {
          try insertOther(key, buffer, from: start)
        }
        if buffer.count > 1 << 14 {
          chain?.absorb(buffer.bytes)
          buffer.count = 0
        }
        key += 1
        row += kinds.count
      }
      chain?.absorb(buffer.bytes)
      buffer.count = 0
    }

    @inline(__always)
    private func canonical(_ row: UnsafeMutablePointer<Int64>, _ buffer: RowBuffer) {
      var mask: UInt64 = 0
      var size = inserter.prefix.count + 10
      for index in 0..<kinds.count where row[index] != Cell.null {
        mask |= UInt64(kinds[index].rawValue) << UInt64(2 * index)
        size += kinds[index] == .text ? texts[row[index]].count + 10 : 20
      }
      buffer.reserve(size)
      inserter.prefix.withUnsafeBytes { buffer.append($0) }
      buffer.varint(mask)
      for index in 0..<kinds.count where row[index] != Cell.null {
        let cell = row[index]
        switch kinds[index] {
        case .integer: buffer.varint(ByteWriter.fold(cell))
        case .text:
          let text = texts[cell]
          buffer.varint(UInt64(text.count))
          buffer.append(text)
        case .dot:
          buffer.fixed(inserter.piece.epochs[Int(cell >> 32)].bits)
          buffer.varint(UInt64(cell & 0xFFFF_FFFF))
        }
      }
    }

    @inline(__always)
    private func insert(
      _ row: UnsafeMutablePointer<Int64>, _ key: Int64, _ table: EventTable, _ buffer: RowBuffer,
      from start: Int
    ) throws(ReplicaError) {
      let statement = table.insert
      let declared = table.width
      statement.bind(1, key)
      for index in 0..<declared {
        let position = Int32(index + 2)
        guard index < kinds.count, row[index] != Cell.null else {
          statement.bindNull(position)
          continue
        }
        switch kinds[index] {
        case .integer: statement.bind(position, row[index])
        case .text: statement.bind(position, text: texts[row[index]])
        case .dot:
          statement.bind(
            position, inserter.epochKeys[Int(row[index] >> 32)] | (row[index] & 0xFFFF_FFFF))
        }
      }
      var hasMore = false
      for index in declared..<max(declared, kinds.count) where row[index] != Cell.null {
        hasMore = true
      }
      if hasMore {
        statement.bind(Int32(declared + 2), blob: buffer.bytes(from: start))
      } else {
        statement.bindNull(Int32(declared + 2))
      }
      try statement.run()
    }

    private func insertOther(
      _ key: Int64, _ buffer: RowBuffer, from start: Int
    ) throws(ReplicaError) {
      let statement = try inserter.store.literal("INSERT INTO other_event VALUES (?, ?, ?)")
      statement.bind(1, key)
      statement.bind(2, inserter.number)
      statement.bind(3, blob: buffer.bytes(from: start))
      try statement.run()
    }
  }
}

/// The texts of a piece by number, through raw pointers. Valid within `with`.
private struct TextPointers {
  private let catalogue: UnsafePointer<UInt8>?
  private let catalogueEnds: UnsafePointer<Int>?
  private let catalogued: Int
  private let own: UnsafePointer<UInt8>?
  private let ownEnds: UnsafePointer<Int>?

  static func with<R>(_ texts: PieceTexts, _ body: (TextPointers) -> R) -> R {
    texts.catalogue.bytes.withUnsafeBufferPointer { catalogue in
      texts.catalogue.ends.withUnsafeBufferPointer { catalogueEnds in
        texts.own.bytes.withUnsafeBufferPointer { own in
          texts.own.ends.withUnsafeBufferPointer { ownEnds in
            body(
              TextPointers(
                catalogue: catalogue.baseAddress, catalogueEnds: catalogueEnds.baseAddress,
                catalogued: catalogueEnds.count, own: own.baseAddress,
                ownEnds: ownEnds.baseAddress))
          }
        }
      }
    }
  }

  /// The decoder has checked that every number is one of the piece's.
  @inline(__always)
  subscript(cell: Int64) -> UnsafeRawBufferPointer {
    let number = Int(cell)
    let isOwn = number >= catalogued
    let index = isOwn ? number - catalogued : number
    guard let ends = isOwn ? ownEnds : catalogueEnds, let bytes = isOwn ? own : catalogue else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeRawBufferPointer(start: bytes + start, count: ends[index] - start)
  }
}

/// Bytes on their way into a chain. Grows only; reused for the life of the store.
final class RowBuffer {
  private var start = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 15)
  private var capacity = 1 << 15
  var count = 0

  deinit { start.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
  }

  func bytes(from first: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + first, count: count - first)
  }

  /// Makes room for `size` more bytes. What was handed out by `bytes` may move.
  @inline(__always)
  func reserve(_ size: Int) { if capacity - count < size { grow(size) } }

  private func grow(_ size: Int) {
    let larger = max(2 * capacity, count + size)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.update(from: start, count: count)
    start.deallocate()
    start = moved
    capacity = larger
  }

  @inline(__always)
  func append(_ block: UnsafeRawBufferPointer) {
    guard let source = block.baseAddress else { return }
    UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: block.count)
    count += block.count
  }

  @inline(__always)
  func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      start[count] = UInt8(truncatingIfNeeded: rest) | 0x80
      count += 1
      rest >>= 7
    }
    start[count] = UInt8(truncatingIfNeeded: rest)
    count += 1
  }

  @inline(__always)
  func fixed(_ value: UInt64) {
    UnsafeMutableRawPointer(start + count).storeBytes(of: value.littleEndian, as: UInt64.self)
    count += 8
  }
}
