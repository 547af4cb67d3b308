import Testing

@testable import Replica

/// Failing and full disks: `tools/crash-long --faults` strikes at every call and at every pair.
@Suite struct FaultTests {
  @Test(arguments: Operation.all, CrashDisk.Fault.allCases)
  func `a disk that fails or is full loses and spoils nothing`(
    _ operation: Operation, _ fault: CrashDisk.Fault
  ) throws {
    let trial = try FaultTrial(operation, seed: 1, Township(.powersafe, Seeded(1)))
    let calls = try #require(trial.calls[fault])
    print("\(operation.name): \(calls) calls")
    for first in stride(from: 1, through: calls, by: 7) {
      for isSticky in [false, true] {
        do {
          _ = try trial.strike(.init(fault: fault, first: first, isSticky: isSticky))
        } catch { Issue.record(error) }
      }
    }
  }
}
