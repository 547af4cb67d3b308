import Causality
import Records
import Synchronization
import Testing

@testable import Replica

/// What a replica makes of a clock that is wrong (P1: nothing but what people read depends on it).
@Suite struct ClockTests {
  /// A machine whose clocks the test sets.
  private final class Machine: Sendable {
    struct Hands {
      var wall: Int64
      var boot = "a"
      var uptime: Int64 = 1000
      var isKept = false
    }

    let hands: Mutex<Hands>

    init(_ wall: Int64) { hands = Mutex(Hands(wall: wall)) }

    func pass(_ milliseconds: Int64) {
      hands.withLock {
        $0.wall += milliseconds
        $0.uptime += milliseconds
      }
    }

    var surroundings: Surroundings {
      let dice = Seeded(1)
      return Surroundings(
        wall: { self.hands.withLock { $0.wall } }, random: { dice.next() },
        boot: { self.hands.withLock { ($0.boot, $0.uptime) } },
        isClockKept: { self.hands.withLock { $0.isKept } })
    }
  }

  private static let hour: Int64 = 3_600_000
  /// The first of January 2027.
  private static let today: Int64 = 1_798_761_600_000

  private func replica(_ machine: Machine, _ ground: Ground) throws -> Replica {
    try Replica.create(
      at: ground.newPath(), as: Identity(Author(place: Shelf.village, role: .station)),
      schema: Shelf.schema, surroundings: machine.surroundings)
  }

  @Test func `a clock without a battery is corrected, and the time goes on by itself`() throws {
    let ground = try Ground()
    let machine = Machine(0)
    let replica = try replica(machine, ground)
    try replica.write { try $0.hear(time: Self.today, from: .hub) }
    #expect(try replica.read { $0.now } == Self.today)
    machine.pass(Self.hour)
    #expect(try replica.read { $0.now } == Self.today + Self.hour)
    let sight = try #require(try replica.read { $0.clockSight })
    #expect(sight.isCorrected && sight.behind == Self.today && sight.source == .hub)
    // Another start of the machine: nobody knows how long it was off.
    machine.hands.withLock {
      $0.boot = "b"
      $0.wall = 5
    }
    #expect(try replica.read { $0.now } == 5)
    #expect(try replica.read { $0.clockSight } == nil)
  }

  @Test func `a clock that somebody has set right is believed again`() throws {
    let ground = try Ground()
    let machine = Machine(0)
    let replica = try replica(machine, ground)
    try replica.write { try $0.hear(time: Self.today, from: .hub) }
    machine.hands.withLock { $0.wall = Self.today + 7 }
    #expect(try replica.read { $0.now } == Self.today + 7)
    try replica.write { try $0.hear(time: Self.today, from: .hub) }
    #expect(try replica.read { $0.clockSight } == nil)
  }

  @Test func `a stick tells only that it is not earlier`() throws {
    let ground = try Ground()
    let machine = Machine(Self.today)
    let replica = try replica(machine, ground)
    try replica.write { try $0.hear(time: Self.today - 100 * Self.hour, from: .stick) }
    #expect(try replica.read { $0.clockSight } == nil)
    try replica.write { try $0.hear(time: Self.today + 100 * Self.hour, from: .stick) }
    #expect(try replica.read { $0.now } == Self.today + 100 * Self.hour)
    // What came late says nothing; what was made later takes it back.
    try replica.write { try $0.hear(time: Self.today, from: .stick, isLatest: false) }
    #expect(try replica.read { $0.now } == Self.today + 100 * Self.hour)
    try replica.write { try $0.hear(time: Self.today, from: .stick) }
    #expect(try replica.read { $0.now } == Self.today)
  }

  @Test func `a hub whose clock is wrong is gone by only until it is right`() throws {
    let ground = try Ground()
    let machine = Machine(Self.today)
    let replica = try replica(machine, ground)
    let years = 87_600 * Self.hour
    try replica.write { try $0.hear(time: Self.today - years, from: .hub) }
    // Before this program was made.
    #expect(try replica.read { $0.now } == Self.today)
    #expect(try replica.read { $0.clockSight }?.isCorrected == false)
    // A clock that may be right is rather believed than one so far off.
    try replica.write { try $0.hear(time: Self.today + years, from: .hub) }
    #expect(try replica.read { $0.now } == Self.today)
    let months = 2400 * Self.hour
    try replica.write { try $0.hear(time: Self.today + months, from: .hub) }
    #expect(try replica.read { $0.now } == Self.today + months)
    try replica.write { try $0.hear(time: Self.today + 5, from: .hub) }
    #expect(try replica.read { ($0.clockSight, $0.now) } == (nil, Self.today))
    for time in [Int64.min, .max, 0] {
      try replica.write { try $0.hear(time: time, from: .hub) }
      #expect(try replica.read { $0.now } == Self.today)
    }
    machine.hands.withLock { $0.isKept = true }
    try replica.write { try $0.hear(time: Self.today + months, from: .hub) }
    #expect(try replica.read { $0.now } == Self.today)
    #expect(try replica.read { $0.clockSight }?.isCorrected == false)
  }
}
