internal import Synchronization

/// SplitMix64: the same numbers from the same seed. Each concern has a stream of its own, so that one
/// choice more in one place changes nothing elsewhere.
package struct Dice: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64, _ stream: StaticString = "", _ number: UInt64 = 0) {
    var word = seed &* 0xD134_2543_DE82_EF95 &+ number &* 0x9FB2_1C65_1E98_DF25 &+ 1
    stream.withUTF8Buffer { for byte in $0 { word = (word ^ UInt64(byte)) &* 0x100_0000_01B3 } }
    state = word
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  /// Nil of an empty list.
  mutating func pick<Element>(_ list: [Element]) -> Element? {
    list.isEmpty ? nil : list[below(list.count)]
  }
}

/// Dice that a machine throws: set anew before each action, so that an action that is left out changes
/// nothing of what the others throw.
final class MachineDice: Sendable {
  private let dice: Mutex<Dice>

  init(_ dice: Dice) { self.dice = Mutex(dice) }

  func set(_ dice: Dice) { self.dice.withLock { $0 = dice } }
  func next() -> UInt64 { dice.withLock { $0.next() } }
}

/// What a machine takes for the time.
final class MachineClock: Sendable {
  enum Fault: CaseIterable {
    case none, year1970, year2099, ahead, behind, frozen
  }

  private let milliseconds = Mutex<Int64>(0)

  var now: Int64 {
    get { milliseconds.withLock { $0 } }
    set { milliseconds.withLock { $0 = newValue } }
  }
}
