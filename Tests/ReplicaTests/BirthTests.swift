import Bundles
import Causality
import Records
import Testing

@testable import Replica

/// P4: which epoch a write is made in, and how births are known again.
@Suite struct BirthTests {
  let ground: Ground
  let site: Site
  let dice = Seeded(2)

  init() throws {
    ground = try Ground()
    site = try Site(on: ground, dice)
  }

  private func leaf(_ partition: PartitionID = Shelf.work) throws -> Epoch {
    let entries = try site.replica.vector(partition).entries
    try #require(entries.count == 1)
    return entries[0].epoch
  }

  @Test func `each opening that writes has an epoch of its own, and reading begins none`() throws {
    try site.replica.note("a")
    let first = try leaf()
    try site.replica.note("b")
    #expect(try leaf() == first)
    try site.reopen()
    #expect(try site.replica.dump(Shelf.work).count > 2)
    #expect(try leaf() == first)
    try site.replica.note("c")
    #expect(try leaf() != first)
    let births = try Parcel(from: site.replica, [Shelf.work: .init()])
      .opened().manifest.deltas[0].births
    #expect(births.map(\.parents) == [.init(), VersionVector(Dot(first, 2))])
  }

  @Test func `partitions have epochs of their own`() throws {
    try site.replica.note("a")
    try site.replica.note("b", in: Shelf.notices)
    #expect(try leaf() != leaf(Shelf.notices))
  }

  @Test func `after a failed write another epoch is begun`() throws {
    struct Vain: Error {}
    try site.replica.note("a")
    let first = try leaf()
    let dump = try site.replica.dump(Shelf.work)
    #expect(throws: Vain.self) {
      try site.replica.write { store in
        _ = try store.create(Shelf.note, in: Shelf.work, [("title", .text("vain"))])
        _ = try store.log(Shelf.meter, in: Shelf.log, [.integer(1), .null, .null])
        throw Vain()
      }
    }
    #expect(try site.replica.dump(Shelf.work) == dump)
    #expect(try site.replica.dump(Shelf.log).isEmpty)
    try site.replica.note("b")
    #expect(try leaf() != first)
    #expect(try site.replica.complaints([Shelf.work, Shelf.log]).isEmpty)
  }

  @Test func `epochs that were named before their births are known still make sense`() throws {
    let people = Shelf.people
    // The people partition has a line of three epochs, and an event names something in another.
    for text in ["a", "b", "c"] {
      try site.replica.write {
        _ = try $0.create(Shelf.slip, in: people, [("text", .text(text))])
      }
      try site.reopen()
    }
    let named = try #require(try site.replica.vector(people).entries.first).dot
    try site.replica.write {
      _ = try $0.log(Shelf.visit, in: Shelf.log, [.null, .null, .dot(named), .null])
    }
    let hub = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    // The log comes first, and the people after it.
    #expect(try hub.replica.pull([Shelf.log, people], from: site.replica).isClean)
    try hub.reopen()
    try hub.replica.write {
      _ = try $0.create(Shelf.slip, in: people, [("text", .text("d"))])
    }
    #expect(try site.replica.pull([people], from: hub.replica).isClean)
    #expect(try site.replica.dump(people) == hub.replica.dump(people))
  }

  @Test func `a replica of which nothing is held dumps like one that never met it`() throws {
    try site.replica.write { store in
      try store.setMark(
        of: Shelf.town, Shelf.work, PeerMark(received: VersionVector(Dot(Epoch(bits: 5), 1))))
    }
    #expect(try site.replica.dump(Shelf.work) == site.replica.dump(Shelf.people))
  }

  @Test func `an own epoch that others know more of is not gone on with`() throws {
    for partition in [Shelf.work, Shelf.log] {
      func write(_ replica: Replica) throws {
        if partition.section.holdsEvents {
          try replica.visits(1, in: partition)
        } else {
          try replica.note("n", in: partition)
        }
      }
      try write(site.replica)
      let copy = try site.snapshot()
      // A snapshot of the memory of a running machine: the copy goes on in the open epoch.
      try write(site.replica)
      let open = try site.replica.vector(partition)
      let behind = try site.snapshot()
      _ = copy
      let twin = try Site(copy: behind, on: ground, dice)
      try resume(site, open, partition)
      try resume(twin, open, partition)
      try write(site.replica)
      try write(site.replica)
      let ahead = try site.replica.vector(partition)
      #expect(try twin.replica.pull([partition], from: site.replica).isClean)
      try write(twin.replica)
      let after = try twin.replica.vector(partition)
      #expect(after.entries.allSatisfy { ahead[$0.epoch] == 0 })
      #expect(try site.replica.pull([partition], from: twin.replica).isClean)
      #expect(try site.replica.dump(partition) == twin.replica.dump(partition))
    }
  }

  /// Goes on with the epoch of the one leaf, as a lease would allow.
  private func resume(
    _ site: Site, _ vector: VersionVector, _ partition: PartitionID
  ) throws {
    let leaf = try #require(vector.entries.first)
    try site.replica.write { store in
      let live = try #require(try store.find(leaf.epoch))
      let number = try #require(live.partition)
      try store.resume([Lease.Entry(partition: number, epoch: leaf.epoch, seen: leaf.sequence)])
      #expect(store.ownEpochs[number] != nil)
    }
  }
}
