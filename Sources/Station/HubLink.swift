internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
package import Sync
internal import Synchronization
internal import Wording

/// The station's end of the link: one HTTP request at a time, kept to few bytes.
package struct HubLink: Sendable {
  /// What came of one request.
  package enum Reply: Sendable {
    /// The answer is whole; and the hub's time, as HTTP writes it.
    case complete(at: String?)
    /// The hub holds only part of the bundle, or has more of the answer; ask again.
    case wantsRest
    /// The hub cannot now; try again after so many seconds.
    case busy(seconds: Int)
    /// The hub has refused the bundle: a stable code and a sentence.
    case refused(code: String, reason: String)
  }

  package let url: String
  private let client: HTTPClient

  private init(url: String, client: HTTPClient) {
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.client = client
  }

  /// There is a way to the hub, but who answers cannot show that it is the hub.
  package struct Untrusted: Error {
    package let reason: String
  }

  /// Does something with a link to the hub at `url`, such as `http://10.0.0.1:8100`.
  /// A link that says nothing for `patience` seconds is broken.
  package static func with<Result: Sendable>(
    _ url: String, trust: LinkTrust = .system, patience: Int64 = 90,
    _ body: @Sendable (HubLink) async throws -> Result
  ) async throws -> Result {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    // What the network loses while it is away the kernel repeats ever more rarely: better to begin
    // anew when it is back.
    configuration.timeout = .init(
      connect: .seconds(min(patience, connectSeconds)), read: .seconds(patience))
    configuration.tlsConfiguration = trust.configuration
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(HubLink(url: url, client: client))) } catch {
      result = .failure(error)
    }
    try await client.shutdown()
    return try result.get()
  }

  private static let connectSeconds: Int64 = 30

  /// Bytes of bodies that were handed to the network and came from it, and how many requests got
  /// that far.
  package struct Cost: Sendable, Equatable {
    package var up = 0
    package var down = 0
    package var requests = 0

    package init() {}
  }

  /// Sends what the transfer asks for and takes in what comes, piece by piece, in bodies of at most
  /// `bytesMax` bytes: if this throws, the transfer knows how far it came. Pieces of an answer that is not gone on with go to `left`.
  ///
  /// Throws `SyncError` `bad_reply` if what answers is no hub, `Untrusted`, and what the network throws.
  package func send(
    _ transfer: inout Transfer, cost: inout Cost, bytesMax: Int = .max,
    progress: (Transfer) -> Void = { _ in }, left: ([UInt8]) -> Void = { _ in }
  ) async throws -> Reply {
    let asked = transfer.request
    var request = HTTPClientRequest(url: "\(url)/v1/exchange/\(transfer.id)")
    request.method = .POST
    request.headers.add(name: "Upload-Length", value: String(transfer.bundle.count))
    if asked.offset > 0 {
      request.headers.add(name: "Upload-Offset", value: String(asked.offset))
    }
    if asked.answerOffset > 0 {
      request.headers.add(name: "Answer-Offset", value: String(asked.answerOffset))
      request.headers.add(name: "Answer-Id", value: asked.answerID)
    }
    let body = asked.body.prefix(bytesMax)
    let answerMax = bytesMax - body.count
    if bytesMax < .max { request.headers.add(name: "Answer-Max", value: String(answerMax)) }
    let sent = SentCount()
    if !body.isEmpty {
      request.body = .stream(Blocks(body, sent), length: .known(Int64(body.count)))
    }
    transfer.broke()
    let result: Result<HTTPClientResponse, any Error>
    do { result = .success(try await client.execute(request, timeout: .hours(24))) } catch {
      result = .failure(LinkTrust.isToBlame(for: error) ? Untrusted(reason: "\(error)") : error)
    }
    // What never found a connection has cost nothing.
    cost.up += sent.bytes
    if sent.bytes > 0 || (try? result.get()) != nil { cost.requests += 1 }
    let response = try result.get()
    return try await take(response, &transfer, &cost, answerMax, progress, left)
  }

  /// What the hub shows of its keys, or nil if what answers has nothing of the kind. Nothing of it is
  /// believed but for its signatures.
  package func introduction(cost: inout Cost) async throws -> [UInt8]? {
    let response = try await client.execute(
      HTTPClientRequest(url: "\(url)/v1/introduction"), timeout: .seconds(60))
    cost.requests += 1
    guard response.status == .ok,
      response.headers.first(name: "Content-Type") == "application/x-yizhan-bundle",
      let body = try? await response.body.collect(upTo: 8192)
    else { return nil }
    cost.down += body.readableBytes
    return Array(body.readableBytesView)
  }

  private func take(
    _ response: HTTPClientResponse, _ transfer: inout Transfer, _ cost: inout Cost,
    _ answerMax: Int, _ progress: (Transfer) -> Void, _ left: ([UInt8]) -> Void
  ) async throws -> Reply {
    switch response.status.code {
    case 200:
      let length = try await takeAnswer(response, &transfer, &cost, progress, left)
      // The reply was whole, and yet the answer is not, or is another than it was said to be.
      guard transfer.isComplete ? transfer.isAsNamed : length == answerMax else {
        transfer.answerIsWrong()
        throw SyncError(.badReply, "the hub's answer is not what it was said to be")
      }
      return transfer.isComplete ? .complete(at: response.headers.first(name: "Date")) : .wantsRest
    case 409:
      guard let held = number(response, "Upload-Offset") else { throw notAHub(response) }
      try transfer.holds(held)
      return .wantsRest
    case 429, 503: return .busy(seconds: min(number(response, "Retry-After") ?? 60, 3600))
    case 400, 413, 422:
      guard let body = try? await response.body.collect(upTo: 4096),
        let refusal = Refusal(json: String(buffer: body))
      else { throw notAHub(response) }
      cost.down += body.readableBytes
      return .refused(code: refusal.code, reason: refusal.reason)
    default: throw notAHub(response)
    }
  }

  /// Returns how many bytes came.
  private func takeAnswer(
    _ response: HTTPClientResponse, _ transfer: inout Transfer, _ cost: inout Cost,
    _ progress: (Transfer) -> Void, _ left: ([UInt8]) -> Void
  ) async throws -> Int {
    guard response.headers.first(name: "Content-Type") == "application/x-yizhan-bundle",
      let id = response.headers.first(name: "Answer-Id"), id.utf8.count == 32,
      let length = number(response, "Answer-Length"),
      let offset = number(response, "Answer-Offset")
    else { throw notAHub(response) }
    let abandoned = try transfer.answered(id: id, length: length, from: offset)
    if !abandoned.isEmpty { left(abandoned) }
    var count = 0
    for try await buffer in response.body {
      count += buffer.readableBytes
      cost.down += buffer.readableBytes
      try transfer.took(buffer.readableBytesView)
      progress(transfer)
    }
    return count
  }

  private func number(_ response: HTTPClientResponse, _ name: String) -> Int? {
    response.headers.first(name: name).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  private func notAHub(_ response: HTTPClientResponse) -> SyncError {
    SyncError(
      .badReply, "\(url) answered \(response.status.code) as no hub would: a login page, perhaps")
  }
}

/// How much of a body was asked for by a connection.
private final class SentCount: Sendable {
  private let count = Atomic<Int>(0)

  var bytes: Int { count.load(ordering: .relaxed) }

  func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }
}

/// A body, block by block as the connection takes it.
private struct Blocks: AsyncSequence, Sendable {
  private let body: ArraySlice<UInt8>
  private let sent: SentCount

  init(_ body: ArraySlice<UInt8>, _ sent: SentCount) {
    self.body = body
    self.sent = sent
  }

  func makeAsyncIterator() -> Iterator { Iterator(rest: body, sent: sent) }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var rest: ArraySlice<UInt8>
    fileprivate let sent: SentCount
    private static let blockBytes = 4 << 10

    mutating func next() async -> ByteBuffer? {
      guard !rest.isEmpty else { return nil }
      let block = rest.prefix(Self.blockBytes)
      rest = rest.dropFirst(block.count)
      sent.add(block.count)
      return ByteBuffer(bytes: block)
    }
  }
}

/// What a hub says when it refuses: `{"code":"...","reason":"..."}`.
private struct Refusal {
  let code: String
  let reason: String

  init?(json: String) {
    guard let code = Self.value("code", json), let reason = Self.value("reason", json),
      !code.isEmpty, code.utf8.allSatisfy({ (97...122) ~= $0 || $0 == 95 })
    else { return nil }
    self.code = code
    self.reason = reason
  }

  /// What a terminal would act on.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
  }

  private static func value(_ name: String, _ json: String) -> String? {
    guard let start = json.firstRange(of: "\"\(name)\":\"")?.upperBound,
      let end = json[start...].firstIndex(of: "\"")
    else { return nil }
    return String(
      json[start..<end].prefix(300).filter { !$0.unicodeScalars.contains(where: isControl) })
  }
}
