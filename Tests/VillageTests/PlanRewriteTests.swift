import Causality
import Replica
import Testing

@testable import Village

/// What is done to a plan when its time is over leaves a trace. The clock stands at the first of
/// January 2026, 08:00.
@Suite struct PlanRewriteTests {
  private static let december = Month(of: CivilDate(days: 20_430))

  private func world() throws -> (World, [Dot]) {
    let world = try World()
    try world.plan(
      PlanSheet([
        PlanSheet.row("a", "2025-12-10", "09:00"), PlanSheet.row("b", "2025-12-20", "09:00"),
        PlanSheet.row("c", "2025-12-30", "", ["programme": "P 3"]),
        PlanSheet.row("d", "2026-01-10", "09:00"),
      ]), months: ["2025-12", "2026-01"])
    _ = try world.station()
    return (world, try world.hub.items().map(\.dot))
  }

  private func rewrites(_ replica: Replica, _ month: Month = december) throws -> [PlanRewrite] {
    try replica.read { try PlanRewrite.list(ReportScope(month...month), $0) }.map(\.rewrite)
  }

  @Test func `what is changed or cancelled after its time is noted as it was due before`() throws {
    let (world, items) = try world()
    try world.hub.edit(items[0], [(name: "start", text: "10:00")])
    try world.hub.edit(items[0], [(name: "start", text: "11:00")])
    try world.hub.edit(items[1], [(name: "note", text: "请公示")])
    try world.hub.edit(items[1], [(name: "start", text: "09:00")])
    try world.hub.write { try PlanBook.cancel(items[2], reason: "片源损坏", $0) }
    let noted = try rewrites(world.hub)
    let at = Instant(seconds: 1_767_225_600)
    let first = try #require(CivilDate("2025-12-10"))
    let third = try #require(CivilDate("2025-12-30"))
    #expect(
      noted == [
        PlanRewrite(
          .changed, items[0], at: at, Due(first, ClockTime("09:00")), programme: "P00144"),
        PlanRewrite(.cancelled, items[2], at: at, .on(third), programme: "P 3"),
      ])
    // The reason is where it was.
    let reasons = try world.hub.read { store in
      let shelf = try PlanShelf(PartitionID(world.hub.identity.place, .public), store)
      return shelf.plans[.month(Self.december)]?.cancelled
    }
    #expect(reasons == [items[2]: "片源损坏"])
  }

  @Test func `what is done before its time leaves no trace, unless it becomes a thing of the past`()
    throws
  {
    let (world, items) = try world()
    let january = Self.december.next
    try world.hub.edit(items[3], [(name: "start", text: "10:00")])
    #expect(try rewrites(world.hub, january).isEmpty)
    try world.hub.edit(items[3], [(name: "date", text: "2025-12-31")])
    #expect(try rewrites(world.hub, january).map(\.item) == [items[3]])
    // It lies in another plan now, so a note of its own follows.
    try world.hub.write { try PlanBook.cancel(items[3], $0) }
    #expect(try rewrites(world.hub).map(\.kind) == [.cancelled])
  }

  @Test func `a sheet that comes again leaves its traces too, and they travel`() throws {
    let (world, items) = try world()
    let sheet = PlanSheet([PlanSheet.row("a", "2025-12-10", "09:00", ["programme": "P9"])])
    let path = try world.file(sheet.text)
    let town = try world.place(World.town)
    try world.hub.write { _ = try PlanBook.importSheet(path, PlanImport(for: town), $0) }
    let station = try world.station()
    #expect(try rewrites(station).map(\.item) == [items[0]])
    #expect(try rewrites(station) == rewrites(world.hub))
  }

  @Test func `a line that nobody can mean is none`() {
    for line in [
      "after", "after x 7:1 changed 2026-03-05 P1", "after 5 7:1 praised 2026-03-05 P1",
      "after 5 7 changed 2026-03-05 P1", "after 5 0000000000000007:1 changed soon P1", "",
    ] {
      #expect(PlanRewrite(line: line) == nil, "\(line)")
    }
    let week = ISOWeek(of: CivilDate(days: 20_430))
    let rewrite = PlanRewrite(
      .changed, Dot(Epoch(bits: 7), 1), at: Instant(seconds: 5), .within(week), programme: "P")
    #expect(PlanRewrite(line: rewrite.line) == rewrite)
  }
}
