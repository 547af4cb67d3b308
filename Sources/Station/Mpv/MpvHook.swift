internal import Causality
package import Exchange
package import Logging
internal import Replica
internal import Village

/// Logs what an mpv really plays, by its JSON IPC (mpv --input-ipc-server=SOCKET).
package final class MpvHook: Sendable {
  /// The player's name in the log of what is under way.
  private static let player = "mpv"
  private static let beatSeconds = 60

  private let path: String
  /// Of everything it plays, until somebody corrects it.
  private let occasion: String
  private let thread: ReplicaThread
  private let logger: Logger

  package init(_ path: String, for occasion: String, _ thread: ReplicaThread, logger: Logger) {
    self.path = path
    self.occasion = occasion
    self.thread = thread
    self.logger = logger
  }

  /// Serves one mpv after the other until the task is cancelled.
  package func run() async throws {
    // What was under way when this program was killed; nobody knows what became of it.
    await perform(.end(.init(outcome: "unknown")))
    while !Task.isCancelled {
      if let socket = MpvSocket(path) { await serve(socket) }
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private enum Event: Sendable {
    case line(MpvSocket.Line)
    case beat
  }

  private func serve(_ socket: MpvSocket) async {
    logger.info("mpv is here", metadata: ["socket": "\(path)"])
    let (events, source) = AsyncStream.makeStream(of: Event.self)
    socket.read({ source.yield(.line($0)) }, gone: { source.finish() })
    let beating = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(Self.beatSeconds))
        source.yield(.beat)
      }
    }
    // The stream must not end with the task: what is under way is to be ended first.
    let work = Task { await self.follow(events, socket) }
    await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      socket.stop()
    }
    beating.cancel()
    logger.info("mpv is gone")
  }

  private func follow(_ events: AsyncStream<Event>, _ socket: MpvSocket) async {
    var session = MpvSession()
    // A start that could not be noted, on a full disk say: tried again before what follows it.
    var missed: MpvAction?
    func perform(_ actions: [MpvAction]) async {
      for action in actions {
        switch action {
        case .send(let line): _ = socket.send(line)
        case .start: missed = await self.perform(action) ? nil : action
        case .beat, .end, .discard:
          if let start = missed, await self.perform(start) { missed = nil }
          await self.perform(action)
        }
      }
    }
    await perform(session.greet(at: MpvSocket.uptime()))
    for await event in events {
      switch event {
      case .beat: await perform(session.beat(at: MpvSocket.uptime()))
      case .line(let line):
        guard let message = JSONValue(line.text) else { continue }
        await perform(session.take(message, at: line.at))
      }
    }
    await perform(session.close(at: MpvSocket.uptime()))
  }

  /// False if it could not be noted.
  @discardableResult
  private func perform(_ action: MpvAction) async -> Bool {
    let (player, occasion) = (Self.player, occasion)
    do {
      switch action {
      case .send: break
      case .start(let media, let since):
        let started = try await write { store in
          // Now, since the database may have been lent for a while.
          let ago = Int64(max(0, MpvSocket.uptime() - since) * 1000)
          return try PlayingBook.start(media, at: player, for: occasion, ago: ago, store)
        }
        // Not what: a file may be named after anybody.
        logger.info("playing", metadata: ["ended": "\(started.ended?.description ?? "")"])
      case .beat(let played):
        try await write { try PlayingBook.beat(player, played: played, $0) }
      case .end(let end):
        guard try await isUnderWay() else { return true }
        let dot = try await write { try PlayingBook.end(end, at: player, $0) }
        logger.info(
          "played", metadata: ["outcome": "\(end.outcome)", "dot": "\(dot?.description ?? "")"])
      case .discard: try await write { try PlayingBook.discard(player, $0) }
      }
      return true
    } catch {
      logger.error("a playback was not noted", metadata: ["error": "\(ErrorName.of(error))"])
      return false
    }
  }

  private func isUnderWay() async throws -> Bool {
    let player = Self.player
    return try await thread.run { replica in
      try replica.read { try PlayingBook.list($0).contains { $0.player == player } }
    }
  }

  private func write<Result: Sendable>(
    _ body: @escaping @Sendable (Store) throws -> Result
  ) async throws -> Result {
    try await thread.run { replica in try replica.write(body) }
  }
}
