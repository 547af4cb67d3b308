import Causality
import Exchange
import Foundation
import Records
import Replica
import Testing
import Village
import Wording

@testable import Mailbag

/// Hubs above hubs, and places that go from one to another.
@Suite struct TreeTests {
  /// A county over two townships with a station each.
  private struct County {
    let country: Country
    let top: Office
    let towns: [Office]
    let stations: [Office]

    var all: [Office] { [top] + towns + stations }

    init(_ seed: UInt64 = 1) throws {
      country = try Country(Seeded(seed), stations: [])
      // The founded township joins a county that knows nothing of it yet.
      let code = try #require(PlaceCode("34.01.23"))
      top = try Office.hub(country, code)
      try top.replica.write {
        try Membership.found($0, code: code, name: "县", zone: .china)
      }
      let first = try country.station("34.01.23.109.207")
      try country.hub.item("镇一", in: country.hub.notices)
      try country.join(country.hub, to: top, .hub)
      let second = try country.place("34.01.23.110", under: top, .hub)
      towns = [country.hub, second]
      stations = [first, try country.place("34.01.23.110.301", under: second, .station)]
    }

    /// Enough for anything to reach everybody.
    func settle() throws {
      let stick = try country.stick()
      for _ in 0..<4 { try country.tour(all + all.reversed(), stick) }
    }

    /// The records that hubs made of themselves before they were put under another.
    func releaseFirst() throws { for office in all { _ = try office.release() } }

    func expectWell(sourceLocation: SourceLocation = #_sourceLocation) throws {
      for office in all {
        #expect(try office.complaints().isEmpty, sourceLocation: sourceLocation)
        #expect(try office.alarmCodes().isEmpty, sourceLocation: sourceLocation)
      }
    }

    func move(_ office: Office, to hub: Office, _ code: String) throws {
      try top.replica.write { store in
        try Moving.order(
          store, try #require(try Places.find(store, id: office.place)),
          to: try #require(try Places.find(store, id: hub.place)),
          code: try #require(PlaceCode(code)), url: nil)
      }
    }
  }

  @Test(arguments: [Seeded(1), Seeded(2), Seeded(3), Seeded(4)])
  func `whatever way sticks go, a village's log reaches the county and its plans the village`(
    _ dice: Seeded
  ) throws {
    let county = try County(dice.seed)
    for _ in 0..<40 {
      let office = dice.pick(county.all)
      switch dice.below(6) {
      case 0: try dice.pick(county.stations).play(1 + dice.below(3))
      case 1: try county.top.item("县 \(dice.below(99))", in: county.top.notices)
      case 2: try county.towns[1].item("镇 \(dice.below(99))", in: county.towns[1].notices)
      // The county writes for one village alone, if it has heard of it.
      case 3: try county.top.item("村 \(dice.below(99))", in: county.stations[0].work)
      default: try county.country.tour([office, dice.pick(county.all), dice.pick(county.all)])
      }
    }
    try county.settle()
    try county.expectWell()
    for (station, town) in zip(county.stations, county.towns) {
      let shared = [station.log, station.work, station.notices]
      let dump = try station.dump(shared)
      #expect(try town.dump(shared) == dump && county.top.dump(shared) == dump)
      let above = [county.top.notices, town.notices]
      #expect(try station.dump(above) == county.top.dump(above))
      #expect(
        try station.replica.read { try Places.ancestors($0) } == [town.place, county.top.place])
    }
    // Nobody has anything to say any more.
    let stick = try county.country.stick()
    for office in county.all { try office.export(to: stick) }
    #expect(try stick.names() == [])
  }

  @Test func `a station that moves gives the old hub all it wrote and then leaves it`() throws {
    let county = try County()
    let station = county.stations[0]
    try county.settle()
    try station.play(3)
    try county.move(station, to: county.towns[1], "34.01.23.110.207")
    // The order arrives, and with it nothing has left yet.
    try county.country.tour([county.top, county.towns[0], station])
    #expect(try station.replica.read { try Places.hub($0) } == county.towns[0].place)
    #expect(try !station.dump([county.towns[0].notices]).isEmpty)
    // What is written from now on has an epoch of its own.
    let epoch = try station.replica.read { try $0.summary(station.log).vector.entries[0].epoch }
    try station.play(1)
    let later = try station.replica.read { try $0.summary(station.log).vector.entries[0].epoch }
    #expect(later != epoch)
    let before = try station.dump([station.log])
    try county.settle()
    #expect(try county.towns[0].dump([station.log]) == before)
    #expect(try station.replica.read { try Places.hub($0) } == county.towns[1].place)
    #expect(try station.dump([county.towns[0].notices]) == [])
    #expect(
      try station.replica.read { try Places.own($0) }.code == PlaceCode("34.01.23.110.207"))
    try station.play(2)
    try county.settle()
    try county.expectWell()
    let after = try station.dump([station.log])
    #expect(after.count > before.count)
    #expect(try county.towns[1].dump([station.log]) == after)
    #expect(try county.top.dump([station.log]) == after)
    #expect(try county.towns[0].dump([station.log]) == before, "the old hub hears no more")
    #expect(throws: VillageError(.notOwner, "")) {
      try county.towns[0].replica.read { try Ownership.check(station.work, $0, "the plan") }
    }
    let stick = try county.country.stick()
    for office in county.all { try office.export(to: stick) }
    #expect(try stick.names() == [])
  }

  @Test func `a station that goes back finds the plans that it dropped`() throws {
    let county = try County()
    let station = county.stations[0]
    try county.settle()
    let plans = try station.dump([county.towns[0].notices])
    try county.move(station, to: county.towns[1], "34.01.23.110.207")
    try county.settle()
    try county.move(station, to: county.towns[0], "34.01.23.109.207")
    try county.settle()
    #expect(try station.dump([county.towns[0].notices]) == plans)
    #expect(try station.dump([county.towns[1].notices]) == [])
    try county.expectWell()
  }

  @Test func `what was deleted is released when all who hold it know, and never returns`() throws {
    let county = try County()
    let (town, station) = (county.towns[0], county.stations[0])
    let item = try town.item("旧", in: station.work)
    try county.settle()
    try county.releaseFirst()
    let late = try county.country.stick()
    try station.retitle(item, "晚", in: station.work)
    try station.export(to: late)
    try town.replica.write { try $0.delete(Village.planItem, item, in: station.work) }
    #expect(try town.release() == 0, "nobody has heard of it")
    try county.country.tour([town, county.top, town])
    #expect(try town.release() == 0, "the station has not")
    try county.country.tour([town, station])
    let dump = try town.dump([station.work])
    try county.country.tour([station, town])
    #expect(try town.release() == 0, "the county has not heard of the station's late edit")
    try county.settle()
    let released = try [county.top, town, station].map { try $0.release() }
    #expect(released == [1, 1, 1])
    try county.expectWell()
    try town.take(late)
    try county.settle()
    #expect(try county.top.dump([station.work]) == town.dump([station.work]))
    #expect(try station.dump([station.work]) == town.dump([station.work]))
    #expect(dump.count(where: { $0.contains("plan_item") && $0.contains("deleted") }) == 1)
    #expect(try town.replica.read { try $0.record(Village.planItem, item)?.isDeleted } == true)
    try county.expectWell()
  }

  @Test func `a silent station holds release back until it is retired, and may come back`() throws {
    let county = try County()
    let (town, station) = (county.towns[0], county.stations[0])
    let item = try town.item("旧", in: town.notices)
    try county.settle()
    try county.releaseFirst()
    try town.replica.write { try $0.delete(Village.planItem, item, in: town.notices) }
    try county.country.tour([town, county.top, town])
    #expect(try town.release() == 0)
    try town.replica.write { store in
      try Moving.retire(store, try #require(try Places.find(store, id: station.place)), true)
    }
    #expect(try town.release() == 1)
    try station.play(2)
    try station.retitle(item, "晚", in: town.notices)
    try county.country.tour([station, town])
    try town.replica.write { store in
      try Moving.retire(store, try #require(try Places.find(store, id: station.place)), false)
    }
    try county.settle()
    #expect(try town.dump([station.log]) == station.dump([station.log]))
    #expect(try station.replica.read { try $0.record(Village.planItem, item)?.isDeleted } == true)
    try county.expectWell()
  }
}

extension Office {
  fileprivate static func hub(_ country: Country, _ code: PlaceCode) throws -> Office {
    try Office(country.folder + "/\(code)", code, .hub, country.dice)
  }

  fileprivate func release() throws -> Int { try replica.write { try Release.run($0) } }
}
