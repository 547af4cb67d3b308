internal import Causality
internal import Records

/// The statements of one collection's table, or of the common one for unknown collections.
final class RecordTable {
  let name: String
  let number: Int64
  let declaration: RecordCollection?
  /// The declared fields in the order of the columns.
  let fields: [(id: FieldID, rule: Rule)]
  let select: Statement
  /// Binds id, deleted, conflict, state, partition and every field.
  let upsert: Statement
  private var updates: [[Int]: Statement] = [:]

  init(_ name: String, _ store: Store) throws(ReplicaError) {
    self.name = name
    number = try store.names.collection(name)
    declaration = store.schema.record(name)
    if let declaration {
      var fields: [(id: FieldID, rule: Rule)] = []
      for field in declaration.fields {
        fields.append((try store.names.field(field.name, of: number), field.rule))
      }
      self.fields = fields
      select = try store.statement(
        "SELECT state, partition FROM \(Tables.quoted(name)) WHERE id = ?")
      upsert = try store.statement(
        Tables.upsertRecord(name, declaration.fields.map(\.name)))
    } else {
      fields = []
      select = try store.statement(
        "SELECT state, partition FROM other_record WHERE id = ? AND collection = \(number)")
      upsert = try store.statement(
        """
        INSERT INTO other_record (id, deleted, conflict, state, partition, collection)
        VALUES (?, ?, ?, ?, ?, \(number)) ON CONFLICT (id) DO UPDATE SET
        deleted = excluded.deleted, conflict = excluded.conflict, state = excluded.state
        """)
    }
  }

  /// Binds id, deleted, conflict, state, and the fields of these columns.
  func update(of columns: [Int], _ store: Store) throws(ReplicaError) -> Statement {
    if let known = updates[columns] { return known }
    let fields = columns.compactMap { declaration?.fields[$0].name }
    let table = declaration == nil ? "other_record" : name
    let made = try Statement(store.connection, Tables.updateRecord(table, fields))
    // Which columns change together hardly varies; a peer could make it vary.
    if updates.count >= 64 { updates = [:] }
    updates[columns] = made
    return made
  }

  /// Rows of this collection.
  var source: String {
    declaration == nil
      ? "(SELECT * FROM other_record WHERE collection = \(number))" : Tables.quoted(name)
  }

  func rule(of field: FieldID) -> Rule { fields.first { $0.id == field }?.rule ?? .latest }
}
