internal import Bundles
package import Causality
package import Records
internal import Wording

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
    let spans = try canonical(cells, table)
    // From here on nothing about the event can be refused: a dot is never taken in vain.
    let (dot, epoch) = try nextDot(in: live)
    let insert = table.insert
    insert.bind(1, Key(epoch: epoch.number, sequence: dot.sequence).number)
    for (index, cell) in cells.enumerated() {
      let position = Int32(index + 2)
      switch cell {
      case .null: insert.bindNull(position)
      case .integer(let value): insert.bind(position, value)
      case .text:
        // Safe without a copy: the buffer does not move before the statement has run.
        insert.bind(position, text: rowBuffer.bytes(spans[index]))
      case .dot(let dot): insert.bind(position, try key(dot).number)
      }
    }
    insert.bindNull(Int32(cells.count + 2))
    try insert.run()
    epoch.chain?.absorb(rowBuffer.bytes)
    return dot
  }

  /// Writes the canonical bytes of an event into the row buffer and says where its texts lie.
  private func canonical(
    _ cells: [EventCell], _ table: EventTable
  ) throws(ReplicaError) -> [Range<Int>] {
    var mask: UInt64 = 0
    var size = table.prefix.count + 10
    for (index, cell) in cells.enumerated() {
      mask |= Self.kind(cell) << UInt64(2 * index)
      size += 20
      if case .text(let text) = cell { size += text.utf8.count }
      if case .integer(Int64.min) = cell {
        throw ReplicaError(.valueTooLarge, "a number out of range")
      }
      if case .dot(let dot) = cell, dot.sequence > Dot.sequenceMax {
        throw ReplicaError(.valueTooLarge, "a reference out of range")
      }
    }
    guard size <= Limits.textBytesMax else {
      throw ReplicaError(
        .valueTooLarge, "an event of \(size) bytes", hint: "shorten its texts")
    }
    rowBuffer.count = 0
    rowBuffer.reserve(size)
    table.prefix.withUnsafeBytes { rowBuffer.append($0) }
    rowBuffer.varint(mask)
    var spans = Array(repeating: 0..<0, count: cells.count)
    for (index, cell) in cells.enumerated() {
      switch cell {
      case .null: break
      case .integer(let value): rowBuffer.varint(ByteWriter.fold(value))
      case .text(var text):
        rowBuffer.varint(UInt64(text.utf8.count))
        let start = rowBuffer.count
        text.withUTF8 { rowBuffer.append(UnsafeRawBufferPointer($0)) }
        spans[index] = start..<rowBuffer.count
      case .dot(let dot):
        rowBuffer.fixed(dot.epoch.bits)
        rowBuffer.varint(dot.sequence)
      }
    }
    return spans
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
