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
    trial.effort = .init(cuts: 1, onwards: 9, seconds: 60, stride: 9)
    let result = try trial.run(Township(nature, Seeded(1)))
    #expect(result.violations.isEmpty)
    #expect(result.images > 20)
  }

  @Test func `a write that a cut left unfinished may go with the next cut, acknowledged ones not`()
    throws
  {
    // On a plain disk the next write begins in the sector that the first cut ended in.
    var trial = Trial(operation: .checkpoints, seed: 1, nature: .plain)
    trial.effort = .init(cuts: 0, onwards: .max, seconds: 12, stride: 5)
    #expect(try trial.run(Township(.plain, Seeded(1))).violations.isEmpty)
  }
}
