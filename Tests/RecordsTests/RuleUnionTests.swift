import Causality
import Records
import Testing

/// The one rule whose result is nobody's value.
@Suite struct RuleUnionTests {
  private static func shown(_ values: [Value]) -> Shown? {
    let siblings = values.enumerated().map { index, value in
      Sibling(
        dot: Dot(Epoch(bits: UInt64(index + 1)), 1), time: HybridTime(milliseconds: Int64(index)),
        value: value)
    }
    return Shown(Rule.union.resolve(siblings, role: { _ in .station }))
  }

  struct Example: Sendable {
    let values: [Value]
    let shown: String
  }

  @Test(arguments: [
    Example(values: [.text("a\nc"), .text("b")], shown: "a\nb\nc"),
    Example(values: [.text("b\na"), .text("b\na\na")], shown: "a\nb"),
    Example(values: [.text("a"), .null], shown: "a"),
    Example(values: [.null, .text("")], shown: ""),
    Example(values: [.text("\na\n\n"), .text("b\n")], shown: "a\nb"),
    Example(values: [.text("二"), .text("一"), .text("三\n一")], shown: "一\n三\n二"),
    // Order is by bytes: a language's own order changes with the version of its tables.
    Example(values: [.text("a"), .text("B"), .text("é"), .text("z")], shown: "B\na\nz\né"),
    // A line feed ends a line whatever stands before it.
    Example(values: [.text("a\r\nb"), .text("b")], shown: "a\r\nb"),
  ])
  func `a union shows every element once`(example: Example) {
    let expected = Shown(.text(example.shown))
    #expect(Self.shown(example.values) == expected)
    #expect(Self.shown(example.values.reversed()) == expected)
  }

  @Test func `elements that look alike but differ in bytes both stay`() {
    let composed = Value.text("\u{E9}")
    let decomposed = Value.text("e\u{301}")
    let both = Shown(.text("e\u{301}\n\u{E9}"))
    #expect(Self.shown([composed, decomposed]) == both)
    #expect(Self.shown([decomposed, composed]) == both)
  }

  @Test func `elements that are not UTF-8 stay as they are`() {
    let shown = Self.shown([.text("a"), Value(bytes: [2, 0xFF, 0x0A, 0x61])])
    #expect(shown?.value.bytes == [2, 0x61, 0x0A, 0xFF])
  }

  @Test(arguments: [Value.integer(4), Value.dot(Dot(Epoch(bits: 1), 1)), Value(bytes: [9, 1])])
  func `a value that has no lines is not dropped in silence`(other: Value) {
    // P3: it cannot be united, so the latest is shown and people see that there is more.
    #expect(Self.shown([other, .text("a")])?.value == .text("a"))
    #expect(Self.shown([other, .text("a")])?.isConflict == true)
    #expect(Self.shown([.text("a"), other])?.value == other)
    #expect(Self.shown([.text("a"), other])?.isConflict == true)
  }

  @Test func `a union is the same whoever unites first`() {
    withEverySeed(0..<500) { random in
      let values = (0..<3).map { _ in Value.text(random.text()) }
      let all = Self.shown(values)?.value
      let pair = Self.shown([values[0], values[1]])?.value ?? .null
      let elements = { (value: Value?) in
        Set((value?.bytes ?? [2]).dropFirst().split(separator: 10))
      }
      let expected = values.reduce(into: Set<ArraySlice<UInt8>>()) { $0.formUnion(elements($1)) }
      try demand(elements(all) == expected, "\(values): \(all ?? .null)")
      try demand(elements(Self.shown([pair, values[2]])?.value) == expected, "\(values)")
      let shuffled = random.shuffled(values)
      try demand(
        Set(values).count == 1 || Self.shown(shuffled)?.value == all, "\(values), \(shuffled)")
    }
  }
}
