package import Causality
package import Records

/// A record with the little of its history that an importer needs.
package struct RecordTrace: Sendable {
  /// Of a deleted record what has not been released yet.
  package let view: RecordView
  /// The fields with a value that was written after the record was made.
  package let edited: Set<String>
}

/// Events that a scan gives although they lie outside of its range.
package enum ScanException: Sendable {
  case hasValue(column: String)
  case isWord(column: String, StaticString)

  var condition: String {
    switch self {
    case .hasValue(let column): "\(Tables.quoted(column)) IS NOT NULL"
    // Written in the code, so there is nothing in it to be escaped.
    case .isWord(let column, let word): "\(Tables.quoted(column)) = '\(word)'"
    }
  }
}

/// Reading many records or events at once, and only what is asked for of each.
extension Store {
  /// The records of a collection in a partition, deleted ones too, in order of creation.
  package func traces(
    _ collection: RecordCollection, in partition: PartitionID
  ) throws(ReplicaError) -> [RecordTrace] {
    guard let live = try find(partition) else { return [] }
    let table = try recordTable(collection.name)
    let select = try statement(
      "SELECT id, state FROM \(table.source) WHERE partition = ? ORDER BY id")
    select.bind(1, live.number)
    defer { select.reset() }
    var traces: [RecordTrace] = []
    while try select.step() {
      let id = try dot(Key(select.integer(0)))
      let state = try StoredRecord(Array(select.bytes(1)), id: id).state()
      traces.append(try trace(state, table, partition))
    }
    return traces
  }

  private func trace(
    _ state: RecordState, _ table: RecordTable, _ partition: PartitionID
  ) throws(ReplicaError) -> RecordTrace {
    var edited: Set<String> = []
    for field in state.fields where field.siblings.contains(where: { $0.dot != state.id }) {
      edited.insert(try names.fieldName(field.field, of: table.number))
    }
    return RecordTrace(view: try view(state, table, partition), edited: edited)
  }

  /// Calls `body` with what the named fields of every live record of a collection in a partition
  /// read as, in order of creation: from the plain columns, at a tenth of what `records` costs.
  package func scan(
    _ collection: RecordCollection, in partition: PartitionID, fields: [String],
    _ body: (Dot, [Value]) throws -> Void
  ) throws {
    guard let live = try find(partition) else { return }
    precondition(
      fields.allSatisfy { name in collection.fields.contains { $0.name == name } },
      "a scan names declared fields")
    let table = try recordTable(collection.name)
    let list = (["id"] + fields.map(Tables.quoted)).joined(separator: ", ")
    let select = try statement(
      "SELECT \(list) FROM \(table.source) WHERE partition = ? AND deleted = 0 ORDER BY id")
    select.bind(1, live.number)
    defer { select.reset() }
    while try select.step() {
      let values = fields.indices.map { select.value(Int32($0 + 1)) }
      try body(try dot(Key(select.integer(0))), values)
    }
  }

  /// What a field of dots reads as in a `scan`, where it is the dot's number in this database.
  package func dot(scanned value: Value) throws(ReplicaError) -> Dot? {
    guard let number = value.integer else { return nil }
    return try dot(Key(number))
  }

  /// Calls `body` with the named columns of every event of a collection in a partition, epoch by
  /// epoch in the order of writing. `within` leaves out events whose integer in a column lies
  /// outside a range, unless one of `exceptions` holds.
  package func scan(
    _ collection: EventCollection, in partition: PartitionID, columns: [String],
    within: (column: String, range: ClosedRange<Int64>)? = nil, exceptions: [ScanException] = [],
    _ body: (Dot, [EventCell]) throws -> Void
  ) throws {
    guard let live = try find(partition), try eventTable(collection.name) != nil else { return }
    let kinds = columns.map { name in collection.columns.first { $0.name == name }?.kind }
    precondition(!kinds.contains(nil), "a scan names declared columns")
    let list = (["id"] + columns.map(Tables.quoted)).joined(separator: ", ")
    let further = exceptions.map { " OR " + $0.condition }.joined()
    let filter = within.map { " AND (\(Tables.quoted($0.column)) BETWEEN ? AND ?\(further))" } ?? ""
    let select = try statement(
      "SELECT \(list) FROM \(Tables.quoted(collection.name)) WHERE id BETWEEN ? AND ?\(filter)"
        + " ORDER BY id")
    for epoch in try epochs(of: live) {
      select.bind(1, Key(epoch: epoch.number, sequence: 1).number)
      select.bind(2, Key(epoch: epoch.number, sequence: max(epoch.seen, 1)).number)
      if let within {
        select.bind(3, within.range.lowerBound)
        select.bind(4, within.range.upperBound)
      }
      defer { select.reset() }
      while try select.step() {
        var cells: [EventCell] = []
        for (index, kind) in kinds.enumerated() {
          cells.append(try cell(of: select, at: Int32(index + 1), kind ?? .text))
        }
        try body(Dot(epoch.epoch, Key(select.integer(0)).sequence), cells)
      }
    }
  }
}
