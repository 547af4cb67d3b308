import Causality
import Testing

@testable import Replica

/// Faults that were put in on purpose: a laboratory that does not see them sees nothing.
@Suite struct PlantedTests {
  private func violations(
    _ operation: Operation, _ honesty: CrashReplay.Honesty = .honest,
    spoil: ((Machine) throws -> Void)? = nil
  ) throws -> [String] {
    var trial = Trial(operation: operation, seed: 3, honesty: honesty, spoil: spoil)
    trial.effort = .init(cuts: 2, onwards: 1, stride: 3)
    return try trial.run(Township(.powersafe, Seeded(3))).violations.map(\.what)
  }

  @Test func `with synchronous=NORMAL acknowledged writes are lost, and nothing is damaged`()
    throws
  {
    let violations = try violations(.playbacks) { try $0.set("synchronous = NORMAL") }
    #expect(violations.contains("an acknowledged write is lost"))
    #expect(violations.allSatisfy { $0 == "an acknowledged write is lost" })
  }

  @Test func `a disk that never syncs leaves damaged databases`() throws {
    let violations = try violations(.checkpoints, .liesAboutFiles)
    #expect(violations.contains { $0.contains("databaseDamaged") })
  }

  @Test func `a folder that is never synced loses the log that lies in it`() throws {
    let violations = try violations(.playbacks, .liesAboutFolders)
    #expect(violations.contains("an acknowledged write is lost"))
  }

  @Test func `without a log damaged databases are left`() throws {
    let violations = try violations(.edits) { try $0.set("journal_mode = OFF") }
    #expect(violations.contains { $0 != "an acknowledged write is lost" })
  }

  @Test func `who goes on with an epoch after a cut takes dots twice (P4)`() throws {
    let violations = try violations(.playbacks) { machine in
      try machine.replica.read { store in
        let select = try store.statement("SELECT bits FROM epoch WHERE seen > 0")
        var bits: [Int64] = []
        try select.eachRow { bits.append($0.integer(0)) }
        for word in bits {
          guard let live = try store.find(Epoch(bits: UInt64(bitPattern: word))),
            live.birth?.author == store.identity.author, let partition = live.partition
          else { continue }
          store.ownEpochs[partition] = live
        }
      }
    }
    #expect(violations.contains { $0.contains("P4") })
  }

  @Test func `two transactions for one write are noticed`() throws {
    let halved = Operation(name: "halved", subject: .station) { stage in
      let machine = try stage.subject()
      for number in 0..<2 { _ = try machine.replica.write { try machine.play($0, number) } }
      try stage.acknowledge()
    }
    #expect(try violations(halved).contains { $0.contains("2 transactions") })
  }
}
