import Bundles
import Causality
import Records
import Testing

@testable import Replica

/// What a refused delta leaves behind: nothing but whole valid pieces (P9).
@Suite struct RefusalTests {
  let ground: Ground
  let hub: Site
  let station: Site
  let dice = Seeded(1)

  init() throws {
    ground = try Ground()
    hub = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    station = try Site(on: ground, dice)
  }

  @Test func `a delta beyond what is held is a gap, and changes nothing`() throws {
    for partition in [Shelf.work, Shelf.log] {
      func write(_ count: Int) throws {
        if partition.section.holdsEvents {
          try station.replica.visits(count)
        } else {
          for index in 0..<count { try station.replica.note("\(index)", in: partition) }
        }
      }
      try write(2)
      let first = try station.replica.vector(partition)
      try write(3)
      let early = try Parcel(from: station.replica, [partition: first])
      let before = try hub.replica.dump(partition)
      #expect(try hub.replica.take(early).codes == ["gap"])
      #expect(try hub.replica.dump(partition) == before)
      #expect(try hub.replica.vector(partition).isEmpty)

      try hub.replica.take(Parcel(from: station.replica, [partition: .init()]))
      #expect(try hub.replica.dump(partition) == station.replica.dump(partition))
      #expect(try hub.replica.take(early).codes == [nil])
    }
    #expect(try hub.replica.alarmCodes().isEmpty)
  }

  @Test func `a gap in one partition keeps nothing from the others`() throws {
    try station.replica.note("a")
    let first = try station.replica.vector(Shelf.work)
    try station.replica.note("b")
    try station.replica.visits(3)
    let parcel = try Parcel(from: station.replica, [Shelf.work: first, Shelf.log: .init()])
    #expect(try hub.replica.take(parcel).codes == ["gap", nil])
    #expect(try hub.replica.dump(Shelf.log) == station.replica.dump(Shelf.log))
  }

  @Test func `a bundle that was merged already changes nothing`() throws {
    try station.replica.note("a")
    try station.replica.visits(3)
    let parcel = try Parcel(from: station.replica, [Shelf.work: .init(), Shelf.log: .init()])
    try hub.replica.take(parcel)
    try hub.replica.note("b")
    let before = try (hub.replica.dump(Shelf.work), hub.replica.dump(Shelf.log))
    let outcomes = try hub.replica.take(parcel)
    #expect(outcomes.isClean && outcomes.allSatisfy { $0.merged == 0 })
    #expect(try (hub.replica.dump(Shelf.work), hub.replica.dump(Shelf.log)) == before)
  }

  /// A delta whose second record claims a write that its target does not cover.
  private func overreaching(_ collection: String, _ fields: [String]) throws -> Parcel {
    let epoch = Epoch(bits: dice.next())
    let dot = Dot(epoch, 1)
    var manifest = Manifest(sender: Shelf.village, reader: Shelf.town)
    var delta = Delta(
      partition: Shelf.work, base: .init(), target: VersionVector(dot),
      targetChains: [ChainValue(low: 0, high: 0)],
      births: [
        Birth(
          epoch: epoch, author: Author(place: Shelf.village, role: .station), parents: .init())
      ])
    let layout = RecordLayout(
      collection: collection, fields: ([""] + fields).map { RecordLayout.Field(name: $0) })
    let records = [dot, Dot(epoch, 2)].map { id in
      WireRecord(
        layout: 0, id: id, vector: VersionVector(id),
        fields: [
          .init(
            name: 1,
            siblings: [Sibling(dot: id, time: HybridTime(bits: 9), value: .text("x"))])
        ])
    }
    let bytes = BundleCodec().encode(
      RecordPiece(layouts: [layout], records: records), into: &manifest)
    delta.pieces = [BundleCodec.piece(bytes)]
    manifest.deltas = [delta]
    return Parcel(manifest, [])
  }

  @Test func `names that only a refused delta brought are forgotten with it`() throws {
    #expect(
      try hub.replica.take(overreaching("leaflet", ["paper"])).codes == ["delta_malformed"])
    #expect(try hub.replica.take(overreaching("note", ["paper"])).codes == ["delta_malformed"])

    // The same names come again, and others before them, from one that knows them.
    let leaflet = RecordCollection("leaflet", in: [.work], [Field("paper", .latest)])
    let poster = RecordCollection("poster", in: [.work], [Field("size", .latest)])
    let note = RecordCollection(
      "note", in: [.work], Shelf.note.fields + [Field("ink", .latest), Field("paper", .latest)])
    let newer = try Site(
      on: ground, dice, schema: Schema(records: [note, poster, leaflet], events: []))
    try newer.replica.write { store in
      _ = try store.create(poster, in: Shelf.work, [("size", .integer(3))])
      _ = try store.create(leaflet, in: Shelf.work, [("paper", .text("thin"))])
      _ = try store.create(note, in: Shelf.work, [("ink", .text("red")), ("paper", .null)])
    }
    #expect(try hub.replica.pull([Shelf.work], from: newer.replica).isClean)
    #expect(try hub.replica.dump(Shelf.work) == newer.replica.dump(Shelf.work))
    try hub.reopen()
    #expect(try hub.replica.dump(Shelf.work) == newer.replica.dump(Shelf.work))
    #expect(try hub.replica.complaints([Shelf.work]).isEmpty)
  }

  @Test func `a refused delta does not end the transaction of the others`() throws {
    try station.replica.visits(2)
    let good = try Parcel(from: station.replica, [Shelf.log: .init()]).opened()
    let bad = try overreaching("note", ["title"]).opened()
    let codec = BundleCodec()
    try hub.replica.write { store in
      for opened in [bad, good] {
        _ = try store.merge(
          0, of: opened.manifest, codec: codec, catalogue: nil, content: opened)
      }
    }
    #expect(try hub.replica.dump(Shelf.log) == station.replica.dump(Shelf.log))
    #expect(try hub.replica.dump(Shelf.work).isEmpty)
  }
}
