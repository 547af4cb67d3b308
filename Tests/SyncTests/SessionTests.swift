import Bundles
import Causality
import Testing

@testable import Sync

/// The session as a table of tellings, without a replica behind it.
@Suite struct SessionTests {
  private let hub = PlaceID(bits: 1)
  private let village = PlaceID(bits: 2)
  private let stranger = PlaceID(bits: 9)
  private let ours = Epoch(bits: 10)
  private let theirs = Epoch(bits: 20)

  private var shared: [PartitionID] { Scope.shared(lower: village, ancestors: [hub]) }
  private var log: PartitionID { PartitionID(village, .log) }
  private var plans: PartitionID { PartitionID(hub, .public) }

  private func session(_ memories: [PartitionID: Memory] = [:]) -> Session {
    Session(own: hub, peer: village, shared: shared, memories: memories)
  }

  private func at(_ epoch: Epoch, _ sequence: UInt64) -> VersionVector {
    VersionVector(Dot(epoch, sequence))
  }

  private func bundle(_ deltas: [Delta], _ receipts: [Receipt] = []) -> Manifest {
    var manifest = Manifest(sender: village, reader: hub)
    manifest.deltas = deltas
    manifest.receipts = receipts
    return manifest
  }

  @Test func `what is urgent travels first and other places' plans not at all`() {
    #expect(shared.first == PartitionID(village, .urgent))
    #expect(shared.last == PartitionID(village, .people))
    #expect(shared.contains(plans))
    #expect(shared.count == Section.allCases.count + 1)
  }

  @Test func `a delta begins at the last receipt`() {
    let memories = [plans: Memory(received: at(ours, 3), acknowledged: at(ours, 5))]
    let outgoing = session(memories).compose { [self] partition in
      partition == plans ? Holding(vector: at(ours, 5), digest: 7) : Holding()
    }
    #expect(outgoing == Outgoing(parts: [.init(partition: plans, base: at(ours, 3))], receipts: []))
  }

  @Test func `what the peer does not know to be held is told with its digest`() {
    let outgoing = session([log: Memory(received: at(theirs, 4))]).compose { [self] partition in
      partition == log ? Holding(vector: at(theirs, 4), digest: 7) : Holding()
    }
    let receipt = Receipt(partition: log, received: at(theirs, 4), digest: 7)
    #expect(outgoing == Outgoing(parts: [], receipts: [receipt]))
  }

  @Test func `nothing is said when both know all`() {
    let memory = Memory(received: at(ours, 5), acknowledged: at(ours, 5))
    let outgoing = session([plans: memory]).compose { [self] partition in
      partition == plans ? Holding(vector: at(ours, 5)) : Holding()
    }
    #expect(outgoing.isEmpty)
  }

  @Test func `a delta tells what its sender holds and what it believes of the reader`() throws {
    var session = session()
    let delta = Delta(partition: log, base: at(theirs, 2), target: at(theirs, 6))
    #expect(try session.hear(bundle([delta])) == [.merge(0)])
    #expect(
      session.memories[log]
        == Memory(received: at(theirs, 6), safe: .init(), acknowledged: at(theirs, 2)))
  }

  @Test func `a peer that was set back is believed, not remembered higher`() throws {
    var session = session([plans: Memory(received: at(ours, 9), safe: at(ours, 9))])
    let receipt = Receipt(partition: plans, received: at(ours, 4))
    #expect(try session.hear(bundle([], [receipt])).isEmpty)
    #expect(session.memories[plans]?.received == at(ours, 4))
    #expect(session.memories[plans]?.safe == VersionVector())
  }

  @Test func `a receipt beside a split delta counts, as it says all that is held`() throws {
    var session = session()
    let delta = Delta(partition: log, base: .init(), target: at(theirs, 6))
    let receipt = Receipt(partition: log, received: at(theirs, 40))
    _ = try session.hear(bundle([delta], [receipt]))
    #expect(session.memories[log]?.received == at(theirs, 40))
  }

  @Test func `a gap is answered by saying what is held`() throws {
    var session = session()
    _ = try session.hear(
      bundle([Delta(partition: log, base: at(theirs, 5), target: at(theirs, 6))]))
    // The merge refused it: nothing is held yet. The peer believed 5.
    let outgoing = session.compose { _ in Holding() }
    #expect(outgoing.receipts == [Receipt(partition: log, received: .init())])
  }

  @Test func `a partition that is not shared is refused and leaves no memory`() throws {
    var session = session()
    let foreign = PartitionID(stranger, .people)
    let decisions = try session.hear(
      bundle(
        [
          Delta(partition: foreign, base: .init(), target: at(theirs, 1)),
          Delta(partition: log, base: .init(), target: at(theirs, 1)),
        ], [Receipt(partition: foreign, received: at(theirs, 1))]))
    #expect(decisions.last == .merge(1))
    guard case .refuse(0, let error) = decisions.first else {
      Issue.record("the foreign delta was not refused: \(decisions)")
      return
    }
    #expect(error.code == .outOfScope)
    #expect(session.memories[foreign] == nil)
  }

  @Test func `a bundle for somebody else or from a stranger is refused whole`() {
    var session = session()
    var manifest = bundle([Delta(partition: log, base: .init(), target: at(theirs, 1))])
    manifest.reader = stranger
    #expect(throws: SyncError(.notForHere, "")) { try session.hear(manifest) }
    manifest.reader = hub
    manifest.sender = stranger
    #expect(throws: SyncError(.unknownSender, "")) { try session.hear(manifest) }
    #expect(session.memories.isEmpty)
  }
}
