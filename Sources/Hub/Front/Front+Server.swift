internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOCore

extension HubServer.Settings {
  var limits: Doorkeeper.Limits {
    var limits = Doorkeeper.Limits()
    limits.connectionsMax = connectionsMax
    if let connectionsPerAddress { limits.connectionsPerClientMax = connectionsPerAddress }
    if let requestsPerAddress { limits.requestsPerMinute = requestsPerAddress }
    let isGiven = connectionsPerAddress != nil || requestsPerAddress != nil
    limits.loopback = isGiven ? .asOneClient : .asManyClients
    return limits
  }
}

extension Front {
  /// HTTP/1.1 behind a gate, which comes before TLS. Nothing unpacks a body: a bundle is what was
  /// sent.
  func server(_ tls: HubTLS?) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      let http = HTTP1Channel(
        responder: responder,
        // Time is the gate's.
        configuration: .init(
          additionalChannelHandlers: [GateReporter()],
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 64)))
      guard let tls else { return FrontedChannel(base: http, front: self) }
      let secret = try TLSChannel(http, tlsConfiguration: tls.configuration)
      return FrontedChannel(base: secret, front: self)
    }
  }
}

/// A request, and who asks.
struct HubContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let client: ClientAddress

  init(source: Source) {
    coreContext = .init(source: source)
    client = ClientAddress(source.channel.remoteAddress)
  }
}

/// Answers no more requests than one client may have.
struct RequestLimit: RouterMiddleware {
  private let front: Front
  private let refusal: @Sendable (Int) -> Response

  /// `refusal` is given after how many seconds to ask again.
  init(_ front: Front, refusal: @escaping @Sendable (Int) -> Response) {
    self.front = front
    self.refusal = refusal
  }

  func handle(
    _ request: Request, context: HubContext,
    next: (Request, HubContext) async throws -> Response
  ) async throws -> Response {
    if let seconds = front.request(context.client) { return refusal(seconds) }
    return try await next(request, context)
  }
}
