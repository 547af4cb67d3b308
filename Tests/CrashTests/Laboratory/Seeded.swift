import Synchronization
import Testing

/// SplitMix64 behind a lock: the same numbers from the same seed, wherever they are asked for.
final class Seeded: RandomNumberGenerator, Sendable, CustomTestStringConvertible {
  let seed: UInt64
  private let state: Mutex<UInt64>

  init(_ seed: UInt64) {
    self.seed = seed
    state = Mutex(seed &* 0xD134_2543_DE82_EF95 &+ 1)
  }

  func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  func chance(_ percent: Int) -> Bool { below(100) < percent }

  /// A text of `count` letters that hardly compresses.
  func text(_ count: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    return String((0..<count).map { _ in letters[below(64)] })
  }

  var testDescription: String { "seed \(seed)" }
}
