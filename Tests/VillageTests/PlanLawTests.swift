import Causality
import Replica
import Testing

@testable import Village

/// Random sheets, with ids and without, with equal rows, in any order of rows and columns.
@Suite struct PlanLawTests {
  private static func sheet(_ dice: Seeded) -> PlanSheet {
    let rows = (0..<(3 + dice.below(12))).map { number in
      PlanSheet.row(
        dice.below(4) == 0 ? "" : "id \(number)", "2026-0\(3 + dice.below(2))-1\(dice.below(3))",
        dice.pick(["09:00", "10:30"]),
        [
          "programme": dice.pick(["P1", "P2"]), "note": dice.pick(["", "请公示", "a,\"b\"\nc"]),
          "required": dice.pick(["0", "1", "yes", ""]), "seconds": dice.pick(["", "600", "900"]),
        ])
    }
    return PlanSheet(rows)
  }

  private static func take(
    _ sheet: PlanSheet, _ world: World, _ replica: Replica
  ) throws -> SheetReport {
    let path = try world.file(sheet.text)
    return try replica.write { store in
      try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store)
    }
  }

  @Test(arguments: (1...25).map { Seeded($0) })
  func `a sheet is imported once, whatever its order and wherever`(dice: Seeded) throws {
    let world = try World(seed: dice.seed)
    var sheet = Self.sheet(dice)
    #expect(try Self.take(sheet, world, world.hub).added == sheet.rows.count)
    let items = try world.hub.items()
    let laptop = try world.laptop()
    for replica in [world.hub, laptop] {
      let before = try replica.writes
      var generator = dice
      sheet.columns.shuffle(using: &generator)
      let report = try Self.take(sheet, world, replica)
      #expect(report.unchanged == sheet.rows.count && report.warnings.isEmpty)
      #expect(try replica.writes == before)
    }
    #expect(try world.hub.items() == items)
  }

  @Test(arguments: (1...25).map { Seeded($0) })
  func `of a changed sheet exactly the changed rows are written`(dice: Seeded) throws {
    let world = try World(seed: dice.seed)
    var sheet = Self.sheet(dice)
    _ = try Self.take(sheet, world, world.hub)
    let before = try world.hub.writes
    var changed = 0
    for index in sheet.rows.indices where dice.below(3) == 0 {
      sheet.rows[index]["note"] = "改 \(index)"
      changed += 1
    }
    let report = try Self.take(sheet, world, world.hub)
    #expect(report.changed == changed && report.added == 0 && report.missing == 0)
    #expect(try world.hub.writes == before + UInt64(changed))
    #expect(try world.hub.items().count { $0.note?.hasPrefix("改") ?? false } == changed)
  }
}
