internal import Records

/// The statements of one declared collection of events.
final class EventTable {
  let collection: EventCollection
  /// What its canonical bytes begin with.
  let prefix: [UInt8]
  let width: Int
  let insert: Statement
  let select: Statement
  /// The same for people's reading, which may go on while a delta is composed.
  let view: Statement

  init(_ collection: EventCollection, _ store: Store) throws(ReplicaError) {
    self.collection = collection
    width = collection.columns.count
    var writer = ByteWriter()
    writer.block(collection.name.utf8)
    prefix = writer.bytes
    insert = try store.statement(Tables.insertEvent(collection))
    select = try store.statement(Tables.selectEvents(collection))
    view = try store.statement(Tables.selectEvents(collection) + " -- view")
  }

  var originalColumn: Int32 { Int32(width + 1) }

  /// Whether a peer's description has our columns, perhaps fewer or more, each of the same kind.
  func fits(_ other: EventCollection) -> Bool {
    zip(collection.columns, other.columns).allSatisfy { $0.name == $1.name && $0.kind == $1.kind }
  }
}
