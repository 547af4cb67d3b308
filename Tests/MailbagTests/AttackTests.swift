import Bundles
import Causality
import Exchange
import Foundation
import Records
import Replica
import Testing
import Trust
import Village

@testable import Mailbag

/// What a station or a hub could send whose keys are good and whose program is not (P18).
@Suite struct AttackTests {
  /// Gives `to` a delta as the neighbour `from` would.
  private func give(_ manifest: Manifest, _ from: Office, _ to: Office) throws -> [String] {
    try to.replica.write { store in
      let neighbour = try #require(try Neighbours.find(store, from.place))
      return try PeerSession(neighbour).merge(
        manifest, try MemoryBundle(plain: BundleHead.serialized(manifest)), by: .stick,
        codec: BundleCodec(), store
      ).map { $0.complaint?.code ?? "" }
    }
  }

  private func held(_ office: Office, _ partition: PartitionID) throws -> VersionVector {
    try office.replica.read { try $0.summary(partition).vector }
  }

  private func delta(
    _ partition: PartitionID, _ base: VersionVector, _ target: VersionVector, _ births: [Birth] = []
  ) -> Delta {
    Delta(
      partition: partition, base: base, target: target, baseChains: base.entries.map { _ in 0 },
      targetChains: target.entries.map { _ in ChainValue(low: 0, high: 0) }, births: births)
  }

  private func send(_ country: Country, _ from: Office, to: Office) throws -> [String] {
    let stick = try country.stick()
    try from.export(to: stick, for: to.place)
    return try to.take(stick).flatMap {
      [$0.refusal?.code].compactMap { $0 } + $0.outcomes.compactMap(\.complaint?.code)
    }
  }

  @Test func `who claims to have seen writes and brings none hides nothing`() throws {
    let county = try County()
    let (top, town, station) = (county.top, county.towns[0], county.stations[0])
    try top.item("seen", in: top.notices)
    try county.settle()
    var target = try held(town, top.notices)
    for entry in target.entries { target.insert(Dot(entry.epoch, 1000)) }
    var manifest = Manifest(sender: station.place, reader: town.place, number: 99, made: 1)
    manifest.deltas = [delta(top.notices, try held(town, top.notices), target)]
    #expect(try give(manifest, station, town) == ["delta_malformed"])
    try top.item("later", in: top.notices)
    try county.settle()
    for office in [town, station] {
      #expect(try office.dump([top.notices]).contains { $0.contains("later") })
    }
    try county.expectWell()
  }

  @Test func `two records of one id are answered each`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let base = try held(hub, station.notices)
    let epoch = Epoch(bits: 1)
    let vector = VersionVector(Dot(epoch, 1))
    func values(_ texts: [String]) -> [WireRecord.Field] {
      texts.enumerated().map { index, text in
        .init(
          name: index + 1,
          siblings: [
            Sibling(dot: Dot(epoch, 1), time: HybridTime(bits: 1 << 40), value: .text(text))
          ])
      }
    }
    var manifest = Manifest(sender: station.place, reader: hub.place, number: 99, made: 1)
    manifest.deltas = [
      delta(
        station.notices, base, vector,
        [Birth(epoch: epoch, author: Author(place: station.place, role: .station), parents: base)])
    ]
    let names = ["code", "name", "role"]
    let piece = RecordPiece(
      layouts: [
        RecordLayout(collection: "programme", fields: [.init(name: ""), .init(name: "code")]),
        RecordLayout(collection: "place", fields: ([""] + names).map { .init(name: $0) }),
      ],
      records: [
        WireRecord(layout: 0, id: Dot(epoch, 1), vector: vector, fields: values(["x"])),
        WireRecord(
          layout: 1, id: Dot(epoch, 1), vector: vector,
          fields: values([station.code.dotted, "MINE", "hub"])),
      ])
    manifest.deltas[0].pieces = [BundleCodec.piece(BundleCodec().encode(piece, into: &manifest))]
    manifest = try Manifest(unsealed: manifest.bytes)
    #expect(try give(manifest, station, hub) == ["not_owner"])
    let place = try hub.replica.read { try Places.recorded($0, station.place) }
    #expect(place?.role == .station)
    #expect(place?.name != "MINE")
  }

  @Test func `what was overwritten and deleted at once comes back as it was`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let before = try #require(try hub.replica.read { try Places.recorded($0, station.place) })
    try station.replica.write { store in
      let record = try #require(try store.records(Village.place, in: station.notices).first)
      try store.update(
        Village.place, record.id, in: station.notices,
        ["code", "name", "role", "hub"].map { ($0, .text("junk")) })
      try store.delete(Village.place, record.id, in: station.notices)
    }
    #expect(try send(country, station, to: hub) == ["not_owner"])
    #expect(try hub.replica.read { try Places.recorded($0, station.place) } == before)
    try country.round(station)
    try country.expectEqual(station)
  }

  @Test func `what is rightly deleted stays so, whoever deletes it too`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let report = try hub.replica.write {
      try $0.create(Village.report, in: station.work, [("month", .text("2026-03"))])
    }
    try country.round(station)
    try hub.replica.write { try $0.delete(Village.report, report, in: station.work) }
    try station.replica.write { try $0.delete(Village.report, report, in: station.work) }
    _ = try send(country, station, to: hub)
    #expect(try hub.replica.read { try $0.records(Village.report, in: station.work) }.isEmpty)
  }

  @Test func `what the old hub wrote stands wherever a station goes`() throws {
    let county = try County()
    let (top, old, new, station) = (
      county.top, county.towns[0], county.towns[1], county.stations[0]
    )
    try county.settle()
    try county.move(station, to: new, "34.01.23.110.207")
    try county.country.tour([top, old])
    let item = try old.item("by the old hub", in: station.work)
    try county.country.tour([old, station, old, station])
    try county.country.tour([top, new, station, new])
    // The new hub reaches the county before the old one does.
    try county.country.tour([new, top])
    for _ in 0..<3 { try county.settle() }
    for office in [top, new, station] {
      let record = try office.replica.read { try $0.record(Village.planItem, item) }
      #expect(record?.isDeleted == false)
    }
  }

  @Test func `a hub cannot delete its own record, nor write those of places that left it`() throws {
    let county = try County()
    let (top, old, new, station) = (
      county.top, county.towns[0], county.towns[1], county.stations[0]
    )
    try county.settle()
    try county.move(station, to: new, "34.01.23.110.207")
    for _ in 0..<3 { try county.settle() }
    try old.replica.write { store in
      let own = try #require(try store.records(Village.place, in: old.notices).first)
      try store.delete(Village.place, own.id, in: old.notices)
      let other = try #require(try store.records(Village.place, in: station.notices).first)
      try store.update(
        Village.place, other.id, in: station.notices,
        [("certificate", .text("ffffffffffffffff AAAA")), ("role", .text("hub"))])
    }
    for _ in 0..<2 { try county.settle() }
    #expect(try top.replica.read { try Places.recorded($0, old.place) }?.role == .hub)
    for office in [top, new] {
      let known = try office.replica.read { try Places.recorded($0, station.place) }
      #expect(known?.role == .station)
      #expect(known?.publicKeys != nil)
    }
  }

  @Test func `a hub cannot say of a place elsewhere that it has been put under it`() throws {
    let county = try County()
    let (top, evil, station) = (county.top, county.towns[1], county.stations[0])
    try county.settle()
    func carry(
      _ from: Office, _ to: Office, _ base: VersionVector,
      _ merge: (Manifest, MemoryBundle, Store) throws -> [MergeOutcome]
    ) throws -> [String] {
      let spool = MemorySpool()
      let order = BundleOrder(
        reader: to.place, parts: [.init(partition: station.notices, base: base)], number: 99,
        made: 1)
      let manifest = try from.replica.write {
        try $0.compose(order, codec: BundleCodec(), spool: spool)
      }
      let content = try MemoryBundle(plain: BundleHead.serialized(manifest) + spool.bytes)
      return try to.replica.write { try merge(manifest, content, $0) }.map {
        $0.complaint?.code ?? ""
      }
    }
    // It has read the record somewhere.
    let codes = try carry(top, evil, VersionVector()) { manifest, content, store in
      [
        try store.merge(
          0, of: manifest, codec: BundleCodec(), catalogue: nil, content: content)
      ]
    }
    #expect(codes == [""])
    let before = try top.dump([station.notices])
    try evil.replica.write { store in
      let record = try #require(try store.records(Village.place, in: station.notices).first)
      let id = Value.text(evil.place.description)
      try store.update(
        Village.place, record.id, in: station.notices, [("hub", id), ("hubs", id), ("reached", id)])
    }
    let answer = try carry(evil, top, held(top, station.notices)) { manifest, content, store in
      let neighbour = try #require(try Neighbours.find(store, evil.place))
      return try PeerSession(neighbour).merge(
        manifest, content, by: .stick, codec: BundleCodec(), store)
    }
    #expect(answer == ["not_owner"])
    #expect(try top.dump([station.notices]) == before)
  }

  @Test func `what a hub answers in the same transaction travels with its proof`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let turn = Turn(BundleCodec())
    func exchange() throws -> [String] {
      let up = try station.replica.write { store in
        try turn.write(to: #require(try Neighbours.above(store)), store)
      }
      let (down, codes) = try hub.replica.write { store in
        let taken = try turn.take(try SealedBytes(up.bytes), store)
        return (try turn.write(to: taken.sender, store), taken.refusals.map(\.code))
      }
      _ = try station.replica.write { try turn.take(try SealedBytes(down.bytes), $0) }
      return codes
    }
    let backup = country.folder + "/backup.db"
    _ = try exchange()
    try hub.backUp(to: backup)
    try station.replica.write { store in
      let record = try #require(try store.records(Village.place, in: station.notices).first)
      try store.update(Village.place, record.id, in: station.notices, [("name", .text("mine"))])
    }
    #expect(try exchange() == ["not_owner"])
    for _ in 0..<2 { #expect(try exchange().isEmpty) }
    try hub.restore(backup)
    for _ in 0..<3 { #expect(Set(try exchange()).isSubset(of: ["gap", "not_owner"])) }
    #expect(try exchange().isEmpty)
    try country.expectEqual(station)
  }

  @Test func `proofs that nobody could have made take no good ones' place`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let item = try hub.item("p", in: hub.notices)
    try country.round(station)
    let base = try held(hub, hub.notices)
    let epoch = Epoch(bits: 9)
    var manifest = Manifest(sender: station.place, reader: hub.place, number: 99, made: 1)
    manifest.deltas = [
      delta(
        hub.notices, base, VersionVector(Dot(epoch, 1)),
        [Birth(epoch: epoch, author: Author(place: station.place, role: .station), parents: base)])
    ]
    manifest.deltas[0].proofs = [
      Proof(
        epoch: item.epoch, first: 1, last: 1 << 30, count: 7,
        signature: [UInt8](repeating: 1, count: 64))
    ]
    manifest = try Manifest(unsealed: manifest.bytes)
    #expect(try give(manifest, station, hub) == ["delta_malformed"])
    let order = BundleOrder(
      reader: station.place, parts: [.init(partition: hub.notices, base: VersionVector())],
      number: 1, made: 1)
    let sent = try hub.replica.write {
      try $0.compose(order, codec: BundleCodec(), spool: MemorySpool())
    }
    #expect(sent.deltas[0].proofs.allSatisfy { $0.last < 1000 })
  }

  @Test func `who was put under another hub by hand keeps what its old hub wrote`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let item = try hub.item("by the old hub", in: station.work)
    try country.round(station)
    try station.play(2)
    let other = try Country(Seeded(77), stations: [])
    try other.hub.loseKeys()
    try other.join(station, to: other.hub, .station)
    for _ in 0..<3 {
      _ = try send(country, station, to: other.hub)
      _ = try send(country, other.hub, to: station)
    }
    #expect(try other.hub.replica.read { try $0.eventCount(in: station.log) } == 2)
    // What nobody proves waits until somebody has looked at it.
    let waiting = try Aside(other.hub.aside).items().filter { $0.code == "not_proven" }
    let last = try #require(waiting.last)
    _ = try Aside(other.hub.aside).accept(last.name, other.hub.replica, codec: BundleCodec())
    let record = try other.hub.replica.read { try $0.record(Village.planItem, item) }
    #expect(record?.isDeleted == false)
  }
}
