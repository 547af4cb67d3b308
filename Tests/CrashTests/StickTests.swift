import Testing

/// P9 on sticks with FAT: `tools/crash-long sticks` does the same for hours.
@Suite struct StickTests {
  private func run(_ trial: StickTrial, _ events: [StickTrial.Event]) {
    for event in events {
      do { _ = try trial.run(event, cuts: 2) } catch { Issue.record(error) }
    }
  }

  @Test(arguments: [0] as [UInt64])
  func `a stick that is pulled out at any call spoils nothing, and heals`(_ seed: UInt64) throws {
    let trial = try StickTrial(seed: seed)
    run(trial, stride(from: 1, through: trial.calls + 1, by: 1).map { .pulled($0) })
  }

  @Test(arguments: ModelFAT.Failure.allCases, [false, true])
  func `a stick that fails or is full at any call spoils nothing, and heals`(
    _ failure: ModelFAT.Failure, _ isSticky: Bool
  ) throws {
    let trial = try StickTrial(seed: 4)
    run(
      trial,
      stride(from: 1, through: trial.calls, by: 9).map {
        .blow(.init(failure: failure, call: $0, isSticky: isSticky))
      })
  }

  @Test func `a stick whose files are not synced is noticed`() throws {
    var trial = try StickTrial(seed: 1)
    trial.ignoresFileSync = true
    let call = trial.calls + 1
    #expect(throws: Broken.self) { try trial.run(.pulled(call)) }
  }

  @Test func `a stick whose folder is not synced is noticed`() throws {
    var trial = try StickTrial(seed: 1)
    trial.ignoresFolderSync = true
    let call = trial.calls + 1
    #expect(throws: Broken.self) { try trial.run(.pulled(call)) }
  }
}
