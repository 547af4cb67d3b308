import Causality
import Replica
import Sheets
import Testing
import Wording

@testable import Village

/// What may be wrong with a sheet of plan items, row by row and as a whole.
@Suite struct PlanSheetErrorTests {
  private func take(
    _ text: String, _ world: World, for place: String? = nil, _ badRows: BadRows = .refuseSheet,
    at replica: Replica? = nil
  ) throws -> SheetReport {
    let order = PlanImport(for: try place.map { try world.place($0) }, badRows: badRows)
    let path = try world.file(text)
    return try (replica ?? world.hub).write { try PlanBook.importSheet(path, order, $0) }
  }

  private static let bad: [(cells: [String: String], code: String, column: Int)] = [
    (["date": "2026-02-30"], "bad_date", 3), (["date": ""], "bad_date", 3),
    (["date": "tomorrow"], "bad_date", 3), (["start": "25:00"], "bad_time", 4),
    (["programme": " "], "bad_value", 5), (["seconds": "-1"], "bad_value", 8),
    (["seconds": "ten"], "bad_value", 8), (["seconds": "99999999999999999999"], "bad_value", 8),
    (["required": "maybe"], "bad_value", 9), (["id": "a"], "duplicate_row", 1),
    (["station": ""], "place_missing", 2), (["station": "nowhere"], "unknown_station", 2),
  ]

  @Test(arguments: bad.indices)
  func `a bad row is refused with its line and column, and nothing goes in`(number: Int) throws {
    let (cells, code, column) = Self.bad[number]
    let world = try World()
    let before = try world.hub.dump()
    var sheet = PlanSheet(threeSlots.rows.map { $0.merging(["station": "丰乐镇"]) { $1 } })
    sheet.rows.insert(
      PlanSheet.row("x", "2026-03-01", "09:00", ["station": World.town]).merging(cells) { $1 },
      at: 2)
    let isUnknown = code == "unknown_station"
    let error = expect(isUnknown ? .unknownStation : .rowsRefused) { try take(sheet.text, world) }
    let refused = try #require(error?.report?.refused)
    #expect(refused.map(\.line) == [4] && refused.map(\.column) == [column])
    #expect(refused.map(\.code) == [code] && !refused[0].hint.isEmpty)
    #expect(error?.line == 4 && error?.column == column)
    #expect(try world.hub.dump() == before)
    // The good rows may go in alone.
    let report = try take(sheet.text, world, .leaveOut)
    #expect(report.added == 3 && report.refused == refused && report.read == 4)
  }

  @Test func `rows of stations by name and by code go to each station's own plan`() throws {
    let world = try World()
    _ = try world.station()
    _ = try world.station(World.otherVillage, "四合村")
    let stations = ["三岗村", "340123109208", "34.01.23.109.207", "丰乐镇"]
    let rows = stations.indices.map { index in
      PlanSheet.row("\(index)", "2026-03-01", "0\(index + 5):00", ["station": stations[index]])
    }
    #expect(try take(PlanSheet(rows).text, world).added == 4)
    let counts = try [World.village, World.otherVillage, World.town].map {
      try world.hub.items(PlanFilter(place: try world.place($0).id)).count
    }
    #expect(counts == [2, 1, 1])
    let partitions = try world.hub.items().map(\.place)
    #expect(Set(partitions).count == 3)
  }

  @Test func `unknown stations are named together, with those that are known`() throws {
    let world = try World()
    _ = try world.station()
    let rows = ["S1", "三岗村", "S2", "S1"].map {
      PlanSheet.row($0 == "三岗村" ? "" : $0 + "x", "2026-03-01", "09:00", ["station": $0, "id": ""])
    }
    let error = expect(.unknownStation) { try take(PlanSheet(rows).text, world) }
    #expect(error?.reason.contains("“S1”, “S2”") == true)
    #expect(error?.hint.contains("34.01.23.109.207 三岗村") == true)
    #expect(error?.report?.refusedCount == 3 && error?.line == 2)
  }

  @Test func `a name that several stations have is ambiguous, and their codes are told`() throws {
    let world = try World()
    _ = try world.station(World.village)
    _ = try world.station(World.otherVillage)
    let rows = ["丰乐镇", "三岗村", "三岗村"].enumerated().map { number, name in
      PlanSheet.row("\(number)", "2026-03-01", "09:00", ["station": name])
    }
    let error = expect(.ambiguousPlace) { try take(PlanSheet(rows).text, world) }
    #expect(error?.hint.contains(World.village) == true)
    #expect(error?.hint.contains(World.otherVillage) == true)
    #expect(error?.report?.refused.map(\.code) == ["ambiguous_place", "ambiguous_place"])
    #expect(error?.line == 3)
    #expect(try world.hub.items().isEmpty)
    // What is not known at all is said first.
    let both = PlanSheet(rows + [PlanSheet.row("x", "2026-03-01", "09:00", ["station": "S9"])])
    expect(.unknownStation) { try take(both.text, world) }
    #expect(try take(both.text, world, .leaveOut).added == 1)
  }

  @Test func `under one place rows of several stations are an error, its names are one`() throws {
    let world = try World()
    _ = try world.station()
    var sheet = threeSlots
    sheet.rows[2]["station"] = "S2"
    for badRows in [BadRows.refuseSheet, .leaveOut] {
      let error = expect(.severalStations) {
        try take(sheet.text, world, for: World.village, badRows)
      }
      #expect(error?.line == 4 && error?.column == 2)
    }
    #expect(try world.hub.items().isEmpty)
    sheet.rows[0]["station"] = World.village
    sheet.rows[1]["station"] = "三岗村"
    sheet.rows[2]["station"] = "340123109207"
    #expect(try take(sheet.text, world, for: World.town).added == 3)
    #expect(try world.hub.items().allSatisfy { $0.station?.name == "丰乐镇" })
  }

  @Test func `a sheet without stations needs a place, except at a station`() throws {
    let world = try World()
    let station = try world.station()
    let text = "date,start,programme\n2026-03-01,09:00,P1\n"
    expect(.placeMissing) { try take(text, world) }
    #expect(try take(text, world, at: station).added == 1)
    #expect(try station.items(PlanFilter(drafts: .shown)).map(\.place) == [station.identity.place])
  }

  @Test func `a station plans for itself only`() throws {
    let world = try World()
    let station = try world.station()
    expect(.notOwner) { try take(threeSlots.text, world, for: World.town, at: station) }
    expect(.unknownStation) {
      try take(
        "date,start,programme,station\n2026-03-01,09:00,P1,丰乐镇\n", world, at: station)
    }
  }

  @Test func `what is wrong with the file itself is said as it is`() throws {
    let world = try World()
    for (text, code) in [
      ("a,b\n", SheetError.Code.headerMissing), ("", .empty),
      ("date,start,programme\n1,2,\"3", .quote),
      ("date,start,programme\n1,2,3\u{0}\n", .nul),
      ("date,date,start,programme\n", .headerDuplicate),
    ] {
      #expect(throws: SheetError(code, reason: "", hint: "")) {
        try take(text, world, for: World.town)
      }
    }
    let error = expect(.rowsRefused) {
      try take("date,start,programme\n2026-03-01,09:00\n", world, for: World.town)
    }
    #expect(error?.report?.refused.map(\.code) == ["csv_columns"])
    expect(.noRows) { try take("date,start,programme\n", world, for: World.town) }
  }

  @Test func `a long list of bad rows is counted, not kept`() throws {
    let world = try World()
    let rows = String(repeating: "x,09:00,P1\n", count: 1_200)
    let error = expect(.rowsRefused) {
      try take("date,start,programme\n" + rows, world, for: World.town)
    }
    #expect(error?.report?.refusedCount == 1_200 && error?.report?.refused.count == 1_000)
  }

  @Test func `progress runs from nothing to all`() throws {
    let world = try World()
    var rows = "date,start,programme,note\n"
    for number in 0..<6_000 {
      rows += "2026-03-0\(number % 9 + 1),09:00,P\(number),\(number * number)\n"
    }
    let path = try world.file(rows)
    var told: [Double] = []
    try world.hub.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store) {
        told.append($0)
      }
    }
    #expect(told.count > 10 && told == told.sorted() && told.last == 1 && (told.first ?? 1) < 0.5)
  }
}
