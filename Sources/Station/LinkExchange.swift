internal import Bundles
package import Exchange
internal import Glibc
internal import Replica
internal import Sync

/// What came of talking to the hub until both sides had nothing new, or until it went wrong.
package struct SyncReport: Sendable {
  package var requests = 0
  package var cost = HubLink.Cost()
  /// Events and records that the hub lacked, as far as bundles with them were answered; and those
  /// that were new here.
  package var sent = 0
  package var received = 0
  /// Codes of deltas of the hub's that were refused here.
  package var refused: [String] = []

  package init() {}
}

/// Exchanges bundles with the hub. What a broken link has brought so far is kept in a file.
package struct LinkExchange: Sendable {
  private let thread: ReplicaThread
  private let link: HubLink
  private let path: String

  /// `folder` is the data folder.
  package init(_ thread: ReplicaThread, _ link: HubLink, folder: String) {
    self.thread = thread
    self.link = link
    path = folder + "/transfer"
  }

  package enum Failure: Error, Sendable {
    /// There is no hub above this replica.
    case noHub
    case busy(seconds: Int)
    case refused(code: String, reason: String)
  }

  /// More than two wrong guesses about each other do not happen.
  private static let turnsMax = 1000

  /// Goes on with a transfer that broke, or begins one, until nothing is left to say.
  package func run(_ report: inout SyncReport) async throws {
    for _ in 0..<Self.turnsMax {
      let turn = try await begin()
      var transfer = turn.transfer
      try await carry(&transfer, &report)
      unlink(path)
      let again = try await finish(transfer, &report)
      report.sent += turn.events
      guard turn.hasMore || again else { return }
    }
  }

  private struct Begun: Sendable {
    let transfer: Transfer
    let hasMore: Bool
    let events: Int
  }

  private func begin() async throws -> Begun {
    if let kept = kept() { return Begun(transfer: kept, hasMore: true, events: 0) }
    return try await thread.run { replica in
      try replica.write { store in
        guard let hub = try Neighbours.above(store) else { throw Failure.noHub }
        let sent = try Turn(BundleCodec()).write(to: hub, store)
        return Begun(transfer: Transfer(sent.bytes), hasMore: sent.hasMore, events: sent.deltas)
      }
    }
  }

  /// One transfer, from where it is to its end.
  private func carry(_ transfer: inout Transfer, _ report: inout SyncReport) async throws {
    while true {
      report.requests += 1
      let reply: HubLink.Reply
      var left: [[UInt8]] = []
      do {
        defer { keep(transfer) }
        reply = try await link.send(&transfer, cost: &report.cost) { left.append($0) }
      } catch {
        for part in left { await takePart(part) }
        throw error
      }
      for part in left { await takePart(part) }
      switch reply {
      case .complete where transfer.isComplete: return
      case .complete, .wantsRest: continue
      case .busy(let seconds): throw Failure.busy(seconds: seconds)
      case .refused(let code, let reason):
        unlink(path)
        throw Failure.refused(code: code, reason: reason)
      }
    }
  }

  /// Merges the answer. True if another turn is worth it at once.
  private func finish(_ transfer: Transfer, _ report: inout SyncReport) async throws -> Bool {
    let bundle: MemoryBundle
    do { bundle = try MemoryBundle(transfer.answer) } catch {
      throw SyncError(.badReply, "the answer is no bundle: \(error.reason)")
    }
    let taken = try await thread.run { replica in
      try replica.write { try Turn(BundleCodec()).take(bundle, $0) }
    }
    report.received += taken.merged
    report.refused += taken.refusals.map(\.code)
    return bundle.head.manifest.hasMore || taken.refusals.contains { $0.code == "gap" }
  }

  /// What is whole of an answer that the hub has forgotten need not come again.
  private func takePart(_ bytes: [UInt8]) async {
    guard let bundle = try? MemoryBundle(bytes) else { return }
    _ = try? await thread.run { replica in
      try replica.write { try Turn(BundleCodec()).take(bundle, $0).merged }
    }
  }

  // MARK: Kept between attempts

  /// Not synced: what a power cut takes of it is sent again.
  private func keep(_ transfer: Transfer) {
    let bytes = transfer.saved
    guard let file = fopen(path + ".tmp", "w") else { return }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count, rename(path + ".tmp", path) == 0 else {
      unlink(path + ".tmp")
      return
    }
  }

  private static let keptMax = 64 << 20

  private func kept() -> Transfer? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < Self.keptMax {
      let count = fread(&block, 1, block.count, file)
      guard count > 0 else { break }
      bytes += block[..<count]
    }
    return Transfer(saved: bytes)
  }
}
