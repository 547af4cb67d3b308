internal import Dispatch
package import Replica

/// A replica that many tasks use in turn. Its work blocks on the disk, so it has a thread of its
/// own and never one of the tasks'.
///
/// It can be lent: then it is closed here until whoever borrowed it, a command of the keeper's in
/// another process, has given it back. Work waits meanwhile.
package final class ReplicaThread: @unchecked Sendable {
  /// An open replica, and how to give it up.
  package struct Opened {
    package let replica: Replica
    package let close: () -> Void

    package init(_ replica: Replica, close: @escaping () -> Void) {
      self.replica = replica
      self.close = close
    }
  }

  // Safe because it is touched on the queue only, which runs one thing at a time.
  private var opened: Result<Opened, any Error>
  private let open: () throws -> Opened
  private let keepsOpen: Bool
  private let queue = DispatchQueue(label: "yizhan.replica")

  /// Opens the replica. Throws what `open` throws. Unless it is kept open, it is closed after each
  /// piece of work, for others to use.
  package init(keepsOpen: Bool = true, open: @escaping @Sendable () throws -> Opened) throws {
    self.open = open
    self.keepsOpen = keepsOpen
    opened = .success(try open())
  }

  package func run<Result: Sendable>(
    _ body: @escaping @Sendable (Replica) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      start { opened in
        continuation.resume(with: Swift.Result { try body(try opened.get().replica) })
      }
    }
  }

  /// Does this when everything before it is done. If the replica was lent and could not be opened
  /// again, `body` is told why.
  package func start(_ body: @escaping @Sendable (Result<Opened, any Error>) -> Void) {
    queue.async {
      if case .failure(let error) = self.opened, !(error is Closed) {
        self.opened = Result { try self.open() }
      }
      body(self.opened)
      guard !self.keepsOpen, case .success(let opened) = self.opened else { return }
      opened.close()
      self.opened = .failure(Between())
    }
  }

  private struct Between: Error {}

  /// Closes the replica, waits until `whileLent` has returned, and opens it again, unless that says
  /// that nobody needs it any more.
  package func lend(_ whileLent: @escaping @Sendable () -> Bool) {
    queue.async {
      if case .success(let opened) = self.opened { opened.close() }
      self.opened = whileLent() ? Result { try self.open() } : .failure(Closed())
    }
  }

  /// Closes the replica for good when everything before is done.
  package func close() async {
    await withCheckedContinuation { continuation in
      queue.async {
        if case .success(let opened) = self.opened { opened.close() }
        self.opened = .failure(Closed())
        continuation.resume()
      }
    }
  }

  private struct Closed: Error {}
}
