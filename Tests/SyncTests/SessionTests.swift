import Bundles
import Causality
import Testing
import Wording

@testable import Sync

/// The tables of Protocol/05-sync.md: what a session writes, and what it makes of what it hears.
@Suite struct SessionTests {
  static let station = PlaceID(bits: 1)
  static let hub = PlaceID(bits: 2)
  static let county = PlaceID(bits: 3)
  static let work = PartitionID(station, .work)
  static let log = PartitionID(station, .log)
  static let notices = PartitionID(hub, .public)
  static let shared = [notices, work, log]

  private static func vector(_ sequence: UInt64, _ epoch: UInt64 = 7) -> VersionVector {
    VersionVector(Dot(Epoch(bits: epoch), sequence))
  }

  private let old = vector(1)
  private let new = vector(2)
  private let other = vector(5, 8)

  private func session(_ memories: [PartitionID: Memory] = [:]) -> Session {
    Session(own: Self.station, peer: Self.hub, shared: Self.shared, memories: memories)
  }

  private func compose(
    _ memory: Memory, holding vector: VersionVector, digest: UInt64 = 9
  ) -> Outgoing {
    var session = session([Self.work: memory])
    return session.compose(held: [Self.work: Holding(vector: vector, digest: digest)])
  }

  // MARK: Scope

  @Test func `a lower place shares its own sections and the public of those above`() {
    let shared = Scope.shared(lower: [Self.station], ancestors: [Self.hub, Self.county])
    #expect(
      shared == [
        PartitionID(Self.station, .urgent), PartitionID(Self.station, .public),
        PartitionID(Self.hub, .public), PartitionID(Self.county, .public), Self.work, Self.log,
        PartitionID(Self.station, .people),
      ])
  }

  @Test func `what is urgent travels first, wherever it stands in the lists`() {
    let held = Scope.shared(lower: [Self.station], ancestors: [Self.county, Self.hub])
    var session = Session(own: Self.station, peer: Self.hub, shared: held, memories: [:])
    let all = Dictionary(uniqueKeysWithValues: held.map { ($0, Holding(vector: new)) })
    let parts = session.compose(held: all).parts.map(\.partition)
    #expect(parts == parts.sorted() && parts.first?.section == .urgent)
    #expect(Set(parts) == Set(held))
  }

  // MARK: Compose

  @Test func `nothing held and nothing known is nothing to say`() {
    var session = session()
    #expect(session.compose(held: [:]).isEmpty)
  }

  @Test func `a delta begins where the peer's last receipt ends`() {
    let outgoing = compose(Memory(received: old, acknowledged: new), holding: new)
    #expect(outgoing.parts == [.init(partition: Self.work, base: old)])
    #expect(outgoing.receipts.isEmpty)
  }

  @Test func `what was sent and not receipted is sent again from the same base`() {
    var session = session([Self.work: Memory(received: old)])
    let first = session.compose(held: [Self.work: Holding(vector: new)])
    let second = session.compose(held: [Self.work: Holding(vector: new)])
    #expect(first == second && first.parts.map(\.base) == [old])
  }

  @Test func `a receipt is told until the peer shows that it knows`() {
    let memory = Memory(received: new, acknowledged: old)
    let outgoing = compose(memory, holding: new, digest: 77)
    #expect(outgoing.parts.isEmpty)
    #expect(
      outgoing.receipts == [Receipt(partition: Self.work, received: new, digest: 77)])
    #expect(compose(Memory(received: new, acknowledged: new), holding: new).isEmpty)
  }

  @Test func `one who holds nothing says so to a peer that thinks otherwise`() {
    let outgoing = compose(Memory(received: old, acknowledged: old), holding: .init())
    #expect(outgoing.parts.isEmpty)
    #expect(outgoing.receipts.map(\.received) == [.init()])
  }

  // MARK: Hear

  private func manifest(
    from sender: PlaceID = hub, to reader: PlaceID = station, _ deltas: [Delta] = [],
    _ receipts: [Receipt] = [], believing vector: VersionVector = .init()
  ) -> Manifest {
    var manifest = Manifest(sender: sender, reader: reader)
    manifest.deltas = deltas
    manifest.receipts = receipts
    var session = session([Self.work: Memory(received: vector)])
    manifest.believed = session.compose(held: [:]).believed
    return manifest
  }

  private func delta(_ partition: PartitionID = work) -> Delta {
    Delta(partition: partition, base: old, target: new)
  }

  private var births: Ancestry {
    var ancestry = Ancestry()
    for epoch in [UInt64(7), 8] {
      try? ancestry.insert(
        Birth(
          epoch: Epoch(bits: epoch), author: Author(place: Self.station, role: .station),
          parents: .init()))
    }
    return ancestry
  }

  private func hear(_ session: inout Session, _ manifest: Manifest) throws -> Hearing {
    try session.hear(
      manifest, held: [Self.work: Holding(vector: new, ancestry: births)])
  }

  @Test func `a delta tells what its sender holds and what it knows to be held here`() throws {
    var session = session([Self.work: Memory(received: old, safe: old, acknowledged: other)])
    let hearing = try hear(&session, manifest([delta()], believing: old))
    #expect(hearing.decisions == [.merge(0)] && hearing.diverged.isEmpty)
    #expect(
      session.memories[Self.work] == Memory(received: new, safe: old, acknowledged: old))
    #expect(session.standing == .settled)
  }

  @Test func `what is told replaces what was remembered, though it is less`() throws {
    var session = session([Self.work: Memory(received: new, safe: new, acknowledged: new)])
    let receipt = Receipt(partition: Self.work, received: old)
    #expect(try hear(&session, manifest([], [receipt], believing: new)).decisions.isEmpty)
    #expect(session.memories[Self.work] == Memory(received: old, acknowledged: new))
    let outgoing = session.compose(held: [Self.work: Holding(vector: new)])
    #expect(outgoing.parts.map(\.base) == [old])
  }

  @Test func `a receipt beside a delta counts more than the delta's target`() throws {
    // Of a bundle that was split the delta leads only part of the way that its sender has come.
    let further = Self.vector(3)
    var session = session()
    _ = try hear(
      &session,
      manifest(
        [delta()], [Receipt(partition: Self.work, received: further, safe: old)], believing: old))
    #expect(
      session.memories[Self.work] == Memory(received: further, safe: old, acknowledged: old))
  }

  @Test func `an empty receipt is a receipt`() throws {
    var session = session([Self.work: Memory(received: new)])
    _ = try hear(&session, manifest([], [Receipt(partition: Self.work, received: .init())]))
    #expect(session.memories[Self.work]?.received == VersionVector())
  }

  @Test func `a delta that is not shared is refused alone, and nothing of it remembered`() throws {
    var session = session()
    let foreign = PartitionID(Self.county, .work)
    let hearing = try hear(
      &session, manifest([delta(foreign), delta()], [Receipt(partition: foreign, received: new)]))
    #expect(hearing.decisions == [.refuse(0, SyncError(.outOfScope, "")), .merge(1)])
    #expect(session.memories[foreign] == nil)
    #expect(session.memories[Self.work]?.received == new)
  }

  // MARK: Belief

  @Test func `a peer that believes what is held is told no more`() throws {
    var session = session([Self.work: Memory(received: new, acknowledged: old)])
    _ = try hear(&session, manifest([], [], believing: new))
    #expect(session.memories[Self.work]?.acknowledged == new && session.standing == .settled)
    #expect(session.compose(held: [Self.work: Holding(vector: new)]).isEmpty)
  }

  @Test func `a peer that was told before the last write is not misunderstood`() throws {
    var session = session([Self.work: Memory(received: .init(), acknowledged: .init())])
    let receipt = Receipt(partition: Self.work, received: old)
    _ = try hear(&session, manifest([], [receipt], believing: old))
    #expect(session.memories[Self.work]?.acknowledged == old && session.standing == .answering)
  }

  @Test func `a receipt is answered once, by a bundle of nothing if need be`() throws {
    var session = session([Self.work: Memory(received: new, acknowledged: old)])
    let receipt = Receipt(partition: Self.work, received: new)
    _ = try hear(&session, manifest([], [receipt], believing: new))
    let answer = session.compose(held: [Self.work: Holding(vector: new)])
    #expect(answer.parts.isEmpty && answer.receipts.isEmpty && answer.isAnswer)
    #expect(session.compose(held: [Self.work: Holding(vector: new)]).isEmpty)
  }

  @Test func `a peer that believes what it was never told gets every receipt until it knows`()
    throws
  {
    var session = session([Self.work: Memory(received: new, acknowledged: new)])
    _ = try hear(&session, manifest([], [], believing: Self.vector(9)))
    #expect(session.standing == .misunderstood)
    for _ in 0..<2 {
      let outgoing = session.compose(held: [Self.work: Holding(vector: new)])
      #expect(outgoing.receipts.map(\.partition) == Self.shared)
    }
    _ = try hear(&session, manifest([], [], believing: new))
    #expect(session.compose(held: [Self.work: Holding(vector: new)]).isEmpty)
  }

  @Test func `of two machines under one name what both hold is the base`() throws {
    let both = VersionVector([.init(Epoch(bits: 7), 2), .init(Epoch(bits: 8), 5)])
    var session = session([Self.work: Memory(received: new)])
    let receipt = Receipt(
      partition: Self.work,
      received: VersionVector([.init(Epoch(bits: 7), 1), .init(Epoch(bits: 8), 5)]))
    let hearing = try session.hear(
      manifest([], [receipt]), held: [Self.work: Holding(vector: both, ancestry: births)])
    #expect(hearing.diverged == [Self.work])
    #expect(session.memories[Self.work]?.received == old)
  }

  @Test func `a bundle for another place or from another is not heard`() {
    for (sender, reader, code) in [
      (Self.hub, Self.county, SyncError.Code.notForHere),
      (Self.county, Self.station, .unknownSender), (Self.county, Self.hub, .notForHere),
      (Self.station, Self.hub, .notForHere),
    ] {
      var session = session([Self.work: Memory(received: old)])
      #expect(throws: SyncError(code, "")) {
        try session.hear(manifest(from: sender, to: reader, [delta()]), held: [:])
      }
      #expect(session.memories == [Self.work: Memory(received: old)])
    }
  }

  @Test func `hearing the same bundle twice is hearing it once`() throws {
    var once = session()
    _ = try hear(&once, manifest([delta()]))
    var twice = session()
    _ = try hear(&twice, manifest([delta()]))
    _ = try hear(&twice, manifest([delta()]))
    #expect(once.memories == twice.memories)
  }
}
