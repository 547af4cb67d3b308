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
  let upsert: Statement

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
      upsert = try store.statement(Tables.upsertRecord(declaration))
    } else {
      fields = []
      select = try store.statement(
        "SELECT state, partition FROM other_record WHERE id = ? AND collection = \(number)")
      upsert = try store.statement(
        """
        INSERT INTO other_record (id, partition, deleted, conflict, state, collection)
        VALUES (?, ?, ?, ?, ?, \(number)) ON CONFLICT (id) DO UPDATE SET
        deleted = excluded.deleted, conflict = excluded.conflict, state = excluded.state
        """)
    }
  }

  /// Rows of this collection.
  var source: String {
    declaration == nil
      ? "(SELECT * FROM other_record WHERE collection = \(number))" : Tables.quoted(name)
  }

  func rule(of field: FieldID) -> Rule { fields.first { $0.id == field }?.rule ?? .latest }
}
