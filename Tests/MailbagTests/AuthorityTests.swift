import Bundles
import Causality
import Exchange
import Foundation
import GRDB
import Records
import Replica
import Testing
import Trust
import Village

@testable import Mailbag

/// Who may write what is asked where it is merged (P18).
@Suite struct AuthorityTests {
  @Test func `what a place may not read is not sent, and what it may not write is taken back`()
    throws
  {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    func allow(_ reads: Set<Section>, _ writes: Set<Section>) throws {
      let rights = try #require(Rights(reads: reads, writes: writes))
      try hub.replica.write { store in
        let place = try #require(try Places.find(store, id: station.place))
        try Keyring.allow(place, rights, store)
      }
      try country.tour([hub, station, hub])
    }
    try allow(Set(Section.allCases), [.log])
    let item = try station.item("not allowed", in: station.work)
    try country.tour([station, hub, station, hub, station])
    for office in [hub, station] {
      let record = try office.replica.read { try $0.record(Village.planItem, item) }
      #expect(record?.isDeleted == true)
    }
    try allow([.public, .log], [.log])
    let before = try station.dump([station.work])
    try hub.item("not for the station", in: station.work)
    try station.play(1)
    try country.tour([hub, station, hub, station])
    #expect(try station.dump([station.work]) == before)
    #expect(try hub.dump([station.log]) == station.dump([station.log]))
    try allow(Set(Section.allCases), Set(Section.allCases))
    try country.tour([hub, station, hub])
    #expect(try station.dump([station.work]) == hub.dump([station.work]))
  }

  private func codes(_ reports: [ImportReport]) -> [String] {
    reports.flatMap {
      [$0.refusal?.code].compactMap { $0 }
        + $0.outcomes.flatMap {
          [$0.refusal?.code].compactMap { $0 } + $0.answered.map(\.code)
        }
    }
  }

  private func send(_ country: Country, _ from: Office, to: Office) throws -> [String] {
    let stick = try country.stick()
    try from.export(to: stick, for: to.place)
    return codes(try to.take(stick))
  }

  private func rejections(_ office: Office) throws -> [Rejections.Rejection] {
    try office.replica.read { try Rejections.all($0) }
  }

  private func place(_ station: Office, at office: Office) throws -> Place? {
    try office.replica.read { try Places.recorded($0, station.place) }
  }

  @Test func `a station cannot make itself a hub, and learns what became of it`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    try station.play(3)
    try station.item("own", in: station.work)
    try station.replica.write { store in
      let record = try #require(
        try store.records(Village.place, in: station.notices).first)
      try store.update(
        Village.place, record.id, in: station.notices,
        [("role", .text("hub")), ("name", .text("mine"))])
    }
    #expect(try send(country, station, to: hub) == ["not_owner"])
    let known = try #require(try place(station, at: hub))
    #expect(known.role == .station)
    #expect(known.name != "mine")
    // What it may write is there all the same.
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 3)
    #expect(try hub.dump([station.work]).contains { $0.contains("own") })
    _ = try send(country, hub, to: station)
    let told = try #require(try rejections(station).first)
    #expect(told.code == "not_owner")
    #expect(told.collection == "place")
    #expect(told.content.contains("mine"))
    #expect(try place(station, at: station)?.name == known.name)
    try country.round(station)
    try country.expectEqual(station)
  }

  @Test func `a station cannot write what is of hubs alone, nor take it away`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let forged = try station.replica.write { store in
      try store.create(
        Village.report, in: station.work, [("month", .text("2026-03")), ("lines", .text("x"))])
    }
    #expect(try send(country, station, to: hub) == ["not_owner"])
    #expect(try hub.replica.read { try $0.records(Village.report, in: station.work) }.isEmpty)
    _ = try send(country, hub, to: station)
    #expect(
      try station.replica.read { try $0.record(Village.report, forged)?.isDeleted } == true)
    // It takes away what told it so, and gets it back.
    try station.replica.write { store in
      let told = try #require(try store.records(Village.rejection, in: station.work).first)
      try store.delete(Village.rejection, told.id, in: station.work)
    }
    #expect(try send(country, station, to: hub) == ["not_owner"])
    #expect(try rejections(hub).contains { $0.content.contains("2026-03") })
    try country.round(station)
    try country.expectEqual(station)
  }

  @Test func `what a station writes in its township's name is refused, and its own goes on`() throws
  {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let item = try hub.item("plan", in: hub.notices)
    try country.round(station)
    try station.retitle(item, "mine", in: hub.notices)
    try station.play(2)
    try station.item("own", in: station.work)
    #expect(try send(country, station, to: hub) == ["not_owner"])
    #expect(try hub.replica.read { try $0.record(Village.planItem, item)?.text("title") } == "plan")
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 2)
    #expect(try hub.dump([station.work]).contains { $0.contains("own") })
  }

  /// A machine that calls itself the hub and writes at the station, as a station's owner could.
  private func forge(
    _ country: Country, as code: PlaceCode, in partition: PartitionID, into station: Office
  ) throws {
    let evil = try Office(country.folder + "/evil-\(UUID().uuidString)", code, .hub, country.dice)
    let item = try evil.item("forged", in: partition)
    _ = item
    try station.replica.write { store in
      try evil.replica.write { source in
        let spool = MemorySpool()
        let order = BundleOrder(
          reader: station.place, parts: [.init(partition: partition, base: VersionVector())],
          number: 1, made: 1)
        let manifest = try source.compose(order, codec: BundleCodec(), spool: spool)
        let outcome = try store.merge(
          0, of: manifest, codec: BundleCodec(), catalogue: nil,
          content: try MemoryBundle(plain: BundleHead.serialized(manifest) + spool.bytes))
        #expect(outcome.refusal == nil)
      }
    }
  }

  @Test func `what is said to be the hub's own must be proven`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    try forge(country, as: hub.code, in: station.work, into: station)
    try station.play(2)
    #expect(try station.dump([station.work]).contains { $0.contains("forged") })
    #expect(try send(country, station, to: hub) == ["not_proven"])
    // It may be right, if secrets were lost: it is kept aside, and what is proven or needs no proof goes on.
    #expect(try hub.dump([station.work]).allSatisfy { !$0.contains("forged") })
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 2)
    let item = try #require(try Aside(hub.aside).items().first)
    #expect(item.code == "not_proven")
    _ = try Aside(hub.aside).accept(item.name, hub.replica, codec: BundleCodec())
    #expect(try hub.dump([station.work]).contains { $0.contains("forged") })
    try country.round(station)
    try country.expectEqual(station)
    // In what is the hub's alone it is not even taken back.
    try forge(country, as: hub.code, in: hub.notices, into: station)
    #expect(try send(country, station, to: hub) == ["not_proven"])
    #expect(try hub.dump([hub.notices]).allSatisfy { !$0.contains("forged") })
  }

  @Test func `a hub below speaks for what is below it, and for nothing else`() throws {
    let county = try County()
    let (town, other, station) = (county.towns[0], county.towns[1], county.stations[0])
    try county.settle()
    try forge(county.country, as: other.code, in: station.work, into: town)
    let stick = try county.country.stick()
    try town.export(to: stick)
    #expect(codes(try county.top.take(stick)) == ["not_owner"])
    #expect(try county.top.dump([station.work]).allSatisfy { !$0.contains("forged\"") })
    // Its own record is the county's.
    try town.replica.write { store in
      let record = try #require(try store.records(Village.place, in: town.notices).first)
      try store.update(
        Village.place, record.id, in: town.notices, [("name", .text("capital"))])
    }
    let second = try county.country.stick()
    try town.export(to: second)
    #expect(codes(try county.top.take(second)).contains("not_owner"))
    #expect(try place(town, at: county.top)?.name != "capital")
  }

  @Test
  func `what is public of a place is not believed from below, whoever is said to have said it`()
    throws
  {
    let county = try County()
    let (town, station) = (county.towns[0], county.stations[0])
    try county.settle()
    try forge(county.country, as: county.top.code, in: station.notices, into: station)
    try station.play(2)
    let stick = try county.country.stick()
    try station.export(to: stick)
    #expect(codes(try town.take(stick)) == ["gap"], "it must come from the county")
    #expect(try town.dump([station.notices]).allSatisfy { !$0.contains("forged") })
    #expect(try town.replica.read { try $0.eventCount(in: station.log) } == 2)
    // Somebody unknown is not above the place, and its hub takes that back.
    let nobody = try #require(PlaceCode("34.09"))
    try forge(county.country, as: nobody, in: county.stations[1].notices, into: county.stations[1])
    let second = try county.country.stick()
    try county.stations[1].export(to: second)
    #expect(codes(try county.towns[1].take(second)) == ["not_owner"])
    #expect(
      try county.towns[1].replica.read {
        try $0.records(Village.planItem, in: county.stations[1].notices)
      }.isEmpty)
  }

  @Test func `what two hubs have lost comes back from a station, if nothing of it was changed`()
    throws
  {
    let county = try County()
    let (top, town, station) = (county.top, county.towns[0], county.stations[0])
    try county.settle()
    let backups = [top, town].map { "\(county.country.folder)/\($0.place).db" }
    try top.backUp(to: backups[0])
    try town.backUp(to: backups[1])
    let notices = PartitionID(town.place, .public)
    try top.item("of the county", in: notices)
    try county.settle()
    let held = try station.dump([notices])
    for (office, backup) in zip([top, town], backups) {
      try office.restore(backup)
      try office.replica.write { try PeerSession.mistrustAll($0) }
    }
    try county.country.tour([town, station])
    let whole = county.country.folder + "/whole.db"
    try station.backUp(to: whole)
    for sql in [
      "UPDATE proof SET signature = zeroblob(64)", "UPDATE proof SET count = count + 1",
      "DELETE FROM proof",
    ] {
      try station.whileClosed { path in
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
      }
      let stick = try county.country.stick()
      try station.export(to: stick)
      #expect(codes(try town.take(stick)) == ["gap"], "\(sql)")
      #expect(try town.dump([notices]).allSatisfy { !$0.contains("of the county") }, "\(sql)")
      try station.restore(whole)
    }
    try county.settle()
    #expect(held.contains { $0.contains("of the county") })
    for office in [top, town, station] { #expect(try office.dump([notices]) == held) }
    try county.expectWell()
  }

  @Test func `two hubs that were set back learn how far an epoch went of which nothing is left`()
    throws
  {
    let county = try County()
    let (top, town, station) = (county.top, county.towns[0], county.stations[0])
    let notices = PartitionID(town.place, .public)
    let item = try town.item("first", in: notices)
    try county.settle()
    let backups = [top, town].map { "\(county.country.folder)/\($0.place).db" }
    for (office, backup) in zip([top, town], backups) { try office.backUp(to: backup) }
    // The town's epoch begins before the county's, so its birth says nothing of that.
    try town.item("of the town", in: notices)
    try county.settle()
    try top.retitle(item, "by the county", in: notices)
    try county.settle()
    try town.retitle(item, "by the town", in: notices)
    try county.settle()
    let held = try station.dump([notices])
    #expect(held.contains { $0.contains("by the town") })
    for (office, backup) in zip([top, town], backups) {
      try office.restore(backup)
      try office.replica.write { try PeerSession.mistrustAll($0) }
    }
    try county.settle()
    for office in [top, town, station] { #expect(try office.dump([notices]) == held) }
    try county.expectWell()
  }

  @Test func `lost writes of a hub come back proven, whatever was written over some of them`()
    throws
  {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let backup = country.folder + "/backup.db"
    try hub.backUp(to: backup)
    // One write sets many values, and some of them go before anybody is set back.
    let items = try hub.replica.write { store in
      try (0..<20).map { number in
        try store.create(
          Village.planItem, in: hub.notices,
          [("title", .text("title \(number)")), ("note", .text("note \(number)"))])
      }
    }
    let adjusted = try hub.item("work", in: station.work)
    try country.round(station)
    for item in items.prefix(7) { try hub.retitle(item, "again", in: hub.notices) }
    try hub.replica.write { try $0.delete(Village.planItem, items[9], in: hub.notices) }
    try station.retitle(adjusted, "by the station", in: station.work)
    try country.round(station)
    try country.round(station)
    let before = try hub.dump(country.shared(station))
    try hub.restore(backup)
    for _ in 0..<3 {
      #expect(Set(try send(country, station, to: hub)).isSubset(of: ["gap"]))
      _ = try send(country, hub, to: station)
    }
    #expect(try hub.dump(country.shared(station)) == before)
    try country.expectEqual(station)
  }
}
