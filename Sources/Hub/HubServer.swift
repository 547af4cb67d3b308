internal import Bundles
package import Exchange
internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
internal import Replica
internal import ServiceLifecycle
internal import Sync
internal import Synchronization
internal import Village

/// The hub on the network: one endpoint that takes a bundle and answers with one
/// (Protocol/06-link.md), and two for whoever watches it.
package final class HubServer: Sendable {
  package struct Settings: Sendable {
    package var host: String
    package var port: Int
    /// For what has come of bundles whose link broke.
    package var incomingFolder: String
    /// Is told of a bundle that was refused: its bytes, the code and the reason.
    package var whenRefused: @Sendable ([UInt8], String, String) -> Void = { _, _, _ in }
    /// Largest bundle that is taken.
    package var bundleBytesMax = 16 << 20
    /// Bytes of bundles that may wait to be merged.
    package var waitingBytesMax = 64 << 20
    /// Nil is plain HTTP.
    package var tls: HubTLS?
    /// Connections at once. The command sees to it that so many files may be open.
    package var connectionsMax = 4096
    /// Connections of one address; nil is the default, and this machine has no limit.
    package var connectionsPerAddress: Int?
    /// Requests a minute of one address; nil as above.
    package var requestsPerAddress: Int?

    package init(host: String, port: Int, incomingFolder: String) {
      self.host = host
      self.port = port
      self.incomingFolder = incomingFolder
    }
  }

  private let settings: Settings
  private let queue: MergeQueue
  private let thread: ReplicaThread
  private let inbox: Inbox
  private let answers = Answers()
  private let counters = Counters()
  private let front: Front
  private let waitingBytes = Mutex(0)
  private let logger: Logger
  private let ending = Mutex<(@Sendable () -> Void)?>(nil)

  package init(_ settings: Settings, _ thread: ReplicaThread, logger: Logger) throws {
    self.settings = settings
    self.logger = logger
    front = Front(settings.limits, Pace.Limits())
    queue = MergeQueue(thread)
    self.thread = thread
    inbox = try Inbox(folder: settings.incomingFolder)
  }

  /// What to do when the hub is asked to end.
  package func whenEnding(_ body: @escaping @Sendable () -> Void) { ending.withLock { $0 = body } }

  /// Serves until the task is cancelled or the process is asked to end; what has begun is finished
  /// first. `ready` is told the port.
  package func run(ready: @escaping @Sendable (Int) -> Void) async throws {
    let router = Router(context: HubContext.self)
    router.add(middleware: RequestLimit(front) { self.busy(retryAfter: $0) })
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/metrics") { _, _ in
      Response(
        status: .ok,
        headers: [
          .contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        ],
        body: ResponseBody(
          byteBuffer: ByteBuffer(
            string: self.counters.text(waiting: self.queue.count, self.front.lines))))
    }
    router.get("/v1/introduction") { _, _ in await self.introduction() }
    router.post("/v1/exchange/:id") { request, context in
      try await self.exchange(request, context.parameters.get("id") ?? "")
    }
    var application = Application(
      router: router, server: front.server(settings.tls),
      // All may come at once: whom the kernel has no room for waits a second or three.
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 4096),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) },
      logger: logger)
    if let body = ending.withLock({ $0 }) { application.addServices(Ending(body: body)) }
    try await application.runService()
  }

  /// What this hub shows of its keys: no secret, and signed by keys that stations know.
  private func introduction() async -> Response {
    do {
      let bytes = try await thread.run { replica in
        try replica.read { try Sealing.introduction($0) }
      }
      return Response(
        status: .ok, headers: [.contentType: Link.contentType],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    } catch { return failure(error, 0) }
  }

  // MARK: The exchange

  private func exchange(_ request: Request, _ id: String) async throws -> Response {
    guard let order = Order(request.headers, id: id) else {
      return refusal(.badRequest, "bad_request", "this is not a request of this protocol")
    }
    guard order.length <= settings.bundleBytesMax else {
      return refusal(.contentTooLarge, "bundle_too_large", "the hub takes smaller bundles only")
    }
    if let answer = answers[id] { return reply(answer, order) }
    let ticket: Inbox.Ticket
    switch inbox.open(id, length: order.length, from: order.offset) {
    case .ready(let ready): ticket = ready
    case .held(let count): return partial(count)
    case .full: return busy()
    case .lying:
      return refusal(.badRequest, "bad_request", "more of the bundle is held than it has")
    }
    do {
      // A link that hangs does not keep the hub from ending.
      let adding = try await cancelWhenGracefulShutdown { [ticket] in
        var ticket = ticket
        for try await buffer in request.body {
          switch self.inbox.add(buffer.readableBytesView, &ticket) {
          case .added: continue
          case let failed: return failed
          }
        }
        return Inbox.Adding.added
      }
      switch adding {
      case .added: break
      case .full:
        _ = inbox.close(ticket)
        return busy()
      case .lying:
        _ = inbox.close(ticket)
        return refusal(.badRequest, "bad_request", "the body is longer than it was said to be")
      }
    } catch {
      _ = inbox.close(ticket)
      counters.count(.partial)
      guard error is CancellationError else { throw error }
      return refusal(.serviceUnavailable, "busy", "the hub is ending", retryAfter: 60)
    }
    switch inbox.close(ticket) {
    case .partial(let count): return partial(count)
    case .whole(let bytes): return await merge(bytes, order)
    }
  }

  private func merge(_ bytes: [UInt8], _ order: Order) async -> Response {
    guard Transfer.id(bytes) == order.id else {
      counters.count(.refused, bytesIn: bytes.count)
      return refusal(.unprocessableContent, "check_failed", "the bundle was damaged on its way")
    }
    guard waitingBytes.withLock({ $0 + bytes.count <= settings.waitingBytesMax }) else {
      return busy()
    }
    waitingBytes.withLock { $0 += bytes.count }
    defer { waitingBytes.withLock { $0 -= bytes.count } }
    do {
      let answer = try await queue.merge(try SealedBytes(bytes))
      answers.keep(answer.bytes, for: order.id)
      counters.count(
        .merged, bytesIn: bytes.count, bytesOut: answer.bytes.count, merged: answer.merged)
      if let code = answer.refusals.first(where: { Self.isForReview($0) }) {
        settings.whenRefused(bytes, code, "refused in part")
      }
      logger.info(
        "exchange",
        metadata: [
          "place": "\(answer.sender)", "bytes": "\(bytes.count)", "merged": "\(answer.merged)",
          "answer": "\(answer.bytes.count)",
          "refused": "\(answer.refusals.joined(separator: " "))",
        ])
      return reply(answer.bytes, order)
    } catch {
      if let error = error as? SyncError, error.code == .keyRevoked {
        settings.whenRefused(bytes, error.code.rawValue, error.reason)
      }
      return failure(error, bytes.count)
    }
  }

  /// Whether people should look into what was refused for this.
  private static func isForReview(_ code: String) -> Bool {
    code == ReplicaError.Code.notOwner.rawValue || code == ReplicaError.Code.notProven.rawValue
  }

  private func failure(_ error: any Error, _ count: Int) -> Response {
    switch error {
    case let error as BundleError: return refusal(error.code.rawValue, error.reason, count)
    case let error as SyncError: return refusal(error.code.rawValue, error.reason, count)
    case let error as VillageError where error.code != .keysMissing:
      return refusal(error.code.rawValue, nil, count)
    case is MergeQueue.Busy: return busy()
    default:
      counters.count(.failed, bytesIn: count)
      let code = (error as? ReplicaError)?.code.rawValue ?? "disk_error"
      let reason = (error as? ReplicaError)?.reason ?? "\(type(of: error))"
      logger.error("a bundle was not merged", metadata: ["code": "\(code)", "error": "\(reason)"])
      return refusal(.serviceUnavailable, code, "the hub cannot merge now", retryAfter: 60)
    }
  }

  // MARK: Responses

  private func reply(_ answer: [UInt8], _ order: Order) -> Response {
    let id = Transfer.id(answer)
    let from = id == order.answerID && order.answerOffset <= answer.count ? order.answerOffset : 0
    let end = from + min(order.answerMax, answer.count - from)
    return Response(
      status: .ok,
      headers: [
        .contentType: Link.contentType, Link.answerID: id,
        Link.answerOffset: String(from), Link.answerLength: String(answer.count),
      ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer[from..<end])))
  }

  /// So much of the bundle is here; the rest is awaited.
  private func partial(_ count: Int) -> Response {
    counters.count(.partial)
    return Response(status: .conflict, headers: [Link.uploadOffset: String(count)])
  }

  private func busy(retryAfter: Int = 10) -> Response {
    counters.count(.busy)
    return refusal(.tooManyRequests, "busy", "too many requests", retryAfter: retryAfter)
  }

  /// Of a bundle of so many bytes.
  private func refusal(_ code: String, _ reason: String?, _ count: Int) -> Response {
    counters.count(.refused, bytesIn: count)
    return refusal(.unprocessableContent, code, RefusalText.told(code, reason))
  }

  private func refusal(
    _ status: HTTPResponse.Status, _ code: String, _ reason: String, retryAfter: Int? = nil
  ) -> Response {
    var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
    if let retryAfter { headers[.retryAfter] = String(retryAfter) }
    // Neither holds a character that JSON would escape: they are ours.
    let text = "{\"code\":\"\(code)\",\"reason\":\"\(reason)\"}\n"
    return Response(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}

/// Does something when the hub is asked to end.
private struct Ending: Service {
  let body: @Sendable () -> Void

  func run() async throws {
    try await gracefulShutdown()
    body()
  }
}

/// The header fields of the exchange.
private enum Link {
  static let contentType = "application/x-yizhan-bundle"
  static let uploadOffset = name("Upload-Offset")
  static let uploadLength = name("Upload-Length")
  static let answerOffset = name("Answer-Offset")
  static let answerLength = name("Answer-Length")
  static let answerMax = name("Answer-Max")
  static let answerID = name("Answer-Id")

  private static func name(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is a name") }
    return name
  }
}

/// What a request asks for.
private struct Order {
  let id: String
  let length: Int
  let offset: Int
  let answerOffset: Int
  /// How much of the answer the station wants now.
  let answerMax: Int
  let answerID: String

  init?(_ headers: HTTPFields, id: String) {
    func number(_ name: HTTPField.Name, default missing: Int) -> Int? {
      guard let text = headers[name] else { return missing }
      return Int(text).flatMap { $0 >= 0 ? $0 : nil }
    }
    let isID = id.utf8.count == 32 && id.utf8.allSatisfy { (48...57) ~= $0 || (97...102) ~= $0 }
    guard isID, let offset = number(Link.uploadOffset, default: 0),
      let length = number(Link.uploadLength, default: number(.contentLength, default: -1) ?? -1),
      length >= offset, let answerOffset = number(Link.answerOffset, default: 0),
      let answerMax = number(Link.answerMax, default: Int.max)
    else { return nil }
    self.id = id
    self.length = length
    self.offset = offset
    self.answerOffset = answerOffset
    self.answerMax = answerMax
    answerID = headers[Link.answerID] ?? ""
  }
}
