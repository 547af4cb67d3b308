import Causality
import Testing

/// The causal core on long random histories (design 3), each configuration with its own seeds.
@Suite struct RandomHistoryTests {
  private static let chunk: UInt64 = 250

  private static func seeds(_ part: UInt64) -> Range<UInt64> { part * chunk..<(part + 1) * chunk }

  private static func live(
    _ random: inout SplitMix64, parents: Parents, drops: Bool = false
  ) throws -> RandomHistory {
    let steps = 6 + random.below(39)
    var history = RandomHistory(random, parents: parents, drops: drops)
    try history.run(steps: steps)
    try history.checkVectors()
    try history.exchangeAll()
    return history
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `histories hold where a birth records its own past only`(part: UInt64) {
    withEverySeed(Self.seeds(part)) { random in _ = try Self.live(&random, parents: .ownPast) }
  }

  @Test(arguments: 4..<8 as Range<UInt64>)
  func `histories hold where a birth records the vector held`(part: UInt64) {
    withEverySeed(Self.seeds(part)) { random in
      var history = try Self.live(&random, parents: .vector)
      // Whatever happened before, a vector is as long as there are writers alive.
      try history.reopenAll()
      try history.exchangeAll()
      let entries = history.copies[0].vector.entries.count
      try demand(entries == history.copies.count, "\(entries) leaves")
    }
  }

  @Test(arguments: 8..<12 as Range<UInt64>)
  func `histories hold where stations drop the partition and subscribe afresh`(part: UInt64) {
    withEverySeed(Self.seeds(part)) { random in
      _ = try Self.live(&random, parents: .vector, drops: true)
    }
  }
}
