import Causality
import Testing

/// Births that travel: which are sent, and which are accepted.
@Suite struct BirthTests {
  private let author = Author(place: PlaceID(bits: 7), role: .station)
  private let first = Epoch(bits: 9)
  private let second = Epoch(bits: 4)
  private let third = Epoch(bits: 6)

  private func birth(_ epoch: Epoch, _ parents: Dot...) -> Birth {
    Birth(
      epoch: epoch, author: author,
      parents: VersionVector(parents.map { .init($0.epoch, $0.sequence) }))
  }

  @Test func `a birth of unknown parents is refused and the parents are asked for`() throws {
    var ancestry = Ancestry()
    let child = birth(third, Dot(first, 1), Dot(second, 2))
    #expect(throws: CausalityError.birthsWanted([second, first])) { try ancestry.insert(child) }
    #expect(ancestry.isEmpty)
    try ancestry.insert(birth(first))
    #expect(throws: CausalityError.birthsWanted([second])) { try ancestry.insert(child) }
    try ancestry.insert(birth(second))
    try ancestry.insert(child)
    #expect(ancestry[third] == child)
    #expect(ancestry.covers(VersionVector(Dot(third, 1)), Dot(second, 2)))
  }

  @Test func `a birth known already is taken again without effect`() throws {
    var ancestry = Ancestry()
    try ancestry.insert(birth(first))
    try ancestry.insert(birth(second, Dot(first, 2)))
    try ancestry.insert(birth(second, Dot(first, 2)))
    #expect(ancestry[second] == birth(second, Dot(first, 2)))
  }

  @Test func `another birth of a known epoch is a fork and changes nothing`() throws {
    var ancestry = Ancestry()
    try ancestry.insert(birth(first))
    try ancestry.insert(birth(second, Dot(first, 2)))
    let forks = [
      birth(second), birth(second, Dot(first, 3)), birth(second, Dot(third, 1)),
      Birth(
        epoch: second, author: Author(place: author.place, role: .hub),
        parents: VersionVector(Dot(first, 2))),
      Birth(
        epoch: second, author: Author(place: PlaceID(bits: 8), role: .station),
        parents: VersionVector(Dot(first, 2))),
    ]
    for fork in forks {
      #expect(throws: CausalityError.birthFork(second)) { try ancestry.insert(fork) }
    }
    #expect(ancestry[second] == birth(second, Dot(first, 2)))
    #expect(!ancestry.covers(VersionVector(Dot(second, 1)), Dot(first, 3)))
  }

  @Test func `an epoch born from itself is a fork`() {
    var ancestry = Ancestry()
    #expect(throws: CausalityError.birthFork(first)) {
      try ancestry.insert(birth(first, Dot(first, 1)))
    }
    #expect(ancestry.isEmpty)
  }

  @Test func `a reader at its base can take what is sent, and is sent no more`() {
    withEverySeed(0..<300) { random in
      let lineage = try Lineage(epochs: 1 + random.below(24), from: &random)
      for _ in 0..<20 {
        let base = lineage.vector(from: &random)
        let target = lineage.ancestry.join(lineage.vector(from: &random), base)
        let held = lineage.expand(base)
        var reader = Ancestry()
        for birth in lineage.births where held[birth.epoch] != nil { try reader.insert(birth) }

        let sent = lineage.ancestry.births(at: target, beyond: base)
        for birth in sent { try reader.insert(birth) }
        try demand(reader.unknown(in: target).isEmpty, "[\(base)] to [\(target)]")
        let wanted = Set(lineage.expand(target).keys).subtracting(held.keys)
        try demand(
          sent.count == wanted.count && Set(sent.map(\.epoch)) == wanted,
          "[\(base)] to [\(target)]")
        for birth in lineage.births where lineage.expand(target)[birth.epoch] != nil {
          try demand(reader[birth.epoch] == birth, "\(birth.epoch) missing or changed")
        }
      }
    }
  }

  @Test func `births are sent in one order whoever sends them`() {
    withEverySeed(0..<100) { random in
      let lineage = try Lineage(epochs: 12, from: &random)
      let target = lineage.vector(from: &random)
      let sent = lineage.ancestry.births(at: target, beyond: VersionVector())
      // Another sender learned the same births in another order.
      var other = Ancestry()
      var waiting = random.shuffled(lineage.births)
      while !waiting.isEmpty {
        let birth = waiting.removeFirst()
        if other.unknown(in: birth.parents).isEmpty {
          try other.insert(birth)
        } else {
          waiting.append(birth)
        }
      }
      try demand(other.births(at: target, beyond: VersionVector()) == sent, "[\(target)]")
    }
  }

  @Test func `roles keep their numbers`() {
    #expect(Role.allCases.map(\.rawValue) == [0, 1])
    #expect(Role.hub.rawValue > Role.station.rawValue)
  }
}
