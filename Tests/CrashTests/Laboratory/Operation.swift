import Causality
import Village

@testable import Replica

/// Something that a replica does while its disk is watched.
struct Operation: Sendable {
  let name: String
  let subject: Role
  /// Whether a cut may leave no replica at all: it is just being made.
  var mayBeMissing = false
  /// Makes the disk ready, before it is watched.
  var prepare: @Sendable (Stage) throws -> Void = { _ in }
  /// Acknowledges each write that has returned.
  let run: @Sendable (Stage) throws -> Void
}

/// Where an operation takes place: one machine whose disk is watched, and another with which it
/// exchanges bundles.
final class Stage {
  /// What the outside knows once a write has returned.
  struct Acknowledgement {
    /// Over all that the database held then.
    let rows: UInt64
    /// The highest number of a bundle that was handed out.
    let bundle: UInt64
    /// How many transactions there were at most since the last one.
    let commits: Int
  }

  let dice: Seeded
  private(set) var disk: CrashDisk
  private(set) var persona: Persona
  let other: Machine
  /// Nil while it is closed.
  private(set) var machine: Machine?
  private(set) var acknowledgements: [Acknowledgement] = []
  let mayBeMissing: Bool
  /// What is done to each opened subject.
  var spoil: ((Machine) throws -> Void)?
  /// Bundles on their way.
  var post: [[UInt8]] = []
  var records: [Dot] = []

  init(_ operation: Operation, _ township: Township, seed: UInt64) throws {
    // Not the township's, or what was random there would be drawn again.
    dice = Seeded(seed &* 8 &+ 0xD1CE_0001)
    mayBeMissing = operation.mayBeMissing
    persona = township.persona(operation.subject)
    disk = township.disk(operation.subject).copy()
    let role: Role = operation.subject == .hub ? .station : .hub
    other = try township.persona(role).open(on: township.disk(role).copy(), dice)
    try operation.prepare(self)
    close()
  }

  func subject() throws -> Machine {
    if let machine { return machine }
    let opened = try persona.open(on: disk, dice)
    try begin(opened)
    return opened
  }

  func begin(_ machine: Machine) throws {
    try spoil?(machine)
    self.machine = machine
  }

  func close() { machine = nil }

  /// An empty disk in the place of what the township has prepared.
  func clear() {
    close()
    disk = CrashDisk(disk.nature)
  }

  func rotate() {
    close()
    persona = persona.rotated(dice)
  }

  /// What has returned until now survives everything.
  func acknowledge(commits: Int = 1, bundle: UInt64 = 0) throws {
    let before = acknowledgements.last?.bundle ?? 0
    acknowledgements.append(
      Acknowledgement(
        rows: try subject().rows(), bundle: max(before, bundle), commits: commits))
    disk.mark(acknowledgements.count - 1)
  }

  /// One write, which is acknowledged.
  @discardableResult
  func write<Result>(_ body: (Machine, Store) throws -> Result) throws -> Result {
    let machine = try subject()
    let result = try machine.replica.write { try body(machine, $0) }
    try acknowledge()
    return result
  }

  /// Hands a bundle out when its transaction is durable.
  func send() throws {
    let machine = try subject()
    let place = other.persona.place
    let bytes = try machine.replica.write { try machine.bundle(for: place, $0).bytes }
    try acknowledge(bundle: Machine.number(of: bytes))
    post.append(bytes)
  }

  func take(_ bytes: [UInt8]) throws {
    _ = try write { machine, store in try machine.take(bytes, store) }
  }
}
