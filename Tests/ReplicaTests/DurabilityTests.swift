import Bundles
import Causality
import Foundation
import GRDB
import Records
import Testing

@testable import Replica

/// P7: what `write` has returned from is there, and what it threw from is not.
@Suite struct DurabilityTests {
  let ground: Ground
  let site: Site
  let dice = Seeded(5)

  init() throws {
    ground = try Ground()
    site = try Site(on: ground, dice)
  }

  private struct Vain: Error {}

  @Test func `a write survives closing and opening`() throws {
    let note = try site.replica.note("a")
    try site.replica.retitle(note, "b")
    try site.replica.visits(3)
    let dumps = try [Shelf.work, Shelf.log].map { try site.replica.dump($0) }
    for access in [Replica.Access.readWrite, .readOnly] {
      try site.replica.close()
      let reader = try Replica.open(
        at: site.path, access: access, schema: Shelf.schema,
        surroundings: Site.surroundings(dice))
      #expect(try [Shelf.work, Shelf.log].map { try reader.dump($0) } == dumps)
      #expect(try reader.complaints([Shelf.work, Shelf.log]).isEmpty)
      try reader.close()
    }
  }

  @Test func `a write survives a process that is killed right after it`() async throws {
    let path = site.path
    try site.replica.close()
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let dice = Seeded(6)
      let replica = try Replica.open(
        at: path, schema: Shelf.schema, surroundings: Site.surroundings(dice))
      try replica.note("killed")
      try replica.visits(3)
      try replica.write { store in
        _ = try store.log(Shelf.meter, in: Shelf.log, [.integer(1), .null, .null])
        // In the middle of a transaction that never ends.
        kill(getpid(), SIGKILL)
      }
    }
    let after = try Replica.open(
      at: path, schema: Shelf.schema, surroundings: Site.surroundings(dice))
    #expect(try after.dump(Shelf.work).contains { $0.contains("\"killed\"") })
    #expect(try after.read { try $0.eventCount(in: Shelf.log) } == 3)
    #expect(try after.complaints([Shelf.work, Shelf.log]).isEmpty)
    #expect(try after.integrity().isEmpty)
    let epochs = Set(try after.vector(Shelf.log).entries.map(\.epoch))
    try after.visits(1)
    #expect(try epochs.isDisjoint(with: after.vector(Shelf.log).entries.map(\.epoch)))
    try after.close()
  }

  @Test func `the database waits for the disk`() throws {
    // What power cuts test cannot be tested here; the setting that they depend on can.
    let synchronous = try site.replica.write { store in
      let pragma = try store.statement("PRAGMA synchronous")
      defer { pragma.reset() }
      return try pragma.step() ? pragma.integer(0) : -1
    }
    #expect(synchronous == 2)
    let mode = try site.replica.read { store in
      let pragma = try store.statement("PRAGMA journal_mode")
      defer { pragma.reset() }
      return try pragma.step() ? pragma.text(0) : ""
    }
    #expect(mode == "wal")
  }

  @Test func `a write that throws leaves nothing`() throws {
    let note = try site.replica.note("a")
    try site.replica.visits(2)
    let other = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    try other.replica.note("other")
    let parcel = try Parcel(from: other.replica, [Shelf.work: .init()]).opened()
    let tables = try rows()
    #expect(throws: Vain.self) {
      try site.replica.write { store in
        try store.update(Shelf.note, note, in: Shelf.work, [("title", .text("b"))])
        try store.delete(Shelf.note, note, in: Shelf.work)
        _ = try store.create(Shelf.slip, in: Shelf.people, [("text", .text("c"))])
        _ = try store.log(Shelf.visit, in: Shelf.log, [.null, .null, .dot(note), .null])
        try store.setMark(of: Shelf.town, Shelf.work, PeerMark(received: VersionVector(note)))
        try store.setMeta("x", "y")
        try store.raise("x", "y")
        _ = try store.merge(
          0, of: parcel.manifest, codec: BundleCodec(), catalogue: nil, content: parcel)
        throw Vain()
      }
    }
    #expect(try rows() == tables)
    #expect(try site.replica.complaints([Shelf.work, Shelf.log]).isEmpty)
    try site.replica.retitle(note, "d")
    #expect(try other.replica.pull([Shelf.work, Shelf.log], from: site.replica).isClean)
    #expect(try other.replica.complaints([Shelf.work, Shelf.log]).isEmpty)
  }

  /// Every row of every table.
  private func rows() throws -> [String] {
    var lines: [String] = []
    try site.whileClosed { path in
      let queue = try DatabaseQueue(path: path)
      lines = try queue.read { db in
        let tables = try String.fetchAll(
          db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return try tables.flatMap { table in
          try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"").map { "\(table) \($0)" }.sorted()
        }
      }
      try queue.close()
    }
    return lines
  }

  @Test func `what cannot be written takes no dot, even where the error is caught`() throws {
    let note = try site.replica.note("a")
    try site.replica.visits(1)
    let long = String(repeating: "x", count: 1 << 17)
    try site.replica.write { store in
      func refused(_ code: ReplicaError.Code, _ body: () throws -> Void) {
        expect(code) { try body() }
      }
      refused(.valueTooLarge) {
        _ = try store.log(Shelf.visit, in: Shelf.log, [.null, .text(long), .null, .null])
      }
      refused(.valueTooLarge) {
        _ = try store.log(Shelf.visit, in: Shelf.log, [.integer(.min), .null, .null, .null])
      }
      refused(.outOfScope) { _ = try store.log(Shelf.visit, in: Shelf.log, [.null]) }
      refused(.outOfScope) {
        _ = try store.log(Shelf.visit, in: Shelf.work, [.null, .null, .null, .null])
      }
      refused(.valueTooLarge) {
        try store.update(Shelf.note, note, in: Shelf.work, [("title", .text(long))])
      }
      refused(.valueTooLarge) {
        _ = try store.create(Shelf.note, in: Shelf.work, [("title", .text(long))])
      }
      refused(.outOfScope) { _ = try store.create(Shelf.note, in: Shelf.people, []) }
      refused(.unknownRecord) {
        try store.update(Shelf.slip, note, in: Shelf.work, [("text", .null)])
      }
      refused(.unknownRecord) {
        try store.delete(Shelf.note, Dot(Epoch(bits: 9), 1), in: Shelf.work)
      }
    }
    try site.replica.write { try $0.delete(Shelf.note, note, in: Shelf.work) }
    try site.replica.write { store in
      expect(.recordDeleted) {
        try store.update(Shelf.note, note, in: Shelf.work, [("title", .text("b"))])
      }
      expect(.recordDeleted) { try store.delete(Shelf.note, note, in: Shelf.work) }
    }
    let other = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    try site.replica.visits(1)
    #expect(try other.replica.pull([Shelf.work, Shelf.log], from: site.replica).isClean)
    #expect(try other.replica.vector(Shelf.log).entries.map(\.sequence) == [2])
    #expect(try other.replica.dump(Shelf.work) == site.replica.dump(Shelf.work))
  }

  @Test func `the largest record and the largest event travel`() throws {
    let texts = (0..<2).map { _ in dice.text(Limits.textBytesMax - 1) }
    try site.replica.write { store in
      _ = try store.create(
        Shelf.note, in: Shelf.work,
        [("title", .text(texts[0])), ("body", .text(texts[1]))])
      for _ in 0..<9 {
        _ = try store.log(
          Shelf.visit, in: Shelf.log, [.null, .text(dice.text(65_000)), .null, .null])
      }
    }
    let other = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    #expect(try other.replica.pull([Shelf.work, Shelf.log], from: site.replica).isClean)
    for partition in [Shelf.work, Shelf.log] {
      #expect(try other.replica.dump(partition) == site.replica.dump(partition))
    }
  }

  @Test func `a record that conflicts have made too large to travel is an error, not a trap`()
    throws
  {
    let other = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    let note = try site.replica.note("a")
    let replicas = try (0..<6).map { _ in try Site(copy: site.snapshot(), on: ground, dice) }
    for replica in replicas { try replica.replica.retitle(note, dice.text(60_000)) }
    for replica in replicas {
      #expect(try site.replica.pull([Shelf.work], from: replica.replica).isClean)
    }
    expect(.valueTooLarge) { try other.replica.pull([Shelf.work], from: site.replica) }
    #expect(try other.replica.dump(Shelf.work).isEmpty)
  }
}
