import Causality
import Records
import Replica
import Testing

@testable import Village

@Suite struct PlanEditTests {
  /// A hub with an issued plan for all and one for a station, and that station.
  private func world() throws -> (world: World, station: Replica) {
    let world = try World()
    let station = try world.station()
    for text in [World.town, World.village] {
      let path = try world.file(threeSlots.text)
      let place = try world.place(text)
      try world.hub.write { store in
        _ = try PlanBook.importSheet(path, PlanImport(for: place), store)
        _ = try PlanBook.issue(place, Period("2026-03"), at: Instant(seconds: 0), store)
      }
    }
    try world.sync(station)
    return (world, station)
  }

  private func first(_ replica: Replica, of place: PlaceID) throws -> PlanItemView {
    try #require(try replica.items(PlanFilter(place: place)).first)
  }

  @Test func `a station shows its township's items and its own`() throws {
    let (_, station) = try world()
    let items = try station.items()
    #expect(items.count == 6 && items.allSatisfy { $0.sheetID == nil && $0.version == 1 })
    #expect(items.map { $0.station?.name }.count { $0 == "三岗村" } == 3)
  }

  @Test func `fields are set by their names, in the forms of people`() throws {
    let (world, station) = try world()
    let item = try first(station, of: station.identity.place)
    let fields = [
      ("date", "2026/3/7"), ("start", "9:15"), ("title", " 党课 "), ("category", "党建"),
      ("seconds", "1200"), ("required", "yes"), ("note", "两行\n备注"),
    ]
    let written = try station.edit(item.dot, fields)
    #expect(written == ["date", "start", "title", "category", "seconds", "required", "note"])
    try world.sync(station)
    let view = try #require(try world.hub.items().first { $0.dot == item.dot })
    #expect(view.date == "2026-03-07" && view.start == "09:15" && view.title == "党课")
    #expect(view.seconds == 1200 && view.isRequired && view.note == "两行\n备注")
    #expect(view.sheetID == "a")
    // The same again is no write; an empty text clears.
    let before = try station.writes
    #expect(try station.edit(item.dot, fields).isEmpty)
    #expect(try station.writes == before)
    try station.edit(item.dot, [("note", ""), ("start", "")])
    let cleared = try #require(try station.items().first { $0.dot == item.dot })
    #expect(cleared.note == nil && cleared.start == nil)
  }

  @Test func `two moves of one slot are a conflict that a further edit settles`() throws {
    let (world, station) = try world()
    let item = try first(station, of: station.identity.place)
    try world.hub.edit(item.dot, [("start", "09:15")])
    try station.edit(item.dot, [("start", "09:45"), ("note", "停电")])
    try world.sync(station)
    for replica in [world.hub, station] {
      let view = try #require(try replica.items().first { $0.dot == item.dot })
      #expect(view.hasConflict && view.start == "09:15" && view.note == "停电")
      #expect(try replica.read { try $0.conflicts() }.map(\.field) == ["start"])
      #expect(try replica.read { try PlanBook.list($0) }.map(\.conflicts).sorted() == [0, 1])
    }
    // What is shown already is written all the same, since it settles.
    try world.hub.edit(item.dot, [("start", "09:15")])
    try world.sync(station)
    #expect(try station.items().allSatisfy { !$0.hasConflict })
    #expect(try station.dump() == world.hub.dump())
  }

  @Test func `a station may not edit its township's item, nor a hub what is above it`() throws {
    let (world, station) = try world()
    let item = try first(station, of: world.hub.identity.place)
    expect(.notOwner) { try station.edit(item.dot, [("note", "x")]) }
    expect(.notOwner) { try station.write { try PlanBook.cancel(item.dot, $0) } }
    let county = PlaceID(bits: 77)
    try world.hub.write { store in
      try store.setMeta("ancestors", county.description)
      let dot = try store.create(
        Village.planItem, in: PartitionID(county, .public), [("programme", .text("P1"))])
      expect(.notOwner) { try PlanBook.edit(dot, [("note", "x")], store) }
    }
    #expect(try world.hub.edit(item.dot, [("note", "x")]) == ["note"])
  }

  @Test func `what cannot be set is refused with its code`() throws {
    let (_, station) = try world()
    let dot = try first(station, of: station.identity.place).dot
    for (fields, code) in [
      ([("issue", "1")], VillageError.Code.unknownField), ([("Start", "09:00")], .unknownField),
      ([("start", "24:00")], .badTime), ([("date", "1.1.26")], .badDate),
      ([("date", "")], .badDate), ([("seconds", "1.5")], .badValue),
      ([("required", "vielleicht")], .badValue), ([("programme", "")], .badValue),
      ([("note", "a"), ("note", "b")], .badValue),
    ] {
      expect(code) { try station.edit(dot, fields) }
    }
    let unknown = Dot(dot.epoch, 999)
    expect(.unknownItem) { try station.edit(unknown, []) }
    try station.write { try PlanBook.cancel(dot, $0) }
    expect(.unknownItem) { try station.write { try PlanBook.cancel(dot, $0) } }
    #expect(try station.items().count == 5)
  }

  @Test func `a new date moves an item to its month, and stays in its week`() throws {
    let (world, station) = try world()
    let item = try first(station, of: station.identity.place)
    try station.edit(item.dot, [("date", "2026-04-02")])
    let plans = try station.read { try PlanBook.list($0, PlanFilter(place: item.place)) }
    #expect(plans.map(\.period.description) == ["2026-03", "2026-04"])
    #expect(plans.map(\.items) == [2, 1])

    let week = try world.file("programme\nP1\n")
    try world.hub.write { store in
      let order = PlanImport(for: try Places.own(store), week: ISOWeek("2026-W10"))
      _ = try PlanBook.importSheet(week, order, store)
    }
    let undated = try #require(try world.hub.items().first { $0.date == nil })
    expect(.badDate) {
      try world.hub.edit(undated.dot, [("date", "2026-03-09")])
    }
    for date in ["2026-03-08", ""] {
      let written = try world.hub.edit(undated.dot, [("date", date)])
      #expect(written == ["date"])
    }
  }

  @Test func `a new programme brings what the catalogue says of it`() throws {
    let (world, _) = try world()
    let path = try world.file("programme,title,category,seconds\nP9,饮水安全,卫生健康,300\n")
    try world.hub.write { store in
      _ = try Programmes.importSheet(path, for: try Places.own(store), .refuseSheet, store)
    }
    let dot = try first(world.hub, of: world.hub.identity.place).dot
    try world.hub.edit(dot, [("programme", "P9"), ("seconds", "420")])
    let item = try #require(try world.hub.items().first { $0.dot == dot })
    #expect(item.title == "饮水安全" && item.category == "卫生健康" && item.seconds == 420)
    // A programme that nobody described leaves the item's own words.
    try world.hub.edit(dot, [("programme", "P10")])
    #expect(try world.hub.items().first { $0.dot == dot }?.title == "饮水安全")
  }
}
