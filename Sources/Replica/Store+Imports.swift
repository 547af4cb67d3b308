package import Causality
internal import Records

/// What a row of a sheet became when it was imported here.
package struct ImportedRow: Equatable, Sendable {
  /// The record or the event.
  package let dot: Dot
  /// What the row said then, in a form of the importer's own.
  package let cells: [UInt8]

  package init(dot: Dot, cells: [UInt8]) {
    self.dot = dot
    self.cells = cells
  }
}

/// The ids that sheets give their rows, by partition, since one sheet may be imported for several
/// places. They stay at the importer and never travel.
extension Store {
  package func imported(
    _ collection: String, in partition: PartitionID, sheetID: String
  ) throws(ReplicaError) -> ImportedRow? {
    guard let live = try find(partition) else { return nil }
    let select = try literal(
      "SELECT key, cells FROM imported WHERE partition = ? AND collection = ? AND sheet_id = ?")
    select.bind(1, live.number)
    select.bind(2, try names.collection(collection))
    select.bind(3, copying: sheetID)
    defer { select.reset() }
    guard try select.step() else { return nil }
    return ImportedRow(dot: try dot(Key(select.integer(0))), cells: Array(select.bytes(1)))
  }

  /// Remembers what a row became. What was remembered under the same id is replaced.
  package func setImported(
    _ collection: String, in partition: PartitionID, sheetID: String, _ row: ImportedRow
  ) throws(ReplicaError) {
    let upsert = try literal("INSERT OR REPLACE INTO imported VALUES (?, ?, ?, ?, ?)")
    upsert.bind(1, try open(partition).number)
    upsert.bind(2, try names.collection(collection))
    upsert.bind(3, copying: sheetID)
    upsert.bind(4, try key(row.dot).number)
    upsert.bind(5, copying: row.cells)
    try upsert.run()
  }

  /// The ids under which a record or event was imported here, in the order of their bytes.
  package func sheetIDs(
    _ collection: String, of dot: Dot
  ) throws(ReplicaError) -> [String] {
    guard let epoch = try find(dot.epoch) else { return [] }
    let select = try literal(
      "SELECT sheet_id FROM imported WHERE key = ? AND collection = ? ORDER BY sheet_id")
    select.bind(1, Key(epoch: epoch.number, sequence: dot.sequence).number)
    select.bind(2, try names.collection(collection))
    var ids: [String] = []
    defer { select.reset() }
    while try select.step() { ids.append(select.text(0)) }
    return ids
  }

  /// Everything of a collection that was imported into a partition here, in the order of the ids'
  /// bytes.
  package func importedRows(
    _ collection: String, in partition: PartitionID
  ) throws(ReplicaError) -> [(sheetID: String, row: ImportedRow)] {
    guard let live = try find(partition) else { return [] }
    let select = try literal(
      """
      SELECT sheet_id, key, cells FROM imported WHERE partition = ? AND collection = ?
      ORDER BY sheet_id
      """)
    select.bind(1, live.number)
    select.bind(2, try names.collection(collection))
    defer { select.reset() }
    var rows: [(sheetID: String, row: ImportedRow)] = []
    while try select.step() {
      let dot = try dot(Key(select.integer(1)))
      rows.append((select.text(0), ImportedRow(dot: dot, cells: Array(select.bytes(2)))))
    }
    return rows
  }
}
