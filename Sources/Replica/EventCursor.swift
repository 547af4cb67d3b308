internal import Bundles
internal import Causality
internal import Records

/// Walks the events of one epoch in the order of their writing, over all tables that they may be
/// in.
struct EventCursor {
  enum Source {
    case table(EventTable)
    /// The common table of unknown collections.
    case other(Statement)

    var statement: Statement {
      switch self {
      case .table(let table): table.select
      case .other(let statement): statement
      }
    }
  }

  private var heads: [(key: Int64, source: Source)] = []

  /// Events of `epoch` from `first` to `last`. Only one cursor may be open at a time, since the
  /// statements are shared.
  init(
    _ store: Store, epoch: Int64, from first: UInt64, through last: UInt64
  ) throws(ReplicaError) {
    var sources: [Source] = []
    for collection in store.schema.events {
      if let table = try store.eventTable(collection.name) { sources.append(.table(table)) }
    }
    sources.append(
      .other(
        try store.literal(
          "SELECT id, collection, original FROM other_event WHERE id BETWEEN ? AND ? ORDER BY id")))
    for source in sources {
      let statement = source.statement
      statement.reset()
      statement.bind(1, Key(epoch: epoch, sequence: first).number)
      statement.bind(2, Key(epoch: epoch, sequence: last).number)
      if try statement.step() { heads.append((statement.integer(0), source)) }
    }
  }

  /// The source whose current row is next, or nil at the end.
  var current: (key: Key, source: Source)? {
    var best: (key: Int64, source: Source)?
    for head in heads where best.map({ head.key < $0.key }) ?? true { best = head }
    return best.map { (Key($0.key), $0.source) }
  }

  mutating func advance() throws(ReplicaError) {
    guard let next = current, let at = heads.firstIndex(where: { $0.key == next.key.number }) else {
      return
    }
    let statement = heads[at].source.statement
    if try statement.step() {
      heads[at].key = statement.integer(0)
    } else {
      statement.reset()
      heads.remove(at: at)
    }
  }

  /// Gives the statements back. Called when the walk ends early.
  func close() { for head in heads { head.source.statement.reset() } }
}

extension Store {
  /// The canonical bytes of the event in a cursor's current row.
  func canonical(
    of source: EventCursor.Source, into writer: inout ByteWriter
  ) throws(ReplicaError) {
    switch source {
    case .other(let row): writer.bytes.append(contentsOf: row.bytes(2))
    case .table(let table):
      let row = table.select
      if !row.isNull(table.originalColumn) {
        writer.bytes.append(contentsOf: row.bytes(table.originalColumn))
        return
      }
      writer.bytes.append(contentsOf: table.prefix)
      var mask: UInt64 = 0
      for (index, column) in table.collection.columns.enumerated()
      where !row.isNull(Int32(index + 1)) {
        mask |= UInt64(column.kind.rawValue) << UInt64(2 * index)
      }
      writer.varint(mask)
      for (index, column) in table.collection.columns.enumerated()
      where mask >> UInt64(2 * index) & 3 != 0 {
        let position = Int32(index + 1)
        switch column.kind {
        case .integer: writer.zigzag(row.integer(position))
        case .text: writer.block(row.bytes(position))
        case .dot: writer.dot(try dot(Key(row.integer(position))))
        }
      }
    }
  }

  /// The chain of a log's epoch after `sequence` events, computed from the events held.
  func recomputedChain(
    of epoch: LiveEpoch, at sequence: UInt64
  ) throws(ReplicaError) -> Chain? {
    guard let birth = epoch.birth, let number = epoch.partition, sequence <= epoch.seen,
      let partition = try partitionID(number), partition.section.holdsEvents
    else { return nil }
    var chain = try seed(birth, partition)
    var cursor = try EventCursor(self, epoch: epoch.number, from: 1, through: sequence)
    defer { cursor.close() }
    var count: UInt64 = 0
    while let next = cursor.current {
      count += 1
      guard next.key.sequence == count else { return nil }
      scratch.bytes.removeAll(keepingCapacity: true)
      try canonical(of: next.source, into: &scratch)
      scratch.bytes.withUnsafeBytes { chain.absorb($0) }
      try cursor.advance()
    }
    return count == sequence ? chain : nil
  }
}
