import Replica
import Sheets
import Testing

@testable import Village

/// A programme of channel C1 on 5 March 2026, by hours and minutes.
private func slot(_ start: String, _ stop: String, _ title: String) -> String {
  "<programme start=\"20260305\(start)00\" stop=\"20260305\(stop)00\" channel=\"C1\">"
    + "<title>\(title)</title></programme>\n"
}

@Suite struct GuideImportTests {
  private func take(
    _ programmes: String, _ world: World, zone: TimeZoneOffset? = nil, channel: String? = nil,
    _ badRows: BadRows = .refuseSheet
  ) throws -> SheetReport {
    var order = PlanImport(for: try world.place(World.town), badRows: badRows)
    order.zone = zone
    order.channel = channel
    let path = try world.file("<tv>\n" + programmes + "</tv>")
    return try world.hub.write { try PlanBook.importGuide(path, order, $0) }
  }

  @Test func `a guide imported again edits exactly what changed`() throws {
    let world = try World()
    let text = slot("0900", "0930", "a") + slot("0930", "1000", "b")
    #expect(try take(text, world).added == 2)
    let before = try world.hub.writes
    #expect(try take(text, world).unchanged == 2)
    #expect(try world.hub.writes == before)
    let report = try take(slot("0930", "1000", "c") + slot("0900", "0930", "a"), world)
    #expect(report.changed == 1 && report.unchanged == 1 && report.added == 0)
    #expect(try world.hub.writes == before + 1)
    #expect(try world.hub.items().map(\.programme) == ["a", "c"])
  }

  @Test func `a title that the catalogue learns becomes a code, as an edit`() throws {
    let world = try World()
    let text = slot("0900", "0930", "春耕")
    _ = try take(text, world)
    let path = try world.file("programme,title\nF1,春耕\n")
    let place = try world.place(World.town)
    _ = try world.hub.write { try Programmes.importSheet(path, for: place, .refuseSheet, $0) }
    #expect(try take(text, world).changed == 1)
    let items = try world.hub.items()
    #expect(items.map(\.programme) == ["F1"] && items.map(\.title) == ["春耕"])
  }

  @Test func `a time without an offset is in the zone that is given, else in the tree's`() throws {
    let world = try World()
    _ = try take(slot("0900", "0930", "a"), world)
    _ = try take(slot("0200", "0230", "b"), world, zone: TimeZoneOffset(minutes: 0))
    #expect(try world.hub.items().map(\.start) == ["09:00", "10:00"])
    #expect(try world.hub.items().map(\.seconds) == [1800, 1800])
  }

  @Test func `the good programmes of a bad guide are taken if that is asked for`() throws {
    let world = try World()
    let text = slot("0900", "0830", "a") + slot("0930", "1000", "b") + slot("0930", "1000", "c")
    let error = expect(.rowsRefused) { try take(text, world) }
    #expect(error?.report?.refused.map(\.code) == ["ends_before_start", "duplicate_row"])
    #expect(error?.report?.refused.map(\.line) == [2, 4])
    #expect(try world.hub.items().isEmpty)
    #expect(try take(text, world, .leaveOut).added == 1)
  }

  @Test func `gaps and overlaps are told in the order of time, and counted beyond the list`() throws
  {
    let world = try World()
    let report = try take(
      slot("1000", "1100", "c") + slot("0800", "0900", "a") + slot("0830", "1000", "b"), world)
    #expect(report.warnings.map(\.line) == [4])
    var many = ""
    for number in 0..<1_200 {
      let minute = padded(number / 60, 2) + padded(number % 60, 2)
      many += slot(minute, minute, "x\(number)")
    }
    let gaps = try take(many, try World())
    #expect(gaps.warningCount == 1_199 && gaps.warnings.count == SheetReport.listedMax)
  }

  @Test func `several channels are listed, and one can be named`() throws {
    let world = try World()
    let other = slot("0900", "0930", "x").replacing("C1", with: "C2")
    let error = try #require(throws: SheetError.self) {
      try take(slot("0900", "0930", "a") + other, world)
    }
    #expect(error.code == .channel && error.reason.contains("C1, C2"))
    #expect(try take(slot("0900", "0930", "a") + other, world, channel: "C2").added == 1)
    #expect(try world.hub.items().map(\.title) == ["x"])
    expect(.noRows) { try take("", world) }
  }

  @Test func `a title of two programmes stands for itself, with a warning`() throws {
    let world = try World()
    let path = try world.file("programme,title\nF1,春耕\nF2,春耕\n")
    let place = try world.place(World.town)
    _ = try world.hub.write { try Programmes.importSheet(path, for: place, .refuseSheet, $0) }
    let report = try take(slot("0900", "0930", "春耕") + slot("0930", "1000", "春耕"), world)
    #expect(report.warningCount == 1)
    #expect(try world.hub.items().map(\.programme) == ["春耕", "春耕"])
  }
}
