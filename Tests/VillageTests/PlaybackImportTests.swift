import Causality
import Replica
import Sheets
import Testing
import Wording

@testable import Village

@Suite struct PlaybackImportTests {
  private func take(
    _ text: String, _ world: World, at replica: Replica, for place: String? = nil,
    _ badRows: BadRows = .refuseSheet
  ) throws -> SheetReport {
    let path = try world.file(text)
    let place = try place.map { try world.place($0) }
    return try replica.write { try PlaybackBook.importSheet(path, for: place, badRows, $0) }
  }

  @Test func `a sheet becomes playbacks`() throws {
    let world = try World()
    let station = try world.station()
    let report = try take(PlaySheet.two, world, at: station)
    #expect(report.read == 2 && report.added == 2 && report.warnings.isEmpty)
    let views = try station.playbacks()
    #expect(views.map(\.sheetID) == ["a", "b"] && views.map(\.programme) == ["P00061", "P00589"])
    #expect(views.map(\.audience) == [7, 18] && views.map(\.operatorName) == ["陈静", "侯勇"])
    #expect(views.map(\.occasion) == ["日常播放", "农技培训"] && views.map(\.note) == [nil, "设备异常"])
    #expect(views.map(\.outcome) == ["completed", "power_lost"])
    #expect(views[0].startedAt.text(in: .china) == "2026-01-01T07:07:47+08:00")
    #expect(views[0].endedAt?.text(in: .china) == "2026-01-01T07:37:47+08:00")
    // The ids stay here.
    try world.sync(station)
    #expect(try world.hub.playbacks().map(\.sheetID) == [nil, nil])
    #expect(try station.dump() == world.hub.dump())
  }

  @Test func `importing twice adds nothing, on another machine neither`() throws {
    let world = try World()
    let station = try world.station()
    _ = try take(PlaySheet.two, world, at: station)
    try world.sync(station)
    for (replica, place) in [(station, nil), (world.hub, World.village), (station, nil)] {
      let before = try replica.writes
      let report = try take(PlaySheet.two, world, at: replica, for: place)
      #expect(report.unchanged == 2 && report.added + report.changed == 0)
      #expect(try replica.writes == before)
    }
    #expect(try world.hub.playbacks().map(\.sheetID) == ["a", "b"])
  }

  @Test func `a log whose operators' names have not come yet is known again`() throws {
    let world = try World()
    let station = try world.station()
    let sheet = PlaySheet.two + PlaySheet.two.split(separator: "\n")[1].replacing("a,", with: "c,")
    _ = try take(sheet + "\n", world, at: station)
    let log = PartitionID(station.identity.place, .log)
    try world.carry(from: station, to: world.hub, [log])
    let more = sheet.replacing("陈静", with: "王建国") + "\n"
    #expect(try take(sheet + "\n", world, at: world.hub, for: World.village).unchanged == 3)
    #expect(try world.hub.playbacks().count == 3)
    // But not by another name, once the names are there.
    try world.sync(station)
    #expect(try take(more, world, at: station).changed == 2)
  }

  @Test func `equal rows are counted where ids are not known`() throws {
    let world = try World()
    let station = try world.station()
    let rows = PlaySheet.two.split(separator: "\n")[1...2]
    // Without ids.
    let sheet = PlaySheet.head + (rows + rows).map { $0.dropFirst() + "\n" }.joined()
    #expect(try take(sheet, world, at: station).added == 4)
    #expect(try take(sheet, world, at: station).unchanged == 4)
    // With ids, and one more.
    let more =
      PlaySheet.head
      + ["k", "l", "m", "n", "o"].enumerated().map { number, id in
        id + rows[1 + number % 2].dropFirst() + "\n"
      }.joined()
    let report = try take(more, world, at: station)
    #expect(report.unchanged == 4 && report.added == 1)
    #expect(try take(more, world, at: station).unchanged == 5)
    #expect(try station.playbacks().compactMap(\.sheetID).sorted() == ["k", "l", "m", "n", "o"])
  }

  @Test func `a known id takes its playback before rows with unknown ids do`() throws {
    let world = try World()
    let station = try world.station()
    let row = PlaySheet.two.split(separator: "\n")[1]
    _ = try take(PlaySheet.head + row + "\n", world, at: station)
    let report = try take(
      PlaySheet.head + "new" + row.dropFirst() + "\n" + row + "\n", world, at: station)
    #expect(report.added == 1 && report.unchanged == 1)
  }

  @Test func `a row that changed in the sheet is appended as a correction, once`() throws {
    let world = try World()
    let station = try world.station()
    _ = try take(PlaySheet.two, world, at: station)
    let changed = PlaySheet.two.replacing(",18,", with: ",28,")
    for count in [1, 0, 0] {
      let report = try take(changed, world, at: station)
      #expect(report.changed == count && report.added == 0 && report.unchanged == 2 - count)
    }
    let views = try station.playbacks()
    #expect(views.map(\.audience) == [7, 28] && views.map(\.isCorrected) == [false, true])
    #expect(views.map(\.sheetID) == ["a", "b"])
    // What people corrected since stands, as long as the sheet says the same.
    _ = try station.write { try PlaybackBook.correct(views[1].dot, [("audience", "29")], $0) }
    #expect(try take(changed, world, at: station).unchanged == 2)
    #expect(try station.playbacks().map(\.audience) == [7, 29])
    // The first sheet, where its ids are not known, still adds nothing.
    try world.sync(station)
    #expect(try take(PlaySheet.two, world, at: world.hub, for: World.village).added == 0)
  }

  @Test func `at a station every row is its own, at a hub it must be said whose they are`() throws {
    let world = try World()
    let station = try world.station()
    let mixed = PlaySheet.two.replacing("b,S1", with: "b,S2")
    #expect(try take(mixed, world, at: station).added == 2)
    #expect(try station.playbacks().allSatisfy { $0.place == station.identity.place })
    expect(.placeMissing) { try take(PlaySheet.two, world, at: world.hub) }
    let error = expect(.severalStations) {
      try take(mixed, world, at: world.hub, for: World.village, .leaveOut)
    }
    #expect(error?.line == 3 && error?.column == 2)
    expect(.notOwner) { try take(PlaySheet.two, world, at: station, for: World.town) }
    #expect(try take(PlaySheet.two, world, at: world.hub, for: World.village).added == 2)
    #expect(
      try world.hub.playbacks().map { $0.station?.code.dotted } == [World.village, World.village])
  }

  private static let bad: [(from: String, to: String, code: String, column: Int)] = [
    ("P00589", " ", "bad_value", 3), ("2026-01-01T07:47:00+08:00", "07:47", "bad_time", 4),
    ("2026-01-01T07:47:00+08:00", "", "bad_time", 4),
    ("2026-01-01T08:12:00+08:00", "2026-01-01T07:12:00+08:00", "ends_before_start", 5),
    (",18,", ",-18,", "bad_value", 6), (",18,", ",many,", "bad_value", 6),
    ("b,S1", "a,S1", "duplicate_row", 1),
  ]

  @Test(arguments: bad.indices)
  func `a bad row is refused with its line and column, and nothing goes in`(number: Int) throws {
    let (from, to, code, column) = Self.bad[number]
    let world = try World()
    let station = try world.station()
    let sheet = PlaySheet.two.replacing(from, with: to)
    for count in [0, 1] {
      let before = try station.dump()
      let error = expect(.rowsRefused) { try take(sheet, world, at: station) }
      #expect(error?.report?.refused.map(\.code) == [code])
      #expect(error?.line == 3 && error?.column == column)
      #expect(try station.dump() == before)
      // The second time round the log is not empty, and the sheet is walked twice.
      let report = try take(sheet, world, at: station, .leaveOut)
      #expect(report.added == 1 - count && report.unchanged == count && report.refusedCount == 1)
    }
  }

  @Test func `other encodings, line breaks, zones and open ends are read`() throws {
    let world = try World()
    let station = try world.station()
    let sheet =
      "started_at,note,programme\n2026/1/1 7:07:47,\"两行\n备注\",P1\n2025-12-31T23:07:48Z,,P2\n"
    #expect(try take(sheet, world, at: station).added == 2)
    let path = try world.file(gb18030(sheet))
    let report = try station.write {
      try PlaybackBook.importSheet(path, for: nil, .refuseSheet, $0)
    }
    #expect(report.unchanged == 2)
    let views = try station.playbacks()
    #expect(views.map(\.startedAt.seconds) == [1_767_222_467, 1_767_222_468])
    #expect(views[0].note == "两行\n备注" && views[0].endedAt == nil && views[0].audience == nil)
    #expect(throws: SheetError(.headerMissing, reason: "", hint: "")) {
      try take(threeSlots.text, world, at: station)
    }
  }

  @Test func `one sheet may be imported for several stations`() throws {
    let world = try World()
    _ = try world.station()
    _ = try world.station(World.otherVillage, "四合村")
    for text in [World.village, World.otherVillage] {
      #expect(try take(PlaySheet.two, world, at: world.hub, for: text).added == 2)
      #expect(try take(PlaySheet.two, world, at: world.hub, for: text).unchanged == 2)
    }
    #expect(try world.hub.playbacks().map(\.sheetID) == ["a", "b", "a", "b"])
  }

  @Test(arguments: (1...25).map { Seeded($0) })
  func `a sheet is imported once, whatever its order, in parts and wherever`(dice: Seeded) throws {
    let world = try World(seed: dice.seed)
    let station = try world.station()
    var rows = (0..<20).map { number in
      let start = "2026-01-0\(1 + dice.below(2))T0\(7 + dice.below(2)):00:00+08:00"
      let id = dice.below(4) == 0 ? "" : "\(number)"
      return "\(id),S,P\(dice.below(2)),\(start),,\(dice.below(2)),\(dice.pick(["陈静", ""])),,,\n"
    }
    let part = Array(rows.prefix(dice.below(20)))
    #expect(try take(PlaySheet.head + part.joined(), world, at: station).added == part.count)
    var generator = dice
    rows.shuffle(using: &generator)
    let report = try take(PlaySheet.head + rows.joined(), world, at: station)
    #expect(report.added == rows.count - part.count && report.unchanged == part.count)
    try world.sync(station)
    for (replica, place) in [(station, nil), (world.hub, World.village)] {
      rows.shuffle(using: &generator)
      let before = try replica.writes
      let again = try take(PlaySheet.head + rows.joined(), world, at: replica, for: place)
      #expect(again.unchanged == 20 && again.added + again.changed == 0)
      #expect(try replica.writes == before)
    }
  }
}
