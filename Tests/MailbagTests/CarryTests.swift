import Causality
import Exchange
import Foundation
import Records
import Replica
import Testing
import Village

@testable import Mailbag

/// Sticks between a hub and its stations: whatever the order, the loss and the repetition, all
/// hold the same in the end.
@Suite struct CarryTests {
  @Test func `one stick serves three stations and comes home with their playbacks`() throws {
    let country = try Country(stations: ["207", "208", "209"])
    let hub = country.hub
    try hub.programme("P1", "戏")
    try hub.item("镇", in: hub.notices)
    try hub.item("村", in: country.stations[1].work)
    let stick = try country.stick()
    #expect(try hub.export(to: stick).map(\.files.count) == [1, 1, 1])
    #expect(
      try stick.names() == [
        "340123109207-340123109-1.yz", "340123109208-340123109-1.yz",
        "340123109209-340123109-1.yz",
      ])
    for (number, station) in country.stations.enumerated() {
      let reports = try station.take(stick)
      #expect(reports.count == 1 && reports.allSatisfy(\.isClean))
      try station.play(3 + number)
      try station.export(to: stick)
    }
    let home = try hub.take(stick)
    #expect(home.count == 3 && home.allSatisfy(\.isClean))
    // The hub has met them, which it tells them.
    for station in country.stations {
      #expect(try hub.replica.read { try $0.eventCount(in: station.log) } >= 3)
      try country.round(station)
      try country.expectEqual(station)
    }
    // Each carries its own and nobody else's.
    for station in country.stations {
      let places = Set(try station.replica.read { try $0.partitionIDs() }.map(\.place))
      #expect(places.subtracting([hub.place]) == [station.place])
    }
  }

  @Test func `what is receipted is not carried again`() throws {
    let country = try Country()
    let station = country.stations[0]
    try country.hub.item("a", in: country.hub.notices)
    try station.play(30)
    for _ in 0..<2 { try country.round(station) }
    try country.expectEqual(station)
    let stick = try country.stick()
    for office in [country.hub, station] {
      let report = try #require(try office.export(to: stick).first)
      #expect(report.deltas == 0, "\(report)")
    }
    #expect(try stick.sizes() < 1000)
    try station.play(1)
    let report = try #require(try station.export(to: stick).first)
    #expect(report.deltas == 1 && report.bytes < 400)
  }

  @Test func `a stick that never arrives is made good by the next`() throws {
    let country = try Country()
    let station = country.stations[0]
    try country.round(station)
    for _ in 0..<3 {
      try station.play(2)
      try station.export(to: country.stick())
    }
    let stick = try country.stick()
    try station.export(to: stick)
    #expect(try country.hub.take(stick).allSatisfy(\.isClean))
    try country.expectEqual(station)
  }

  @Test func `an old stick that turns up late changes nothing and sets nobody back`() throws {
    let country = try Country()
    let station = country.stations[0]
    try country.round(station)
    let late = try country.stick()
    try station.play(2)
    try station.export(to: late)
    try station.play(2)
    try country.round(station)
    let before = try country.hub.dump(country.shared(station))
    let repeated = try country.hub.replica.read { try PeerSession.repeated(by: station.place, $0) }
    let reports = try country.hub.take(late)
    #expect(
      try country.hub.replica.read { try PeerSession.repeated(by: station.place, $0) }
        == repeated + 1)
    #expect(reports.allSatisfy(\.isClean) && reports.allSatisfy { $0.merged == 0 })
    #expect(try country.hub.dump(country.shared(station)) == before)
    try station.play(1)
    try country.round(station)
    try country.expectEqual(station)
  }

  @Test func `the same move of a slot on both sides is one conflict, settled everywhere`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let item = try hub.item("a", in: station.work)
    try country.round(station)
    try hub.retitle(item, "hub", in: station.work)
    try station.retitle(item, "station", in: station.work)
    try country.round(station)
    try country.expectEqual(station)
    for office in [hub, station] {
      let conflicts = try office.replica.read { try $0.conflicts() }
      #expect(conflicts.map(\.field) == ["title"])
      #expect(conflicts[0].options.map { $0.value.text } == ["hub", "station"])
    }
    try hub.retitle(item, "settled", in: station.work)
    try country.round(station)
    #expect(try station.replica.read { try $0.conflicts() }.isEmpty)
    try country.expectEqual(station)
  }

  @Test(arguments: [false, true])
  func `a hub restored from an old backup is refilled by its stations`(
    _ hasWritten: Bool
  ) throws {
    let country = try Country(stations: ["207", "208"])
    let hub = country.hub
    let stations = country.stations
    for station in stations { try country.round(station) }
    let backup = country.folder + "/backup.db"
    try hub.whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    for station in stations {
      try station.play(5)
      try hub.item("later", in: station.work)
      try country.round(station)
    }
    let before = try stations.map { try hub.dump(country.shared($0)) }
    try hub.whileClosed { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    }
    if hasWritten { try hub.item("after the restore", in: hub.notices) }
    // Nobody does anything but carry sticks. The first may be refused as a gap.
    for station in stations {
      for _ in 0..<2 {
        let stick = try country.stick()
        try station.export(to: stick)
        let codes = try hub.take(stick).flatMap(\.outcomes).compactMap(\.refusal?.code)
        #expect(Set(codes).isSubset(of: ["gap"]))
        try hub.export(to: stick, for: station.place)
        try station.take(stick)
      }
      let stick = try country.stick()
      try station.export(to: stick)
      #expect(try hub.take(stick).allSatisfy(\.isClean))
      try hub.export(to: stick, for: station.place)
      try station.take(stick)
      try country.expectEqual(station)
    }
    if !hasWritten {
      let after = try stations.map { try hub.dump(country.shared($0)) }
      #expect(after == before)
    }
  }

  @Test func `a station restored from an old copy goes on and loses nothing it had sent`() throws {
    let country = try Country()
    let station = country.stations[0]
    try station.play(3)
    try country.round(station)
    let backup = country.folder + "/backup.db"
    try station.whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    try station.play(4)
    try country.round(station)
    try station.whileClosed { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    }
    try station.play(2)
    try country.round(station)
    try country.round(station)
    try country.expectEqual(station, exceptAlarms: true)
    #expect(try country.hub.alarmCodes() == ["place_diverged"])
    #expect(try country.hub.replica.read { try $0.eventCount(in: station.log) } == 9)
  }

  @Test(arguments: [false, true])
  func `two live machines from one card lose nothing and are noticed`(
    _ isCrossed: Bool
  ) throws {
    let country = try Country()
    let (hub, first) = (country.hub, country.stations[0])
    try first.play(3)
    try country.round(first)
    let second = try country.clone(of: first)
    for turn in 0..<4 {
      for machine in [first, second] {
        try machine.play(1 + turn)
        try hub.item("for \(turn)", in: first.work)
        let stick = try country.stick()
        try machine.export(to: stick)
        try hub.take(stick)
        try hub.export(to: stick)
        // The answer to one may reach the other.
        let isFirst = machine === first
        try (isCrossed == isFirst ? second : first).take(stick)
      }
    }
    for machine in [first, second, first] { try settle(country, machine) }
    #expect(try hub.replica.read { try $0.eventCount(in: first.log) } == 3 + 2 * 10)
    for machine in [first, second] { try country.expectEqual(machine, exceptAlarms: true) }
    #expect(try hub.alarmCodes() == ["place_diverged"])
  }

  @Test func `when all is told neither side writes anything more`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try station.play(3)
    try hub.item("a", in: station.work)
    try country.round(station)
    try country.round(station)
    for office in [hub, station, hub, station] {
      #expect(try office.export(to: try country.stick()).flatMap(\.files).isEmpty)
    }
    try station.play(1)
    try country.round(station)
    try country.round(station)
    #expect(try hub.export(to: try country.stick()).flatMap(\.files).isEmpty)
    #expect(try station.export(to: try country.stick()).flatMap(\.files).isEmpty)
  }

  @Test(arguments: 1..<UInt64(9))
  func `however sticks are shuffled, all hold the same in the end`(_ seed: UInt64) throws {
    let dice = Seeded(seed)
    let country = try Country(dice, stations: ["207", "208"])
    let offices = [country.hub] + country.stations
    var sticks = [try country.stick(), try country.stick(), try country.stick()]
    var items: [PartitionID: [Dot]] = [:]
    for _ in 0..<50 {
      let office = dice.pick(offices)
      let station = dice.pick(country.stations)
      let partition = office === country.hub ? station.work : office.work
      switch dice.below(7) {
      case 0: items[partition, default: []].append(try office.item("a", in: partition))
      case 1:
        let known = try (items[partition] ?? []).filter { dot in
          try office.replica.read { try $0.record(Village.planItem, dot) } != nil
        }
        if !known.isEmpty {
          try office.retitle(dice.pick(known), dice.text(3), in: partition)
        }
      case 2: if office !== country.hub { try office.play(1 + dice.below(5)) }
      case 3, 4: try office.export(to: dice.pick(sticks))
      case 5:
        let reports = try office.take(dice.pick(sticks))
        let codes = reports.flatMap(\.outcomes).compactMap(\.refusal?.code)
        #expect(Set(codes).isSubset(of: ["gap"]) && reports.allSatisfy { $0.refusal == nil })
      default: if dice.chance(30) { sticks[dice.below(3)] = try country.stick() }
      }
    }
    for _ in 0..<2 { for station in country.stations { try settle(country, station) } }
    for station in country.stations { try country.expectEqual(station) }
  }

  private func settle(_ country: Country, _ station: Office) throws {
    for (from, to) in [(country.hub, station), (station, country.hub), (country.hub, station)] {
      let stick = try country.stick()
      try from.export(to: stick)
      try to.take(stick)
    }
  }

  @Test func `what was refused is told with the reason, until a later bundle is taken`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let refusals = { (office: Office, refuser: Store.Refuser, peer: Office) in
      try office.replica.read { store in
        try store.refusals(refuser, with: peer.place).map { [$0.partition.description, $0.code] }
      }
    }
    try hub.replica.write {
      try $0.setRefusals(.here, with: station.place, [(station.log, "fork")])
    }
    var stick = try country.stick()
    try hub.export(to: stick)
    try station.take(stick)
    #expect(try refusals(station, .peer, hub) == [[station.log.description, "fork"]])
    try station.play(1)
    stick = try country.stick()
    try station.export(to: stick)
    try hub.take(stick)
    #expect(try refusals(hub, .here, station) == [])
    try hub.export(to: stick)
    try station.take(stick)
    #expect(try refusals(station, .peer, hub) == [])
  }

  @Test func `a station knows what of its writes is in a backup of its hub`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try station.play(3)
    try country.round(station)
    let safe = { try station.replica.read { try $0.mark(of: hub.place, station.log).safe } }
    #expect(try safe().isEmpty)
    let copy = country.folder + "/backup.db"
    try hub.replica.copy(to: copy)
    let vectors = try Replica.open(
      at: copy, access: .immutable, schema: Village.schema,
      surroundings: Surroundings(wall: { 0 }, random: { 1 })
    ).read { try $0.vectors() }
    try hub.replica.write { store in
      for (partition, vector) in vectors { try store.setSafe(partition, vector) }
    }
    try station.play(2)
    try country.round(station)
    let known = try safe()
    #expect(try station.replica.read { try $0.lacking(station.log, beyond: known) } == 2)
    try country.expectEqual(station)
    // What is safe was told once.
    let stick = try country.stick()
    try station.export(to: stick)
    try hub.take(stick)
    #expect(try hub.export(to: stick).allSatisfy { $0.receipts == 0 })
  }
}
