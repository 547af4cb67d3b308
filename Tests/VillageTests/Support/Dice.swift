import Synchronization
import Testing

/// SplitMix64 behind a lock: the same numbers from the same seed, wherever they are asked for.
final class Dice: Sendable {
  private let state: Mutex<UInt64>

  init(seed: UInt64) { state = Mutex(seed) }

  func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }
}

/// For laws over random sheets: prints its seed where a test fails.
struct Seeded: RandomNumberGenerator, CustomTestStringConvertible {
  let seed: UInt64
  private let dice: Dice

  init(_ seed: UInt64) {
    self.seed = seed
    dice = Dice(seed: seed)
  }

  func next() -> UInt64 { dice.next() }

  func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  var testDescription: String { "seed \(seed)" }
}
