internal import Causality
internal import Records
internal import Wording

/// The numbers of collections and fields in this database. Names are given numbers when they are
/// first met, declared ones too, so a field that was unknown keeps its number when an upgrade
/// declares it.
final class Names {
  private unowned let store: Store
  private var collections: [String: Int64] = [:]
  private var collectionNames: [Int64: String] = [:]
  private var fields: [Int64: [String: FieldID]] = [:]
  private var fieldNames: [Int64: [FieldID: String]] = [:]

  init(_ store: Store) { self.store = store }

  func collection(_ name: String) throws(ReplicaError) -> Int64 {
    if let known = collections[name] { return known }
    let select = try store.literal("SELECT id FROM collection WHERE name = ?")
    select.bind(1, copying: name)
    var number: Int64
    if try select.step() {
      number = select.integer(0)
      select.reset()
    } else {
      select.reset()
      let insert = try store.literal("INSERT INTO collection (name) VALUES (?) RETURNING id")
      insert.bind(1, copying: name)
      guard try insert.step() else { throw ReplicaError(.diskError, "no row came back") }
      number = insert.integer(0)
      insert.reset()
    }
    collections[name] = number
    collectionNames[number] = name
    return number
  }

  func collectionName(_ number: Int64) throws(ReplicaError) -> String {
    if let known = collectionNames[number] { return known }
    let select = try store.literal("SELECT name FROM collection WHERE id = ?")
    select.bind(1, number)
    defer { select.reset() }
    guard try select.step() else {
      throw ReplicaError(.databaseDamaged, "collection \(number) has no name")
    }
    let name = select.text(0)
    collectionNames[number] = name
    collections[name] = number
    return name
  }

  func field(_ name: String, of collection: Int64) throws(ReplicaError) -> FieldID {
    if name == RecordFieldName.deletion { return .deleted }
    try load(collection)
    if let known = fields[collection]?[name] { return known }
    let number = UInt32((fields[collection]?.count ?? 0) + 1)
    let insert = try store.literal("INSERT INTO field VALUES (?, ?, ?)")
    insert.bind(1, collection)
    insert.bind(2, Int64(number))
    insert.bind(3, copying: name)
    try insert.run()
    fields[collection, default: [:]][name] = FieldID(number)
    fieldNames[collection, default: [:]][FieldID(number)] = name
    return FieldID(number)
  }

  func fieldName(_ field: FieldID, of collection: Int64) throws(ReplicaError) -> String {
    if field == .deleted { return RecordFieldName.deletion }
    try load(collection)
    guard let name = fieldNames[collection]?[field] else {
      throw ReplicaError(.databaseDamaged, "field \(field.number) has no name")
    }
    return name
  }

  private func load(_ collection: Int64) throws(ReplicaError) {
    guard fields[collection] == nil else { return }
    fields[collection] = [:]
    fieldNames[collection] = [:]
    let select = try store.literal("SELECT number, name FROM field WHERE collection = ?")
    select.bind(1, collection)
    try select.eachRow { row in
      let field = FieldID(UInt32(truncatingIfNeeded: row.integer(0)))
      fields[collection]?[row.text(1)] = field
      fieldNames[collection]?[field] = row.text(1)
    }
  }
}

/// The name of the field of deletion on the wire and in canonical bytes.
enum RecordFieldName {
  static let deletion = ""
}
