package import Causality
package import Records

/// A cell of an event to be logged.
package enum EventCell: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)
  case dot(Dot)
}

extension Store {
  func eventTable(_ name: String) throws(ReplicaError) -> EventTable? {
    if let known = eventTables[name] { return known }
    guard let collection = schema.event(name) else { return nil }
    let table = try EventTable(collection, self)
    eventTables[name] = table
    return table
  }

  /// Appends an event and returns its dot. `cells` are in the order of the declared columns.
  package func log(
    _ collection: EventCollection, in partition: PartitionID, _ cells: [EventCell]
  ) throws(ReplicaError) -> Dot {
    guard partition.section.holdsEvents, let table = try eventTable(collection.name),
      cells.count == collection.columns.count
    else { throw ReplicaError(.outOfScope, "\(collection.name) is not logged there") }
    let live = try open(partition)
    let (dot, epoch) = try nextDot(in: live)
    try insert(cells, Key(epoch: epoch.number, sequence: dot.sequence), table)
    scratch.bytes.removeAll(keepingCapacity: true)
    Self.canonical(cells, table, &scratch)
    scratch.bytes.withUnsafeBytes { epoch.chain?.absorb($0) }
    return dot
  }

  private func insert(
    _ cells: [EventCell], _ key: Key, _ table: EventTable
  ) throws(ReplicaError) {
    let insert = table.insert
    insert.bind(1, key.number)
    var position: Int32 = 2
    for cell in cells {
      switch cell {
      case .null: insert.bindNull(position)
      case .integer(let value):
        guard value != Int64.min else { throw ReplicaError(.valueTooLarge, "a number out of range") }
        insert.bind(position, value)
      case .text(let text): insert.bind(position, copying: text)
      case .dot(let dot): insert.bind(position, try self.key(dot).number)
      }
      position += 1
    }
    insert.bindNull(position)
    try insert.run()
  }

  private static func canonical(
    _ cells: [EventCell], _ table: EventTable, _ writer: inout ByteWriter
  ) {
    writer.bytes.append(contentsOf: table.prefix)
    var mask: UInt64 = 0
    for (index, cell) in cells.enumerated() { mask |= kind(cell) << UInt64(2 * index) }
    writer.varint(mask)
    for cell in cells {
      switch cell {
      case .null: break
      case .integer(let value): writer.zigzag(value)
      case .text(let text): writer.block(text.utf8)
      case .dot(let dot): writer.dot(dot)
      }
    }
  }

  private static func kind(_ cell: EventCell) -> UInt64 {
    switch cell {
    case .null: 0
    case .integer: UInt64(CellKind.integer.rawValue)
    case .text: UInt64(CellKind.text.rawValue)
    case .dot: UInt64(CellKind.dot.rawValue)
    }
  }
}
