import Causality
import Foundation
import Records
import Testing

@testable import Replica

/// When an opening may go on with the last one's epochs, and when not (P4). That no history makes
/// a dot name two writes is tried in HistoryTests.
@Suite(
  .enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm"), "needs a memory folder"))
struct LeaseTests {
  let ground: Ground
  let dice = Seeded(11)

  init() throws { ground = try Ground() }

  private func site() throws -> Site {
    let site = try Site(on: ground, dice, leases: "/dev/shm")
    try site.replica.visits(1)
    return site
  }

  private func epochs(_ site: Site) throws -> [Epoch] {
    try site.replica.vector(Shelf.log).entries.map(\.epoch)
  }

  @Test func `a clean close lets the next opening go on`() throws {
    let site = try site()
    let before = try epochs(site)
    for _ in 0..<3 {
      try site.reopen()
      try site.replica.visits(1)
    }
    #expect(try epochs(site) == before)
    #expect(try site.replica.vector(Shelf.log).entries.map(\.sequence) == [4])
    #expect(try site.replica.complaints([Shelf.log]).isEmpty)
    let hub = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    #expect(try hub.replica.pull([Shelf.log], from: site.replica).isClean)
  }

  @Test func `the note is gone as soon as somebody has opened`() throws {
    let site = try site()
    let path = try #require(site.leaseNote)
    try site.whileClosed { _ in #expect(FileManager.default.fileExists(atPath: path)) }
    #expect(!FileManager.default.fileExists(atPath: path))
    // A second program that opens meanwhile does not go on with it.
    let second = try Replica.open(
      at: site.path, schema: Shelf.schema,
      surroundings: Site.surroundings(dice, leases: "/dev/shm"))
    let before = try epochs(site)
    try second.visits(1)
    #expect(try second.vector(Shelf.log).entries.allSatisfy { !before.contains($0.epoch) })
    try second.close()
  }

  @Test func `a reader leaves the note alone`() throws {
    let site = try site()
    let before = try epochs(site)
    try site.whileClosed { path in
      let reader = try Replica.open(
        at: path, access: .readOnly, schema: Shelf.schema,
        surroundings: Site.surroundings(dice, leases: "/dev/shm"))
      #expect(try reader.dump(Shelf.log).count == 3)
      try reader.close()
    }
    try site.replica.visits(1)
    #expect(try epochs(site) == before)
  }

  @Test func `after a crash nothing is gone on with`() throws {
    let site = try site()
    let before = try epochs(site)
    let path = try #require(site.leaseNote)
    // A crash leaves no note.
    try site.whileClosed { _ in try FileManager.default.removeItem(atPath: path) }
    try site.replica.visits(1)
    #expect(try epochs(site) != before)
  }

  @Test func `a failed write ends its epochs for the next opening too`() throws {
    struct Vain: Error {}
    let site = try site()
    let before = try epochs(site)
    #expect(throws: Vain.self) { try site.replica.write { _ in throw Vain() } }
    try site.reopen()
    try site.replica.visits(1)
    #expect(try epochs(site) != before)
  }

  @Test(arguments: Site.Restoring.allCases, Ground.Kind.allCases)
  func `a copy that is behind the note goes on with nothing`(
    _ how: Site.Restoring, _ kind: Ground.Kind
  ) throws {
    // On a disk the new file may well get the number of the old one.
    let site = try Site(on: Ground(kind), dice, leases: "/dev/shm")
    try site.replica.visits(1)
    let copy = try site.snapshot()
    try site.replica.visits(1)
    let before = try epochs(site)
    try site.restore(copy, how)
    try site.replica.visits(1)
    #expect(try Set(epochs(site)).isDisjoint(with: before))
    // Nor does the next opening, although the note of before is long gone.
    try site.restore(copy, how)
    try site.replica.visits(1)
    #expect(try Set(epochs(site)).isDisjoint(with: before))
  }

  @Test func `a clone goes on with nothing`() throws {
    let site = try site()
    let before = try epochs(site)
    let clone = try Site(copy: site.snapshot(), on: ground, dice, leases: "/dev/shm")
    try clone.replica.visits(1)
    #expect(try Set(epochs(clone)).isDisjoint(with: before))
    try site.replica.visits(1)
    #expect(try epochs(site) == before)
    #expect(try site.replica.pull([Shelf.log], from: clone.replica).isClean)
  }

  @Test func `a note that is not whole is worth nothing`() throws {
    for bytes in [[], [0], [1], [1, 2, 3], dice.bytes(200), [255, 255, 255, 255, 255, 1]] {
      let site = try site()
      let before = try epochs(site)
      let path = try #require(site.leaseNote)
      try site.whileClosed { _ in
        try Data(bytes as [UInt8]).write(to: URL(fileURLWithPath: path))
      }
      try site.replica.visits(1)
      #expect(try Set(epochs(site)).isDisjoint(with: before))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func `notes of databases that are gone are swept, those of others stay`() throws {
    let gone = try site()
    let path = try #require(gone.leaseNote)
    let kept = try site()
    let keptPath = try #require(kept.leaseNote)
    let before = try epochs(kept)
    try kept.whileClosed { _ in
      try gone.whileClosed { database in
        let away = database + ".away"
        try FileManager.default.moveItem(atPath: database, toPath: away)
        try site().reopen()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(FileManager.default.fileExists(atPath: keptPath))
        try FileManager.default.moveItem(atPath: away, toPath: database)
      }
    }
    try kept.replica.visits(1)
    #expect(try epochs(kept) == before)
  }

  @Test func `a folder on a disk is no memory`() throws {
    let folder = NSTemporaryDirectory() + "yizhan-lease-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let site = try Site(on: ground, dice, leases: folder)
    try site.replica.visits(1)
    let before = try epochs(site)
    try site.reopen()
    try site.replica.visits(1)
    #expect(try epochs(site) != before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }
}
