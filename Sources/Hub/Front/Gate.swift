internal import Glibc
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// What all connections of the hub pass: counts them, and knows what became of those it did not
/// let in.
final class Front: Sendable {
  private struct State {
    var keeper: Doorkeeper
    var turnedAway = 0
    var cut: [Pace.Fault: Int] = [:]
  }

  let pace: Pace.Limits
  private let state: Mutex<State>

  init(_ limits: Doorkeeper.Limits, _ pace: Pace.Limits) {
    self.pace = pace
    state = Mutex(State(keeper: Doorkeeper(limits)))
  }

  /// Time since the machine started.
  static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

  func connect(_ address: ClientAddress) -> Bool {
    state.withLock { state in
      let isIn = state.keeper.connect(address, at: Self.now)
      if !isIn { state.turnedAway += 1 }
      return isIn
    }
  }

  func disconnect(_ address: ClientAddress) { state.withLock { $0.keeper.disconnect(address) } }

  func request(_ address: ClientAddress) -> Int? {
    state.withLock { $0.keeper.request(address, at: Self.now) }
  }

  func cut(for fault: Pace.Fault) { state.withLock { $0.cut[fault, default: 0] += 1 } }

  /// In OpenMetrics text.
  var lines: [String] {
    let (connections, turnedAway, cut) = state.withLock {
      ($0.keeper.connections, $0.turnedAway, $0.cut)
    }
    return [
      "# TYPE yizhan_connections gauge", "# HELP yizhan_connections Connections that are open.",
      "yizhan_connections \(connections)", "# TYPE yizhan_connections_turned_away counter",
      "# HELP yizhan_connections_turned_away Connections that there was no room for.",
      "yizhan_connections_turned_away_total \(turnedAway)",
      "# TYPE yizhan_connections_cut counter",
      "# HELP yizhan_connections_cut Connections that were not waited for any longer.",
    ]
      + Pace.Fault.allCases.map {
        "yizhan_connections_cut_total{reason=\"\($0.rawValue)\"} \(cut[$0] ?? 0)"
      }
  }
}

extension ClientAddress {
  init(_ address: SocketAddress?) {
    self =
      address?.withSockAddr { pointer, size in
        let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
        // In both kinds the address follows its family and port, in IPv6 a label too.
        return switch address {
        case .v4: Self(bytes[4..<8])
        case .v6: Self(bytes[8..<24])
        default: .other
        }
      } ?? .other
  }
}

/// Puts a gate before everything else of a connection, or ends the connection at once.
struct FrontedChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let front: Front

  enum TurnedAway: Error { case noRoom }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    let address = ClientAddress(channel.remoteAddress)
    guard front.connect(address) else {
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(TurnedAway.noRoom)
    }
    channel.closeFuture.whenComplete { [front] _ in front.disconnect(address) }
    return channel.eventLoop.makeCompletedFuture {
      // Else the kernel takes some megabytes of an answer that nobody reads.
      try channel.syncOptions?.setOption(
        .tcpOption(.init(rawValue: TCP_NOTSENT_LOWAT)), value: 16 << 10)
      try channel.pipeline.syncOperations.addHandler(Gate(front))
    }.flatMap { base.setup(channel: channel, logger: logger) }
  }

  func handle(value: Base.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}

/// Sees all bytes of a connection and ends it if its client is too slow.
final class Gate: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The network takes a long answer in such parts, so that one sees how fast.
  private static let partBytes = 4 << 10

  private let front: Front
  private var pace: Pace
  private var context: ChannelHandlerContext?
  private var timer: (task: Scheduled<Void>, at: Duration)?
  /// Whether the hub wants more bytes.
  private var isReading = false

  init(_ front: Front) {
    self.front = front
    pace = Pace(front.pace, at: Front.now)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    look()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    stopTimer()
  }

  func read(context: ChannelHandlerContext) {
    isReading = true
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    pace.received(unwrapInboundIn(data).readableBytes, at: Front.now)
    context.fireChannelRead(data)
    // Afterwards: a head may have become whole by it.
    look()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    context.fireChannelReadComplete()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var rest = unwrapOutboundIn(data)
    pace.sends(rest.readableBytes, at: Front.now)
    while rest.readableBytes > Self.partBytes, let part = rest.readSlice(length: Self.partBytes) {
      write(part, nil, context)
    }
    write(rest, promise, context)
    look()
  }

  private func write(
    _ part: ByteBuffer, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
  ) {
    let written = promise ?? context.eventLoop.makePromise(of: Void.self)
    let count = part.readableBytes
    written.futureResult.assumeIsolated().whenSuccess {
      self.pace.sent(count, at: Front.now)
      self.look()
    }
    context.write(wrapOutboundOut(part), promise: written)
  }

  // MARK: What the protocol tells

  fileprivate func tell(_ change: (inout Pace, Duration) -> Void) {
    change(&pace, Front.now)
    look()
  }

  // MARK: Looking

  private func look() {
    guard let context else { return }
    let now = Front.now
    if !isReading, pace.fault(at: now) == .slowBody { pace.excuse(at: now) }
    guard let fault = pace.fault(at: now) else { return wait(context, now) }
    stopTimer()
    front.cut(for: fault)
    // Looks no more.
    self.context = nil
    context.close(promise: nil)
  }

  /// Until the deadline. Mostly it moves on meanwhile, and then this waits again.
  private func wait(_ context: ChannelHandlerContext, _ now: Duration) {
    guard let deadline = pace.deadline else { return }
    if let timer {
      guard deadline < timer.at else { return }
      stopTimer()
    }
    let task = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(deadline - now)) {
      self.timer = nil
      self.look()
    }
    timer = (task, deadline)
  }

  private func stopTimer() {
    timer?.task.cancel()
    timer = nil
  }
}

/// Tells the gate where in a request its connection is.
final class GateReporter: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart

  private var gate: Gate?

  func handlerAdded(context: ChannelHandlerContext) {
    gate = try? context.pipeline.syncOperations.handler(type: Gate.self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { gate = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: gate?.tell { $0.headCame(at: $1) }
    case .body: break
    case .end: gate?.tell { $0.requestCame(at: $1) }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
    context.write(data, promise: promise)
    if isEnd { gate?.tell { $0.answered(at: $1) } }
  }
}
