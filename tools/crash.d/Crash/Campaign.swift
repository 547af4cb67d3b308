import CCrashDisk
import Glibc

/// Trial after trial, each from a seed of its own, until enough disks were looked at.
struct Campaign {
  private let order: Order
  private let operations: [Operation]

  init(_ order: Order) throws {
    self.order = order
    operations = Operation.all.filter { order.only == nil || $0.name == order.only }
    guard !operations.isEmpty else {
      let names = Operation.all.map(\.name).joined(separator: ", ")
      throw Order.Bad(description: "the operations are \(names)")
    }
  }

  /// Whether nothing was wrong.
  func run() throws -> Bool {
    var totals = Totals(order.totals)
    let work = order.work.rawValue
    var seed = order.seed ?? totals["\(work).next"]
    var done = 0
    var violations = 0
    let began = Self.seconds()
    var told = began
    while done < order.images {
      let result = try trials(seed)
      done += result.images
      violations += result.violations.count
      for violation in result.violations { say("VIOLATION \(violation)") }
      seed += 1
      totals["\(work).next"] = max(totals["\(work).next"], seed)
      totals["\(work).images"] += UInt64(result.images)
      totals["\(work).violations"] += UInt64(result.violations.count)
      try totals.save()
      if Self.seconds() - told > 30 {
        told = Self.seconds()
        tell(done, violations, seed, told - began)
      }
    }
    tell(done, violations, seed, Self.seconds() - began)
    if order.totals != nil {
      say("all runs: \(totals["\(work).images"]) disks, \(totals["\(work).violations"]) violations")
    }
    return violations == 0
  }

  private static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  /// At once, also into a file.
  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func tell(_ done: Int, _ violations: Int, _ seed: UInt64, _ seconds: Double) {
    say(
      "\(order.work): \(done) disks opened and checked, \(violations) violations, next seed \(seed), "
        + "\(Int(Double(done) / max(seconds, 0.001))) disks/s")
  }

  private struct Result {
    var images = 0
    var violations: [String] = []
  }

  private func trials(_ seed: UInt64) throws -> Result {
    cd_seed(UInt32(truncatingIfNeeded: seed) | 1)
    return switch order.work {
    case .cuts: try cuts(seed)
    case .faults, .pairs: try faults(seed)
    case .sticks: try sticks(seed)
    }
  }

  private func operation(_ seed: UInt64) -> Operation {
    operations[Int(seed % UInt64(operations.count))]
  }

  private func nature(_ seed: UInt64) -> CrashDisk.Nature {
    seed / UInt64(operations.count) % 2 == 0 ? .powersafe : .plain
  }

  private func cuts(_ seed: UInt64) throws -> Result {
    var trial = Trial(operation: operation(seed), seed: seed, nature: nature(seed))
    trial.effort = .init(cuts: 12, onwards: 6)
    let result = try trial.run(Township(trial.nature, Seeded(seed)))
    return Result(
      images: result.images,
      violations: result.violations.map { "cuts --seed \(seed) --images 1: \($0)" })
  }

  /// Every call, or every pair of calls, of one operation.
  private func faults(_ seed: UInt64) throws -> Result {
    let trial = try FaultTrial(operation(seed), seed: seed, Township(nature(seed), Seeded(seed)))
    var result = Result()
    for fault in CrashDisk.Fault.allCases {
      let calls = trial.calls[fault] ?? 0
      for first in stride(from: order.call, through: calls, by: 1) {
        for blow in blows(fault, first, calls) {
          do { result.images += try trial.strike(blow) } catch {
            result.violations.append("\(order.work) --seed \(seed) --images 1: \(error)")
          }
        }
      }
    }
    return result
  }

  private func blows(
    _ fault: CrashDisk.Fault, _ first: Int, _ calls: Int
  ) -> [FaultTrial.Blow] {
    guard order.work == .pairs else {
      return [false, true].map { FaultTrial.Blow(fault: fault, first: first, isSticky: $0) }
    }
    return (1...max(1, calls - first)).map {
      FaultTrial.Blow(fault: fault, first: first, second: $0)
    }
  }

  /// Every call of one export.
  private func sticks(_ seed: UInt64) throws -> Result {
    let trial = try StickTrial(seed: seed)
    var result = Result()
    var events = (order.call...trial.calls + 1).map { StickTrial.Event.pulled($0) }
    for failure in ModelFAT.Failure.allCases {
      for call in order.call...trial.calls {
        events += [false, true].map {
          .blow(.init(failure: failure, call: call, isSticky: $0))
        }
      }
    }
    for event in events {
      do { result.images += try trial.run(event, cuts: 6) } catch {
        result.violations.append("sticks --seed \(seed) --images 1: \(error)")
      }
    }
    return result
  }
}
