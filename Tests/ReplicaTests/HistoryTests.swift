import Causality
import Foundation
import Records
import Testing

@testable import Replica

/// P1 to P7 and P12 over random histories, against a model that knows sets of dots only.
@Suite struct HistoryTests {
  private static let historiesEach = 10

  private func run(_ block: UInt64, leases: String?) throws {
    let ground = try Ground()
    var templates: [String] = []
    for index in 0..<4 {
      let site = try Site(
        on: ground, place: index == 0 ? Shelf.town : Shelf.village,
        role: index == 0 ? .hub : .station, Seeded(1000 + block * 10 + UInt64(index)))
      templates.append(try site.snapshot())
    }
    for number in 0..<UInt64(Self.historiesEach) {
      let dice = Seeded(block * 1000 + number)
      let history = try History(dice, on: ground, templates: templates, leases: leases)
      try history.run(steps: 8 + dice.below(50))
    }
  }

  @Test(arguments: 0..<UInt64(14))
  func `whatever the history, equal vectors mean equal bytes and nothing is lost`(
    _ block: UInt64
  ) throws {
    try run(block, leases: nil)
  }

  @Test(
    .enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm"), "needs a memory folder"),
    arguments: 100..<UInt64(108))
  func `a lease lets no dot name two writes, whatever is restored and cloned`(
    _ block: UInt64
  ) throws {
    try run(block, leases: "/dev/shm")
  }
}
