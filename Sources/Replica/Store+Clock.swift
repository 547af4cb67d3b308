internal import Records

/// What is known of this machine's clock. A board without a clock battery starts in 1970, and a
/// wrong clock may be right tomorrow: the time that a hub or a courier brought is data beside it, and
/// counts on by the time since the machine started (design 3).
package struct ClockSight: Equatable, Sendable {
  package enum Source: String, Sendable {
    /// The hub's clock, over a link.
    case hub
    /// When a bundle on a stick was made: it cannot be earlier than that.
    case stick
  }

  /// Which start of the machine.
  let boot: String
  /// Milliseconds since that start.
  let uptime: Int64
  /// What was told: milliseconds since 1970.
  package let told: Int64
  /// By how much this machine's clock was behind: milliseconds.
  package let behind: Int64
  package let source: Source
  /// The machine's clock is not gone by.
  package let isCorrected: Bool
}

extension Store {
  /// A difference that is no fault yet: milliseconds.
  private static let tolerance: Int64 = 5 * 60_000
  /// From the first of November 2026 on, when this program was made, for some decades: whoever tells
  /// another time is wrong.
  private static let plausible: ClosedRange<Int64> = 1_793_491_200_000...3_155_760_000_000
  /// By how much a clock that shows a plausible time may be off and be corrected. Further off, it is
  /// rather the other's that is wrong.
  private static let correctionMax: Int64 = 400 * 86_400_000

  /// Milliseconds since 1970, as well as they are known here. For people, and at most a tie-break
  /// (P1).
  package var now: Int64 {
    let wall = surroundings.wall()
    guard let sight = clockSight, sight.isCorrected, let boot = surroundings.boot?(),
      boot.id == sight.boot
    else { return wall }
    let time = sight.told + boot.uptime - sight.uptime
    return abs(time - wall) > Self.tolerance ? time : wall
  }

  /// Whether this machine's clock shows a time at which this program can run.
  package var isClockPlausible: Bool { Self.plausible.contains(surroundings.wall()) }

  /// Which start of the machine this is, and the milliseconds since; nil where that is not known.
  package var sinceBoot: (id: String, uptime: Int64)? { surroundings.boot?() }

  /// Whether anybody vouches for `now`: the system that keeps the clock, the hub, heard since the
  /// machine started, or a clock with a battery that shows what can be and that nobody contradicts. A
  /// stick tells only that it is not earlier. A clock that was saved to the disk and goes on from
  /// there looks right, and is behind by as long as the machine was off: so looks are not enough.
  package var isClockVouched: Bool {
    if surroundings.isClockKept() { return true }
    if surroundings.hasClockBattery(), Self.plausible.contains(surroundings.wall()),
      clockSight == nil
    {
      return true
    }
    guard let boot = surroundings.boot?() else { return false }
    if let sight = clockSight { return sight.isCorrected && sight.source == .hub }
    guard let agreed = ((try? meta("clock_agreed")) ?? nil).flatMap(Agreement.init(text:)),
      agreed.boot == boot.id
    else { return false }
    return agreed.fits(surroundings.wall(), uptime: boot.uptime)
  }

  /// The hub and this machine's clock told the same time.
  private func agree(
    told: Int64, _ boot: (id: String, uptime: Int64)
  ) throws(ReplicaError) {
    let known = try meta("clock_agreed").flatMap(Agreement.init(text:))
    // Once for each start of the machine, and again if the clock was set meanwhile.
    if let known, known.boot == boot.id, known.fits(surroundings.wall(), uptime: boot.uptime) {
      return
    }
    try setMeta(
      "clock_agreed", Agreement(boot: boot.id, uptime: boot.uptime, told: told).text)
  }

  private struct Agreement {
    let boot: String
    let uptime: Int64
    let told: Int64

    var text: String { "\(boot) \(uptime) \(told)" }

    init(boot: String, uptime: Int64, told: Int64) {
      (self.boot, self.uptime, self.told) = (boot, uptime, told)
    }

    init?(text: String) {
      let words = text.split(separator: " ").map(String.init)
      guard words.count == 3, let uptime = Int64(words[1]), let told = Int64(words[2]) else {
        return nil
      }
      self.init(boot: words[0], uptime: uptime, told: told)
    }

    /// Whether the clock has gone on since as the machine has.
    func fits(_ wall: Int64, uptime now: Int64) -> Bool {
      abs((told &+ now &- uptime) &- wall) <= tolerance
    }
  }

  /// What was last heard of the time since the machine started; nil if nothing was wrong with it.
  package var clockSight: ClockSight? {
    let sight = knownSight ?? ((try? meta("clock")) ?? nil).flatMap(ClockSight.init(text:))
    knownSight = .some(sight)
    return sight?.boot == surroundings.boot?()?.id ? sight : nil
  }

  /// Takes in what time it is elsewhere: milliseconds since 1970.
  ///
  /// A clock that the system keeps right is believed before any hub's. A stick tells only that it is
  /// not earlier; `isLatest` if nothing later was heard from there.
  package func hear(
    time told: Int64, from source: ClockSight.Source, isLatest: Bool = true
  ) throws(ReplicaError) {
    guard let boot = surroundings.boot?() else { return }
    let before = clockSight
    let wall = surroundings.wall()
    // No sum of these can overflow.
    let told = min(max(told, -Self.timeMax), Self.timeMax)
    let behind = told - wall
    let isRight = source == .hub ? abs(behind) <= Self.tolerance : behind <= Self.tolerance
    if isRight {
      if source == .hub { try agree(told: told, boot) }
      // What a stick has once brought another stick may take back, but not the hub's own word.
      guard before != nil, source == .hub || isLatest && before?.source == .stick else { return }
      try setSight(nil)
    } else if source == .hub
      ? abs(told - now) > Self.tolerance
      : told - now > Self.tolerance
        || isLatest && before?.source == .stick
    {
      let isNear = abs(behind) <= Self.correctionMax || !Self.plausible.contains(wall)
      let isCorrected =
        Self.plausible.contains(told) && isNear && !surroundings.isClockKept()
      try setSight(
        ClockSight(
          boot: boot.id, uptime: boot.uptime, told: told, behind: behind, source: source,
          isCorrected: isCorrected))
    }
  }

  private static let timeMax: Int64 = 1 << 56

  private func setSight(_ sight: ClockSight?) throws(ReplicaError) {
    guard sight != clockSight else { return }
    try setMeta("clock", sight?.text ?? "")
    knownSight = .some(sight)
  }
}

extension ClockSight {
  fileprivate var text: String {
    "\(boot) \(uptime) \(told) \(behind) \(source.rawValue) \(isCorrected ? 1 : 0)"
  }

  fileprivate init?(text: String) {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 6, let uptime = Int64(words[1]), let told = Int64(words[2]),
      let behind = Int64(words[3]), let source = Source(rawValue: words[4])
    else { return nil }
    self.init(
      boot: words[0], uptime: uptime, told: told, behind: behind, source: source,
      isCorrected: words[5] == "1")
  }
}
