import Causality
import Foundation
import GRDB
import Records
import Testing

@testable import Replica

/// What is in the folder can be anything: each gets its code, and nothing traps.
@Suite struct OpeningTests {
  let ground: Ground
  let dice = Seeded(8)

  init() throws { ground = try Ground() }

  private func open(
    _ path: String, _ access: Replica.Access = .readWrite
  ) throws(ReplicaError) -> Replica {
    try Replica.open(
      at: path, access: access, schema: Shelf.schema, surroundings: Site.surroundings(dice))
  }

  private func create(_ path: String) throws(ReplicaError) -> Replica {
    try Replica.create(
      at: path, as: Identity(Author(place: Shelf.village, role: .station)), schema: Shelf.schema,
      surroundings: Site.surroundings(dice))
  }

  private func file(_ bytes: [UInt8]) throws -> String {
    let path = ground.newPath()
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `a replica says whose it is`() throws {
    for author in [
      Author(place: Shelf.town, role: .hub), Author(place: PlaceID(bits: .max), role: .station),
    ] {
      let path = ground.newPath()
      let made = try Replica.create(
        at: path, as: Identity(author), schema: Shelf.schema,
        surroundings: Site.surroundings(dice))
      try made.close()
      let opened = try open(path)
      #expect(opened.identity.author == author)
      try opened.close()
    }
  }

  @Test func `a second replica is not made where there is one`() throws {
    let site = try Site(on: ground, dice)
    try site.replica.note("a")
    let before = try site.replica.dump(Shelf.work)
    try site.whileClosed { path in expect(.alreadyExists) { try create(path) } }
    #expect(try site.replica.dump(Shelf.work) == before)
  }

  @Test func `what is no replica is said to be none`() throws {
    let others = ground.newPath()
    let queue = try DatabaseQueue(path: others)
    try queue.write { try $0.execute(sql: "CREATE TABLE plays (id INTEGER)") }
    try queue.close()
    for access in [Replica.Access.readWrite, .readOnly] {
      expect(.notAReplica) { try open(try file([]), access) }
      expect(.notAReplica) { try open(others, access) }
    }
    expect(.notAReplica) { try open(ground.newPath()) }
    expect(.readOnly) { try open(ground.folder + "/none/yizhan.db") }
    expect(.readOnly) { try open(ground.newPath(), .readOnly) }
  }

  @Test func `a replica whose making was cut short can be made again`() throws {
    let path = ground.newPath()
    let queue = try DatabaseQueue(path: path)
    try Replica.migrator(Shelf.schema).migrate(queue)
    try queue.close()
    expect(.notAReplica) { try open(path) }
    let replica = try create(path)
    try replica.note("a")
    try replica.close()
    expect(.alreadyExists) { try create(path) }
  }

  @Test func `what is no database is said to be damaged`() throws {
    for bytes in [Array("not a database, but a long enough text to be looked at".utf8)] + [
      dice.bytes(100), dice.bytes(10_000),
    ] {
      for access in [Replica.Access.readWrite, .readOnly] {
        expect(.databaseDamaged) { try open(try file(bytes), access) }
      }
      expect(.databaseDamaged) { try create(try file(bytes)) }
    }
  }

  @Test func `a database that does not say whose it is is damaged`() throws {
    for sql in [
      "UPDATE meta SET value = 'nobody' WHERE key = 'place'",
      "UPDATE meta SET value = 7 WHERE key = 'role'",
      "UPDATE meta SET value = x'00ff' WHERE key = 'place'",
      "UPDATE meta SET value = NULL WHERE key = 'role'",
    ] {
      let site = try Site(on: ground, dice)
      let copy = try site.snapshot()
      let queue = try DatabaseQueue(path: copy)
      try queue.write { try $0.execute(sql: sql) }
      try queue.close()
      expect(.databaseDamaged) { try open(copy) }
    }
  }

  /// The file says of its tables what this program never wrote.
  @Test(arguments: [
    ("meta", "value", "valuf"), ("epoch", "seen", "sefn"), ("partition", "CREATE", "CREATF"),
    ("collection", "name TEXT", "mame TEXT"), ("note", "state BLOB", "statf BLOB"),
    ("note", "\"title\"", "\"titlf\""), ("visit", "\"who\"", "\"whp\""),
    ("visit", "\"at\" INTEGER", "\"at\" INTEGER CHECK (at < 0)"),
  ])
  func `a damaged schema is damage, whatever SQLite calls it`(
    _ table: String, _ whole: String, _ damaged: String
  ) throws {
    let site = try Site(on: ground, dice)
    let note = try site.replica.note("a")
    try site.replica.visits(2)
    let copy = try site.snapshot()
    let queue = try DatabaseQueue(path: copy)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA writable_schema = ON")
      try db.execute(
        sql: "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ?",
        arguments: [whole, damaged, table])
      #expect(db.changesCount == 1)
    }
    try queue.close()
    expect(.databaseDamaged) {
      let replica = try open(copy)
      _ = try replica.dump(Shelf.work) + replica.dump(Shelf.log)
      try replica.retitle(note, "b")
      try replica.visits(1)
    }
  }

  @Test func `a migration of a newer version is not guessed at`() throws {
    let site = try Site(on: ground, dice)
    try site.replica.note("a")
    let copy = try site.snapshot()
    let queue = try DatabaseQueue(path: copy)
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('record leaflet')")
    }
    try queue.close()
    for access in [Replica.Access.readWrite, .readOnly] {
      expect(.newerSchema) { try open(copy, access) }
    }
    expect(.alreadyExists) { try create(copy) }
  }

  // MARK: Damage

  @Test(arguments: 0..<4)
  func `whatever bytes of the file are damaged, nothing traps`(_ block: Int) async throws {
    let path = try Abuse.prepare(ground, dice)
    let folder = ground.folder
    await #expect(processExitsWith: .success) {
      [block = block as Int, path = path as String, folder = folder as String] in
      try Abuse.run(path, in: folder, seeds: block * 30..<(block + 1) * 30)
    }
  }
}
