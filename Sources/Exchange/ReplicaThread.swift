internal import Dispatch
package import Replica

/// A replica that many tasks use in turn. Its work blocks on the disk, so it has a thread of its
/// own and never one of the tasks'.
package final class ReplicaThread: @unchecked Sendable {
  // Safe because the replica is touched on the queue only, which runs one thing at a time.
  private let replica: Replica
  private let queue = DispatchQueue(label: "yizhan.replica")

  package init(_ replica: Replica) { self.replica = replica }

  package func run<Result: Sendable>(
    _ body: @escaping @Sendable (Replica) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      start { replica in continuation.resume(with: Swift.Result { try body(replica) }) }
    }
  }

  /// Does this when everything before it is done.
  package func start(_ body: @escaping @Sendable (Replica) -> Void) {
    queue.async { body(self.replica) }
  }
}
