import Bundles
import Causality
import Testing

@testable import Sync

/// Two sessions and what lies between them, with replicas that are mere counters: from any
/// memories, however wrong, two bundles each way lead to equal vectors, and soon after nothing
/// travels any more.
@Suite struct ConversationTests {
  private static let partition = PartitionID(PlaceID(bits: 1), .log)

  /// A replica whose one partition has an epoch of each side's.
  private struct Side {
    let place: PlaceID
    let peer: PlaceID
    var held = VersionVector()
    var safe = VersionVector()
    var memory = Memory()
    var standing = Standing.settled

    /// The bundle to the peer, or nil.
    mutating func compose() -> Manifest? {
      var session = Session(
        own: place, peer: peer, shared: [partition], memories: [partition: memory],
        standing: standing)
      let outgoing = session.compose(held: [partition: Holding(vector: held, safe: safe)])
      standing = session.standing
      guard !outgoing.isEmpty else { return nil }
      var manifest = Manifest(sender: place, reader: peer)
      for part in outgoing.parts where !Self.covers(part.base, held) {
        manifest.deltas.append(Delta(partition: partition, base: part.base, target: held))
      }
      manifest.receipts = outgoing.receipts.filter { receipt in
        receipt.safe != memory.acknowledgedSafe
          || !manifest.deltas.contains { $0.target == receipt.received }
      }
      manifest.believed = outgoing.believed
      let isEmpty = manifest.deltas.isEmpty && manifest.receipts.isEmpty && !outgoing.isAnswer
      return isEmpty ? nil : manifest
    }

    /// Takes a bundle in. Says whether a delta was refused as a gap.
    mutating func hear(_ manifest: Manifest) throws -> Bool {
      var session = Session(
        own: place, peer: peer, shared: [partition], memories: [partition: memory],
        standing: standing)
      var isGap = false
      let hearing = try session.hear(
        manifest, held: [partition: Holding(vector: held, safe: safe, ancestry: births)])
      standing = session.standing
      for case .merge(let index) in hearing.decisions {
        let delta = manifest.deltas[index]
        if Self.covers(held, delta.base) {
          for entry in delta.target.entries { held.insert(entry.dot) }
        } else {
          isGap = true
        }
      }
      memory = session.memories[partition] ?? Memory()
      return isGap
    }

    /// What every bundle of this side says, even one with nothing in it.
    var believed: UInt32 {
      var session = Session(
        own: place, peer: peer, shared: [partition], memories: [partition: memory])
      return session.compose(held: [:]).believed
    }

    static func covers(_ left: VersionVector, _ right: VersionVector) -> Bool {
      right.entries.allSatisfy { left[$0.epoch] >= $0.sequence }
    }
  }

  private static let births: Ancestry = {
    var ancestry = Ancestry()
    for epoch in [UInt64(10), 20] {
      try? ancestry.insert(
        Birth(
          epoch: Epoch(bits: epoch), author: Author(place: PlaceID(bits: 1), role: .station),
          parents: .init()))
    }
    return ancestry
  }()

  private func vectors() -> [VersionVector] {
    let epochs = [Epoch(bits: 10), Epoch(bits: 20)]
    return (0..<9).map { number in
      VersionVector(
        zip(epochs, [number % 3, number / 3]).map { epoch, count in
          VersionVector.Entry(epoch, UInt64(count))
        })
    }
  }

  @Test func `from any memories two bundles each way are enough`() throws {
    let vectors = vectors()
    for (mine, theirs) in vectors.flatMap({ left in vectors.map { (left, $0) } }) {
      for (guess, told) in vectors.flatMap({ left in vectors.map { (left, $0) } }) {
        var station = Side(
          place: PlaceID(bits: 1), peer: PlaceID(bits: 2), held: mine,
          memory: Memory(received: guess, acknowledged: told))
        var hub = Side(
          place: PlaceID(bits: 2), peer: PlaceID(bits: 1), held: theirs,
          memory: Memory(received: told, acknowledged: guess))
        try expectAgreement(&station, &hub)
      }
    }
  }

  private func expectAgreement(_ station: inout Side, _ hub: inout Side) throws {
    let start = (station, hub)
    var gaps = 0
    for _ in 0..<2 {
      if let bundle = station.compose(), try hub.hear(bundle) { gaps += 1 }
      if let bundle = hub.compose(), try station.hear(bundle) { gaps += 1 }
    }
    #expect(station.held == hub.held, "\(start)")
    #expect(gaps <= 2, "\(start)")
    #expect(station.compose()?.deltas.isEmpty ?? true, "\(start)")
    #expect(hub.compose()?.deltas.isEmpty ?? true, "\(start)")
    for _ in 0..<3 {
      if let bundle = station.compose() { _ = try hub.hear(bundle) }
      if let bundle = hub.compose() { _ = try station.hear(bundle) }
    }
    #expect(station.compose() == nil && hub.compose() == nil, "\(start)")
    #expect(Side.covers(station.held, start.0.held) && Side.covers(station.held, start.1.held))
  }

  @Test func `what is safe is known soon, whatever was believed before`() throws {
    let vectors = vectors()
    for (safe, guess) in vectors.flatMap({ left in vectors.map { (left, $0) } }) {
      for (told, lost) in vectors.flatMap({ left in (0..<4).map { (left, $0) } }) {
        var station = Side(
          place: PlaceID(bits: 1), peer: PlaceID(bits: 2), held: vectors[8],
          memory: Memory(received: vectors[8], safe: guess, acknowledged: vectors[8]))
        var hub = Side(
          place: PlaceID(bits: 2), peer: PlaceID(bits: 1), held: vectors[8], safe: safe,
          memory: Memory(
            received: vectors[8], acknowledged: vectors[8], acknowledgedSafe: told))
        for turn in 0..<5 {
          // The link's station always asks, if only with a bundle that says nothing.
          var bundle = station.compose() ?? Manifest(sender: station.place, reader: hub.place)
          bundle.believed = station.believed
          if turn != lost { _ = try hub.hear(bundle) }
          if let answer = hub.compose(), turn != lost { _ = try station.hear(answer) }
        }
        #expect(station.memory.safe == safe, "\(safe) \(guess) \(told) \(lost)")
        #expect(station.compose() == nil && hub.compose() == nil)
      }
    }
  }

  @Test func `a station that was set back hears what is safe beside what is new`() throws {
    let vectors = vectors()
    var station = Side(place: PlaceID(bits: 1), peer: PlaceID(bits: 2), held: vectors[2])
    // The hub has told the station what is safe; the station does not remember.
    var hub = Side(
      place: PlaceID(bits: 2), peer: PlaceID(bits: 1), held: vectors[2], safe: vectors[1],
      memory: Memory(
        received: vectors[2], acknowledged: vectors[2], acknowledgedSafe: vectors[1]))
    for turn in 1...4 {
      var bundle = station.compose() ?? Manifest(sender: station.place, reader: hub.place)
      bundle.believed = station.believed
      _ = try hub.hear(bundle)
      hub.held.insert(Dot(Epoch(bits: 20), UInt64(turn)))
      let composed = hub.compose()
      let answer = try #require(composed)
      #expect(!answer.deltas.isEmpty)
      _ = try station.hear(answer)
    }
    #expect(station.memory.safe == vectors[1])
  }

  @Test func `lost bundles cost a repetition and nothing else`() throws {
    let vectors = vectors()
    // Every pattern of losses over four bundles each way, then two that arrive.
    for losses in 0..<256 {
      var station = Side(place: PlaceID(bits: 1), peer: PlaceID(bits: 2), held: vectors[2])
      var hub = Side(place: PlaceID(bits: 2), peer: PlaceID(bits: 1), held: vectors[6])
      for turn in 0..<8 {
        let isLost = losses >> turn & 1 == 1
        if turn % 2 == 0, let bundle = station.compose(), !isLost { _ = try hub.hear(bundle) }
        if turn % 2 == 1, let bundle = hub.compose(), !isLost { _ = try station.hear(bundle) }
      }
      try expectAgreement(&station, &hub)
    }
  }
}
