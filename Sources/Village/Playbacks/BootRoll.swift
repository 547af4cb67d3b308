internal import Records
internal import Replica

/// The starts of the machine in which something was played, counted. A number travels for next to
/// nothing where the system's own id would cost bytes every day.
///
/// A database that was set back counts some numbers again; their events lie in other epochs, since
/// none goes on over a start of the machine.
struct BootRoll: Equatable {
  private static let kind = "boot"
  private static let key = "last"
  /// Reading two clocks takes a moment, so the second may be the next one.
  private static let tolerance: Int64 = 1

  private(set) var id = ""
  private(set) var number: Int64 = 0
  private(set) var booted: Int64?

  init(_ store: Store) throws {
    guard let bytes = try store.keepsake(Self.kind, Self.key) else { return }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
    guard (2...3).contains(words.count), let number = Int64(words[1]), number > 0 else { return }
    self.number = number
    id = words[0]
    booted = words.count == 3 ? Int64(words[2]) : nil
  }

  private func keep(_ store: Store) throws {
    let text = "\(id) \(number)" + (booted.map { " \($0)" } ?? "")
    try store.keep(Array(text.utf8), Self.kind, Self.key)
  }

  /// The number of a start, which is the latest.
  static func number(of id: String, _ store: Store) throws -> Int64 {
    var roll = try BootRoll(store)
    guard roll.id != id else { return roll.number }
    roll.id = id
    roll.number += 1
    roll.booted = nil
    try roll.keep(store)
    return roll.number
  }

  /// In which second the machine started, by this look at its clocks: the same as last time unless
  /// the clock was set.
  static func booted(_ number: Int64, by sight: Moment, _ store: Store) throws -> Int64? {
    guard let uptime = sight.uptime else { return nil }
    let difference = sight.wall &- uptime
    let second = difference >= 0 ? difference / 1000 : (difference &- 999) / 1000
    var roll = try BootRoll(store)
    guard roll.number == number else { return second }
    if let last = roll.booted, abs(second &- last) <= tolerance { return last }
    roll.booted = second
    try roll.keep(store)
    return second
  }
}
