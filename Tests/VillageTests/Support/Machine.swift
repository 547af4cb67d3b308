import Replica
import Synchronization

@testable import Village

/// A machine whose clocks a test sets. The system does not keep its clock right.
final class Machine: Sendable {
  struct Hands {
    var wall: Int64
    var boot: String? = "5a1e0000-0000-4000-8000-000000000001"
    var uptime: Int64 = 60_000
    var isKept = false
    var hasBattery = false
  }

  let hands: Mutex<Hands>
  private let dice = Dice(seed: 7)

  /// The first of March 2027, 09:00 at +08:00.
  static let morning: Int64 = 1_803_862_800_000

  init(_ wall: Int64 = morning) { hands = Mutex(Hands(wall: wall)) }

  func pass(seconds: Int64) {
    hands.withLock {
      $0.wall += seconds * 1000
      $0.uptime += seconds * 1000
    }
  }

  func set(wall: Int64) { hands.withLock { $0.wall = wall } }

  /// The power comes back after so many seconds.
  func restart(after seconds: Int64 = 600) {
    hands.withLock {
      $0.wall += seconds * 1000
      $0.uptime = 20_000
      $0.boot = ($0.boot ?? "") + "'"
    }
  }

  var surroundings: Surroundings {
    let dice = dice
    return Surroundings(
      wall: { self.hands.withLock { $0.wall } }, random: { dice.next() },
      boot: { self.hands.withLock { hands in hands.boot.map { ($0, hands.uptime) } } },
      isClockKept: { self.hands.withLock { $0.isKept } },
      hasClockBattery: { self.hands.withLock { $0.hasBattery } })
  }
}
