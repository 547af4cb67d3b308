package import Causality
package import Records

/// A record as people read it.
package struct RecordView: Sendable {
  package let id: Dot
  package let partition: PartitionID
  package let isDeleted: Bool
  package let hasConflict: Bool
  /// What each field reads as; empty fields are absent.
  package let values: [String: Value]

  package func text(_ field: String) -> String? { values[field]?.text }
  package func integer(_ field: String) -> Int64? { values[field]?.integer }
  package func dot(_ field: String) -> Dot? { values[field]?.dot }
}

/// A field whose values people may want to settle.
package struct ConflictView: Sendable {
  package struct Option: Sendable {
    package let value: Value
    package let dot: Dot
    package let time: HybridTime
    package let author: Author?
    package let isWinner: Bool
  }

  package let collection: String
  package let record: Dot
  package let partition: PartitionID
  package let field: String
  /// From the one that prevails to the one that is first to yield.
  package let options: [Option]
}

extension Store {
  /// The live records of a collection in a partition, in order of creation.
  package func records(
    _ collection: RecordCollection, in partition: PartitionID
  ) throws(ReplicaError) -> [RecordView] {
    guard let live = try find(partition) else { return [] }
    let table = try recordTable(collection.name)
    let select = try statement(
      "SELECT id, state FROM \(table.source) WHERE partition = ? AND deleted = 0")
    select.bind(1, live.number)
    var states: [RecordState] = []
    var rows: [(Int64, [UInt8])] = []
    try select.eachRow { rows.append(($0.integer(0), Array($0.bytes(1)))) }
    for (key, bytes) in rows {
      let id = try dot(Key(key))
      states.append(try StoredRecord(bytes, id: id).state())
    }
    var views: [RecordView] = []
    for state in states { views.append(try view(state, table, partition)) }
    return views
  }

  /// The live records of a collection, in any partition, whose field reads as this.
  package func records(
    _ collection: RecordCollection, _ field: String, is value: Value
  ) throws(ReplicaError) -> [RecordView] {
    precondition(collection.fields.contains { $0.name == field }, "a search names a declared field")
    let table = try recordTable(collection.name)
    let select = try statement(
      "SELECT id FROM \(table.source) WHERE \(Tables.quoted(field)) = ? AND deleted = 0")
    try bind(value, at: 1, of: select)
    var keys: [Int64] = []
    try select.eachRow { keys.append($0.integer(0)) }
    var views: [RecordView] = []
    for key in keys {
      let id = try dot(Key(key))
      if let view = try record(collection, id) { views.append(view) }
    }
    return views
  }

  /// A record by its id, or nil.
  package func record(
    _ collection: RecordCollection, _ id: Dot
  ) throws(ReplicaError) -> RecordView? {
    let table = try recordTable(collection.name)
    guard let state = try state(id, table), let partition = try partition(of: id, table) else {
      return nil
    }
    return try view(state, table, partition)
  }

  /// The least time of what a record reads as: when it was made, as long as a field is as it was then.
  package func firstWritten(
    _ collection: RecordCollection, _ id: Dot
  ) throws(ReplicaError) -> HybridTime? {
    try state(id, recordTable(collection.name))?.fields.flatMap(\.siblings).map(\.time).min()
  }

  /// Which write a field of a record shows, and whose; nil if it shows nothing.
  package func origin(
    of field: String, in collection: RecordCollection, _ id: Dot
  ) throws(ReplicaError) -> (dot: Dot, author: Author)? {
    let table = try recordTable(collection.name)
    let number = try names.field(field, of: table.number)
    guard let state = try state(id, table) else { return nil }
    let shown = table.rule(of: number).ranked(state[number], role: role(of:)).first
    guard let dot = shown?.dot, let author = try find(dot.epoch)?.birth?.author else { return nil }
    return (dot, author)
  }

  private func partition(
    of id: Dot, _ table: RecordTable
  ) throws(ReplicaError) -> PartitionID? {
    table.select.bind(1, try key(id).number)
    guard try table.select.step() else {
      table.select.reset()
      return nil
    }
    let number = table.select.integer(1)
    table.select.reset()
    return try partitionID(number)
  }

  func partitionID(_ number: Int64) throws(ReplicaError) -> PartitionID? {
    let select = try literal("SELECT place, section FROM partition WHERE id = ?")
    select.bind(1, number)
    defer { select.reset() }
    guard try select.step(),
      let section = Section(rawValue: UInt8(truncatingIfNeeded: select.integer(1)))
    else { return nil }
    return PartitionID(PlaceID(bits: UInt64(bitPattern: select.integer(0))), section)
  }

  func view(
    _ state: RecordState, _ table: RecordTable, _ partition: PartitionID
  ) throws(ReplicaError) -> RecordView {
    var values: [String: Value] = [:]
    var hasConflict = false
    for field in state.fields where field.field != .deleted {
      let rule = table.rule(of: field.field)
      guard let resolution = rule.resolve(field.siblings, role: role(of:)) else { continue }
      if resolution.isConflict { hasConflict = true }
      if !resolution.value.isNull {
        values[try names.fieldName(field.field, of: table.number)] = resolution.value
      }
    }
    return RecordView(
      id: state.id, partition: partition, isDeleted: state.isDeleted, hasConflict: hasConflict,
      values: values)
  }

  // MARK: Conflicts

  /// Every field with values that differ and that people may want to settle.
  package func conflicts() throws(ReplicaError) -> [ConflictView] {
    var conflicts: [ConflictView] = []
    for table in try allRecordTables() where table.declaration != nil {
      var rows: [(Int64, Int64, [UInt8])] = []
      try statement(
        "SELECT id, partition, state FROM \(table.source) WHERE conflict = 1 ORDER BY id"
      ).eachRow { rows.append(($0.integer(0), $0.integer(1), Array($0.bytes(2)))) }
      for (key, number, bytes) in rows {
        let id = try dot(Key(key))
        let state = try StoredRecord(bytes, id: id).state()
        guard let partition = try partitionID(number) else { continue }
        conflicts += try conflictViews(state, table, partition)
      }
    }
    return conflicts
  }

  private func conflictViews(
    _ state: RecordState, _ table: RecordTable, _ partition: PartitionID
  ) throws(ReplicaError) -> [ConflictView] {
    var views: [ConflictView] = []
    for field in state.fields where field.siblings.count > 1 && field.field != .deleted {
      let rule = table.rule(of: field.field)
      guard rule.resolve(field.siblings, role: role(of:))?.isConflict == true else { continue }
      var options: [ConflictView.Option] = []
      for sibling in rule.ranked(field.siblings, role: role(of:)) {
        options.append(
          .init(
            value: sibling.value, dot: sibling.dot, time: sibling.time,
            author: try find(sibling.dot.epoch)?.birth?.author, isWinner: options.isEmpty))
      }
      views.append(
        ConflictView(
          collection: table.name, record: state.id, partition: partition,
          field: try names.fieldName(field.field, of: table.number), options: options))
    }
    return views
  }
}
