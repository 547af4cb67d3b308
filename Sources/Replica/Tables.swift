internal import Records

/// The SQL of the tables that declared collections live in: plain columns that any SQLite tool
/// reads.
enum Tables {
  static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  /// A record's row: the values that win in plain columns, the whole state behind them. `deleted`
  /// is 1 for a deleted record, 2 once its content was released.
  static func create(_ collection: RecordCollection) -> String {
    let columns = collection.fields.map { quoted($0.name) }.joined(separator: ", ")
    return """
      CREATE TABLE \(quoted(collection.name)) (
        id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, deleted INTEGER NOT NULL,
        conflict INTEGER NOT NULL, state BLOB NOT NULL, \(columns));
      CREATE INDEX \(quoted(collection.name + "_of_partition"))
        ON \(quoted(collection.name)) (partition);
      """
  }

  /// An event's row. `original` holds the canonical bytes of an event that has cells which this
  /// version has no column for.
  static func create(_ collection: EventCollection) -> String {
    let columns = collection.columns.map { column in
      quoted(column.name) + (column.kind == .text ? " TEXT" : " INTEGER")
    }
    return """
      CREATE TABLE \(quoted(collection.name)) (
        id INTEGER PRIMARY KEY, \(columns.joined(separator: ", ")), original BLOB);
      """
  }

  /// By name: a column that was declared later stands behind `original`.
  private static func eventColumns(_ collection: EventCollection) -> String {
    (["id"] + collection.columns.map { quoted($0.name) } + ["original"]).joined(separator: ", ")
  }

  static func insertEvent(_ collection: EventCollection) -> String {
    let marks = Array(repeating: "?", count: collection.columns.count + 2)
    return """
      INSERT INTO \(quoted(collection.name)) (\(eventColumns(collection)))
      VALUES (\(marks.joined(separator: ",")))
      """
  }

  static func selectEvents(_ collection: EventCollection) -> String {
    """
    SELECT \(eventColumns(collection)) FROM \(quoted(collection.name))
    WHERE id BETWEEN ? AND ? ORDER BY id
    """
  }

  static func addColumn(_ column: String, _ kind: CellKind?, to table: String) -> String {
    let type =
      switch kind {
      case .text: " TEXT"
      case .integer, .dot: " INTEGER"
      case nil: ""
      }
    return "ALTER TABLE \(quoted(table)) ADD COLUMN \(quoted(column))\(type)"
  }

  /// What stands before the fields of a record.
  static let recordColumns = ["id", "deleted", "conflict", "state", "partition"]

  /// A whole row. Marks are in the order of `recordColumns` and then of the fields.
  static func upsertRecord(_ table: String, _ fields: [String]) -> String {
    let names = (recordColumns + fields).map(quoted)
    let sets = names.dropFirst().map { "\($0) = excluded.\($0)" }
    return """
      INSERT INTO \(quoted(table)) (\(names.joined(separator: ", ")))
      VALUES (\(names.map { _ in "?" }.joined(separator: ",")))
      ON CONFLICT (id) DO UPDATE SET \(sets.joined(separator: ", "))
      """
  }

  /// Some fields of a row that is there. Marks: id, deleted, conflict, state, then these fields.
  static func updateRecord(_ table: String, _ fields: [String]) -> String {
    let names = recordColumns[1...3] + fields
    let sets = names.enumerated().map { "\(quoted($1)) = ?\($0 + 2)" }
    return "UPDATE \(quoted(table)) SET \(sets.joined(separator: ", ")) WHERE id = ?1"
  }
}
