package import Causality
package import Records

/// An event as people read it.
package struct EventView: Sendable {
  package let dot: Dot
  package let partition: PartitionID
  /// In the order of the collection's declared columns.
  package let cells: [EventCell]

  package func text(_ column: Int) -> String? {
    if case .text(let text) = cells[column] { text } else { nil }
  }

  package func integer(_ column: Int) -> Int64? {
    if case .integer(let value) = cells[column] { value } else { nil }
  }

  package func dot(_ column: Int) -> Dot? {
    if case .dot(let dot) = cells[column] { dot } else { nil }
  }
}

extension Store {
  /// Calls `body` with every event of a collection in a partition, epoch by epoch in the order of
  /// writing. Memory does not grow with their number.
  package func forEachEvent(
    _ collection: EventCollection, in partition: PartitionID, _ body: (EventView) throws -> Void
  ) throws {
    guard let live = try find(partition), let table = try eventTable(collection.name) else {
      return
    }
    let select = try statement(Tables.selectEvents(collection) + " -- views")
    for epoch in try epochs(of: live) {
      select.bind(1, Key(epoch: epoch.number, sequence: 1).number)
      select.bind(2, Key(epoch: epoch.number, sequence: max(epoch.seen, 1)).number)
      defer { select.reset() }
      while try select.step() {
        let key = Key(select.integer(0))
        try body(
          EventView(
            dot: Dot(epoch.epoch, key.sequence), partition: partition,
            cells: try cells(of: select, table)))
      }
    }
  }

  /// One event by its dot, or nil.
  package func event(
    _ collection: EventCollection, _ dot: Dot
  ) throws(ReplicaError) -> EventView? {
    guard let epoch = try find(dot.epoch), let number = epoch.partition,
      let partition = try partitionID(number), let table = try eventTable(collection.name)
    else { return nil }
    let key = Key(epoch: epoch.number, sequence: dot.sequence).number
    let select = table.view
    select.bind(1, key)
    select.bind(2, key)
    defer { select.reset() }
    guard try select.step() else { return nil }
    return EventView(dot: dot, partition: partition, cells: try cells(of: select, table))
  }

  /// The number of events held of a partition, of all collections.
  package func eventCount(in partition: PartitionID) throws(ReplicaError) -> Int {
    guard let live = try find(partition) else { return 0 }
    return try epochs(of: live).reduce(0) { $0 + Int($1.seen) }
  }

  func epochs(of partition: LivePartition) throws(ReplicaError) -> [LiveEpoch] {
    var numbers: [Int64] = []
    let select = try literal("SELECT id FROM epoch WHERE partition = ? ORDER BY id")
    select.bind(1, partition.number)
    try select.eachRow { numbers.append($0.integer(0)) }
    var epochs: [LiveEpoch] = []
    for number in numbers { epochs.append(try epoch(number: number)) }
    return epochs
  }

  private func cells(
    of row: Statement, _ table: EventTable
  ) throws(ReplicaError) -> [EventCell] {
    var cells: [EventCell] = []
    for (index, column) in table.collection.columns.enumerated() {
      cells.append(try cell(of: row, at: Int32(index + 1), column.kind))
    }
    return cells
  }

  func cell(
    of row: Statement, at position: Int32, _ kind: CellKind
  ) throws(ReplicaError) -> EventCell {
    if row.isNull(position) { return .null }
    switch kind {
    case .integer: return .integer(row.integer(position))
    case .text: return .text(row.text(position))
    case .dot: return .dot(try dot(Key(row.integer(position))))
    }
  }
}
