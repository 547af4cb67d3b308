import Testing

@testable import Replica

/// P4 and P7 on a disk that crashes: `tools/crash-long` does the same for hours.
@Suite struct PowerCutTests {
  @Test(arguments: Operation.all)
  func `a power cut at any call loses nothing that was acknowledged`(_ operation: Operation)
    throws
  {
    let nature: CrashDisk.Nature = operation.name.count % 2 == 0 ? .plain : .powersafe
    var trial = Trial(operation: operation, seed: 1, nature: nature)
    trial.effort = .init(cuts: 1, onwards: 9, seconds: 60, stride: 12)
    let result = try trial.run(Township(nature, Seeded(1)))
    #expect(result.violations.isEmpty)
    #expect(result.images > 10)
  }
}
