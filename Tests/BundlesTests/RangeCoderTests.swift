import Testing

@testable import Bundles

/// The range coder and the models of numbers: what is written is read, and any bytes are read as
/// something.
@Suite struct RangeCoderTests {
  /// A step of a random stream.
  private enum Step {
    case bit(model: Int, Bool)
    case tree(count: Int, UInt64)
    case raw(count: Int, UInt64)
    case number(UInt64)
    case signed(Int64)
  }

  /// The models that a stream uses, which each side has to itself.
  private struct Models {
    let arena = ModelArena()
    let bits: UnsafeMutablePointer<BitModel>
    let tree: UnsafeMutablePointer<BitModel>
    let number: NumberModel
    let signed: NumberModel

    init() {
      bits = arena.models(8)
      tree = arena.models(64)
      number = NumberModel(arena)
      signed = NumberModel(arena)
    }

    /// Codes a step and says whether what came back is what went in.
    func code<C: BitCoder>(_ step: Step, _ coder: inout C, given: Bool) -> Bool {
      switch step {
      case .bit(let model, let value): coder.bit(bits + model, given && value) == value
      case .tree(let count, let value): coder.tree(tree, count, given ? value : 0) == value
      case .raw(let count, let value): coder.raw(count, given ? value : 0) == value
      case .number(let value): number.number(&coder, given ? value : 0) == value
      case .signed(let value): signed.signed(&coder, given ? value : 0) == value
      }
    }
  }

  private static func encode(_ steps: [Step]) throws -> [UInt8] {
    var coder = RangeEncoder()
    let models = Models()
    for step in steps {
      try demand(models.code(step, &coder, given: true), "the encoder returned another value")
    }
    return coder.finish()
  }

  private static func check(_ steps: [Step]) throws {
    let bytes = try encode(steps)
    try reading(bytes) { coder in
      let models = Models()
      for (index, step) in steps.enumerated() {
        try demand(models.code(step, &coder, given: false), "step \(index), \(step), read wrongly")
      }
    }
  }

  private static func reading(
    _ bytes: [UInt8], _ body: (inout RangeDecoder) throws -> Void
  ) throws {
    let empty: [UInt8] = [0]
    try bytes.withUnsafeBufferPointer { bytes in
      try empty.withUnsafeBufferPointer { empty in
        var coder = RangeDecoder(bytes, empty: try #require(empty.baseAddress))
        try body(&coder)
      }
    }
  }

  private static func step(_ random: inout SplitMix64, bias: Int) -> Step {
    switch random.below(10) {
    case 0:
      let count = 1 + random.below(6)
      return .tree(count: count, random.next() >> UInt64(64 - count))
    case 1:
      let count = random.below(32)
      return .raw(count: count, count == 0 ? 0 : random.next() >> UInt64(64 - count))
    case 2: return .number(random.anyLength())
    case 3:
      let magnitude = Int64(bitPattern: random.anyLength())
      return .signed(random.chance(50) ? magnitude : 0 &- magnitude)
    default: return .bit(model: random.below(8), random.chance(bias))
    }
  }

  @Test func `random bits, trees and numbers are read as they were written`() {
    withEverySeed(0..<200) { random in
      // From streams of nearly nothing but zeros to nearly nothing but ones.
      let bias = random.pick([0, 1, 20, 50, 80, 99, 100])
      let count = random.below(random.chance(10) ? 2000 : 150)
      try Self.check((0..<count).map { _ in Self.step(&random, bias: bias) })
    }
  }

  @Test func `an empty stream has no bytes`() throws {
    #expect(try Self.encode([]).isEmpty)
    try Self.check([])
  }

  @Test func `a stream of zeros costs no bytes`() throws {
    let zeros = (0..<5000).map { Step.bit(model: $0 % 8, false) }
    #expect(try Self.encode(zeros).isEmpty)
    try Self.check(zeros)
  }

  @Test func `a stream of ones costs almost no bytes`() throws {
    let ones = (0..<5000).map { Step.bit(model: $0 % 8, true) }
    #expect(try Self.encode(ones).count < 20)
    try Self.check(ones)
  }

  @Test func `bytes at the end that are zero are left out and missed by nobody`() throws {
    try withEveryCount(0..<64) { zeros in
      let steps = [Step.raw(count: 9, 0x155)] + (0..<zeros).map { _ in Step.raw(count: 8, 0) }
      let bytes = try Self.encode(steps)
      try demand(bytes.last != 0, "\(bytes)")
      try Self.check(steps)
    }
  }

  /// Runs of 0xFF in the output are where a carry has farthest to go.
  @Test func `a carry runs through any number of bytes`() throws {
    try withEveryCount(0..<40) { run in
      let ones = (0..<run).map { _ in Step.raw(count: 8, 0xFF) }
      let last = [Step.bit(model: 0, true), .bit(model: 0, true), .raw(count: 16, 0xFFFF)]
      try Self.check([.bit(model: 1, true)] + ones + last)
      try Self.check(ones + ones + last + ones)
    }
  }

  @Test func `numbers of every length are read as they were written`() throws {
    var edges: [UInt64] = [0, 1, UInt64.max]
    for bits in 1..<64 as Range<UInt64> {
      let power = 1 << bits as UInt64
      edges += [power - 1, power, power + 1]
    }
    try Self.check(edges.map { .number($0) })
    for edge in edges { try Self.check([.number(edge)]) }
    let signed = edges.flatMap { edge in
      [Int64(bitPattern: edge), 0 &- Int64(bitPattern: edge), Int64(bitPattern: edge) &- 1]
    }
    try Self.check((signed + [Int64.min, Int64.max, 0]).map { .signed($0) })
  }

  @Test func `small numbers cost less than large ones and repeated ones least`() throws {
    let repeated = try Self.encode((0..<500).map { _ in .number(5) })
    let small = try Self.encode((0..<500).map { .number(UInt64($0 % 8)) })
    let large = try Self.encode((0..<500).map { .number(UInt64.max / UInt64($0 + 1)) })
    #expect(repeated.count < 30)
    #expect(small.count < 230)
    #expect(large.count > 3500)
  }

  @Test func `any bytes are read as something and reading them ends`() {
    withEverySeed(1000..<1150) { random in
      let bytes = random.bytes(random.below(40))
      try Self.reading(bytes) { coder in
        let models = Models()
        // Far beyond the end of the bytes.
        for _ in 0..<300 {
          _ = models.code(Self.step(&random, bias: 50), &coder, given: false)
        }
      }
    }
  }

  private func withEveryCount(_ range: Range<Int>, _ body: (Int) throws -> Void) rethrows {
    for count in range { try body(count) }
  }
}
