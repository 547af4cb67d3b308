internal import Causality
internal import Records
internal import Wording

/// What a write or a merge makes of a record: the fields that it touches, before and after.
struct RecordChange {
  let id: Dot
  /// The record before; nil if it is new here.
  let stored: StoredRecord?
  /// Only the touched fields.
  let old: RecordState
  var new: RecordState
  private let touched: [FieldID]
  /// A deletion touches every field, and so does a new record.
  private let touchesAll: Bool

  init(of stored: StoredRecord?, id: Dot, touching fields: [FieldID]) throws(ReplicaError) {
    self.id = id
    self.stored = stored
    touched = fields
    let all = fields.contains(.deleted)
    touchesAll = all || stored == nil
    old =
      try stored?.state { all || fields.contains($0) } ?? RecordState(id: id)
    new = old
  }

  /// A record as it is, whatever was there.
  init(placing state: RecordState) {
    id = state.id
    stored = nil
    old = RecordState(id: state.id)
    new = state
    touched = []
    touchesAll = true
  }

  var isChange: Bool { new != old }
  var isDeleted: Bool { new.isDeleted || stored?.isDeleted == true }

  func touches(_ field: FieldID) -> Bool { touchesAll || touched.contains(field) }

  func encoded() throws(ReplicaError) -> (bytes: [UInt8], dots: [Dot]) {
    try StoredRecord.encode(new, over: stored) { touches($0) }
  }
}

extension Store {
  /// Stores a record's new state: row, index of writes, digest.
  func apply(
    _ change: RecordChange, _ table: RecordTable, _ partition: LivePartition
  ) throws(ReplicaError) {
    let key = try key(change.id)
    let (bytes, dots) = try change.encoded()
    try index(change, dots, key, table)
    try forget(change.old.fields, butFor: change.new.fields, of: change.id, table)
    try count(change, table, partition)
    try project(change, bytes, key, table, partition)
  }

  /// Keeps `written` to the dots that still have a value.
  private func index(
    _ change: RecordChange, _ dots: [Dot], _ record: Key, _ table: RecordTable
  ) throws(ReplicaError) {
    let before = change.stored?.writes ?? []
    for dot in dots where dot != change.id && !before.contains(where: { $0.dot == dot }) {
      let insert = try literal("INSERT OR IGNORE INTO written VALUES (?, ?, ?)")
      insert.bind(1, try key(dot).number)
      insert.bind(2, record.number)
      insert.bind(3, table.number)
      try insert.run()
      guard changedRows == 1 else {
        throw ReplicaError(.deltaMalformed, "write \(dot) is said to be of two records")
      }
    }
    for (dot, _) in before where dot != change.id && !dots.contains(dot) {
      let remove = try literal("DELETE FROM written WHERE dot = ?")
      remove.bind(1, try key(dot).number)
      try remove.run()
    }
  }

  /// Moves the digest from one state to the next.
  private func count(
    _ change: RecordChange, _ table: RecordTable, _ partition: LivePartition
  ) throws(ReplicaError) {
    touch(partition)
    // Of a deleted record only the deletion counts.
    if change.stored?.isDeleted == true, !change.touches(.deleted) { return }
    let old = Self.counted(change.old)
    let new = Self.counted(change.new)
    for field in old where !new.contains(field) {
      try eachItem(change.id, field, table) { partition.digest.subtract($0) }
    }
    for field in new where !old.contains(field) {
      try eachItem(change.id, field, table) { partition.digest.add($0) }
    }
  }

  private func eachItem(
    _ id: Dot, _ field: FieldState, _ table: RecordTable, _ body: ([UInt8]) -> Void
  ) throws(ReplicaError) {
    let name = try names.fieldName(field.field, of: table.number)
    for sibling in field.siblings {
      body(Canonical.item(collection: table.name, id: id, field: name, sibling: sibling))
    }
  }

  /// What a digest counts. Of a deleted record only the deletion, so that releasing its content
  /// changes no digest.
  static func counted(_ state: RecordState) -> [FieldState] {
    state.isDeleted ? Array(state.fields.prefix(1)) : state.fields
  }

  // MARK: The row

  func project(
    _ change: RecordChange, _ bytes: [UInt8], _ key: Key, _ table: RecordTable,
    _ partition: LivePartition
  ) throws(ReplicaError) {
    var columns: [(index: Int, value: Value)] = []
    var isConflict = false
    for (index, field) in table.fields.enumerated() where change.touches(field.id) {
      let resolution =
        change.isDeleted ? nil : field.rule.resolve(change.new[field.id], role: role(of:))
      columns.append((index, resolution?.value ?? .null))
      if resolution?.isConflict == true { isConflict = true }
    }
    if !isConflict { isConflict = try isConflictElsewhere(change, table) }
    let isNew = change.stored == nil
    let statement = isNew ? table.upsert : try table.update(of: columns.map(\.index), self)
    statement.bind(1, key.number)
    statement.bind(2, change.isDeleted ? 1 : 0)
    statement.bind(3, isConflict ? 1 : 0)
    statement.bind(4, copying: bytes)
    var position: Int32 = 5
    if isNew {
      statement.bind(position, partition.number)
      position += 1
    }
    for (_, value) in columns {
      try bind(value, at: position, of: statement)
      position += 1
    }
    try statement.run()
  }

  /// Whether a field that is not touched is in conflict.
  private func isConflictElsewhere(
    _ change: RecordChange, _ table: RecordTable
  ) throws(ReplicaError) -> Bool {
    guard let stored = change.stored, !change.isDeleted else { return false }
    for field in stored.fields where field.siblings > 1 && !change.touches(field.field) {
      guard let rule = table.fields.first(where: { $0.id == field.field })?.rule else { continue }
      let siblings = try stored.siblings(of: field)
      if rule.resolve(siblings, role: role(of:))?.isConflict == true { return true }
    }
    return false
  }
}
