package import Exchange
internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
package import Replica
internal import ServiceLifecycle

/// What a station tells on its own machine, to the programmes that show it, and what players on
/// the machine tell it (docs/playing.md).
package struct LocalServer: Sendable {
  /// What is asked for. Answers are JSON texts, made by whoever runs this.
  package struct Answers: Sendable {
    let status: @Sendable (Replica) throws -> String
    let playing: @Sendable (Replica) throws -> String
    /// What is to be played on a day, `2026-03-05`; nil for today.
    let plan: @Sendable (String?, Replica) throws -> String
    let change: @Sendable (Change, [LocalField], Replica) throws -> String
    let failure: @Sendable (any Error) -> Failure

    package init(
      status: @escaping @Sendable (Replica) throws -> String,
      playing: @escaping @Sendable (Replica) throws -> String,
      plan: @escaping @Sendable (String?, Replica) throws -> String,
      change: @escaping @Sendable (Change, [LocalField], Replica) throws -> String,
      failure: @escaping @Sendable (any Error) -> Failure
    ) {
      self.status = status
      self.playing = playing
      self.plan = plan
      self.change = change
      self.failure = failure
    }
  }

  /// What may be done to what is under way.
  package enum Change: String, CaseIterable, Sendable {
    case start
    case stop
    case beat
  }

  /// An error as it is told.
  package struct Failure: Sendable {
    package enum Kind: Sendable {
      /// Whoever asks is wrong.
      case request
      /// What is asked does not fit to what is.
      case state
      /// It is no fault of whoever asks.
      case own
    }

    let kind: Kind
    let text: String

    package init(_ kind: Kind, _ text: String) {
      self.kind = kind
      self.text = text
    }

    fileprivate var status: HTTPResponse.Status {
      switch kind {
      case .request: .badRequest
      case .state: .conflict
      case .own: .serviceUnavailable
      }
    }
  }

  private let host: String
  private let port: Int
  private let thread: ReplicaThread
  private let token: LocalToken
  private let answers: Answers
  private let logger: Logger

  package init(
    host: String, port: Int, _ thread: ReplicaThread, token: LocalToken, logger: Logger,
    answers: Answers
  ) {
    self.host = host
    self.port = port
    self.thread = thread
    self.token = token
    self.answers = answers
    self.logger = logger
  }

  /// Serves until the task is cancelled. `ready` is told the port.
  package func run(ready: @escaping @Sendable (Int) -> Void) async throws {
    let router = Router()
    router.get("/healthz") { _, _ in "ok\n" }
    for (path, told) in [("/v1/status", answers.status), ("/v1/playback", answers.playing)] {
      router.get(RouterPath(path)) { request, _ in
        await answer(request) { try await thread.run(told) }
      }
    }
    router.get("/v1/plan") { request, _ in
      await answer(request) {
        let day = request.uri.queryParameters.get("date")
        return try await thread.run { try answers.plan(day, $0) }
      }
    }
    for change in Change.allCases {
      router.post("/v1/playback/\(change.rawValue)") { request, _ in
        await answer(request) {
          let fields = try await LocalRequest.fields(request)
          return try await thread.run { try answers.change(change, fields, $0) }
        }
      }
    }
    let application = Application(
      router: router,
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) },
      logger: logger)
    // The command that runs this listens for signals itself.
    let group = ServiceGroup(services: [application], logger: logger)
    let running = Task.detached { try await group.run() }
    try await withTaskCancellationHandler {
      try await running.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }

  private func answer(_ request: Request, _ body: () async throws -> String) async -> Response {
    do {
      try LocalRequest.check(request.head)
      try token.check(request.head)
      return Self.reply(.ok, try await body())
    } catch {
      let failure = answers.failure(error)
      return Self.reply((error as? LocalRefusal)?.status ?? failure.status, failure.text)
    }
  }

  private static func reply(_ status: HTTPResponse.Status, _ text: String) -> Response {
    var headers: HTTPFields = [
      .contentType: "application/json; charset=utf-8", .cacheControl: "no-store",
    ]
    if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    return Response(
      status: status, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
  }
}

extension LocalRefusal {
  fileprivate var status: HTTPResponse.Status {
    switch code {
    case .badRequest: .badRequest
    case .notLocal: .forbidden
    case .tokenWrong: .unauthorized
    }
  }
}
