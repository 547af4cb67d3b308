import Causality
import Foundation
import GRDB
import Records

@testable import Replica

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
      let copy = folder + "/damaged-\(seed).db"
      if dice.chance(60) {
        try Data(whole).write(to: URL(fileURLWithPath: copy))
        try damageCells(copy, dice)
      } else {
        try Data(damaged(whole, dice)).write(to: URL(fileURLWithPath: copy))
      }
      use(copy, dice)
      try FileManager.default.removeItem(atPath: copy)
    }
  }

  private static func damaged(_ whole: [UInt8], _ dice: Seeded) -> [UInt8] {
    var bytes = whole
    switch dice.below(4) {
    case 0: bytes.removeLast(dice.below(bytes.count))
    case 1:
      let page = dice.below(bytes.count / 4096) * 4096
      bytes.replaceSubrange(page..<page + 4096, with: dice.bytes(4096))
    default:
      for _ in 0..<(1 + dice.below(20)) {
        bytes[dice.below(bytes.count)] ^= UInt8(1 << dice.below(8))
      }
    }
    return bytes
  }

  /// Sets a few cells to something that this program never writes there.
  private static func damageCells(_ path: String, _ dice: Seeded) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      for _ in 0..<(1 + dice.below(3)) {
        let table = dice.pick(tables)
        let column = dice.pick(try db.columns(in: table).map(\.name))
        let rows = try Row.fetchAll(db, sql: "SELECT \"\(column)\" FROM \"\(table)\"")
        guard !rows.isEmpty else { continue }
        let old: DatabaseValue = dice.pick(rows)[0]
        // Where a constraint forbids it, another cell is damaged.
        _ = try? db.execute(
          sql: "UPDATE \"\(table)\" SET \"\(column)\" = ? WHERE \"\(column)\" IS ?",
          arguments: [value(old, dice), old])
      }
    }
    try queue.close()
  }

  private static func value(_ old: DatabaseValue, _ dice: Seeded) -> DatabaseValue {
    if var bytes = Data.fromDatabaseValue(old), !bytes.isEmpty, dice.chance(70) {
      for _ in 0..<(1 + dice.below(3)) { bytes[dice.below(bytes.count)] = UInt8(dice.below(256)) }
      return bytes.databaseValue
    }
    return switch dice.below(6) {
    case 0: Int64(bitPattern: dice.next()).databaseValue
    case 1: dice.pick([0, -1, Int64.min, Int64.max, 1 << 31, 1 << 32]).databaseValue
    case 2: Int64(dice.below(40)).databaseValue
    case 3: Data(dice.bytes(dice.below(40))).databaseValue
    case 4: dice.text(dice.below(9)).databaseValue
    default: .null
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
