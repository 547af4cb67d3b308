import Causality
import Testing

@Suite struct VersionVectorTests {
  private static func dots(_ random: inout SplitMix64) -> [Dot] {
    (0..<random.below(12)).map { _ in
      Dot(Epoch(bits: UInt64(1 + random.below(6))), UInt64(random.below(4)))
    }
  }

  @Test func `a vector holds the highest sequence of each epoch, sorted`() {
    withEverySeed(0..<500) { random in
      let dots = Self.dots(&random)
      var vector = VersionVector()
      for dot in dots { vector.insert(dot) }
      let highest = Dictionary(dots.map { ($0.epoch, $0.sequence) }, uniquingKeysWith: max)
        .filter { $0.value > 0 }
      try demand(
        vector.entries.map(\.dot) == highest.map { Dot($0.key, $0.value) }.sorted(), "\(dots)")
      for bits in UInt64(0)...7 {
        let epoch = Epoch(bits: bits)
        try demand(vector[epoch] == highest[epoch] ?? 0, "\(dots) \(epoch)")
      }
      let listed = random.shuffled(dots).map { VersionVector.Entry($0.epoch, $0.sequence) }
      try demand(VersionVector(listed) == vector, "\(dots)")
    }
  }

  @Test func `removing an epoch removes no other`() {
    withEverySeed(0..<200) { random in
      let dots = Self.dots(&random)
      let gone = Epoch(bits: UInt64(random.below(8)))
      var vector = VersionVector(dots.map { .init($0.epoch, $0.sequence) })
      vector.remove(gone)
      let rest = dots.filter { $0.epoch != gone }
      try demand(
        vector == VersionVector(rest.map { .init($0.epoch, $0.sequence) }), "\(dots) - \(gone)")
    }
  }

  @Test func `a vector reads back from its text`() {
    withEverySeed(0..<500) { random in
      let wide = Epoch(from: &random)
      let dots = Self.dots(&random) + [Dot(wide, 1 + UInt64(random.below(Int(Dot.sequenceMax))))]
      let vector = VersionVector(dots.map { .init($0.epoch, $0.sequence) })
      try demand(VersionVector(vector.description) == vector, "\(vector)")
    }
    #expect(VersionVector().description == "-")
    #expect(VersionVector("-") == VersionVector())
    #expect(
      VersionVector("0000000000000001:2 00000000000000ff:2147483647")?.description
        == "0000000000000001:2 00000000000000ff:2147483647")
    #expect(VersionVector("0000000000000001:2147483648") == nil)
  }

  @Test(arguments: [
    "", " ", "--", "1:2", "0000000000000001", "0000000000000001:", "0000000000000001:0",
    "0000000000000001:2 ", " 0000000000000001:2", "- 0000000000000001:2",
    "0000000000000001:2  0000000000000002:2", "0000000000000002:2 0000000000000001:2",
    "0000000000000001:2 0000000000000001:3", "0000000000000001:2,0000000000000002:2",
  ])
  func `a text that no vector prints is refused`(text: String) {
    #expect(VersionVector(text) == nil)
  }
}
