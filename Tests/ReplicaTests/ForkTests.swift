import Bundles
import Causality
import GRDB
import Records
import Testing

@testable import Replica

/// P5 and P6: a rewritten past is found.
@Suite struct ForkTests {
  let ground: Ground
  let hub: Site
  let station: Site
  let dice = Seeded(3)

  init() throws {
    ground = try Ground()
    hub = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    station = try Site(on: ground, dice)
  }

  private func write(_ replica: Replica, _ text: String, _ partition: PartitionID) throws {
    if partition.section.holdsEvents {
      try replica.visits(1, who: text, in: partition)
    } else {
      try replica.note(text, in: partition)
    }
  }

  /// Two live replicas that go on in one epoch from its first write on, as after a snapshot of a
  /// running machine: nothing that a file can do, so the lease is forged.
  private func twins(_ partition: PartitionID) throws -> (Site, Site) {
    try write(station.replica, "common", partition)
    let leaf = try #require(try station.replica.vector(partition).entries.first)
    let twin = try Site(copy: try station.snapshot(), on: ground, dice)
    for site in [station, twin] {
      try site.replica.write { store in
        let number = try #require(try store.find(leaf.epoch)?.partition)
        try store.resume([Lease.Entry(partition: number, epoch: leaf.epoch, seen: leaf.sequence)])
      }
    }
    try write(station.replica, "one", partition)
    try write(twin.replica, "other", partition)
    return (station, twin)
  }

  @Test(arguments: [Shelf.work, Shelf.log])
  func `an epoch that two copies went on with is found at the first exchange`(
    _ partition: PartitionID
  ) throws {
    let (one, other) = try twins(partition)
    #expect(try one.replica.vector(partition) == other.replica.vector(partition))
    try hub.replica.pull([partition], from: one.replica)
    let before = try hub.replica.dump(partition)
    let told = try hub.replica.vector(partition)

    // Of the same length.
    let same = try Parcel(from: other.replica, [partition: .init()])
    #expect(try hub.replica.take(same).codes == ["fork"])
    // Longer, from what the hub said that it holds.
    try write(other.replica, "longer", partition)
    let longer = try Parcel(from: other.replica, [partition: told])
    #expect(try hub.replica.take(longer).codes == ["fork"])
    // In an epoch born from the fork.
    try other.reopen()
    try write(other.replica, "later", partition)
    let later = try Parcel(from: other.replica, [partition: told])
    #expect(try hub.replica.take(later).codes == ["fork"])

    #expect(try hub.replica.dump(partition) == before)
    #expect(Set(try hub.replica.alarmCodes()) == ["fork"])
    #expect(try hub.replica.complaints([partition]).isEmpty)
    // What is not forked still comes in.
    try write(one.replica, "good", partition)
    #expect(try hub.replica.pull([partition], from: one.replica).isClean)
    #expect(try hub.replica.dump(partition) == one.replica.dump(partition))
  }

  @Test(arguments: [Shelf.work, Shelf.log])
  func `the forked copy finds it too, and goes on under a new epoch`(
    _ partition: PartitionID
  ) throws {
    let (one, other) = try twins(partition)
    let forked = try #require(try other.replica.vector(partition).entries.first).epoch
    try hub.replica.pull([partition], from: one.replica)
    let outcomes = try other.replica.take(Parcel(from: hub.replica, [partition: .init()]))
    #expect(outcomes.codes == ["fork"])
    #expect(try other.replica.alarmCodes() == ["fork"])
    let before = try other.replica.vector(partition)[forked]
    try write(other.replica, "after", partition)
    #expect(try other.replica.vector(partition)[forked] <= before)
    #expect(try other.replica.dump(partition).contains { $0.contains("after") })
  }

  @Test func `a fork that an old base hides is found by the digests`() throws {
    let (one, other) = try twins(Shelf.work)
    let common = VersionVector(
      Dot(try #require(try one.replica.vector(Shelf.work).entries.first).epoch, 1))
    try hub.replica.pull([Shelf.work], from: one.replica)
    try other.replica.note("longer")
    let outcomes = try hub.replica.take(Parcel(from: other.replica, [Shelf.work: common]))
    #expect(try outcomes.codes == ["fork"] || hub.replica.alarmCodes() == ["digest_mismatch"])
  }

  @Test func `a birth that is told in two ways is a fork`() throws {
    try station.replica.note("a")
    try hub.replica.pull([Shelf.work], from: station.replica)
    let parcel = try Parcel(from: station.replica, [Shelf.work: .init()]).opened()
    var manifest = parcel.manifest
    let birth = manifest.deltas[0].births[0]
    manifest.deltas[0].births = [
      Birth(
        epoch: birth.epoch, author: Author(place: Shelf.otherVillage, role: .station),
        parents: birth.parents)
    ]
    let before = try hub.replica.dump(Shelf.work)
    #expect(try hub.replica.take(Parcel(manifest, parcel.following)).codes == ["fork"])
    #expect(try hub.replica.dump(Shelf.work) == before)
    #expect(Set(try hub.replica.alarmCodes()) == ["fork"])
  }

  // MARK: Tampering

  private func tamper(_ site: Site, _ sql: String) throws {
    try site.whileClosed { path in
      let queue = try DatabaseQueue(path: path)
      try queue.write { db in
        try db.execute(sql: sql)
        #expect(db.changesCount > 0, "\(sql) changed nothing")
      }
      try queue.close()
    }
  }

  @Test(arguments: [
    "UPDATE visit SET score = score + 1 WHERE who = '王'",
    "UPDATE visit SET who = '李'", "UPDATE visit SET about = 1 WHERE score = 2",
    "UPDATE visit SET at = NULL WHERE score = 3", "DELETE FROM visit WHERE score = 1",
    "UPDATE visit SET id = id + 10 WHERE id = (SELECT max(id) FROM visit)",
    "UPDATE epoch SET seen = seen - 1 WHERE seen = 5",
    "UPDATE epoch SET parents = x'00', author = 7",
  ])
  func `an event that was altered beneath is found`(_ sql: String) throws {
    try station.replica.visits(5)
    try station.reopen()
    try station.replica.visits(2)
    #expect(try station.replica.complaints([Shelf.log]).isEmpty)
    try tamper(station, sql)
    #expect(try !station.replica.complaints([Shelf.log]).isEmpty)
  }

  @Test(arguments: [
    "UPDATE note SET title = 'x' WHERE title = 'a'", "UPDATE note SET count = 7",
    "UPDATE note SET deleted = 1", "UPDATE note SET conflict = 1", "UPDATE note SET partition = 99",
    "DELETE FROM note WHERE title = 'b'", "UPDATE note SET link = 3 WHERE title = 'b'",
    """
    UPDATE note SET state = (SELECT state FROM note WHERE title = 'b') WHERE title = 'a'
    """,
    "UPDATE partition SET digest = zeroblob(16)", "DELETE FROM written",
    "UPDATE written SET record = record + 1", "UPDATE note SET state = x'0101'",
  ])
  func `a record that was altered beneath is found`(_ sql: String) throws {
    let dot = try station.replica.note("a")
    try station.replica.note("b")
    try station.replica.retitle(dot, "a")
    #expect(try station.replica.complaints([Shelf.work]).isEmpty)
    try tamper(station, sql)
    #expect(try !station.replica.complaints([Shelf.work]).isEmpty)
  }

  @Test func `equal vectors over unequal content are an alarm`() throws {
    let dot = try station.replica.note("a")
    try hub.replica.pull([Shelf.work], from: station.replica)
    // The content changes beneath; the next edit of the record carries it into the digest.
    try tamper(hub, "UPDATE note SET state = (SELECT state FROM note LIMIT 1)")
    try tamper(hub, "UPDATE partition SET digest = zeroblob(16)")
    try station.replica.retitle(dot, "b")
    let parcel = try Parcel(from: station.replica, [Shelf.work: try hub.replica.vector(Shelf.work)])
    #expect(try hub.replica.take(parcel).isClean)
    #expect(try hub.replica.alarmCodes() == ["digest_mismatch"])
    // And again with a bundle of which everything is held.
    #expect(try hub.replica.take(parcel).isClean)
    #expect(try hub.replica.alarmCodes() == ["digest_mismatch"])
  }
}
