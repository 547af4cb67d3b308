import Testing

@testable import Replica

/// Failing and full disks: `tools/crash-long --faults` strikes at every call and at every pair.
@Suite struct FaultTests {
  @Test(arguments: Operation.all)
  func `a disk that fails or is full loses and spoils nothing`(_ operation: Operation) throws {
    let trial = try FaultTrial(operation, seed: 1, Township(.powersafe, Seeded(1)))
    for (fault, calls) in trial.calls {
      // Some calls only, now one, now all that follow.
      for (index, first) in stride(from: 3, through: calls, by: 1 + calls / 3).enumerated() {
        let blow = FaultTrial.Blow(fault: fault, first: first, isSticky: index % 2 == 1)
        do { _ = try trial.strike(blow) } catch { Issue.record(error) }
      }
    }
  }
}
