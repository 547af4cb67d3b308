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
    expectNothing(office)
    expectNothing(hub)
  }

  private func expectNothing(_ office: Office) { try? office.replica.close() }

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
    for page in 0..<wreck.pages {
      try expectBack(
        wreck, damaged(wreck, page: page, damage),
        gone: wreck.gone(wreck.unsent, with: [page]), "page \(page) of \(wreck.pages), \(damage)")
    }
  }

  @Test func `wherever the file is cut off, the rest is saved`() throws {
    let wreck = try Wreck(2, playbacks: 60)
    var refused = 0
    for page in 1..<wreck.pages {
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
    #expect(refused < wreck.pages / 2, "\(refused) of \(wreck.pages)")
  }

  @Test func `what the hub has already counts once when it is logged again`() throws {
    let wreck = try Wreck(3, playbacks: 60, isHeard: true)
    for page in 0..<wreck.pages {
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
      let hub = try wreck.hub()
      try wreck.exchange(office, hub)
      let shared = wreck.country.shared(wreck.station)
      #expect(try office.dump(shared) == hub.dump(shared))
      #expect(try Set(hub.alarmCodes()).isSubset(of: ["place_diverged"]))
    } catch let error as ReplicaError {
      #expect([.databaseDamaged, .newerSchema].contains(error.code), "\(error)")
    }
  }
}
