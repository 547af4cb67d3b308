internal import Causality
internal import GRDB
internal import Records
internal import Wording

/// Puts what a damaged file still holds into the tables of a new database, row by row and under the
/// same numbers. What it means is looked at afterwards; here only what could never be read again is
/// left out.
struct SalvageCopy {
  let tables: DamagedTables
  let connection: OpaquePointer
  let schema: Schema
  /// Partitions of which only the name is known.
  private(set) var nameless: Set<Int64> = []

  init(_ tables: DamagedTables, _ connection: OpaquePointer, _ schema: Schema) {
    self.tables = tables
    self.connection = connection
    self.schema = schema
  }

  mutating func run() throws(ReplicaError) {
    try refuseNewer()
    for table in ["meta", "checkpoint", "collection", "field", "imported", "alarm", "keepsake"] {
      try copy(table) { _ in true }
    }
    try copyPartitions()
    try copyEpochs()
    for table in ["other_record", "other_event", "refusal", "contact"] {
      try copy(table) { _ in true }
    }
    // A file that was not brought up to date has keyed hashes there, which nobody could check.
    try copy("proof") { row in row.cells[4].blob?.count == Proof.signatureBytes }
    try copy("peer") { row in row.cells[2...].allSatisfy { Self.isVector($0.blob ?? []) } }
    try Statement(
      connection, "DELETE FROM meta WHERE key LIKE 'declared %' OR key LIKE 'catalogue %'"
    )
    .run()
    try nameFields()
    for collection in schema.records { try copyRecords(collection) }
    try copyUnclear()
    for collection in schema.events { try copyEvents(collection) }
  }

  // MARK: Newer versions

  private func refuseNewer() throws(ReplicaError) {
    let known = Set(Replica.migrator(schema).migrations)
    var isNewer = false
    try tables.eachRow(of: "grdb_migrations") { row in
      if let name = row.cells[0].text, !known.contains(name) { isNewer = true }
    }
    for collection in schema.records {
      let own = Tables.recordColumns + collection.fields.map(\.name)
      if columns(of: collection.name)?.allSatisfy(own.contains) == false { isNewer = true }
    }
    for collection in schema.events {
      let own = ["id", "original"] + collection.columns.map(\.name)
      if columns(of: collection.name)?.allSatisfy(own.contains) == false { isNewer = true }
    }
    if isNewer {
      throw ReplicaError(.newerSchema, "a newer version of Yizhan has written this folder")
    }
  }

  /// The columns of a table in the order of its rows, if the file can still say.
  private func columns(of table: String) -> [String]? {
    guard let sql = tables.statements[table], sql.hasPrefix("CREATE TABLE") else { return nil }
    return try? DatabaseQueue().write { db in
      try db.execute(sql: sql)
      return try db.columns(in: table).map(\.name)
    }
  }

  // MARK: Rows as they are

  private func insert(
    _ table: String, _ count: Int, columns: [String] = []
  ) throws(ReplicaError) -> Statement {
    let names = columns.isEmpty ? "" : " (\(columns.map(Tables.quoted).joined(separator: ", ")))"
    let marks = Array(repeating: "?", count: count).joined(separator: ",")
    return try Statement(
      connection, "INSERT OR IGNORE INTO \(Tables.quoted(table))\(names) VALUES (\(marks))")
  }

  private func run(
    _ insert: Statement, _ cells: some Sequence<DamagedCell>
  ) throws(ReplicaError) {
    for (index, cell) in cells.enumerated() {
      let position = Int32(index + 1)
      switch cell {
      case .null: insert.bindNull(position)
      case .integer(let value): insert.bind(position, value)
      case .text(let bytes): insert.bind(position, copyingText: bytes[...])
      case .blob(let bytes): insert.bind(position, copying: bytes)
      }
    }
    try insert.run()
  }

  private func copy(
    _ table: String, where isGood: (DamagedPage.Row) -> Bool
  ) throws(ReplicaError) {
    let isNumbered = RowShape.core[table]?.isNumbered == true
    var statement: Statement?
    try tables.eachRow(of: table) { row throws(ReplicaError) in
      guard isGood(row) else { return }
      if statement == nil { statement = try insert(table, row.cells.count) }
      let cells = isNumbered ? [.integer(row.number)] + row.cells.dropFirst() : row.cells
      if let statement { try run(statement, cells) }
    }
  }

  private static func isVector(_ bytes: [UInt8]) -> Bool {
    var reader = ByteReader(bytes)
    return bytes.isEmpty || (try? reader.vector()) != nil && reader.isAtEnd
  }

  // MARK: Partitions and epochs

  private mutating func copyPartitions() throws(ReplicaError) {
    try copy("partition") { row in
      var leaves = ByteReader(row.cells[3].blob ?? [])
      while !leaves.isAtEnd { guard (try? leaves.varint()) != nil else { return false } }
      return row.cells[4].blob?.count == 16 && Self.isVector(row.cells[5].blob ?? [])
    }
    // The index knows their names too.
    let insert = try Statement(
      connection,
      "INSERT OR IGNORE INTO partition VALUES (?, ?, ?, x'', zeroblob(16), x'') RETURNING id")
    var added: Set<Int64> = []
    try tables.eachEntry(of: "sqlite_autoindex_partition_1") { cells throws(ReplicaError) in
      guard cells.count == 3, let place = cells[0].integer, let section = cells[1].integer,
        let number = cells[2].integer
      else { return }
      insert.bind(1, number)
      insert.bind(2, place)
      insert.bind(3, section)
      if try insert.step() { added.insert(number) }
      insert.reset()
    }
    nameless = added
  }

  private func copyEpochs() throws(ReplicaError) {
    let insert = try insert("epoch", 8)
    try tables.eachRow(of: "epoch") { row throws(ReplicaError) in
      var cells = [.integer(row.number)] + row.cells.dropFirst()
      guard row.number > 0, row.number < 1 << 32, let bits = cells[1].integer, bits != 0,
        let seen = cells[6].integer, (0...Int64(Dot.sequenceMax)).contains(seen)
      else { return }
      let isBorn =
        cells[2].integer != nil && cells[3].integer != nil && cells[4].integer != nil
        && Self.isVector(cells[5].blob ?? [])
      if !isBorn { cells = [cells[0], cells[1], .null, .null, .null, .null, .integer(0), .null] }
      let isChain = cells[7].blob?.withUnsafeBytes { Chain(saved: $0) != nil } ?? true
      if !isChain { cells[7] = .null }
      try run(insert, cells)
    }
    let name = try Statement(connection, "INSERT OR IGNORE INTO epoch (id, bits) VALUES (?, ?)")
    try tables.eachEntry(of: "sqlite_autoindex_epoch_1") { cells throws(ReplicaError) in
      guard cells.count == 2, let bits = cells[0].integer, bits != 0, let number = cells[1].integer,
        number > 0, number < 1 << 32
      else { return }
      name.bind(1, number)
      name.bind(2, bits)
      try name.run()
    }
  }

  // MARK: Names

  /// The numbers of collections and fields that are lost: as a new database gives them. If that is
  /// wrong the records do not add up to their digest, and are not believed.
  private func nameFields() throws(ReplicaError) {
    let known = try Statement(
      connection, "INSERT OR IGNORE INTO collection (id, name) VALUES (?, ?)")
    try tables.eachEntry(of: "sqlite_autoindex_collection_1") { cells throws(ReplicaError) in
      guard cells.count == 2, let name = cells[0].text, let number = cells[1].integer else {
        return
      }
      known.bind(1, number)
      known.bind(2, copying: name)
      try known.run()
    }
    for (index, name) in (schema.records.map(\.name) + schema.events.map(\.name)).enumerated() {
      known.bind(1, Int64(index + 1))
      known.bind(2, copying: name)
      try known.run()
    }
    let field = try Statement(
      connection,
      """
      INSERT OR IGNORE INTO field SELECT id, ?1, ?2 FROM collection WHERE name = ?3
      AND NOT EXISTS (SELECT 1 FROM field WHERE collection = collection.id AND name = ?2)
      """)
    for collection in schema.records {
      for (index, declared) in collection.fields.enumerated() {
        field.bind(1, Int64(index + 1))
        field.bind(2, copying: declared.name)
        field.bind(3, copying: collection.name)
        try field.run()
      }
    }
  }

  /// The numbers of a collection's declared fields.
  private func numbers(_ collection: RecordCollection) throws(ReplicaError) -> [FieldID] {
    let select = try Statement(
      connection,
      "SELECT number FROM field JOIN collection ON id = collection WHERE collection.name = ? AND field.name = ?"
    )
    var numbers: [FieldID] = []
    for field in collection.fields {
      select.bind(1, copying: collection.name)
      select.bind(2, copying: field.name)
      numbers.append(FieldID(try select.step() ? UInt32(clamping: select.integer(0)) : 0))
      select.reset()
    }
    return numbers
  }

  // MARK: Records

  private func insertRecords(_ collection: RecordCollection) throws(ReplicaError) -> Statement {
    try insert(
      collection.name, 5, columns: ["id", "partition", "deleted", "conflict", "state"])
  }

  private func copy(_ row: DamagedPage.Row, _ insert: Statement) throws(ReplicaError) {
    try run(insert, [.integer(row.number)] + row.cells[1...4])
  }

  private func copyRecords(_ collection: RecordCollection) throws(ReplicaError) {
    let insert = try insertRecords(collection)
    try tables.eachRow(of: collection.name) { row throws(ReplicaError) in try copy(row, insert) }
  }

  /// Rows that look like those of more than one collection are of the one whose columns show what
  /// their states say.
  private func copyUnclear() throws(ReplicaError) {
    for (page, names) in tables.unclear {
      for collection in schema.records where names.contains(collection.name) {
        let insert = try insertRecords(collection)
        let fields = try numbers(collection)
        for row in tables.rows(of: page)
        where RowShape.records(collection).fits(row) && Self.shows(row, fields) {
          try copy(row, insert)
        }
      }
    }
  }

  private static func shows(_ row: DamagedPage.Row, _ fields: [FieldID]) -> Bool {
    guard row.cells.count == 5 + fields.count, let bytes = row.cells[4].blob,
      let stored = try? StoredRecord(bytes, id: Dot(Epoch(bits: 1), 1)),
      let state = try? stored.state(),
      state.fields.allSatisfy({ $0.field == .deleted || fields.contains($0.field) })
    else { return false }
    return zip(fields, row.cells[5...]).allSatisfy { field, cell in
      let siblings = state.isDeleted ? [] : state[field]
      if siblings.isEmpty { return cell == .null }
      return siblings.contains { shows($0.value, cell) }
    }
  }

  private static func shows(_ value: Value, _ cell: DamagedCell) -> Bool {
    switch Canonical.kind(of: value) {
    case .integer: cell.integer == value.integer
    case .text: cell == .text(Array(value.bytes.dropFirst()))
    case .dot: cell.integer != nil || cell == .null
    case nil: cell == .null
    }
  }

  // MARK: Events

  private func copyEvents(_ collection: EventCollection) throws(ReplicaError) {
    let columns =
      columns(of: collection.name) ?? ["id"] + collection.columns.map(\.name) + ["original"]
    let shape = RowShape.events(columns: columns, of: collection)
    let insert = try insert(collection.name, columns.count, columns: columns)
    let missing = { (row: DamagedPage.Row) in
      [DamagedCell](repeating: .null, count: columns.count - row.cells.count)
    }
    try tables.eachRow(of: collection.name, fitting: shape) { row throws(ReplicaError) in
      try run(insert, [.integer(row.number)] + row.cells.dropFirst() + missing(row))
    }
    try tables.eachLooseRow(fitting: shape) { row throws(ReplicaError) in
      try run(insert, [.integer(row.number)] + row.cells.dropFirst() + missing(row))
    }
  }
}
