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
    await #expect(processExitsWith: .success) { [block = block as Int, path = path as String, folder = folder as String] in
      try Abuse.run(path, in: folder, seeds: block * 400..<(block + 1) * 400)
    }
  }
}

/// Damages copies of a database and does everything with them that one does with a database.
enum Abuse {
  static func prepare(_ ground: Ground, _ dice: Seeded) throws -> String {
    let site = try Site(on: ground, dice)
    for round in 0..<3 {
      for number in 0..<8 {
        let note = try site.replica.note("note \(round) \(number)")
        try site.replica.retitle(note, "again")
      }
      try site.replica.visits(20)
      try site.reopen()
    }
    let other = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    try other.replica.pull([Shelf.work, Shelf.log], from: site.replica)
    try other.replica.visits(3)
    try site.replica.pull([Shelf.log], from: other.replica)
    try site.replica.write {
      try $0.setMark(
        of: Shelf.town, Shelf.work, PeerMark(received: try $0.summary(Shelf.work).vector))
    }
    return try site.snapshot()
  }

  static func run(_ path: String, in folder: String, seeds: Range<Int>) throws {
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    for seed in seeds {
      let dice = Seeded(UInt64(seed))
      var bytes = whole
      switch dice.below(4) {
      case 0: bytes.removeLast(dice.below(bytes.count))
      case 1:
        let page = dice.below(bytes.count / 4096) * 4096
        bytes.replaceSubrange(page..<page + 4096, with: dice.bytes(4096))
      default: for _ in 0..<(1 + dice.below(20)) { bytes[dice.below(bytes.count)] ^= UInt8(1 << dice.below(8)) }
      }
      let copy = folder + "/damaged-\(seed).db"
      try Data(bytes).write(to: URL(fileURLWithPath: copy))
      use(copy, dice)
      try FileManager.default.removeItem(atPath: copy)
    }
  }

  /// Each may fail, with an error of ours.
  private static func use(_ path: String, _ dice: Seeded) {
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch {
        guard error is ReplicaError else { fatalError("an error of another kind: \(error)") }
      }
    }
    attempt {
      let replica = try Replica.open(
        at: path, schema: Shelf.schema, surroundings: Site.surroundings(dice))
      let partitions = [Shelf.work, Shelf.log]
      for partition in partitions {
        attempt { _ = try replica.dump(partition) }
        attempt { _ = try replica.complaints([partition]) }
        attempt { _ = try Parcel(from: replica, [partition: .init()]) }
      }
      attempt { _ = try replica.integrity() }
      attempt { _ = try replica.read { try $0.records(Shelf.note, in: Shelf.work) } }
      attempt { _ = try replica.read { try $0.conflicts() } }
      attempt { try replica.read { try $0.forEachEvent(Shelf.visit, in: Shelf.log) { _ in } } }
      attempt { _ = try replica.read { try $0.mark(of: Shelf.town, Shelf.work) } }
      attempt { _ = try replica.read { try $0.contact(Shelf.town) } }
      attempt { try replica.note("new") }
      attempt { try replica.visits(2) }
      attempt {
        for record in try replica.read({ try $0.records(Shelf.note, in: Shelf.work) }) {
          try replica.retitle(record.id, "new")
        }
      }
      attempt { try replica.close() }
    }
  }
}
