import Causality
import Foundation
import Records
import Testing

@testable import Replica

/// Full and read-only disks: an error with its code, nothing lost, and all well again afterwards.
@Suite struct DiskTests {
  let ground: Ground
  let dice = Seeded(7)

  init() throws { ground = try Ground() }

  private func replica(at path: String, access: Replica.Access = .readWrite) throws -> Replica {
    try Replica.open(
      at: path, access: access, schema: Shelf.schema, surroundings: Site.surroundings(dice))
  }

  private func newReplica(at path: String) throws -> Replica {
    try Replica.create(
      at: path, as: Identity(Author(place: Shelf.village, role: .station)), schema: Shelf.schema,
      surroundings: Site.surroundings(dice))
  }

  /// Writes until it fails, and returns the code of the failure.
  private func writeUntilFull(_ replica: Replica) -> ReplicaError.Code? {
    for number in 0..<2000 {
      do {
        try replica.note("note \(number) " + String(repeating: "x", count: 200))
        try replica.visits(20)
      } catch { return (error as? ReplicaError)?.code }
    }
    return nil
  }

  private func dumps(_ replica: Replica) throws -> [String] {
    try replica.dump(Shelf.work) + replica.dump(Shelf.log)
  }

  /// What was there is there, and it goes on in another epoch.
  private func expectWhole(_ replica: Replica, _ before: [String]) throws {
    #expect(try dumps(replica) == before)
    #expect(try replica.complaints([Shelf.work, Shelf.log]).isEmpty)
    let old = try replica.vector(Shelf.work)
    try replica.note("after")
    try replica.visits(1)
    #expect(try replica.vector(Shelf.work).entries.allSatisfy { old[$0.epoch] == 0 })
    #expect(try replica.complaints([Shelf.work, Shelf.log]).isEmpty)
    #expect(try replica.integrity().isEmpty)
  }

  private func setPagesMax(_ replica: Replica, _ pages: Int) throws {
    try replica.read { store in
      let pragma = try store.statement("PRAGMA max_page_count = \(pages)")
      defer { pragma.reset() }
      _ = try pragma.step()
    }
  }

  @Test func `a database that may not grow says that the disk is full`() throws {
    let replica = try newReplica(at: ground.newPath())
    try replica.note("a")
    try setPagesMax(replica, 1)
    #expect(writeUntilFull(replica) == .diskFull)
    let before = try dumps(replica)
    expect(.diskFull) { try replica.visits(5000) }
    #expect(try dumps(replica) == before)

    // What others send does not fit either.
    let other = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    try other.replica.visits(5000, in: PartitionID(Shelf.town, .log))
    let partition = PartitionID(Shelf.town, .log)
    expect(.diskFull) { try replica.pull([partition], from: other.replica) }
    #expect(try replica.dump(partition).isEmpty)

    try setPagesMax(replica, 1 << 30)
    try expectWhole(replica, before)
    #expect(try replica.pull([partition], from: other.replica).isClean)
    #expect(try replica.dump(partition) == other.replica.dump(partition))
  }

  @Test(
    .enabled(if: SmallDisk.isAllowed, "needs to mount a small file system"),
    arguments: [0, 4096, 20_000, 60_000])
  func `on a full disk nothing is lost`(_ left: Int) throws {
    let disk = try SmallDisk(kilobytes: 4096)
    let path = disk.folder + "/yizhan.db"
    let replica = try newReplica(at: path)
    for number in 0..<20 { try replica.note("\(number)") }
    try disk.fill(leaving: left)
    #expect(writeUntilFull(replica) == .diskFull)
    let before = try dumps(replica)
    #expect(writeUntilFull(replica) == .diskFull)
    #expect(try dumps(replica) == before)
    try disk.empty()
    try expectWhole(replica, before)
    try replica.close()
  }

  @Test(.enabled(if: SmallDisk.isAllowed, "needs to mount a small file system"))
  func `opening and closing on a full disk loses nothing`() throws {
    let disk = try SmallDisk(kilobytes: 4096)
    let path = disk.folder + "/yizhan.db"
    let first = try newReplica(at: path)
    for number in 0..<20 { try first.note("\(number)") }
    try disk.fill(leaving: 0)
    let before = try dumps(first)
    // Closing moves the last writes into the database, which may not find room.
    try? first.close()
    do {
      let second = try replica(at: path)
      #expect(writeUntilFull(second) == .diskFull)
      try? second.close()
    } catch let error as ReplicaError { #expect(error.code == .diskFull, "\(error)") }
    expect(.diskFull) { try newReplica(at: disk.folder + "/other.db") }
    try disk.empty()
    let third = try replica(at: path)
    try expectWhole(third, before)
    try third.close()
  }

  @Test(.enabled(if: SmallDisk.isAllowed, "needs to mount a read-only file system"))
  func `a read-only folder is named as such`() throws {
    let disk = try SmallDisk(kilobytes: 4096)
    let path = disk.folder + "/村 50%?#.db"
    let first = try newReplica(at: path)
    try first.note("a")
    let before = try dumps(first)
    try first.close()
    try disk.remount(.readOnly)
    expect(.readOnly) { try replica(at: path).note("b") }
    expect(.readOnly) { try newReplica(at: disk.folder + "/other.db") }
    // Beside a writer it cannot be read, since the log's index cannot be made; alone it can.
    expect(.readOnly) { try replica(at: path, access: .readOnly) }
    let reader = try replica(at: path, access: .immutable)
    #expect(try dumps(reader) == before)
    expect(.readOnly) { try reader.note("b") }
    #expect(try reader.integrity().isEmpty)
    try reader.close()
    try disk.remount(.readWrite)
    try expectWhole(try replica(at: path), before)
  }

  @Test func `a reader cannot write`() throws {
    let site = try Site(on: ground, dice)
    try site.replica.note("a")
    let reader = try replica(at: site.path, access: .readOnly)
    expect(.readOnly) { try reader.note("b") }
    // It reads on beside whoever writes, and sees what is written.
    try site.replica.note("c")
    #expect(try reader.dump(Shelf.work) == site.replica.dump(Shelf.work))
    #expect(try reader.complaints([Shelf.work]).isEmpty)
    try reader.close()
  }
}
