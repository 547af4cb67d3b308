internal import Bundles
internal import Causality
internal import Records
internal import Wording

/// Gathers rows of events into the columns of a piece.
struct EventCollector {
  private let catalogue: Catalogue?
  private var interner: TextInterner
  private var batches: [EventBatchBuilder] = []
  private var numbers: [String: Int] = [:]
  private var segments: [EventSegment] = []
  private var epochs = EpochTable()
  private(set) var rows = 0
  private var textBytes = 0

  init(catalogue: Catalogue?) {
    self.catalogue = catalogue
    interner = TextInterner(catalogue: catalogue)
  }

  /// Full enough to be a piece.
  var isFull: Bool {
    rows >= Limits.pieceRowsMax || interner.texts.own.bytes.count >= Limits.heapBytesMax / 2
  }

  mutating func add(
    _ source: EventCursor.Source, _ dot: Dot, from store: Store
  ) throws(ReplicaError) {
    let batch: Int
    switch source {
    case .table(let table):
      batch = try self.batch(table.collection.name, store)
      try add(table, to: batch, store)
    case .other(let row):
      let name = try store.names.collectionName(row.integer(1))
      batch = try self.batch(name, store)
      try add(original: Array(row.bytes(2)), to: batch)
    }
    rows += 1
    if let last = segments.last, last.batch == batch, last.epoch == dot.epoch,
      last.first + UInt64(last.count) == dot.sequence
    {
      segments[segments.count - 1] = EventSegment(
        batch: batch, epoch: dot.epoch, first: last.first, count: last.count + 1)
    } else {
      segments.append(
        EventSegment(batch: batch, epoch: dot.epoch, first: dot.sequence, count: 1))
    }
  }

  private mutating func batch(_ name: String, _ store: Store) throws(ReplicaError) -> Int {
    if let known = numbers[name] { return known }
    numbers[name] = batches.count
    batches.append(EventBatchBuilder(try store.descriptor(of: name)))
    return batches.count - 1
  }

  private mutating func add(
    _ table: EventTable, to batch: Int, _ store: Store
  ) throws(ReplicaError) {
    let row = table.select
    if !row.isNull(table.originalColumn) {
      return try add(original: Array(row.bytes(table.originalColumn)), to: batch)
    }
    let width = batches[batch].width
    for (index, column) in table.collection.columns.enumerated() where index < width {
      let position = Int32(index + 1)
      var cell = Cell.null
      if !row.isNull(position) {
        switch column.kind {
        case .integer: cell = row.integer(position)
        case .text: cell = Int64(interner.index(of: row.bytes(position)))
        case .dot:
          let dot = try store.dot(Key(row.integer(position)))
          cell = Cell.dot(epoch: epochs.index(of: dot.epoch), sequence: dot.sequence)
        }
      }
      batches[batch].append(cell, at: index)
    }
    batches[batch].fill(from: table.collection.columns.count)
  }

  private mutating func add(original: [UInt8], to batch: Int) throws(ReplicaError) {
    guard let cells = try? Canonical.parse(event: original).cells else {
      throw ReplicaError(.databaseDamaged, "a stored event cannot be read")
    }
    for (index, value) in cells.enumerated() {
      var cell = Cell.null
      switch Canonical.kind(of: value) {
      case .integer: cell = value.integer ?? Cell.null
      case .text: cell = Int64(interner.index(of: value.bytes.dropFirst()))
      case .dot:
        if let dot = value.dot {
          cell = Cell.dot(epoch: epochs.index(of: dot.epoch), sequence: dot.sequence)
        }
      case nil: break
      }
      batches[batch].append(cell, at: index)
    }
    batches[batch].fill(from: cells.count)
  }

  func piece() -> EventPiece {
    EventPiece(
      segments: segments, batches: batches.map(\.batch), texts: interner.texts,
      epochs: epochs.list)
  }
}

private struct EventBatchBuilder {
  let collection: EventCollection
  private var columns: [[Int64]]

  init(_ collection: EventCollection) {
    self.collection = collection
    columns = collection.columns.map { _ in [] }
  }

  var width: Int { columns.count }
  var batch: EventBatch { EventBatch(collection: collection, columns: columns) }

  mutating func append(_ cell: Int64, at column: Int) { columns[column].append(cell) }

  /// Leaves the columns from `first` on empty in this row.
  mutating func fill(from first: Int) {
    guard first < columns.count else { return }
    for column in first..<columns.count { columns[column].append(Cell.null) }
  }
}

extension Store {
  /// How a collection of events is described to peers: as declared, or as a newer peer described
  /// it with more columns.
  func descriptor(of name: String) throws(ReplicaError) -> EventCollection {
    let declared = schema.event(name)
    let stored = try storedDescriptor(of: name)
    guard
      let best = [declared, stored].compactMap({ $0 }).max(by: {
        $0.columns.count < $1.columns.count
      })
    else {
      throw ReplicaError(.databaseDamaged, "the columns of \(name) are not known")
    }
    return best
  }

  private func storedDescriptor(of name: String) throws(ReplicaError) -> EventCollection? {
    let select = try literal("SELECT descriptor FROM collection WHERE name = ?")
    select.bind(1, copying: name)
    defer { select.reset() }
    guard try select.step() else { return nil }
    return EventCollection(stored: Array(select.bytes(0)))
  }

  /// Keeps a peer's description if it says more than what is known. One that contradicts it is
  /// refused: its cells would be read as something else.
  func learn(_ collection: EventCollection) throws(ReplicaError) {
    if collection == schema.event(collection.name) { return }
    let known = [schema.event(collection.name), try storedDescriptor(of: collection.name)]
    for known in known.compactMap({ $0 }) {
      let fits = zip(known.columns, collection.columns).allSatisfy {
        $0.name == $1.name && $0.kind == $1.kind
      }
      guard fits else {
        throw ReplicaError(
          .deltaMalformed, "the columns of \(collection.name) differ from those known here")
      }
    }
    let width = known.compactMap { $0?.columns.count }.max() ?? 0
    guard collection.columns.count > width else { return }
    let number = try names.collection(collection.name)
    let update = try literal("UPDATE collection SET descriptor = ? WHERE id = ?")
    update.bind(1, copying: collection.stored)
    update.bind(2, number)
    try update.run()
  }
}
