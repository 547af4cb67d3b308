import Causality
import Records
import Testing

/// The laws of P2 on states that copies really reached, and against the oracle.
@Suite struct MergeLawTests {
  /// Calls `law` with triples of states of one record.
  private static func withTriples(
    _ seeds: Range<UInt64>,
    _ law: (_ states: [(state: RecordState, past: Past)], _ ancestry: Ancestry) throws -> Void
  ) {
    withEverySeed(seeds) { random in
      let parents: Parents = random.chance(70) ? .vector : .ownPast
      var history = RandomHistory(random, parents: parents, drops: parents == .vector)
      try history.run(steps: 40)
      guard !history.reached.isEmpty else { return }
      for _ in 0..<40 {
        let first = random.pick(history.reached)
        let same = history.reached.filter { $0.state.id == first.state.id }
        try law([first, random.pick(same), random.pick(same)], history.ancestry)
      }
    }
  }

  private static func merged(
    _ left: RecordState, _ right: RecordState, _ ancestry: Ancestry
  ) -> RecordState {
    var merged = left
    merged.merge(right, in: ancestry)
    return merged
  }

  @Test func `merging twice changes nothing`() {
    Self.withTriples(0..<150) { states, ancestry in
      let (one, two) = (states[0].state, states[1].state)
      let once = Self.merged(one, two, ancestry)
      try demand(Self.merged(one, one, ancestry) == one, "\(one)")
      try demand(Self.merged(once, two, ancestry) == once, "\(one)\n\(two)")
      try demand(Self.merged(once, one, ancestry) == once, "\(one)\n\(two)")
    }
  }

  @Test func `either side may merge the other`() {
    Self.withTriples(200..<350) { states, ancestry in
      let (one, two) = (states[0].state, states[1].state)
      try demand(
        Self.merged(one, two, ancestry) == Self.merged(two, one, ancestry), "\(one)\n\(two)")
    }
  }

  @Test func `the order of merges makes no difference`() {
    Self.withTriples(400..<550) { states, ancestry in
      let (one, two, three) = (states[0].state, states[1].state, states[2].state)
      let left = Self.merged(Self.merged(one, two, ancestry), three, ancestry)
      let right = Self.merged(one, Self.merged(two, three, ancestry), ancestry)
      try demand(left == right, "\(one)\n\(two)\n\(three)")
    }
  }

  @Test func `a merge holds what both histories together must hold`() {
    Self.withTriples(600..<750) { states, ancestry in
      var past = states[0].past
      past.unite(states[1].past)
      let merged = Self.merged(states[0].state, states[1].state, ancestry)
      let expected = past.expected(merged.id, fields: Copy.fields)
      try demand(merged == expected, "\(merged)\nnot \(expected)")
    }
  }

  @Test func `merging into nothing gives the other state`() {
    Self.withTriples(800..<850) { states, ancestry in
      let state = states[0].state
      let merged = Self.merged(RecordState(id: state.id), state, ancestry)
      try demand(merged == state, "\(merged)\nnot \(state)")
      try demand(Self.merged(state, RecordState(id: state.id), ancestry) == state, "\(state)")
    }
  }

  @Test func `a merge never lists a field without values nor a dot its vector does not cover`() {
    Self.withTriples(900..<1000) { states, ancestry in
      let merged = Self.merged(states[0].state, states[1].state, ancestry)
      for state in merged.fields { try demand(!state.siblings.isEmpty, "\(merged)") }
      for dot in merged.survivingDots {
        try demand(ancestry.covers(merged.vector, dot), "\(dot) in \(merged)")
      }
      let dots = merged.fields.flatMap { $0.siblings.map(\.dot) }
      try demand(merged.survivingDots == Set(dots).sorted(), "\(merged)")
    }
  }
}
