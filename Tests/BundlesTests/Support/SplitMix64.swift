import Testing

/// The generator of Steele, Lea and Flood (2014): the same numbers on every machine and with
/// every version of Swift, so a seed that failed once fails again.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to `limit - 1`.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// True in `percent` of a hundred cases.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// A number of a random length in bits: small ones are as likely as large ones.
  mutating func anyLength() -> UInt64 {
    let bits = below(65)
    return bits == 0 ? 0 : next() >> UInt64(64 - bits)
  }
}

/// A law that did not hold.
struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// Cheaper than `#expect` in loops of thousands.
func demand(_ holds: Bool, _ law: @autoclosure () -> String) throws {
  if !holds { throw Broken(description: law()) }
}

/// Runs `body` with a generator for each seed, and names the first seed that fails.
func withEverySeed(
  _ seeds: Range<UInt64>, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (inout SplitMix64) throws -> Void
) {
  for seed in seeds {
    var random = SplitMix64(seed: seed)
    do {
      try body(&random)
    } catch {
      Issue.record("seed \(seed): \(error)", sourceLocation: sourceLocation)
      return
    }
  }
}
