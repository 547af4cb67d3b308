import Causality
import Records
import Replica
import Sheets
import Testing
import Wording

@testable import Village

@Suite struct ProgrammeTests {
  private func take(
    _ text: String, _ world: World, at replica: Replica? = nil, for place: String = World.town,
    _ badRows: BadRows = .refuseSheet
  ) throws -> SheetReport {
    let path = try world.file(text)
    let place = try world.place(place)
    return try (replica ?? world.hub).write {
      try Programmes.importSheet(path, for: place, badRows, $0)
    }
  }

  private let sheet = "programme,title,category,seconds\nP1,饮水安全,卫生健康,300\nP2,地方民俗,文化生活,600\n"

  @Test func `a sheet becomes the catalogue, and is taken once`() throws {
    let world = try World()
    #expect(try take(sheet, world).added == 2)
    let before = try world.hub.writes
    #expect(try take(sheet, world).unchanged == 2)
    #expect(try world.hub.writes == before)
    let list = try world.hub.read { try Programmes.list($0) }
    #expect(list.map(\.code) == ["P1", "P2"] && list.map(\.seconds) == [300, 600])
    #expect(list.map(\.category) == ["卫生健康", "文化生活"])
  }

  @Test func `a changed row edits the fields that differ, missing columns none`() throws {
    let world = try World()
    _ = try take(sheet, world)
    let report = try take("title,programme\n饮水安全（新）,P1\n地方民俗,P2\n摄影,P3\n", world)
    #expect(report.changed == 1 && report.unchanged == 1 && report.added == 1)
    let list = try world.hub.read { try Programmes.list($0) }
    #expect(list.map(\.title) == ["饮水安全（新）", "地方民俗", "摄影"])
    #expect(list.map(\.seconds) == [300, 600, nil])
    #expect(try take("programme,seconds\nP1,\n", world).changed == 1)
    #expect(try world.hub.read { try Programmes.list($0) }[0].seconds == nil)
  }

  @Test func `bad rows are refused`() throws {
    let world = try World()
    let bad = "programme,seconds\nP1,300\n,300\nP2,-1\nP1,600\nP3,1\n"
    let error = expect(.rowsRefused) { try take(bad, world) }
    #expect(error?.report?.refused.map(\.code) == ["bad_value", "bad_value", "duplicate_row"])
    #expect(error?.report?.refused.map(\.line) == [3, 4, 5])
    #expect(try world.hub.read { try Programmes.list($0) }.isEmpty)
    #expect(try take(bad, world, .leaveOut).added == 2)
    #expect(throws: SheetError(.headerMissing, reason: "", hint: "")) { try take("title\n", world) }
  }

  @Test func `a station describes no programmes, and knows its township's`() throws {
    let world = try World()
    let station = try world.station()
    for place in [World.town, World.village] {
      expect(.notOwner) { try take(sheet, world, at: station, for: place) }
    }
    _ = try take(sheet, world)
    try world.sync(station)
    #expect(try station.read { try Programmes.list($0) }.map(\.code) == ["P1", "P2"])
  }

  @Test func `the nearest place says what a code means`() throws {
    let world = try World()
    let county = PlaceID(bits: 77)
    _ = try take(sheet, world)
    try world.hub.write { store in
      try store.setMeta("ancestors", county.description)
      for code in ["P1", "P9"] {
        _ = try store.create(
          Village.programme, in: PartitionID(county, .public),
          [("code", .text(code)), ("title", .text("县"))])
      }
    }
    let known = try world.hub.read { try Programmes.byCode($0) }
    #expect(known["P1"]?.title == "饮水安全" && known["P9"]?.title == "县" && known["P8"] == nil)
    #expect(try world.hub.read { try Programmes.list($0) }.map(\.code) == ["P1", "P2", "P1", "P9"])
  }
}
