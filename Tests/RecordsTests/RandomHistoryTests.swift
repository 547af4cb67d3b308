import Causality
import Testing

/// The causal core on long random histories (design 3), each configuration with its own seeds.
@Suite struct RandomHistoryTests {
  #if DEBUG
    private static let chunk: UInt64 = 250
  #else
    private static let chunk: UInt64 = 2000
  #endif

  /// Lives through as many histories as one part has; `after` goes on from where each ends.
  private static func live(
    _ part: UInt64, _ parents: Parents, drops: Bool = false,
    after: (inout RandomHistory) throws -> Void = { _ in }
  ) {
    var (news, gaps, conflicts): (Int, Int, Int) = (0, 0, 0)
    withEverySeed(part * chunk..<(part + 1) * chunk) { random in
      let steps = 6 + random.below(39)
      var history = RandomHistory(random, parents: parents, drops: drops)
      try history.run(steps: steps)
      try history.checkVectors()
      try history.exchangeAll()
      try after(&history)
      news += history.news
      gaps += history.gaps
      conflicts += history.conflicts
    }
    // A history in which nothing meets proves nothing.
    #expect(news > Int(chunk))
    #expect(gaps > Int(chunk) / 2)
    #expect(conflicts > Int(chunk) / 3)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `histories hold where a birth records its own past only`(part: UInt64) {
    Self.live(part, .ownPast)
  }

  @Test(arguments: 4..<8 as Range<UInt64>)
  func `histories hold where a birth records the vector held`(part: UInt64) {
    Self.live(part, .vector) { history in
      // Whatever happened before, a vector is as long as there are writers alive.
      try history.reopenAll()
      try history.exchangeAll()
      let entries = history.copies[0].vector.entries.count
      try demand(entries == history.copies.count, "\(entries) leaves")
    }
  }

  @Test(arguments: 8..<12 as Range<UInt64>)
  func `histories hold where stations drop the partition and subscribe afresh`(part: UInt64) {
    Self.live(part, .vector, drops: true)
  }
}
