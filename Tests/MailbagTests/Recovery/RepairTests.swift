import Causality
import Exchange
import Foundation
import Replica
import Testing
import Village

@testable import Mailbag

/// A damaged database is made anew out of what it still holds: nothing that can be read is lost (P7),
/// nothing counts twice, no dot names two contents (P4, P5), and hub and station are equal afterwards
/// (P2, P6).
@Suite struct RepairTests {
  /// Repairs, exchanges, and compares with what must be there: all but the unsent texts that the
  /// damage took.
  private func expectBack(
    _ wreck: Wreck, _ bytes: [UInt8], gone: Set<String>, _ what: Comment
  ) throws {
    let (office, report) = try wreck.repaired(bytes)
    let complaints = try office.complaints()
    #expect(complaints.isEmpty, what)
    let hub = try wreck.hub()
    try wreck.exchange(office, hub)
    let seen = try wreck.seen(office)
    for text in wreck.sent + wreck.unsent {
      let wanted = wreck.unsent.contains(text) && gone.contains(text) ? 0...1 : 1...1
      #expect(wanted.contains(seen[text] ?? 0), "\(what): \(text) \(report)")
    }
    let dumps = try [office, hub].map { try $0.dump(wreck.country.shared(wreck.station)) }
    #expect(dumps[0] == dumps[1], what)
    #expect(try wreck.seen(hub) == seen, what)
    for end in [office, hub] {
      #expect(try end.complaints().isEmpty, what)
      #expect(try Set(end.alarmCodes()).isSubset(of: ["place_diverged"]), what)
    }
    #expect(try office.replica.read { try $0.salvagedPartitions().isEmpty }, what)
    try? office.replica.close()
    try? hub.replica.close()
  }

  enum Damage: CaseIterable {
    case zeros
    case garbage
    case half
  }

  private func damaged(_ wreck: Wreck, page: Int, _ damage: Damage) -> [UInt8] {
    var bytes = wreck.whole
    let dice = Seeded(UInt64(page) + 1)
    let start = page * Wreck.pageBytes + (damage == .half ? Wreck.pageBytes / 2 : 0)
    for at in start..<(page + 1) * Wreck.pageBytes {
      bytes[at] = damage == .garbage ? UInt8(truncatingIfNeeded: dice.next()) : 0
    }
    return bytes
  }

  @Test(arguments: Damage.allCases)
  func `whichever page is lost, the rest is saved and all come together`(_ damage: Damage) throws {
    let wreck = try Wreck()
    // What is zeros is lost for sure; of the others fewer will do.
    for page in stride(from: 0, to: wreck.pages, by: damage == .zeros ? 1 : 3) {
      try expectBack(
        wreck, damaged(wreck, page: page, damage),
        gone: wreck.gone(wreck.unsent, with: [page]), "page \(page) of \(wreck.pages), \(damage)")
    }
  }

  @Test func `wherever the file is cut off, the rest is saved`() throws {
    let wreck = try Wreck(2, playbacks: 60)
    var refused = 0
    for page in stride(from: 1, to: wreck.pages, by: 3) {
      let bytes = Array(wreck.whole.prefix(page * Wreck.pageBytes))
      do {
        try expectBack(
          wreck, bytes, gone: wreck.gone(wreck.unsent, with: Array(page..<wreck.pages)),
          "cut off after page \(page) of \(wreck.pages)")
      } catch let error as ReplicaError {
        #expect(error.code == .databaseDamaged, "\(page): \(error)")
        refused += 1
      }
    }
    // Where nothing says whose it was there is nothing to be made of it.
    #expect(refused < wreck.pages / 6, "\(refused) of \(wreck.pages / 3)")
  }

  @Test func `what the hub has already counts once when it is logged again`() throws {
    let wreck = try Wreck(3, playbacks: 60, isHeard: true)
    for page in stride(from: 0, to: wreck.pages, by: 2) {
      try expectBack(
        wreck, damaged(wreck, page: page, .zeros), gone: [], "page \(page) of \(wreck.pages)")
    }
  }

  @Test func `a database that is whole stays as it is`() throws {
    let wreck = try Wreck(4, playbacks: 40)
    let (office, report) = try wreck.repaired(wreck.whole)
    #expect(report.isWhole, "\(report)")
    let shared = wreck.country.shared(wreck.station)
    #expect(try office.dump(shared) == wreck.station.dump(shared))
    // What comes next is in epochs that nobody knows.
    let before = try office.replica.read { try $0.summary(wreck.station.log).vector }
    try office.play(1)
    let after = try office.replica.read { try $0.summary(wreck.station.log).vector }
    #expect(after.entries.allSatisfy { before[$0.epoch] == 0 })
  }

  @Test func `what the log beside it has committed counts, as far as it goes`() throws {
    let wreck = try Wreck(6, playbacks: 40)
    let office = try wreck.unharmed()
    for number in 0..<10 { try office.play(1, note: "logged-\(number)") }
    let path = office.folder + "/" + Replica.fileName
    let main = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    let log = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path + "-wal")))
    #expect(log.count > 10 * Wreck.pageBytes)
    func found(_ log: [UInt8]?) throws -> Int {
      let (office, _) = try wreck.repaired(main, log: log)
      #expect(try office.complaints().isEmpty)
      let hub = try wreck.hub()
      try wreck.exchange(office, hub)
      let seen = try wreck.seen(office)
      #expect(try wreck.seen(hub) == seen)
      for text in wreck.sent + wreck.unsent { #expect(seen[text] == 1, "\(text)") }
      return (0..<10).count { seen["logged-\($0)"] == 1 }
    }
    #expect(try found(log) == 10)
    #expect(try found(nil) == 0)
    var last = 0
    for tenth in 1..<10 {
      let count = try found(Array(log.prefix(log.count * tenth / 10)))
      #expect(count >= last)
      last = count
    }
    // What lies behind a broken frame is read as far as it can be.
    var broken = log
    broken[log.count / 2] ^= 0xFF
    #expect(try found(broken) >= 9)
  }

  @Test(arguments: [UInt64](0..<12))
  func `any noise ends in a whole database or one clear error`(_ seed: UInt64) throws {
    let wreck = try Wreck(5, playbacks: 40)
    let dice = Seeded(seed + 100)
    var bytes = wreck.whole
    for _ in 0..<(1 << (seed % 12)) {
      let at = Int(dice.next() % UInt64(bytes.count))
      bytes[at] = UInt8(truncatingIfNeeded: dice.next())
    }
    do {
      let (office, _) = try wreck.repaired(bytes)
      #expect(try office.complaints().isEmpty)
      // A byte of a birth or a vector that still makes sense nobody can find (`check` does not either),
      // but an exchange: so here it may end in an alarm.
      let hub = try wreck.hub()
      try wreck.exchange(office, hub)
      #expect(try hub.complaints().isEmpty)
    } catch let error as ReplicaError {
      #expect([.databaseDamaged, .newerSchema].contains(error.code), "\(error)")
    }
  }
}
