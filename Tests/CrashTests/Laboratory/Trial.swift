import CCrashDisk
import Causality
import Exchange
import Village

@testable import Replica

/// One operation on one disk, cut short at every call that changes the disk.
///
/// What must hold of every disk that a cut may leave:
///
///     it opens                 and SQLite, the chains and the digests find nothing wrong with it
///     nothing is lost (P7)     it holds what was acknowledged before the cut
///     nothing is halved        it holds exactly what it held after one of the transactions, of which
///                              each write has no more than it should
///     no dot twice (P4)        what is written next takes no dot that was there before the cut, and a
///                              bundle no number that was handed out
///     it goes on               it is written, closed, opened a second time, and all is there; and all of
///                              this holds again if the power is cut meanwhile
///
/// What a transaction leaves is known from the disk with all that was written until then; and after each
/// acknowledged write from the replica itself.
struct Trial {
  struct Violation: CustomStringConvertible {
    let trial: String
    let step: Int
    let luck: CrashReplay.Luck
    let what: String

    var description: String { "\(trial), cut after step \(step), \(luck): \(what)" }
  }

  /// How much is done.
  struct Effort {
    /// Disks made by dice at each step.
    var cuts = 3
    /// Of how many disks one is written to, closed and opened again.
    var onwards = 4
    /// On how many disks one is cut a second time, while it is opened, written to and closed.
    var seconds = 50
    /// Of how many steps one is looked at.
    var stride = 1
  }

  struct Result {
    var images = 0
    var steps = 0
    var violations: [Violation] = []
  }

  let operation: Operation
  let seed: UInt64
  var nature = CrashDisk.Nature.powersafe
  var honesty = CrashReplay.Honesty.honest
  var effort = Effort()
  /// Called whenever the subject was opened, before and after the cut: here tests spoil what the product
  /// does right, to see that it is noticed.
  var spoil: ((Machine) throws -> Void)?

  var name: String { "\(operation.name) seed \(seed) \(nature)" }

  func run(_ township: Township) throws -> Result {
    let stage = try Stage(operation, township, seed: seed)
    stage.spoil = spoil
    stage.disk.beginRecord()
    try operation.run(stage)
    let seen = try stage.subject().seen()
    stage.close()
    var examination = Examination(self, stage, stage.disk.endRecord(), seen)
    try examination.run()
    return examination.result
  }
}

/// Goes through the record of a trial.
struct Examination {
  private let trial: Trial
  private let stage: Stage
  private let record: CrashRecord
  private let replay: CrashReplay
  /// The highest sequence of each epoch that was there at the end.
  private let seen: [Epoch: UInt64]
  /// What the database has held, transaction after transaction.
  private var states: [UInt64] = []
  /// The index in `states` of what was acknowledged last.
  private var lowest = 0
  private var bundle: UInt64 = 0
  private var known: Set<UInt64> = []
  /// Hashes of rows of which chains and digests add up.
  private var sound: Set<UInt64> = []
  private let dice: Seeded
  private(set) var result = Trial.Result()

  fileprivate init(_ trial: Trial, _ stage: Stage, _ record: CrashRecord, _ seen: [Epoch: UInt64]) {
    self.trial = trial
    self.stage = stage
    self.record = record
    self.seen = seen
    replay = CrashReplay(record, trial.honesty)
    // Other dice than those of the operation: after a cut nobody draws the same again.
    dice = Seeded(trial.seed &* 8 &+ 0xD1CE_0002)
  }

  fileprivate mutating func run() throws {
    result.steps = record.count
    try examine(0, .allKept, isLatest: true)
    for step in 0..<record.count {
      replay.go(to: step + 1)
      if let mark = record.mark(step) {
        acknowledge(stage.acknowledgements[mark], step)
        continue
      }
      try examine(step, .allKept, isLatest: true)
      guard step % trial.effort.stride == 0, replay.isPending else { continue }
      try examine(step, .nothingKept)
      for _ in 0..<trial.effort.cuts { try examine(step, .any(dice.next())) }
    }
  }

  private mutating func acknowledge(_ told: Stage.Acknowledgement, _ step: Int) {
    if states.last != told.rows {
      complain(step, .allKept, "the replica itself sees something else than its disk holds")
    }
    if states.count - 1 - lowest > told.commits {
      complain(step, .allKept, "one write was \(states.count - 1 - lowest) transactions")
    }
    lowest = states.count - 1
    bundle = told.bundle
  }

  private mutating func complain(_ step: Int, _ luck: CrashReplay.Luck, _ what: String) {
    result.violations.append(
      Trial.Violation(trial: trial.name, step: step, luck: luck, what: what))
  }

  // MARK: One disk

  private mutating func examine(
    _ step: Int, _ luck: CrashReplay.Luck, isLatest: Bool = false
  ) throws {
    let disk = replay.cut(luck)
    // The same disk after the same acknowledgements needs no second look.
    let print = disk.hash &+ UInt64(lowest) &* 0x9E37_79B9
    guard known.insert(print).inserted else { return }
    result.images += 1
    // On a plain disk SQLite is no match for two cuts: after the first it goes on writing in the sector in
    // which an acknowledged write ends, and only disks that keep what is beside a write are safe then.
    let isSecond = trial.nature == .powersafe && result.images % trial.effort.seconds == 0
    let copy = isSecond ? disk.copy() : nil
    do {
      try check(disk, isLatest: isLatest)
      if let copy { try cutAgain(copy) }
    } catch { complain(step, luck, "\(error)") }
  }

  private mutating func check(_ disk: CrashDisk, isLatest: Bool) throws {
    guard let machine = try open(disk) else {
      try settle(0, isLatest)
      return
    }
    let rows = try machine.rows()
    try settle(rows, isLatest)
    try expectSound(machine, rows)
    guard result.images % trial.effort.onwards == 0 else { return }
    try goOn(machine, disk)
  }

  /// Nil if no replica is there yet, where that may be.
  private func open(_ disk: CrashDisk) throws -> Machine? {
    do {
      let machine = try stage.persona.open(on: disk, dice).unwatch()
      try trial.spoil?(machine)
      return machine
    } catch let error as ReplicaError {
      guard stage.mayBeMissing, error.code == .notAReplica else { throw error }
      return nil
    }
  }

  private mutating func settle(_ rows: UInt64, _ isLatest: Bool) throws {
    if isLatest, states.last != rows { states.append(rows) }
    guard !states[lowest...].contains(rows) else { return }
    throw Broken(
      states.contains(rows)
        ? "an acknowledged write is lost" : "it holds what no transaction has left")
  }

  /// Chains and digests follow from the rows: of the same rows they are computed now and then only, the
  /// file itself is checked always.
  private mutating func expectSound(_ machine: Machine, _ rows: UInt64) throws {
    let isNew = sound.insert(rows).inserted || result.images % 64 == 0
    let complaints = try isNew ? machine.replica.complaints() : machine.replica.integrity()
    guard complaints.isEmpty else { throw Broken(complaints.joined(separator: "; ")) }
  }

  private mutating func goOn(_ machine: Machine, _ disk: CrashDisk) throws {
    let log = machine.persona.log
    let dots = try machine.replica.write { store in
      let section = machine.persona.role == .hub ? machine.persona.notices : machine.persona.work
      return [try machine.play(store, 1), try machine.item(store, "after", in: section)]
    }
    for dot in dots where dot.sequence <= seen[dot.epoch] ?? 0 {
      throw Broken("\(dot) was written before the cut (P4)")
    }
    if try machine.replica.read({ try Neighbours.find($0, stage.other.persona.place) }) != nil {
      let place = stage.other.persona.place
      let bytes = try machine.replica.write { try machine.bundle(for: place, $0).bytes }
      let number = try Machine.number(of: bytes)
      if number <= bundle { throw Broken("bundle \(number) was handed out before the cut") }
    }
    let rows = try machine.rows()
    try machine.replica.close()
    let again = try stage.persona.open(on: disk, dice).unwatch()
    if try again.rows() != rows { throw Broken("the second opening shows something else") }
    try expectSound(again, rows)
    if try again.replica.read({ try $0.summary(log).vector.isEmpty }) { throw Broken("no log") }
  }

  // MARK: A second cut

  /// The power is cut again while a disk that it has left is opened, written to and closed.
  private mutating func cutAgain(_ disk: CrashDisk) throws {
    disk.beginRecord()
    guard let states = try useOnce(disk) else { return }
    let replay = CrashReplay(disk.endRecord(), trial.honesty)
    var isAcknowledged = false
    for step in 0..<replay.record.count {
      replay.go(to: step + 1)
      isAcknowledged = isAcknowledged || replay.record.mark(step) != nil
      guard replay.isPending else { continue }
      for luck in [.nothingKept, .any(dice.next())] as [CrashReplay.Luck] {
        result.images += 1
        guard let machine = try open(replay.cut(luck)) else {
          throw Broken("cut twice: it is gone")
        }
        let rows = try machine.rows()
        // What was not acknowledged when the power was cut first may be gone after all.
        let isLegal =
          rows == states.after || !isAcknowledged && self.states[lowest...].contains(rows)
        guard isLegal || !isAcknowledged && rows == states.before else {
          throw Broken("cut twice, at step \(step), \(luck): a write is lost or halved")
        }
        try expectSound(machine, rows)
      }
    }
  }

  /// Nil if no replica is there yet.
  private func useOnce(_ disk: CrashDisk) throws -> (before: UInt64, after: UInt64)? {
    guard let machine = try open(disk) else { return nil }
    let before = try machine.rows()
    _ = try machine.replica.write { try machine.play($0, 1) }
    let after = try machine.rows()
    disk.mark(0)
    try machine.replica.close()
    return (before, after)
  }
}
