import Causality
import Records
import Testing

/// Every rule's order is total: some winner among any siblings, and the same in any order.
@Suite struct RuleOrderTests {
  private static let odd: [Value] = [
    .null, .integer(0), .integer(-1), .integer(5), .integer(Int64.min), .integer(-Int64.max),
    .integer(Int64.max), .text(""), .text("a"), .text("a\0"), .text("ab"), .text("\u{E9}"),
    .text("e\u{301}"), .dot(Dot(Epoch(bits: 3), 1)), Value(bytes: []), Value(bytes: [0, 0]),
    Value(bytes: [1]), Value(bytes: [2, 0xFF]), Value(bytes: [2, 0xFF, 0]), Value(bytes: [250, 4]),
  ]

  private static func role(_ epoch: Epoch) -> Role { epoch.bits % 2 == 0 ? .hub : .station }

  /// Up to five siblings with different dots, often alike in time or value.
  private static func siblings(_ random: inout SplitMix64) -> [Sibling] {
    random.shuffled(Array(1...12)).prefix(2 + random.below(4)).map { bits in
      Sibling(
        dot: Dot(Epoch(bits: UInt64(bits)), UInt64(1 + random.below(3))),
        time: HybridTime(milliseconds: Int64(random.below(3)), count: UInt16(random.below(2))),
        value: random.chance(80) ? random.pick(odd) : random.foreignValue())
    }
  }

  /// Whether `left` prevails over `right`: the rules once more, in other words.
  private static func prevails(_ left: Sibling, over right: Sibling, by rule: Rule) -> Bool {
    switch rule {
    case .authority where role(left.dot.epoch) != role(right.dot.epoch):
      return role(left.dot.epoch) == .hub
    case .maximum, .minimum:
      if left.value.isNull != right.value.isNull { return right.value.isNull }
      switch (left.value.integer, right.value.integer) {
      case (let one?, let other?) where one != other: return (one > other) == (rule == .maximum)
      case (.some, nil): return true
      case (nil, .some): return false
      case (nil, nil) where left.value != right.value:
        let less = left.value.bytes.lexicographicallyPrecedes(right.value.bytes)
        return less == (rule == .minimum)
      default: break
      }
    default: break
    }
    return left.time != right.time ? left.time > right.time : left.dot > right.dot
  }

  @Test(arguments: Rule.allCases)
  func `the one ranked first is the one that prevails over every other`(rule: Rule) {
    withEverySeed(0..<1500) { random in
      let siblings = Self.siblings(&random)
      let ranked = rule.ranked(siblings, role: Self.role)
      for (at, sibling) in ranked.enumerated() {
        for lesser in ranked[(at + 1)...] {
          try demand(
            Self.prevails(sibling, over: lesser, by: rule), "\(sibling) over \(lesser)")
        }
      }
      try demand(Set(ranked) == Set(siblings) && ranked.count == siblings.count, "\(siblings)")
    }
  }

  @Test(arguments: Rule.allCases)
  func `of any subset the one ranked highest wins`(rule: Rule) {
    withEverySeed(0..<500) { random in
      let siblings = Self.siblings(&random)
      let ranked = rule.ranked(siblings, role: Self.role)
      for subset in 1..<(1 << siblings.count) {
        let some = siblings.indices.filter { subset & (1 << $0) != 0 }.map { siblings[$0] }
        let shown = rule.resolve(some, role: Self.role)
        guard let winner = shown?.winner else {
          try demand(rule == .union, "no winner among \(some)")
          continue
        }
        let first = ranked.first { some.contains($0) }
        try demand(winner == first?.dot && shown?.value == first?.value, "\(some)")
      }
    }
  }

  @Test(arguments: Rule.allCases)
  func `the order of siblings makes no difference`(rule: Rule) {
    withEverySeed(0..<1500) { random in
      let siblings = Self.siblings(&random)
      let shuffled = random.shuffled(siblings)
      let shown = rule.resolve(siblings, role: Self.role)
      try demand(shown == rule.resolve(shuffled, role: Self.role), "\(siblings)")
      try demand(
        rule.ranked(siblings, role: Self.role) == rule.ranked(shuffled, role: Self.role),
        "\(siblings)")
      let differ = Set(siblings.map(\.value)).count > 1
      if !differ { try demand(shown?.isConflict == false, "\(siblings)") }
      if differ, rule.hasLosers { try demand(shown?.isConflict == true, "\(siblings)") }
    }
  }

  @Test func `an empty value wins only among empty values where size decides`() {
    withEverySeed(0..<1000) { random in
      let siblings = Self.siblings(&random)
      for rule in [Rule.maximum, .minimum] {
        let shown = rule.resolve(siblings, role: Self.role)
        let allNull = siblings.allSatisfy(\.value.isNull)
        try demand(shown?.value.isNull == allNull, "\(rule) of \(siblings)")
      }
    }
  }
}
