import Causality
import Exchange
import Foundation
import Records
import Replica
import Testing
import Village

@testable import Mailbag

/// Until when a hub holds what a station logged. It may know too little, and never too much: what lies
/// after it is not counted as missed.
@Suite struct ReachTests {
  private static let start: Int64 = 1_767_225_600
  private static let day: Int64 = 86_400

  private func reach(_ station: Office, at hub: Office) throws -> Int64? {
    try hub.replica.read { try Reach.all($0)[station.place]?.until.seconds }
  }

  /// A stick from one office to another, made and read on the given days.
  private func carry(
    _ country: Country, _ from: (Office, Int64), _ to: (Office, Int64)
  ) throws {
    let stick = try country.stick()
    from.0.clock.now = Self.start + from.1 * Self.day
    try from.0.export(to: stick)
    to.0.clock.now = Self.start + to.1 * Self.day
    try to.0.take(stick)
  }

  @Test func `it is the time at which the bundle was made, not when it came`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    #expect(try reach(station, at: hub) == nil)
    try carry(country, (hub, 0), (station, 1))
    try station.play(3)
    try carry(country, (station, 2), (hub, 9))
    #expect(try reach(station, at: hub) == Self.start + 2 * Self.day)
    // A station that plays nothing tells that by its next bundle.
    try carry(country, (station, 12), (hub, 13))
    #expect(try reach(station, at: hub) == Self.start + 12 * Self.day)
    #expect(try reach(station, at: station) == Self.start + 12 * Self.day)
  }

  @Test func `sticks in another order do not take it back, nor ahead of what is held`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    var sticks: [Mailbag] = []
    for day in [Int64(1), 2, 3] {
      try station.play(2)
      station.clock.now = Self.start + day * Self.day
      let stick = try country.stick()
      try station.export(to: stick)
      sticks.append(stick)
    }
    hub.clock.now = Self.start + 20 * Self.day
    for stick in sticks.reversed() { try hub.take(stick) }
    #expect(try reach(station, at: hub) == Self.start + 3 * Self.day)
  }

  @Test func `the first part of a split bundle says nothing of the whole`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    for _ in 0..<60 { try station.playLong(3000) }
    station.clock.now = Self.start + 2 * Self.day
    let (stick, first) = (try country.stick(), try country.stick())
    try station.export(to: stick, fileBytesMax: 100_000)
    let names = try stick.names().filter { $0.hasSuffix(".yz") }
    try #require(names.count > 1)
    try first.put(names[0], stick.bytes(names[0]))
    hub.clock.now = Self.start + 3 * Self.day
    try hub.take(first)
    #expect(try reach(station, at: hub) == nil)
    try hub.take(stick)
    #expect(try reach(station, at: hub) == Self.start + 2 * Self.day)
  }

  @Test func `the last part of a split bundle alone says nothing of the log`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    for _ in 0..<10 { try station.playLong(3000) }
    // What names persons travels behind the log, and does not fit into a file with it.
    let people = PartitionID(station.place, .people)
    try station.replica.write { store in
      for _ in 0..<12 {
        _ = try store.create(
          Village.operators, in: people, [("name", .text(country.dice.text(3000)))])
      }
    }
    station.clock.now = Self.start + 2 * Self.day
    let (stick, last) = (try country.stick(), try country.stick())
    try station.export(to: stick, fileBytesMax: 45_000)
    let names = try stick.names().filter { $0.hasSuffix(".yz") }
    try #require(names.count > 1)
    for name in names.dropFirst() { try last.put(name, stick.bytes(name)) }
    hub.clock.now = Self.start + 3 * Self.day
    let reports = try hub.take(last)
    #expect(reports.flatMap(\.outcomes).map(\.partition) == [people])
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 0)
    #expect(try reach(station, at: hub) == nil)
  }

  @Test func `nobody speaks for a station that is not below it, nor for the future`() throws {
    let country = try Country(stations: ["207", "208"])
    let (hub, station, other) = (country.hub, country.stations[0], country.stations[1])
    for office in [station, other] { try country.round(office) }
    try other.replica.write { store in
      _ = try store.create(
        Village.reach, in: other.work,
        [
          ("station", .text(station.place.description)), ("until", .integer(Self.start)),
          ("log", .text("-")),
        ])
    }
    try hub.replica.write { store in
      for until in [Int64.max, Self.start + 9 * Self.day] {
        _ = try store.create(
          Village.reach, in: hub.work,
          [
            ("station", .text(other.place.description)), ("until", .integer(until)),
            ("log", .text("-")),
          ])
      }
      for office in [station, other] {
        var contact = try store.contact(office.place)
        contact.reach = nil
        try store.setContact(office.place, contact)
      }
    }
    try carry(country, (other, 0), (hub, 0))
    try hub.replica.write { store in
      var contact = try store.contact(other.place)
      contact.reach = nil
      try store.setContact(other.place, contact)
    }
    #expect(try reach(station, at: hub) == nil)
    #expect(try reach(other, at: hub) == nil)
  }

  @Test func `a hub that was set back knows no more than it holds`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try country.round(station)
    let backup = country.folder + "/backup.db"
    try hub.whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    try station.play(5)
    try carry(country, (station, 4), (hub, 4))
    try carry(country, (hub, 4), (station, 4))
    #expect(try reach(station, at: hub) == Self.start + 4 * Self.day)
    try hub.whileClosed { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    }
    // The station has nothing new for the hub that it knows, and does not know of the loss.
    try carry(country, (station, 6), (hub, 7))
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 0)
    #expect(try reach(station, at: hub) ?? 0 <= Self.start)
    try carry(country, (hub, 8), (station, 8))
    try carry(country, (station, 9), (hub, 9))
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 5)
    #expect(try reach(station, at: hub) == Self.start + 9 * Self.day)
  }

  private func gaps(_ station: Office, at hub: Office) throws -> [ClosedRange<Int64>] {
    try hub.replica.read { try Reach.all($0)[station.place]?.gaps ?? [] }.map {
      ($0.lowerBound - Self.start) / Self.day...($0.upperBound - Self.start) / Self.day
    }
  }

  @Test func `a station set back to a backup leaves a gap until it is heard again`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    try station.play(2)
    let backup = country.folder + "/backup.db"
    try station.whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    try station.play(2)
    try carry(country, (station, 2), (hub, 3))
    try carry(country, (hub, 3), (station, 3))
    #expect(try gaps(station, at: hub) == [])
    try station.play(7)
    try station.whileClosed { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    }
    try station.play(1)
    for day in Int64(6)...8 {
      try carry(country, (station, day), (hub, day))
      try carry(country, (hub, day), (station, day))
    }
    #expect(try gaps(station, at: hub).map(\.lowerBound) == [2])
    #expect(try gaps(station, at: hub).map(\.upperBound).max() ?? 0 >= 6)
    let known = try gaps(station, at: hub)
    try station.play(1)
    try carry(country, (station, 12), (hub, 13))
    #expect(try gaps(station, at: hub) == known)
    #expect(try reach(station, at: hub) == Self.start + 12 * Self.day)
  }

  @Test func `a new disk leaves a gap even if it was given the old log before it was heard`() throws
  {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    try station.play(4)
    try carry(country, (station, 2), (hub, 3))
    let other = try Office(country.folder + "/new", station.code, .station, country.dice)
    try country.join(other, to: hub, .station, replaces: true)
    for day in Int64(9)...13 {
      try carry(country, (other, day), (hub, day))
      try carry(country, (hub, day), (other, day))
    }
    #expect(try other.replica.read { try $0.eventCount(in: station.log) } == 4)
    let known = try gaps(station, at: hub)
    #expect(known.count == 1 && known[0].lowerBound == 2 && known[0].upperBound <= 11, "\(known)")
    #expect(try reach(station, at: hub) == Self.start + 13 * Self.day)
  }

  @Test func `a set back is seen even if the clock was wrong until all was refilled`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    for _ in 0..<2 { try country.round(station) }
    try carry(country, (station, 1), (hub, 1))
    let backup = country.folder + "/backup.db"
    try station.whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    try station.play(4)
    try carry(country, (station, 20), (hub, 20))
    try station.whileClosed { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    }
    try station.play(1)
    for day in Int64(21)...23 {
      try carry(country, (station, day - 19), (hub, day))
      try carry(country, (hub, day), (station, day - 19))
    }
    #expect(try station.replica.read { try $0.eventCount(in: station.log) } == 5)
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 5)
    try carry(country, (station, 25), (hub, 26))
    #expect(try gaps(station, at: hub).contains { $0.contains(20) && $0.contains(25) })
  }

  @Test func `two machines with one card leave gaps, and late sticks of one do not`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    try station.play(2)
    try carry(country, (station, 1), (hub, 1))
    var sticks: [Mailbag] = []
    for day in Int64(2)...5 {
      try station.play(3)
      station.clock.now = Self.start + day * Self.day
      sticks.append(try country.stick())
      try station.export(to: sticks[sticks.count - 1])
    }
    hub.clock.now = Self.start + 6 * Self.day
    for index in [3, 0, 2, 1, 3] { try hub.take(sticks[index]) }
    #expect(try gaps(station, at: hub) == [])
    #expect(try reach(station, at: hub) == Self.start + 5 * Self.day)
    let clone = try country.clone(of: station)
    try station.play(1)
    try clone.play(1)
    try carry(country, (station, 8), (hub, 8))
    #expect(try gaps(station, at: hub) == [])
    try carry(country, (clone, 9), (hub, 10))
    #expect(try gaps(station, at: hub) == [8...9])
    try carry(country, (station, 11), (hub, 12))
    #expect(try gaps(station, at: hub) == [8...11])
  }

  @Test func `parts of what was split on the road are no machine that was set back`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    for _ in 0..<70 { try station.playLong(3000) }
    try carry(country, (station, 2), (hub, 2))
    // The hub's receipt never came: the log travels again from its start, in parts.
    for _ in 0..<20 { try station.playLong(3000) }
    station.clock.now = Self.start + 5 * Self.day
    let stick = try country.stick()
    try station.export(to: stick, fileBytesMax: 60_000)
    hub.clock.now = Self.start + 5 * Self.day
    for name in try stick.names() where name.hasSuffix(".yz") {
      let part = try country.stick()
      try part.put(name, stick.bytes(name))
      try hub.take(part)
    }
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 90)
    #expect(try gaps(station, at: hub) == [])
    #expect(try reach(station, at: hub) == Self.start + 5 * Self.day)
  }

  @Test func `a station that plays nothing is heard by stick every day`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    for _ in 0..<3 { try country.round(station) }
    for day in Int64(1)...4 {
      try carry(country, (station, day), (hub, day))
      #expect(try reach(station, at: hub) == Self.start + day * Self.day)
    }
    // Not twice on one day.
    let stick = try country.stick()
    try station.export(to: stick)
    #expect(try stick.names().allSatisfy { !$0.hasSuffix(".yz") })
  }

  @Test func `a clock that runs ahead tells nothing`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try carry(country, (hub, 0), (station, 0))
    try station.play(1)
    // Made on the first day, three weeks on the road, by a clock of next year.
    try carry(country, (station, 400), (hub, 22))
    #expect(try hub.replica.read { try $0.eventCount(in: station.log) } == 1)
    #expect(try reach(station, at: hub) == nil)
    try carry(country, (station, 23), (hub, 24))
    #expect(try reach(station, at: hub) == Self.start + 23 * Self.day)
  }

  @Test func `a hub above goes by a hub below once it holds what that held`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let code = try #require(PlaceCode("34.01.23"))
    let county = try Office(country.folder + "/county", code, .hub, country.dice)
    try county.replica.write {
      try Membership.found($0, code: code, name: "县", zone: .china)
    }
    try country.join(hub, to: county, .hub)
    for _ in 0..<2 {
      try carry(country, (county, 0), (hub, 0))
      try carry(country, (hub, 0), (county, 0))
    }
    try carry(country, (hub, 0), (station, 0))
    for _ in 0..<60 { try station.playLong(3000) }
    try carry(country, (station, 2), (hub, 3))
    // The hub's own records travel before the logs of its stations.
    hub.clock.now = Self.start + 4 * Self.day
    let (stick, first) = (try country.stick(), try country.stick())
    try hub.export(to: stick, for: county.place, fileBytesMax: 100_000)
    let names = try stick.names().filter { $0.hasSuffix(".yz") }
    try #require(names.count > 1)
    try first.put(names[0], stick.bytes(names[0]))
    county.clock.now = Self.start + 5 * Self.day
    try county.take(first)
    let told = try county.replica.read {
      try $0.records(Village.reach, in: PartitionID(hub.place, .work)).count
    }
    #expect(told == 1)
    #expect(try reach(station, at: county) == nil)
    try county.take(stick)
    #expect(try reach(station, at: county) == Self.start + 2 * Self.day)
  }
}
