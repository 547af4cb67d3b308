internal import Causality
internal import Records

/// What peers sent of collections that this version did not know is kept in common tables (P12).
/// When an upgrade declares such a collection, its rows move to the table of their own. Nothing
/// of them changes: chains and digests are made of what they say, not of where they are.
extension Store {
  func adoptDeclared() throws(ReplicaError) {
    for collection in schema.records { try adoptRecords(collection) }
    for collection in schema.events { try adoptEvents(collection) }
  }

  private func adoptRecords(_ collection: RecordCollection) throws(ReplicaError) {
    let table = try recordTable(collection.name)
    let select = try literal("SELECT id, partition, state FROM other_record WHERE collection = ?")
    select.bind(1, table.number)
    do {
      defer { select.reset() }
      while try select.step() {
        let key = Key(select.integer(0))
        guard let id = try partitionID(select.integer(1)), let partition = try find(id) else {
          throw ReplicaError(.databaseDamaged, "a record of \(collection.name) has no partition")
        }
        let state = try StateBytes.decode(Array(select.bytes(2)), id: try dot(key))
        try project(state, key, table, partition)
      }
    }
    let delete = try literal("DELETE FROM other_record WHERE collection = ?")
    delete.bind(1, table.number)
    try delete.run()
  }

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
