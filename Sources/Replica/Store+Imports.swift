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
      """
      SELECT key, cells FROM imported
      WHERE hash = ? AND partition = ? AND collection = ? AND sheet_id = ?
      """)
    select.bind(1, Self.hash(sheetID))
    select.bind(2, live.number)
    select.bind(3, try names.collection(collection))
    select.bind(4, copying: sheetID)
    defer { select.reset() }
    guard try select.step() else { return nil }
    return ImportedRow(dot: try dot(Key(select.integer(0))), cells: Array(select.bytes(1)))
  }

  /// Remembers what a row became whose id is not known yet in this partition.
  package func addImported(
    _ collection: String, in partition: PartitionID, sheetID: String, _ row: ImportedRow
  ) throws(ReplicaError) {
    let insert = try literal("INSERT INTO imported VALUES (NULL, ?, ?, ?, ?, ?, ?)")
    insert.bind(1, try open(partition).number)
    insert.bind(2, try names.collection(collection))
    insert.bind(3, copying: sheetID)
    insert.bind(4, Self.hash(sheetID))
    insert.bind(5, try key(row.dot).number)
    insert.bind(6, copying: row.cells)
    try insert.run()
  }

  /// Remembers what a row became, in the place of what was remembered under its id.
  package func setImported(
    _ collection: String, in partition: PartitionID, sheetID: String, _ row: ImportedRow
  ) throws(ReplicaError) {
    let delete = try literal(
      """
      DELETE FROM imported
      WHERE hash = ? AND partition = ? AND collection = ? AND sheet_id = ?
      """)
    delete.bind(1, Self.hash(sheetID))
    delete.bind(2, try open(partition).number)
    delete.bind(3, try names.collection(collection))
    delete.bind(4, copying: sheetID)
    try delete.run()
    try addImported(collection, in: partition, sheetID: sheetID, row)
  }

  /// The rows that a record or event was made of or matched with here, in the order of their ids'
  /// bytes: normally one.
  package func importedRows(
    _ collection: String, of dot: Dot
  ) throws(ReplicaError) -> [(sheetID: String, cells: [UInt8])] {
    guard let epoch = try find(dot.epoch) else { return [] }
    let select = try literal(
      "SELECT sheet_id, cells FROM imported WHERE key = ? AND collection = ? ORDER BY sheet_id")
    select.bind(1, Key(epoch: epoch.number, sequence: dot.sequence).number)
    select.bind(2, try names.collection(collection))
    defer { select.reset() }
    var rows: [(sheetID: String, cells: [UInt8])] = []
    while try select.step() { rows.append((select.text(0), Array(select.bytes(1)))) }
    return rows
  }

  /// FNV-1a, 64 bits. Kept in databases: it never changes.
  private static func hash(_ sheetID: String) -> Int64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in sheetID.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int64(bitPattern: hash)
  }
}
