import Causality
import Testing

/// `Ancestry` against the same questions answered by writing every vector out in full.
@Suite struct AncestryTests {
  private static let seeds: Range<UInt64> = 0..<300

  /// Lineages from one epoch to 24.
  private static func lineage(_ random: inout SplitMix64) throws -> Lineage {
    try Lineage(epochs: 1 + random.below(24), from: &random)
  }

  @Test func `a vector covers a dot exactly if its expansion does`() {
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      for _ in 0..<30 {
        let vector = lineage.vector(from: &random)
        let all = lineage.expand(vector)
        let dot = lineage.dot(from: &random)
        let reach = all[dot.epoch] ?? 0
        try demand(
          lineage.ancestry.covers(vector, dot) == (reach >= dot.sequence), "[\(vector)] \(dot)")
        try demand(
          lineage.ancestry.reach(of: dot.epoch, in: vector) == reach, "[\(vector)] \(dot.epoch)")
      }
    }
  }

  @Test func `a vector covers another exactly if its expansion contains the other's`() {
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      for _ in 0..<30 {
        let left = lineage.vector(from: &random)
        var right = lineage.vector(from: &random)
        if random.chance(30) { right = lineage.leaves(of: lineage.expand(left)) }
        let all = lineage.expand(left)
        let contained = lineage.expand(right).allSatisfy { all[$0.key] ?? 0 >= $0.value }
        try demand(lineage.ancestry.covers(left, right) == contained, "[\(left)] [\(right)]")
      }
    }
  }

  @Test func `leaves say the same in the fewest entries`() {
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      for _ in 0..<30 {
        let vector = lineage.vector(from: &random)
        let leaves = lineage.ancestry.leaves(of: vector)
        let all = lineage.expand(vector)
        try demand(lineage.expand(leaves) == all, "[\(vector)] became [\(leaves)]")
        try demand(leaves == lineage.leaves(of: all), "[\(vector)] became [\(leaves)]")
        try demand(lineage.ancestry.leaves(of: leaves) == leaves, "[\(leaves)] not stable")
      }
    }
  }

  @Test func `a join is the leaves of both expansions together`() {
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      let ancestry = lineage.ancestry
      for _ in 0..<30 {
        let left = ancestry.leaves(of: lineage.vector(from: &random))
        let right = ancestry.leaves(of: lineage.vector(from: &random))
        let all = lineage.expand(left).merging(lineage.expand(right), uniquingKeysWith: max)
        let joined = ancestry.join(left, right)
        try demand(joined == lineage.leaves(of: all), "[\(left)] + [\(right)] = [\(joined)]")
      }
    }
  }

  @Test func `a meet is the leaves of what both expansions hold`() {
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      for _ in 0..<30 {
        let left = lineage.vector(from: &random)
        let right = lineage.vector(from: &random)
        let other = lineage.expand(right)
        let both = lineage.expand(left).reduce(into: Lineage.Expansion()) { both, entry in
          if let sequence = other[entry.key] { both[entry.key] = min(sequence, entry.value) }
        }
        let met = lineage.ancestry.meet(left, right)
        try demand(met == lineage.leaves(of: both), "[\(left)] and [\(right)] = [\(met)]")
      }
    }
  }

  @Test func `joins commute, associate and repeat without effect`() {
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      let ancestry = lineage.ancestry
      for _ in 0..<30 {
        let vectors = (0..<3).map { _ in ancestry.leaves(of: lineage.vector(from: &random)) }
        let (one, two, three) = (vectors[0], vectors[1], vectors[2])
        let joined = ancestry.join(one, two)
        try demand(joined == ancestry.join(two, one), "[\(one)] + [\(two)]")
        try demand(ancestry.join(joined, two) == joined, "[\(one)] + 2 * [\(two)]")
        try demand(
          ancestry.join(joined, three) == ancestry.join(one, ancestry.join(two, three)),
          "[\(one)] + [\(two)] + [\(three)]")
        try demand(ancestry.covers(joined, one) && ancestry.covers(joined, two), "[\(joined)]")
      }
    }
  }

  @Test func `a vector of leaves that learns of a foreign vector still lists leaves only`() {
    // What a peer sends need not be reduced; what is stored is.
    withEverySeed(Self.seeds) { random in
      let lineage = try Self.lineage(&random)
      for _ in 0..<30 {
        let mine = lineage.ancestry.leaves(of: lineage.vector(from: &random))
        let joined = lineage.ancestry.join(mine, lineage.vector(from: &random))
        try demand(lineage.leaves(of: lineage.expand(joined)) == joined, "[\(joined)]")
      }
    }
  }

  @Test func `a thousand restarts leave one entry`() throws {
    var ancestry = Ancestry()
    var vector = VersionVector()
    let author = Author(place: PlaceID(bits: 1), role: .station)
    var random = SplitMix64(seed: 1)
    var first: Dot?
    for _ in 0..<1000 {
      let epoch = Epoch(from: &random)
      try ancestry.insert(Birth(epoch: epoch, author: author, parents: vector))
      vector = ancestry.join(vector, VersionVector(Dot(epoch, 3)))
      first = first ?? Dot(epoch, 3)
    }
    #expect(vector.entries.count == 1)
    #expect(ancestry.covers(vector, try #require(first)))
    #expect(!ancestry.covers(vector, Dot(try #require(first).epoch, 4)))
  }

  @Test func `nothing is guessed about epochs whose births are unknown`() throws {
    let (known, stranger) = (Epoch(bits: 5), Epoch(bits: 6))
    var ancestry = Ancestry()
    let author = Author(place: PlaceID(bits: 1), role: .hub)
    try ancestry.insert(Birth(epoch: known, author: author, parents: VersionVector()))
    let vector = VersionVector(Dot(stranger, 4))
    #expect(ancestry.unknown(in: vector) == [stranger])
    #expect(ancestry.covers(vector, Dot(stranger, 4)))
    #expect(!ancestry.covers(vector, Dot(stranger, 5)))
    #expect(!ancestry.covers(vector, Dot(known, 1)))
    #expect(ancestry.reach(of: known, in: vector) == 0)
    #expect(ancestry.births(at: vector, beyond: VersionVector()) == [])
  }
}
