import Causality
import Wording

@testable import Replica

/// One operation on a disk of which one call fails, or two, or all from one on.
///
/// What must hold afterwards, of the replica that is still open, of the disk when it is opened again, and
/// of the disk if the power is cut right after the failure:
///
///     nothing is lost (P7)      what was acknowledged before the failure is there
///     nothing is halved         of what failed there is all or nothing
///     the error says the truth  the disk failed or is full; never that the database is damaged
///     no dot twice (P4)         and it goes on when the disk is well again
struct FaultTrial {
  struct Blow: CustomStringConvertible {
    let fault: CrashDisk.Fault
    let first: Int
    /// So many calls later another one fails; 0 for none.
    var second = 0
    var isSticky = false

    var description: String {
      "\(fault) at call \(first)"
        + (isSticky ? " and all after it" : second > 0 ? " and \(second) later" : "")
    }
  }

  let operation: Operation
  let seed: UInt64
  let township: Township
  /// What the disk holds before the operation and after each of its writes, if nothing fails.
  let history: [UInt64]
  /// How many calls there are that can fail.
  let calls: [CrashDisk.Fault: Int]

  init(_ operation: Operation, seed: UInt64, _ township: Township) throws {
    self.operation = operation
    self.seed = seed
    self.township = township
    var calls: [CrashDisk.Fault: Int] = [:]
    var states: [UInt64] = []
    for fault in CrashDisk.Fault.allCases {
      let stage = try Stage(operation, township, seed: seed)
      let first = try Self.rows(stage)
      stage.disk.count(fault)
      try operation.run(stage)
      stage.close()
      calls[fault] = stage.disk.calls
      states = [first] + stage.acknowledgements.map(\.rows)
    }
    self.calls = calls
    history = states
  }

  /// Returns how many disks were looked at. Throws `Broken` if something is wrong.
  func strike(_ blow: Blow) throws -> Int {
    do { return try examine(blow) } catch {
      throw Broken("\(operation.name) seed \(seed), \(blow): \(error)")
    }
  }

  private func examine(_ blow: Blow) throws -> Int {
    let stage = try Stage(operation, township, seed: seed)
    stage.disk.beginRecord()
    stage.disk.fail(blow.fault, at: blow.first, then: blow.second, isSticky: blow.isSticky)
    do { try operation.run(stage) } catch { try expectTruth(error, blow) }
    stage.disk.mend()
    let failedAt = stage.disk.recorded
    let dice = Seeded((seed &* 8 &+ 0xD1CE_0003) ^ UInt64(blow.first) << 32)
    let legal = try legal(stage)
    if let rows = try goOn(stage, legal) {
      stage.close()
      if try reopened(stage, stage.disk, dice, nil) != rows {
        throw Broken("closing lost something")
      }
    }
    let replay = CrashReplay(stage.disk.endRecord())
    replay.go(to: failedAt)
    return try 2 + cut(stage, replay, legal, dice)
  }

  /// What may be there: what was acknowledged last, and what the write after it leaves.
  private func legal(_ stage: Stage) throws -> Set<UInt64> {
    let count = stage.acknowledgements.count
    return Set(history[count...min(count + 1, history.count - 1)])
  }

  /// What the disk of a stage holds at rest; 0 if that is no replica yet.
  private static func rows(_ stage: Stage) throws -> UInt64 {
    guard !stage.mayBeMissing else { return 0 }
    return try stage.persona.open(on: stage.disk.copy(), Seeded(stage.dice.seed &+ 1)).rows()
  }

  private func expectTruth(_ error: any Error, _ blow: Blow) throws {
    if error is Unreadable { return }
    guard let error = error as? ReplicaError else { throw Broken("not an error of ours: \(error)") }
    let isTrue: Bool =
      switch error.code {
      case .diskError: true
      case .diskFull: blow.fault == .full
      // SQLite cannot tell why a file cannot be opened.
      case .readOnly: true
      default: false
      }
    guard isTrue else {
      throw Broken("the disk failed, and it says \(error.code): \(error.reason)")
    }
  }

  /// What the replica holds after one more write; nil if it is not open.
  private func goOn(_ stage: Stage, _ legal: Set<UInt64>) throws -> UInt64? {
    guard let machine = stage.machine else { return nil }
    let complaints = try machine.replica.complaints()
    guard complaints.isEmpty else { throw Broken(complaints.joined(separator: "; ")) }
    guard try legal.contains(machine.rows()) else { throw Broken("a write is lost or halved") }
    let seen = try machine.seen()
    let dot = try machine.replica.write { try machine.play($0, 1) }
    if dot.sequence <= seen[dot.epoch] ?? 0 { throw Broken("\(dot) was there before (P4)") }
    return try machine.rows()
  }

  /// What the disk holds when it is opened again; 0 if that is no replica yet.
  private func reopened(
    _ stage: Stage, _ disk: CrashDisk, _ dice: Seeded, _ legal: Set<UInt64>?
  ) throws -> UInt64 {
    let machine: Machine
    do { machine = try stage.persona.open(on: disk, dice).unwatch() } catch let error
      as ReplicaError
    {
      guard operation.mayBeMissing, error.code == .notAReplica else { throw error }
      if let legal, !legal.contains(0) { throw Broken("the replica is gone") }
      return 0
    }
    let rows = try machine.rows()
    let complaints = try machine.replica.complaints()
    guard complaints.isEmpty else { throw Broken(complaints.joined(separator: "; ")) }
    if let legal, !legal.contains(rows) { throw Broken("a cut after the failure loses a write") }
    return rows
  }

  /// The power is cut right after the failure.
  private func cut(
    _ stage: Stage, _ replay: CrashReplay, _ legal: Set<UInt64>, _ dice: Seeded
  ) throws -> Int {
    let lucks: [CrashReplay.Luck] = [.nothingKept, .allKept, .any(dice.next())]
    for luck in lucks { _ = try reopened(stage, replay.cut(luck), dice, legal) }
    return lucks.count
  }
}

/// The laboratory itself could not read the disk that fails.
struct Unreadable: Error {}
