import Causality
import Records
import Replica
import Testing

@testable import Village

/// Who may settle edits that cross, and with what.
@Suite struct ConflictTests {
  private static let march = """
    id,date,start,programme,title,seconds
    a,2026-03-01,08:00,P1,水稻育秧,900

    """

  /// A hub and a station with one item of the place's plan, and what the two make of it.
  private func world(
    _ place: String, _ left: [(name: String, text: String)], _ right: [(name: String, text: String)]
  ) throws -> (world: World, station: Replica) {
    let world = try World()
    let station = try world.station()
    let path = try world.file(Self.march)
    let place = try world.place(place)
    try world.hub.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: place), store)
      _ = try PlanBook.issue(place, Period("2026-03"), at: Instant(seconds: 0), store)
    }
    try world.sync(station)
    let dot = try #require(try world.hub.items().first).dot
    // A clerk's laptop is another replica of the hub's place, which may write where it may.
    let isOwn = place.id == station.identity.place
    let other = isOwn ? station : try world.laptop()
    try world.hub.edit(dot, left)
    try other.edit(dot, right)
    if !isOwn { try world.carry(from: other, to: world.hub, [PartitionID(place.id, .public)]) }
    try world.sync(station)
    return (world, station)
  }

  private func conflict(_ replica: Replica) throws -> ConflictView {
    try #require(try replica.read { try $0.conflicts() }.first)
  }

  private func settle(_ replica: Replica, _ choice: Conflicts.Choice) throws -> Value {
    let conflict = try conflict(replica)
    return try replica.write { try Conflicts.settle(conflict, choice, $0) }
  }

  @Test func `a station may not settle what is its township's`() throws {
    let (world, station) = try world(World.town, [("start", "09:15")], [("start", "09:45")])
    let before = try station.writes
    let dot = try #require(try conflict(station).options.last).dot
    let choices: [Conflicts.Choice] = [.write(dot.description), .value("09:45"), .value("10:00")]
    for choice in choices { expect(.notOwner) { try settle(station, choice) } }
    #expect(try station.writes == before)
    #expect(try settle(world.hub, .value("09:45")) == .text("09:45"))
    try world.sync(station)
    #expect(try station.read { try $0.conflicts() }.isEmpty)
    #expect(try station.items().map(\.start) == ["09:45"])
  }

  @Test func `a station settles its own plan by a write or by a value`() throws {
    for isByWrite in [true, false] {
      let (world, station) = try world(World.village, [("start", "09:15")], [("start", "09:45")])
      let option = try #require(try conflict(station).options.first { $0.value.text == "09:45" })
      let choice = isByWrite ? Conflicts.Choice.write(option.dot.description) : .value("09:45")
      #expect(try settle(station, choice) == .text("09:45"))
      try world.sync(station)
      #expect(try world.hub.read { try $0.conflicts() }.isEmpty)
      #expect(try world.hub.items().map(\.start) == ["09:45"])
    }
  }

  @Test func `a conflict is named by what people know of the record`() throws {
    let (world, station) = try world(World.village, [("start", "09:15")], [("start", "09:45")])
    for replica in [world.hub, station] {
      let conflict = try conflict(replica)
      let subject = try replica.read { try Conflicts.subject(conflict, $0) }
      #expect(subject.words == ["2026-03-01", "09:15", "P1", "水稻育秧"])
      #expect(subject.place?.name == "三岗村")
    }
    // Without a date it is the week that tells one item from another.
    let path = try world.file("programme\nP2\n")
    try world.hub.write { store in
      let order = PlanImport(for: try Places.own(store), week: ISOWeek("2026-W10"))
      _ = try PlanBook.importSheet(path, order, store)
    }
    let item = try #require(try world.hub.items().first { $0.date == nil })
    let laptop = try world.laptop()
    try world.hub.edit(item.dot, [("start", "10:00")])
    try laptop.edit(item.dot, [("start", "11:00")])
    try world.carry(from: laptop, to: world.hub, [PartitionID(item.place, .public)])
    let conflicts = try world.hub.read { try $0.conflicts() }
    let crossing = try #require(conflicts.first { $0.record == item.dot })
    let subject = try world.hub.read { try Conflicts.subject(crossing, $0) }
    #expect(subject.words == ["2026-W10", "10:00", "P2"] && subject.place?.name == "丰乐镇")
  }

  @Test func `another value than those in conflict must be one that the field can have`() throws {
    let (_, station) = try world(World.village, [("seconds", "60")], [("seconds", "70")])
    expect(.badValue) { try settle(station, .value("lang")) }
    expect(.unknownDot) { try settle(station, .write("nonsense")) }
    #expect(try conflict(station).options.count == 2)
    _ = try settle(station, .value("80"))
    #expect(try station.read { try $0.conflicts() }.isEmpty)
    #expect(try station.items().map(\.seconds) == [80])
  }
}
