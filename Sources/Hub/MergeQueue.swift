internal import Bundles
package import Exchange
internal import Replica
internal import Sync
internal import Synchronization
internal import Village

/// Where bundles wait for the one connection that writes. Those that wait together are merged in
/// one transaction, so many stations share one wait for the disk.
package final class MergeQueue: Sendable {
  /// What became of a bundle.
  package struct Answer: Sendable {
    package let bytes: [UInt8]
    package let sender: String
    package let merged: Int
    /// Codes of what was refused.
    package let refusals: [String]
  }

  package enum Busy: Error { case tooMany }

  private struct Waiting: Sendable {
    let bundle: SealedBytes
    let reply: CheckedContinuation<Answer, any Error>
  }

  private struct State {
    var waiting: [Waiting] = []
    var isRunning = false
  }

  private let state = Mutex(State())
  private let thread: ReplicaThread
  private let waitingMax: Int
  private static let batchMax = 64

  package init(_ thread: ReplicaThread, waitingMax: Int = 1024) {
    self.thread = thread
    self.waitingMax = waitingMax
  }

  package var count: Int { state.withLock { $0.waiting.count } }

  /// Merges a bundle and composes the answer. When this returns, what was merged is durable.
  ///
  /// Throws `Busy` if too many wait, `SyncError` if the bundle is not for here, `BundleError` and
  /// `VillageError` if it is not from whom it claims to be, and what the disk may throw.
  package func merge(_ bundle: SealedBytes) async throws -> Answer {
    try await withCheckedThrowingContinuation { reply in
      let (isTaken, starts) = state.withLock { state in
        guard state.waiting.count < waitingMax else { return (false, false) }
        state.waiting.append(Waiting(bundle: bundle, reply: reply))
        defer { state.isRunning = true }
        return (true, !state.isRunning)
      }
      guard isTaken else { return reply.resume(throwing: Busy.tooMany) }
      if starts { thread.start { self.drain($0.map(\.replica)) } }
    }
  }

  private func drain(_ replica: Result<Replica, any Error>) {
    let batch = state.withLock { state in
      let batch = Array(state.waiting.prefix(Self.batchMax))
      state.waiting.removeFirst(batch.count)
      if batch.isEmpty { state.isRunning = false }
      return batch
    }
    guard !batch.isEmpty else { return }
    run(batch, replica)
    // Others may use the replica between two batches.
    thread.start { self.drain($0.map(\.replica)) }
  }

  private func run(_ batch: [Waiting], _ replica: Result<Replica, any Error>) {
    let results: [Result<Answer, any Error>]
    do {
      let turn = Turn(BundleCodec())
      results = try replica.get().write { store in
        try batch.map { try Self.answer($0.bundle, turn, store) }
      }
    } catch {
      // One that cannot be merged must not keep the others out.
      guard batch.count == 1 else {
        for waiting in batch { run([waiting], replica) }
        return
      }
      return batch[0].reply.resume(throwing: error)
    }
    for (waiting, result) in zip(batch, results) { waiting.reply.resume(with: result) }
  }

  /// A bundle that is not for here fails alone; what the disk throws ends the transaction.
  private static func answer(
    _ bundle: SealedBytes, _ turn: Turn, _ store: Store
  ) throws -> Result<Answer, any Error> {
    do {
      let taken = try turn.take(bundle, store)
      // As it is known now: the bundle may have brought its keys, in the place of those of a machine
      // that is lost, for which nothing must be sealed any more.
      let sender = try Neighbours.find(store, taken.sender.place.id) ?? taken.sender
      let sent = try turn.write(to: sender, store)
      return .success(
        Answer(
          bytes: sent.bytes, sender: taken.sender.place.code.dotted, merged: taken.merged,
          refusals: taken.refusals.map(\.code)))
    } catch let error as SyncError {
      return .failure(error)
    } catch let error as BundleError {
      return .failure(error)
    } catch let error as VillageError {
      return .failure(error)
    }
  }
}
