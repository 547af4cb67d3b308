import Causality
import Records
import Testing

/// What each rule shows, by example.
@Suite struct RuleTests {
  /// One sibling of an example. Stations write odd epochs, hubs even ones.
  private static func by(
    _ role: Role, _ time: Int64, _ value: Value, epoch: UInt64 = 0
  ) -> Sibling {
    let bits = 2 * (UInt64(time) * 10 + epoch + 1) + (role == .hub ? 0 : 1)
    return Sibling(
      dot: Dot(Epoch(bits: bits), 1), time: HybridTime(milliseconds: time), value: value)
  }

  private static func role(_ epoch: Epoch) -> Role { epoch.bits % 2 == 0 ? .hub : .station }

  struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rule: Rule
    let siblings: [Sibling]
    /// The index of the sibling shown.
    let winner: Int
    var conflict = false
  }

  private static let examples: [Example] = [
    .init(
      testDescription: "authority: an old value of the hub before a new one of the station",
      rule: .authority,
      siblings: [by(.station, 9, .text("s")), by(.hub, 1, .text("h"))], winner: 1, conflict: true),
    .init(
      testDescription: "authority: the later of two hubs", rule: .authority,
      siblings: [by(.hub, 1, .text("a")), by(.hub, 2, .text("b"))], winner: 1, conflict: true),
    .init(
      testDescription: "authority: the later of two stations", rule: .authority,
      siblings: [by(.station, 3, .text("a")), by(.station, 2, .text("b"))], winner: 0,
      conflict: true),
    .init(
      testDescription: "authority: the hub emptied the field", rule: .authority,
      siblings: [by(.station, 9, .text("s")), by(.hub, 1, .null)], winner: 1, conflict: true),
    .init(
      testDescription: "latest: time before role", rule: .latest,
      siblings: [by(.station, 9, .text("s")), by(.hub, 1, .text("h"))], winner: 0, conflict: true),
    .init(
      testDescription: "latest: an empty value is a value", rule: .latest,
      siblings: [by(.station, 9, .null), by(.hub, 1, .text("h"))], winner: 0, conflict: true),
    .init(
      testDescription: "latest: the greater dot at equal times", rule: .latest,
      siblings: [by(.hub, 4, .text("b"), epoch: 2), by(.hub, 4, .text("a"), epoch: 1)], winner: 0,
      conflict: true),
    .init(
      testDescription: "latest: equal values are no conflict", rule: .latest,
      siblings: [by(.hub, 4, .text("a")), by(.station, 5, .text("a"))], winner: 1),
    .init(
      testDescription: "latest: texts that look alike are different bytes", rule: .latest,
      siblings: [by(.hub, 4, .text("é")), by(.hub, 5, .text("e\u{301}"))], winner: 1,
      conflict: true),
    .init(
      testDescription: "keepAll: the latest until a person chooses", rule: .keepAll,
      siblings: [by(.hub, 1, .text("a")), by(.station, 2, .text("b"))], winner: 1, conflict: true),
    .init(
      testDescription: "keepAll: equal values are no conflict", rule: .keepAll,
      siblings: [by(.hub, 1, .integer(4)), by(.station, 2, .integer(4))], winner: 1),
    .init(
      testDescription: "maximum: the greatest number, however old", rule: .maximum,
      siblings: [by(.hub, 1, .integer(12)), by(.hub, 9, .integer(-300))], winner: 0),
    .init(
      testDescription: "maximum: numbers by size and not by their bytes", rule: .maximum,
      siblings: [by(.hub, 1, .integer(1_000_000)), by(.hub, 9, .integer(127))], winner: 0),
    .init(
      testDescription: "maximum: an empty value never wins", rule: .maximum,
      siblings: [by(.hub, 9, .null), by(.hub, 1, .integer(Int64.min))], winner: 1),
    .init(
      testDescription: "maximum: the greatest text by its bytes", rule: .maximum,
      siblings: [by(.hub, 1, .text("ab")), by(.hub, 9, .text("a"))], winner: 0),
    .init(
      testDescription: "maximum: the least number but one is greater", rule: .maximum,
      siblings: [by(.hub, 1, .integer(-Int64.max)), by(.hub, 9, .integer(Int64.min))], winner: 0),
    .init(
      testDescription: "maximum: a number before a text", rule: .maximum,
      siblings: [by(.hub, 1, .integer(1)), by(.hub, 9, .text("9"))], winner: 0),
    .init(
      testDescription: "maximum: the latest of equal ones", rule: .maximum,
      siblings: [by(.hub, 1, .integer(5)), by(.hub, 9, .integer(5))], winner: 1),
    .init(
      testDescription: "minimum: the least number, however old", rule: .minimum,
      siblings: [by(.hub, 1, .integer(-300)), by(.hub, 9, .integer(12))], winner: 0),
    .init(
      testDescription: "minimum: an empty value never wins", rule: .minimum,
      siblings: [by(.hub, 9, .null), by(.hub, 1, .integer(Int64.max))], winner: 1),
    .init(
      testDescription: "minimum: an empty value never wins against a text either", rule: .minimum,
      siblings: [by(.hub, 9, .null), by(.hub, 1, .text("z"))], winner: 1),
    .init(
      testDescription: "minimum: the least text by its bytes", rule: .minimum,
      siblings: [by(.hub, 1, .text("a")), by(.hub, 9, .text("ab"))], winner: 0),
    .init(
      testDescription: "minimum: a text before the same and a zero byte", rule: .minimum,
      siblings: [by(.hub, 1, .text("a")), by(.hub, 9, .text("a\0"))], winner: 0),
    .init(
      testDescription: "minimum: the least number of all", rule: .minimum,
      siblings: [by(.hub, 1, .integer(Int64.min)), by(.hub, 9, .integer(-Int64.max))], winner: 0),
    .init(
      testDescription: "minimum: a number before a text", rule: .minimum,
      siblings: [by(.hub, 1, .integer(9)), by(.hub, 9, .text("1"))], winner: 0),
  ]

  @Test(arguments: examples)
  func `a rule shows the right sibling`(example: Example) {
    for siblings in [example.siblings, example.siblings.reversed()] {
      let shown = Shown(example.rule.resolve(siblings, role: Self.role))
      let winner = example.siblings[example.winner]
      #expect(shown == Shown(winner.value, winner: winner.dot, isConflict: example.conflict))
      #expect(example.rule.ranked(siblings, role: Self.role).first == winner)
    }
  }

  @Test(arguments: Rule.allCases)
  func `one sibling is shown as it is and nothing shows nothing`(rule: Rule) {
    let only = Self.by(.station, 3, Value(bytes: [200, 1]))
    #expect(
      Shown(rule.resolve([only], role: Self.role)) == Shown(only.value, winner: only.dot))
    #expect(rule.resolve([], role: Self.role) == nil)
    #expect(rule.ranked([], role: Self.role) == [])
  }

  @Test(arguments: Rule.allCases)
  func `equal siblings are no conflict by any rule`(rule: Rule) throws {
    let values: [Value] = [.null, .integer(0), .text(""), .text("b\na"), Value(bytes: [77])]
    for value in values {
      let siblings = [Self.by(.hub, 1, value), Self.by(.station, 2, value)]
      let shown = try #require(rule.resolve(siblings, role: Self.role))
      #expect(shown.value == value)
      #expect(!shown.isConflict)
      #expect(shown.winner != nil)
    }
  }

  @Test func `a later write that saw both settles a conflict`() throws {
    let field = FieldID(1)
    let (one, two, late) = (Epoch(bits: 1), Epoch(bits: 2), Epoch(bits: 3))
    let author = Author(place: PlaceID(bits: 1), role: .station)
    var ancestry = Ancestry()
    for epoch in [one, two, late] {
      try ancestry.insert(Birth(epoch: epoch, author: author, parents: VersionVector()))
    }
    var mine = RecordState(id: Dot(one, 1))
    mine.write(
      [(field, .text("a"))], at: Dot(one, 1), time: HybridTime(milliseconds: 5), in: ancestry)
    var theirs = RecordState(id: Dot(one, 1))
    theirs.write(
      [(field, .text("b"))], at: Dot(two, 1), time: HybridTime(milliseconds: 9), in: ancestry)
    mine.merge(theirs, in: ancestry)
    #expect(mine[field].count == 2)
    let stale = mine

    // The clock of the one who settles is wrong: it does not matter.
    mine.write(
      [(field, .text("a"))], at: Dot(late, 1), time: HybridTime(milliseconds: 0), in: ancestry)
    for old in [theirs, stale] { mine.merge(old, in: ancestry) }
    for rule in Rule.allCases {
      #expect(
        Shown(rule.resolve(mine[field], role: Self.role))
          == Shown(.text("a"), winner: Dot(late, 1)))
    }
  }
}
