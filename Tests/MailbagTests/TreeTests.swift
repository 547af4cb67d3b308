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

  @Test func `who comes back after a release hears that the last edit was seen`() throws {
    let county = try County()
    let (town, station) = (county.towns[0], county.stations[0])
    let item = try town.item("旧", in: station.work)
    try county.settle()
    try county.releaseFirst()
    try station.replica.write { try $0.delete(Village.planItem, item, in: station.work) }
    try town.retitle(item, "晚", in: station.work)
    let deletion = try county.country.stick()
    try station.export(to: deletion)
    try town.take(deletion)
    try town.replica.write { store in
      try Moving.retire(store, try #require(try Places.find(store, id: station.place)), true)
    }
    try county.country.tour([town, county.top, town])
    #expect(try town.release() == 1)
    try town.replica.write { store in
      try Moving.retire(store, try #require(try Places.find(store, id: station.place)), false)
    }
    try county.settle()
    let vectors = try [town, station].map { machine in
      try machine.replica.read { try $0.summary(station.work).vector }
    }
    #expect(vectors[0] == vectors[1])
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
