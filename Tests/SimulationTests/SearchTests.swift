import Foundation
import Simulation
import Testing

/// The short search. `tools/simulate-long` goes on for as long as one likes.
@Suite struct SearchTests {
  private static func simulation() -> Simulation {
    let isInMemory = FileManager.default.isWritableFile(atPath: "/dev/shm")
    let base = isInMemory ? "/dev/shm/" : NSTemporaryDirectory()
    return Simulation(folder: base + "yizhan-simulation-" + UUID().uuidString)
  }

  @Test(arguments: 0..<4)
  func `whatever happens to villages, nothing is lost and all comes together`(_ part: UInt64) throws
  {
    let simulation = Self.simulation()
    for seed in 0..<Self.seeds {
      let outcome = try simulation.run(seed: 1 + part * Self.seeds + seed, count: 24)
      #expect(outcome.violation == nil, "simulate --seed \(outcome.seed) --actions 24")
    }
  }

  private static let seeds: UInt64 = 100

  @Test func `the same seed goes the same way twice`() throws {
    let simulation = Self.simulation()
    for seed in UInt64(9001)..<9009 {
      let outcomes = try (0..<2).map { _ in try simulation.run(seed: seed, count: 40) }
      #expect(outcomes[0].trace == outcomes[1].trace, "seed \(seed)")
      #expect(outcomes[0].counts == outcomes[1].counts, "seed \(seed)")
    }
  }
}
