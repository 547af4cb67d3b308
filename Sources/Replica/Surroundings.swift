package import Causality

/// What a replica needs of the world besides its files. Given, so that tests and the simulator
/// can say what time it is and what the dice show.
package struct Surroundings: Sendable {
  /// Milliseconds since 1970 by this machine's clock, right or wrong.
  package let wall: @Sendable () -> Int64
  /// 64 random bits.
  package let random: @Sendable () -> UInt64
  /// Which start of the machine this is, and the milliseconds since; nil where that is not known.
  package let boot: (@Sendable () -> (id: String, uptime: Int64)?)?
  /// Whether the system keeps the clock right, from the network or a receiver.
  package let isClockKept: @Sendable () -> Bool
  /// Whether the machine has a clock that goes on while it is off, and the system was set by it.
  package let hasClockBattery: @Sendable () -> Bool
  /// A folder that is lost with the machine's memory, where leases are left; nil for none, so that
  /// each opening that writes begins new epochs.
  package let memoryFolder: String?
  /// What this replica alone knows, of which Trust makes its keys, the newest first; none where nothing
  /// is exchanged.
  package let secrets: [[UInt8]]
  /// Signs what a hub writes, with the newest of its keys; nil where there are none.
  package let sign: (@Sendable ([UInt8]) -> [UInt8])?

  package init(
    wall: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64,
    memoryFolder: String? = nil, boot: (@Sendable () -> (id: String, uptime: Int64)?)? = nil,
    isClockKept: @escaping @Sendable () -> Bool = { false },
    hasClockBattery: @escaping @Sendable () -> Bool = { false }, secrets: [[UInt8]] = [],
    sign: (@Sendable ([UInt8]) -> [UInt8])? = nil
  ) {
    self.wall = wall
    self.random = random
    self.memoryFolder = memoryFolder
    self.boot = boot
    self.isClockKept = isClockKept
    self.hasClockBattery = hasClockBattery
    self.secrets = secrets
    self.sign = sign
  }
}

/// Who a replica is.
package struct Identity: Hashable, Sendable {
  package let author: Author

  package init(_ author: Author) { self.author = author }

  package var place: PlaceID { author.place }
  package var role: Role { author.role }
}
