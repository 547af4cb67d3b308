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

/// Keys that are replaced, revoked or lost (P16, P17).
@Suite struct KeyTests {
  private func codes(_ reports: [ImportReport]) -> [String] {
    reports.flatMap {
      [$0.refusal?.code].compactMap { $0 } + $0.outcomes.compactMap(\.complaint?.code)
    }
  }

  private func send(_ country: Country, _ from: Office, to: Office) throws -> [String] {
    let stick = try country.stick()
    try from.export(to: stick, for: to.place)
    return codes(try to.take(stick))
  }

  private func certificate(of place: Office, at office: Office) throws -> Certificate? {
    try office.replica.read { try Places.recorded($0, place.place)?.certificate }
  }

  private func introduction(_ country: Country, _ from: Office, to: Office) throws -> Int {
    let stick = try country.stick()
    try from.export(to: stick, for: to.place)
    let name = try #require(try stick.names().first { $0.hasSuffix(".yz") })
    return try BundleFile(stick.path(name)).envelope.introduction.count
  }

  @Test func `a hub set back to before a station joined knows it by its own certificate`() throws {
    let country = try Country()
    let hub = country.hub
    let backup = country.folder + "/backup.db"
    try hub.backUp(to: backup)
    let late = try country.place("34.01.23.109.311", under: hub, .station)
    late.clock.now = hub.clock.now
    try late.play(3)
    try country.round(late)
    try country.round(late)
    try late.play(1)
    #expect(try introduction(country, late, to: hub) == 0, "the hub knows it")
    try hub.restore(backup)
    #expect(try send(country, late, to: hub) == ["unknown_sender"])
    // By stick nobody says so; after a week of silence the certificate is shown.
    late.clock.now += 8 * 86_400
    try late.play(2)
    for _ in 0..<3 {
      _ = try send(country, late, to: hub)
      _ = try send(country, hub, to: late)
    }
    #expect(try hub.replica.read { try $0.eventCount(in: late.log) } == 6)
    #expect(try certificate(of: late, at: hub)?.publicKeys == late.keys)
    try country.expectEqual(late)
    try late.play(1)
    #expect(try introduction(country, late, to: hub) == 0)
    // What it shows is no key to a hub that did not issue it.
    let other = try Country(Seeded(5), stations: [])
    try other.hub.loseKeys()
    late.clock.now += 8 * 86_400
    let stick = try country.stick()
    try late.export(to: stick)
    #expect(codes(try other.hub.take(stick)) == ["unknown_sender"])
  }

  @Test func `a station's new keys are vouched for by its old ones, in both directions`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try station.play(1)
    try country.round(station)
    let first = try #require(station.keys)
    // What was sealed for the old keys is still read.
    try hub.item("before", in: hub.notices)
    let under = try country.stick()
    try hub.export(to: under, for: station.place)
    try station.rotate()
    try station.play(1)
    #expect(codes(try station.take(under)).isEmpty)
    #expect(try send(country, station, to: hub).isEmpty)
    let certificate = try #require(try certificate(of: station, at: hub))
    #expect(certificate.publicKeys == station.keys)
    #expect(certificate.publicKeys != first)
    #expect(certificate.serial == 2)
    #expect(try send(country, hub, to: station).isEmpty)
    try station.play(1)
    #expect(try introduction(country, station, to: hub) == 0)
    // The hub too, and many times before anybody hears of it.
    for _ in 0..<20 { try hub.rotate() }
    try hub.item("after", in: hub.notices)
    try station.play(1)
    #expect(try send(country, station, to: hub).isEmpty, "sealed for keys that are old now")
    #expect(try send(country, hub, to: station).isEmpty)
    #expect(try station.replica.read { try Keyring.above($0) } == hub.keys)
    #expect(try send(country, station, to: hub).isEmpty)
    try hub.item("last", in: hub.notices)
    #expect(try introduction(country, hub, to: station) == 0)
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 4)
    try country.round(station)
    try country.expectEqual(station)
  }

  @Test(arguments: 1...20)
  func `a hub's keys are learnt however many were missed`(_ missed: Int) throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    for _ in 0..<missed { try hub.rotate() }
    #expect(try send(country, hub, to: station).isEmpty)
    #expect(try station.replica.read { try Keyring.above($0) } == hub.keys)
  }

  @Test func `an invitation from before the hub's keys were replaced still lets in`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    for _ in 0..<3 { try hub.rotate() }
    try station.play(2)
    // Either side may speak first.
    #expect(try send(country, hub, to: station).isEmpty)
    #expect(try send(country, station, to: hub).isEmpty)
    try country.round(station)
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 2)
    let late = try country.place("34.01.23.109.311", under: hub, .station)
    late.clock.now = hub.clock.now
    for _ in 0..<3 { try hub.rotate() }
    try late.play(1)
    #expect(try send(country, late, to: hub).isEmpty)
    try country.round(late)
    #expect(try hub.replica.read { try $0.eventCount(in: late.log) } == 1)
  }

  @Test func `keys that nobody vouches for are not believed`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try station.play(1)
    try country.round(station)
    let before = try #require(station.keys)
    try station.loseKeys()
    try station.play(1)
    #expect(try send(country, station, to: hub) == ["signature_wrong"])
    station.clock.now += 30 * 86_400
    #expect(try send(country, station, to: hub) == ["signature_wrong"])
    #expect(try certificate(of: station, at: hub)?.publicKeys == before)
    try hub.loseKeys()
    #expect(try send(country, hub, to: station) == ["signature_wrong"])
  }

  @Test func `a hub that lost its keys is known again by the hub above it`() throws {
    let county = try County()
    let (town, station) = (county.towns[0], county.stations[0])
    try county.settle()
    try town.loseKeys()
    try county.country.join(town, to: county.top, .hub, replaces: true)
    try town.item("by the new keys", in: town.notices)
    try county.settle()
    #expect(try station.replica.read { try Keyring.above($0) } == town.keys)
    #expect(try station.dump([town.notices]).contains { $0.contains("by the new keys") })
    try station.play(2)
    try county.settle()
    #expect(try county.top.replica.read { try $0.eventCount(in: station.log) } == 2)
    try county.expectWell()
  }

  @Test func `a revoked station is not heard, and a list once seen is not taken back`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let old = country.folder + "/old.db"
    let place = try #require(
      try hub.replica.read { try Places.recorded($0, station.place) })
    try hub.backUp(to: old)
    try hub.replica.write { try Keyring.revoke(place, $0) }
    try station.play(4)
    let stick = try country.stick()
    try station.export(to: stick)
    #expect(codes(try hub.take(stick)) == ["key_revoked"])
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 0)
    // Somebody looks into it and takes it in; the keys are believed no more for that.
    let item = try #require(try Aside(hub.aside).items().first)
    #expect(item.code == "key_revoked")
    #expect(item.sender == station.place)
    let report = try Aside(hub.aside).accept(item.name, hub.replica, codec: BundleCodec())
    #expect(report.merged == 4)
    #expect(try FileManager.default.contentsOfDirectory(atPath: hub.aside).isEmpty)
    try station.play(1)
    #expect(try send(country, station, to: hub) == ["key_revoked"])
    // And it is told nothing more.
    try hub.item("news", in: hub.notices)
    #expect(try hub.export(to: country.stick()).allSatisfy(\.files.isEmpty))
    // Another machine in its place is heard, and gets all there was.
    let second = try Office(country.folder + "/second", station.code, .station, country.dice)
    try country.join(second, to: hub, .station, replaces: true)
    for _ in 0..<2 {
      #expect(Set(try send(country, hub, to: second)).isSubset(of: ["gap"]))
      #expect(try send(country, second, to: hub).isEmpty)
    }
    #expect(try second.replica.read { try $0.eventCount(in: second.log) } == 4)
    #expect(try certificate(of: second, at: hub)?.serial == Revoking.serialsSpan)
    let known = try second.replica.read { try Revoking.known(of: hub.place, $0) }
    #expect(known.number > 0)
    #expect(known.serials[station.place] == Revoking.serialsSpan - 1)
    // The hub is set back to before it revoked: it learns so again from whoever saw it.
    try hub.restore(old)
    second.clock.now += 8 * 86_400
    for _ in 0..<3 {
      _ = try send(country, second, to: hub)
      _ = try send(country, hub, to: second)
    }
    #expect(
      try hub.replica.read { try Revoking.serial(of: station.place, $0) }
        == Revoking.serialsSpan - 1)
    #expect(try send(country, station, to: hub) == ["key_revoked"])
    #expect(
      try second.replica.read { try Revoking.known(of: hub.place, $0) }.serials[station.place]
        == Revoking.serialsSpan - 1)
  }

  @Test func `a list that goes back is noticed and goes on holding`() throws {
    let country = try Country(stations: ["207", "208"])
    let (hub, one, two) = (country.hub, country.stations[0], country.stations[1])
    for station in [one, two] { try country.round(station) }
    let place = try #require(try hub.replica.read { try Places.recorded($0, one.place) })
    try hub.replica.write { store in
      for _ in 0..<2 { try Keyring.revoke(place, store) }
    }
    try country.round(two)
    #expect(try two.alarmCodes().isEmpty)
    // Whoever has the hub's keys and its database can write an older list, signed rightly.
    let known = try two.replica.read { try Revoking.known(of: hub.place, $0) }
    try hub.replica.write { store in
      let record = try #require(try store.records(Village.revocation, in: hub.notices).first)
      let older = Revocations(
        issuer: hub.place, number: known.number - 1, made: 1, serials: [two.place: 0],
        signedBy: try Keyring.own(store))
      try store.update(
        Village.revocation, record.id, in: hub.notices,
        [("lists", .text(Invitations.encode(older.bytes)))])
    }
    _ = try send(country, hub, to: two)
    #expect(try two.alarmCodes() == ["revocations_set_back"])
    #expect(
      try two.replica.read { try Revoking.known(of: hub.place, $0) }.serials[one.place]
        == Revoking.serialsSpan - 1)
  }

  @Test func `keys that a power cut kept from being made known are made known later`() throws {
    let country = try Country(stations: ["207", "208"])
    let (hub, one, two) = (country.hub, country.stations[0], country.stations[1])
    for station in [one, two] { try country.round(station) }
    let place = try #require(try hub.replica.read { try Places.recorded($0, one.place) })
    try hub.replica.write { try Keyring.revoke(place, $0) }
    try country.round(two)
    try hub.rotateFile()
    #expect(try hub.replica.read { try Keyring.isRotationUnfinished($0) })
    // Until then the list is of the older keys, and nobody takes that for an attack.
    try hub.item("between", in: hub.notices)
    #expect(try send(country, hub, to: two).isEmpty)
    #expect(try two.replica.read { try Keyring.above($0) } == hub.keys)
    #expect(try two.alarmCodes().isEmpty)
    let known = try two.replica.read { try Revoking.known(of: hub.place, $0) }
    try hub.replica.write { try Keyring.rotated($0) }
    #expect(try !hub.replica.read { try Keyring.isRotationUnfinished($0) })
    #expect(try certificate(of: hub, at: hub)?.publicKeys == hub.keys)
    try country.round(two)
    let later = try two.replica.read { try Revoking.known(of: hub.place, $0) }
    #expect(later.serials == known.serials)
    #expect(later.number == known.number + 1)
    // Once is enough.
    try hub.replica.write { try Keyring.rotated($0) }
    #expect(try hub.replica.read { try Revoking.known(of: hub.place, $0) } == later)
  }
}
