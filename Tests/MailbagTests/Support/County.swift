import Causality
import Exchange
import Replica
import Testing
import Village

/// A county over two townships with a station each.
struct County {
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

extension Office {
  static func hub(_ country: Country, _ code: PlaceCode) throws -> Office {
    try Office(country.folder + "/\(code)", code, .hub, country.dice)
  }

  func release() throws -> Int { try replica.write { try Release.run($0) } }
}
