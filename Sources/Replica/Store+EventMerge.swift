internal import Bundles
internal import Causality
internal import Records

/// The hot path of a hub: events out of a decoded piece into their table.
extension Store {
  /// Appends the events of `piece` that are not held yet. The caller has checked that the
  /// partition covers the delta's base. Returns how many were new.
  func merge(_ piece: EventPiece, into partition: LivePartition) throws(ReplicaError) -> Int {
    var inserters: [EventInserter] = []
    for batch in piece.batches { inserters.append(try EventInserter(batch, piece, self)) }
    var cursors = Array(repeating: 0, count: piece.batches.count)
    var added = 0
    for segment in piece.segments {
      let row = cursors[segment.batch]
      cursors[segment.batch] += segment.count
      added += try merge(segment, at: row, inserters[segment.batch], into: partition)
    }
    return added
  }

  private func merge(
    _ segment: EventSegment, at row: Int, _ inserter: EventInserter,
    into partition: LivePartition
  ) throws(ReplicaError) -> Int {
    guard let epoch = try find(segment.epoch), let birth = epoch.birth,
      epoch.partition == partition.number
    else {
      throw ReplicaError(.gap, "the birth of epoch \(segment.epoch) is missing")
    }
    guard segment.first <= epoch.seen + 1 else {
      throw ReplicaError(.gap, "events \(epoch.seen + 1) to \(segment.first - 1) are missing")
    }
    let known = Int(min(epoch.seen + 1 - segment.first, UInt64(segment.count)))
    guard known < segment.count else { return 0 }
    if epoch.seen == 0 {
      guard try ancestryCovers(partition, birth.parents) else {
        throw ReplicaError(.gap, "what epoch \(segment.epoch) was born from is missing")
      }
      epoch.chain = try seed(birth, partition.id)
    }
    guard epoch.chain != nil else {
      throw ReplicaError(.databaseDamaged, "the chain of epoch \(segment.epoch) is missing")
    }
    let rows = (row + known)..<(row + segment.count)
    try inserter.insert(
      rows, epoch: epoch.number, first: epoch.seen + 1, chain: &epoch.chain)
    epoch.seen = segment.last.sequence
    epoch.isChanged = true
    try advance(partition, to: Dot(epoch.epoch, epoch.seen))
    return rows.count
  }

  /// Raises the vector to a dot whose past is held.
  private func advance(_ partition: LivePartition, to dot: Dot) throws(ReplicaError) {
    if partition.vector[dot.epoch] > 0 {
      partition.vector.insert(dot)
      return
    }
    partition.vector =
      partition.vector.isEmpty
      ? VersionVector(dot) : try ancestry(of: partition).join(partition.vector, VersionVector(dot))
    partition.isChanged = true
  }

  /// Whether the partition covers `vector`; asks for births only if it must.
  func ancestryCovers(
    _ partition: LivePartition, _ vector: VersionVector
  ) throws(ReplicaError) -> Bool {
    let open = vector.entries.filter { partition.vector[$0.epoch] < $0.sequence }
    if open.isEmpty { return true }
    let ancestry = try ancestry(of: partition)
    return open.allSatisfy { ancestry.covers(partition.vector, $0.dot) }
  }
}

/// Binds the rows of one batch. Cells are copied row by row into one buffer, so that a row's
/// canonical bytes and bindings read memory in order.
private struct EventInserter {
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
    try store.learn(collection)
    number = try store.names.collection(collection.name)
    var writer = ByteWriter()
    writer.block(collection.name.utf8)
    prefix = writer.bytes
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
    var key = Key(epoch: epoch, sequence: first).number
    let width = batch.columns.count
    var cells = Array(repeating: Cell.null, count: width)
    store.scratch.bytes.removeAll(keepingCapacity: true)
    for row in rows {
      for column in 0..<width { cells[column] = batch.columns[column][row] }
      let start = store.scratch.bytes.count
      canonical(cells, &store.scratch)
      if let table {
        try insert(cells, key, table, from: start)
      } else {
        try insertOther(key, from: start)
      }
      key += 1
      if store.scratch.bytes.count > 1 << 15 { absorb(&chain) }
    }
    absorb(&chain)
  }

  private func absorb(_ chain: inout Chain?) {
    store.scratch.bytes.withUnsafeBytes { chain?.absorb($0) }
    store.scratch.bytes.removeAll(keepingCapacity: true)
  }

  private func canonical(_ cells: [Int64], _ writer: inout ByteWriter) {
    writer.bytes.append(contentsOf: prefix)
    let columns = batch.collection.columns
    var mask: UInt64 = 0
    for index in cells.indices where cells[index] != Cell.null {
      mask |= UInt64(columns[index].kind.rawValue) << UInt64(2 * index)
    }
    writer.varint(mask)
    for index in cells.indices where cells[index] != Cell.null {
      switch columns[index].kind {
      case .integer: writer.zigzag(cells[index])
      case .text: writer.block(piece.texts[Int(cells[index])])
      case .dot:
        writer.dot(Dot(piece.epochs[Int(cells[index] >> 32)], UInt64(cells[index] & 0xFFFF_FFFF)))
      }
    }
  }

  private func insert(
    _ cells: [Int64], _ key: Int64, _ table: EventTable, from start: Int
  ) throws(ReplicaError) {
    let statement = table.insert
    statement.bind(1, key)
    var hasMore = false
    for (index, column) in table.collection.columns.enumerated() {
      let position = Int32(index + 2)
      let cell = index < cells.count ? cells[index] : Cell.null
      if cell == Cell.null {
        statement.bindNull(position)
        continue
      }
      switch column.kind {
      case .integer: statement.bind(position, cell)
      case .text: bind(text: Int(cell), position, statement)
      case .dot: statement.bind(position, epochKeys[Int(cell >> 32)] | (cell & 0xFFFF_FFFF))
      }
    }
    for index in cells.indices.dropFirst(table.collection.columns.count)
    where cells[index] != Cell.null {
      hasMore = true
    }
    let position = table.originalColumn + 1
    if hasMore {
      statement.bind(position, copying: Array(store.scratch.bytes[start...]))
    } else {
      statement.bindNull(position)
    }
    try statement.run()
  }

  private func insertOther(_ key: Int64, from start: Int) throws(ReplicaError) {
    let statement = try store.statement("INSERT INTO other_event VALUES (?, ?, ?)")
    statement.bind(1, key)
    statement.bind(2, number)
    statement.bind(3, copying: Array(store.scratch.bytes[start...]))
    try statement.run()
  }

  @inline(__always)
  private func bind(text index: Int, _ position: Int32, _ statement: Statement) {
    // Safe without a copy: the statement is stepped before the piece goes away, and the arrays
    // are not changed meanwhile.
    let catalogued = piece.texts.catalogue.count
    let table = index < catalogued ? piece.texts.catalogue : piece.texts.own
    let range = table.range(index < catalogued ? index : index - catalogued)
    table.bytes.withUnsafeBytes { bytes in
      statement.bind(position, text: UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }
}
