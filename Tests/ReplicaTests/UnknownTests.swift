import Bundles
import Causality
import GRDB
import Records
import Testing

@testable import Replica

/// P12: what a version does not know it keeps and forwards; an upgrade shows it.
@Suite struct UnknownTests {
  let ground: Ground
  let first: Site
  let last: Site
  let dice = Seeded(4)
  let partitions = [Shelf.work, Shelf.log]

  init() throws {
    ground = try Ground()
    first = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    last = try Site(on: ground, place: Shelf.otherVillage, role: .hub, dice)
  }

  private func fill(_ replica: Replica) throws -> Dot {
    try replica.write { store in
      let note = try store.create(
        Shelf.note, in: Shelf.work,
        [
          ("title", .text("停电")), ("count", .integer(4)), ("tags", .text("a\nb")),
          ("link", .dot(Dot(Epoch(bits: 77), 3))),
        ])
      let slip = try store.create(Shelf.slip, in: Shelf.work, [("text", .text("一"))])
      _ = try store.create(Shelf.slip, in: Shelf.work, [("level", .integer(2))])
      try store.update(Shelf.slip, slip, in: Shelf.work, [("level", .integer(5))])
      for number in 0..<5 {
        _ = try store.log(
          Shelf.visit, in: Shelf.log,
          [
            .integer(Int64(number)), .text("王"), number % 2 == 0 ? .dot(note) : .null,
            number == 3 ? .null : .integer(9),
          ])
        _ = try store.log(
          Shelf.meter, in: Shelf.log,
          [.integer(Int64(number) - 2), number == 1 ? .null : .text(""), .dot(note)])
      }
      return slip
    }
  }

  private func pass(_ from: Site, _ through: Site, _ to: Site) throws {
    for (sender, reader) in [(from, through), (through, to)] {
      #expect(try reader.replica.pull(partitions, from: sender.replica).isClean)
    }
  }

  private func expectEqual(_ sites: [Site], sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    for partition in partitions {
      let dumps = try sites.map { try $0.replica.dump(partition) }
      #expect(Set(dumps).count == 1, sourceLocation: sourceLocation)
      let digests = try sites.map { try $0.replica.summary(partition).digest }
      #expect(Set(digests).count == 1, sourceLocation: sourceLocation)
    }
    for site in sites {
      #expect(try site.replica.complaints(partitions).isEmpty, sourceLocation: sourceLocation)
      #expect(try site.replica.alarmCodes().isEmpty, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [Shelf.oldSchema, Shelf.emptySchema])
  func `an old version between two new ones loses nothing`(_ old: Schema) throws {
    let middle = try Site(on: ground, dice, schema: old)
    let slip = try fill(first.replica)
    try pass(first, middle, last)
    try expectEqual([first, middle, last])

    // Edits and a conflict in what the middle does not know pass too.
    try first.replica.write {
      try $0.update(Shelf.slip, slip, in: Shelf.work, [("text", .text("二"))])
    }
    try last.replica.write {
      try $0.update(Shelf.slip, slip, in: Shelf.work, [("text", .text("三"))])
      _ = try $0.log(Shelf.meter, in: Shelf.log, [.integer(8), .null, .null])
    }
    try pass(first, middle, last)
    try pass(last, middle, first)
    try expectEqual([first, middle, last])
    #expect(try first.replica.read { try $0.conflicts() }.map(\.field) == ["text"])
    try last.replica.write { try $0.delete(Shelf.slip, slip, in: Shelf.work) }
    try pass(last, middle, first)
    try expectEqual([first, middle, last])
  }

  @Test func `an old version writes among what it does not know`() throws {
    let middle = try Site(on: ground, dice, schema: Shelf.oldSchema)
    _ = try fill(first.replica)
    try pass(first, middle, last)
    try middle.replica.write { store in
      let note = try #require(try store.records(Shelf.oldNote, in: Shelf.work).first)
      try store.update(Shelf.oldNote, note.id, in: Shelf.work, [("title", .text("改"))])
      _ = try store.log(Shelf.oldVisit, in: Shelf.log, [.integer(1), .text("李")])
    }
    try pass(middle, first, last)
    try expectEqual([first, middle, last])
  }

  /// Everything that people would read with the newest schema.
  private func shown(_ replica: Replica) throws -> [String] {
    try replica.read { store in
      var lines: [String] = []
      for collection in Shelf.schema.records {
        for record in try store.records(collection, in: Shelf.work).sorted(by: { $0.id < $1.id }) {
          let values = record.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          lines.append("\(record.id) \(record.hasConflict) \(values)")
        }
      }
      for collection in Shelf.schema.events {
        try store.forEachEvent(collection, in: Shelf.log) { lines.append("\($0.dot) \($0.cells)") }
      }
      return lines
    }
  }

  /// The plain columns, as any SQLite tool would show them. Dots are local numbers there.
  private func columns(_ path: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { db in
      try [
        "SELECT deleted, conflict, title, body, count, tags, link IS NULL FROM note",
        "SELECT deleted, conflict, text, level FROM slip",
        "SELECT at, who, about IS NULL, score, original IS NULL FROM visit",
        "SELECT value, unit, seal IS NULL, original IS NULL FROM meter",
      ].flatMap { sql in try Row.fetchAll(db, sql: sql + " ORDER BY id").map(\.description) }
    }
  }

  @Test(arguments: [Shelf.oldSchema, Shelf.emptySchema])
  func `an upgrade shows what was kept`(_ old: Schema) throws {
    let middle = try Site(on: ground, dice, schema: old)
    let slip = try fill(first.replica)
    try pass(first, middle, last)
    try first.replica.write {
      try $0.update(Shelf.slip, slip, in: Shelf.work, [("text", .text("二"))])
    }
    try last.replica.write {
      try $0.update(Shelf.slip, slip, in: Shelf.work, [("text", .text("三"))])
    }
    try pass(first, last, middle)
    try pass(middle, first, last)

    let upgraded = try Site(copy: middle.snapshot(), on: ground, dice)
    #expect(try shown(upgraded.replica) == shown(first.replica))
    try expectEqual([first, upgraded, middle])
    #expect(try upgraded.replica.read { try $0.conflicts() }.map(\.field) == ["text"])
    try upgraded.whileClosed { path in
      try first.whileClosed { other in
        let (ours, theirs) = try (columns(path), columns(other))
        #expect(ours == theirs)
      }
    }
    // It works on: writes of its own to what it has come to know.
    try upgraded.replica.write { store in
      try store.update(Shelf.slip, slip, in: Shelf.work, [("text", .text("四"))])
      _ = try store.log(Shelf.meter, in: Shelf.log, [.integer(1), .text("x"), .null])
      _ = try store.log(Shelf.visit, in: Shelf.log, [.null, .null, .null, .integer(2)])
    }
    try pass(upgraded, first, last)
    try expectEqual([first, upgraded, last])
    try upgraded.reopen()
    #expect(try shown(upgraded.replica) == shown(first.replica))
  }

  @Test func `an upgrade that was cut short is taken up again`() throws {
    let middle = try Site(on: ground, dice, schema: Shelf.emptySchema)
    _ = try fill(first.replica)
    try pass(first, middle, last)
    let copy = try middle.snapshot()
    // The tables were made, and then the power went.
    let queue = try DatabaseQueue(path: copy)
    try Replica.migrator(Shelf.schema).migrate(queue)
    try queue.close()
    let upgraded = try Site(copy: copy, on: ground, dice)
    #expect(try shown(upgraded.replica) == shown(first.replica))
    try expectEqual([first, upgraded])
  }

  @Test func `after an upgrade with further columns they travel`() throws {
    let widest = EventCollection("visit", Shelf.visit.columns + [Column("mood", .text)])
    let future = Schema(records: Shelf.schema.records, events: [widest, Shelf.meter])
    let newest = try Site(on: ground, place: Shelf.stranger, role: .hub, dice, schema: future)
    let middle = try Site(on: ground, dice, schema: Shelf.oldSchema)
    _ = try fill(first.replica)
    // The middle first learns four columns, then is upgraded to five.
    try pass(first, middle, last)
    let upgraded = try Site(copy: middle.snapshot(), on: ground, dice, schema: future)
    try upgraded.replica.write {
      _ = try $0.log(widest, in: Shelf.log, [.integer(1), .null, .null, .null, .text("好")])
    }
    try pass(upgraded, last, newest)
    try expectEqual([upgraded, last, newest])
    #expect(try newest.replica.dump(Shelf.log).contains { $0.contains("mood=\"好\"") })
  }

  @Test func `what a newer version has written is not touched by an older`() throws {
    _ = try fill(first.replica)
    let copy = try first.snapshot()
    let fewerFields = Schema(records: [Shelf.oldNote, Shelf.slip], events: Shelf.schema.events)
    let fewerColumns = Schema(records: Shelf.schema.records, events: [Shelf.oldVisit, Shelf.meter])
    for old in [Shelf.oldSchema, Shelf.emptySchema, fewerFields, fewerColumns] {
      for access in [Replica.Access.readWrite, .readOnly] {
        expect(.newerSchema) {
          try Replica.open(
            at: copy, access: access, schema: old, surroundings: Site.surroundings(dice))
        }
      }
    }
    try expectEqual([first, Site(copy: copy, on: ground, dice)])
  }
}
