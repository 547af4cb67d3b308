internal import Causality
internal import GRDB
internal import Records
internal import Wording

/// What peers sent of collections that this version did not know is kept in common tables (P12),
/// and what they sent of unknown fields and columns lies in the rows as it came. When an upgrade
/// declares such a collection, its rows move to the table of their own; when it declares a field
/// or a column, the table gets it and shows what was there. Nothing of the content changes: chains
/// and digests are made of what rows say, not of where they are.
///
/// `meta` says under `declared NAME` how each collection was declared when that was last done, in
/// one transaction with the doing, so an upgrade that was cut short is taken up again.
extension Store {
  /// Whether the database is as `schema` declares it.
  static func isCurrent(_ schema: Schema, in db: Database) throws -> Bool {
    let rows = try Row.fetchAll(db, sql: "SELECT key, value FROM meta WHERE key LIKE 'declared %'")
    var known: [String: String] = [:]
    for row in rows {
      // Not as texts, which GRDB would trap on where there is something else.
      guard let key = String.fromDatabaseValue(row[0]),
        let value = String.fromDatabaseValue(row[1])
      else { continue }
      known[key] = value
    }
    return schema.declarations.allSatisfy { known["declared " + $0.name] == $0.text }
  }

  /// Whether a table has columns that `schema` does not declare: a newer version made them.
  static func isNewer(than schema: Schema, in db: Database) throws -> Bool {
    for (name, columns) in schema.tables where try db.tableExists(name) {
      for column in try db.columns(in: name) where !columns.contains(column.name) { return true }
    }
    return false
  }

  func adoptDeclared() throws(ReplicaError) {
    for collection in schema.records {
      let isNew = try meta("declared " + collection.name) != collection.text
      try adoptRecords(collection)
      if isNew { try reproject(collection) }
    }
    for collection in schema.events {
      let isNew = try meta("declared " + collection.name) != collection.text
      try adoptEvents(collection)
      if isNew { try unfold(collection) }
    }
    for (name, text) in schema.declarations { try setMeta("declared " + name, text) }
  }

  /// Gives tables the columns that were declared since they were made.
  func addColumns() throws(ReplicaError) {
    for (name, columns) in schema.tables {
      let select = try Statement(connection, "SELECT name FROM pragma_table_info(?)")
      select.bind(1, copying: name)
      var known: Set<String> = []
      try select.eachRow { known.insert($0.text(0)) }
      let kinds = schema.event(name)?.columns ?? []
      for column in columns where !known.contains(column) {
        let kind = kinds.first { $0.name == column }?.kind
        try Statement(connection, Tables.addColumn(column, kind, to: name)).run()
      }
    }
  }

  // MARK: Records

  private func adoptRecords(_ collection: RecordCollection) throws(ReplicaError) {
    let table = try recordTable(collection.name)
    let select = try literal("SELECT id, partition, state FROM other_record WHERE collection = ?")
    select.bind(1, table.number)
    do {
      defer { select.reset() }
      while try select.step() { try project(select, table) }
    }
    let delete = try literal("DELETE FROM other_record WHERE collection = ?")
    delete.bind(1, table.number)
    try delete.run()
  }

  /// Shows anew what the states say: fields or rules have changed.
  private func reproject(_ collection: RecordCollection) throws(ReplicaError) {
    let table = try recordTable(collection.name)
    let name = Tables.quoted(collection.name)
    let select = try statement("SELECT id, partition, state FROM \(name) WHERE id = ?")
    for key in try keys("SELECT id FROM \(name)") {
      select.bind(1, key)
      defer { select.reset() }
      if try select.step() { try project(select, table) }
    }
  }

  private func project(_ row: Statement, _ table: RecordTable) throws(ReplicaError) {
    let key = Key(row.integer(0))
    guard let id = try partitionID(row.integer(1)), let partition = try find(id) else {
      throw ReplicaError(.databaseDamaged, "a record of \(table.name) has no partition")
    }
    let bytes = Array(row.bytes(2))
    let state = try StoredRecord(bytes, id: try dot(key)).state()
    try project(RecordChange(placing: state), bytes, key, table, partition)
  }

  // MARK: Events

  private func adoptEvents(_ collection: EventCollection) throws(ReplicaError) {
    let number = try names.collection(collection.name)
    // Of another shape than declared: it stays among the unknown, where nothing misreads it.
    guard let table = try eventTable(collection.name),
      table.fits(try descriptor(of: collection.name))
    else { return }
    let select = try literal("SELECT id, original FROM other_event WHERE collection = ?")
    select.bind(1, number)
    do {
      defer { select.reset() }
      while try select.step() {
        try adopt(Array(select.bytes(1)), Key(select.integer(0)), table)
      }
    }
    let delete = try literal("DELETE FROM other_event WHERE collection = ?")
    delete.bind(1, number)
    try delete.run()
  }

  /// Gives cells that had no column theirs.
  private func unfold(_ collection: EventCollection) throws(ReplicaError) {
    guard let table = try eventTable(collection.name) else { return }
    let name = Tables.quoted(collection.name)
    let select = try statement("SELECT original FROM \(name) WHERE id = ?")
    let delete = try statement("DELETE FROM \(name) WHERE id = ?")
    for key in try keys("SELECT id FROM \(name) WHERE original IS NOT NULL") {
      select.bind(1, key)
      guard try select.step() else { continue }
      let original = Array(select.bytes(0))
      select.reset()
      delete.bind(1, key)
      try delete.run()
      try adopt(original, Key(key), table)
    }
  }

  private func keys(_ sql: String) throws(ReplicaError) -> [Int64] {
    var keys: [Int64] = []
    try statement(sql).eachRow { keys.append($0.integer(0)) }
    return keys
  }

  private func adopt(
    _ original: [UInt8], _ key: Key, _ table: EventTable
  ) throws(ReplicaError) {
    let cells = try damaged { () throws(ByteReader.Malformed) in
      try Canonical.parse(event: original).cells
    }
    let insert = table.insert
    insert.bind(1, key.number)
    let columns = table.collection.columns.count
    for index in 0..<columns {
      try bind(index < cells.count ? cells[index] : .null, at: Int32(index + 2), of: insert)
    }
    if cells.count > columns {
      insert.bind(table.originalColumn + 1, copying: original)
    } else {
      insert.bindNull(table.originalColumn + 1)
    }
    try insert.run()
  }
}

extension RecordCollection {
  fileprivate var text: String {
    fields.map { "\($0.name) \($0.rule.rawValue)" }.joined(separator: ", ")
  }
}

extension EventCollection {
  fileprivate var text: String {
    columns.map { "\($0.name) \($0.kind.rawValue)" }.joined(separator: ", ")
  }
}

extension Schema {
  fileprivate var declarations: [(name: String, text: String)] {
    records.map { ($0.name, $0.text) } + events.map { ($0.name, $0.text) }
  }

  /// Each table with all its columns.
  fileprivate var tables: [(name: String, columns: [String])] {
    records.map { ($0.name, Tables.recordColumns + $0.fields.map(\.name)) }
      + events.map { ($0.name, ["id"] + $0.columns.map(\.name) + ["original"]) }
  }
}
