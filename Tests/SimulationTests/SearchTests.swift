import Foundation
import Simulation
import Testing

/// A glance. `tools/test` searches 2,000 schedules in a release build, and `tools/simulate-long` goes on for as
/// long as one likes.
@Suite struct SearchTests {
  private static func simulation() -> Simulation {
    let isInMemory = FileManager.default.isWritableFile(atPath: "/dev/shm")
    let base = isInMemory ? "/dev/shm/" : NSTemporaryDirectory()
    return Simulation(folder: base + "yizhan-simulation-" + UUID().uuidString)
  }

  @Test func `whatever happens to villages, nothing is lost and all comes together`() throws {
    let simulation = Self.simulation()
    for seed in UInt64(1)...20 {
      let outcome = try simulation.run(seed: seed, count: 24)
      #expect(outcome.violation == nil, "simulate --seed \(outcome.seed) --actions 24")
    }
  }

  @Test func `the same seed goes the same way twice`() throws {
    let simulation = Self.simulation()
    for seed in UInt64(9001)..<9009 {
      let outcomes = try (0..<2).map { _ in try simulation.run(seed: seed, count: 40) }
      #expect(outcomes[0].trace == outcomes[1].trace, "seed \(seed)")
      #expect(outcomes[0].counts == outcomes[1].counts, "seed \(seed)")
    }
  }
}

/// Schedules that broke a promise once, as short as they could be made.
@Suite struct FoundTests {
  @Test func `who is forgotten before its certificate came is let in again`() throws {
    try expectKept(5027, [2, 38, 46, 84, 127, 138, 153, 158, 170, 174])
  }

  @Test func `keys that were replaced before the hub's first answer came are believed`() throws {
    try expectKept(5331, [55, 71, 125, 130, 148, 153])
  }

  @Test func `a hub that was set back seals for the machine that came, not for its invitation`()
    throws
  {
    try expectKept(5396, [13, 22, 55, 61, 64])
  }

  @Test func `what two hubs have lost comes back from a station, proven`() throws {
    try expectKept(119, [71, 91, 94, 99, 100, 114, 116])
  }

  @Test
  func `a place that was moved by a hub which has forgotten that is let in, whatever its keys`()
    throws
  {
    try expectKept(165, [31, 70, 72, 104, 109, 115, 117])
  }

  @Test func `a hub hears from below where it has put a place, with what was written there since`()
    throws
  {
    try expectKept(165, [31, 70, 72, 83, 109])
  }

  @Test func `a hub that a place has left twice speaks for it until it knows of the second time`()
    throws
  {
    try expectKept(
      415, [5, 7, 24, 31, 41, 44, 67, 85, 87, 96, 101, 111, 113, 122, 126, 164])
  }

  @Test func `keys are revoked with those that a hub has certified and forgotten`() throws {
    try expectKept(20008, [17, 27, 29, 32, 59, 71, 86, 94])
  }

  @Test func `who moves leaves nothing behind that only it has of the old hub's`() throws {
    try expectKept(20161, [15, 17, 22, 84, 88, 89, 92, 95, 157, 165, 170])
  }

  @Test func `who comes to a hub that was set back is not forgotten to have been elsewhere`() throws
  {
    try expectKept(21110, [5, 26, 38, 47, 76, 77, 80, 81])
  }

  @Test func `a move that a hub has forgotten is told by the hub that alone knows of it`() throws {
    try expectKept(21257, [48, 76, 80, 81])
  }

  @Test func `a certificate comes after the one that is shown, which the hub has forgotten`() throws
  {
    try expectKept(21243, [0, 62, 67, 96, 102, 106, 114])
  }

  private func expectKept(
    _ seed: UInt64, _ numbers: Set<Int>, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let simulation = Simulation(
      folder: NSTemporaryDirectory() + "yizhan-found-" + UUID().uuidString)
    let actions = Schedule.make(seed: seed, count: 200).filter { numbers.contains($0.number) }
    #expect(actions.count == numbers.count)
    let violation = try simulation.run(seed: seed, actions).violation
    #expect(violation == nil, sourceLocation: sourceLocation)
  }
}
