/// Whom the hub lets in: connections at once and requests a minute, of each client and of all. A
/// value without a clock.
///
/// A client is an address, and behind one of a mobile network there may be all stations of a
/// county: so the figures stop a machine that has gone mad, not a village. 50 stations that come
/// back at once, after a cut of the network, make some 500 requests in their first minute.
struct Doorkeeper: Sendable {
  struct Limits: Equatable, Sendable {
    var connectionsMax = 4096
    var connectionsPerClientMax = 256
    /// As many may come at once after a minute without any.
    var requestsPerMinute = 1200
    /// Whether this machine is limited as others are. It speaks for many if a tunnel or another
    /// server ends here.
    var loopback = Loopback.asManyClients
  }

  enum Loopback: Sendable { case asManyClients, asOneClient }

  private struct Client {
    var connections = 0
    /// When it may have as many requests at once as ever: each takes it a step on.
    var restedAt: Duration = .zero
  }

  private let limits: Limits
  private var clients: [ClientAddress: Client] = [:]
  private var sweepCount = 1024
  private(set) var connections = 0

  init(_ limits: Limits) { self.limits = limits }

  private func isLimited(_ address: ClientAddress) -> Bool {
    !address.isLoopback || limits.loopback == .asOneClient
  }

  /// False if there is no room for a connection. After true, `disconnect` is told.
  mutating func connect(_ address: ClientAddress, at now: Duration) -> Bool {
    guard connections < limits.connectionsMax else { return false }
    if isLimited(address) {
      sweep(at: now)
      guard clients[address, default: Client()].connections < limits.connectionsPerClientMax else {
        return false
      }
      clients[address, default: Client()].connections += 1
    }
    connections += 1
    return true
  }

  mutating func disconnect(_ address: ClientAddress) {
    connections -= 1
    if isLimited(address) { clients[address]?.connections -= 1 }
  }

  /// Nil if the request may be answered, else after how many seconds it may come again.
  mutating func request(_ address: ClientAddress, at now: Duration) -> Int? {
    guard isLimited(address) else { return nil }
    let step = Duration.seconds(60) / max(1, limits.requestsPerMinute)
    let restedAt = max(now, clients[address]?.restedAt ?? .zero) + step
    let tooEarly = restedAt - now - .seconds(60)
    guard tooEarly <= .zero else {
      let whole = tooEarly.components
      return Int(whole.seconds) + (whole.attoseconds > 0 ? 1 : 0)
    }
    clients[address, default: Client()].restedAt = restedAt
    return nil
  }

  /// Forgets clients that are gone and may do everything again. A client is remembered for at most
  /// a minute after its last connection.
  private mutating func sweep(at now: Duration) {
    guard clients.count >= sweepCount else { return }
    clients = clients.filter { $0.value.connections > 0 || $0.value.restedAt > now }
    sweepCount = max(1024, 2 * clients.count)
  }

  /// How many clients are remembered.
  var clientCount: Int { clients.count }
}

/// Who is limited together: an IPv4 address, or the 64 bits of IPv6 that one household is given.
enum ClientAddress: Hashable, Sendable {
  case v4(UInt32)
  case v6(UInt64)
  /// It has no address of the internet.
  case other

  /// The 4 or 16 bytes of an address.
  init(_ bytes: some Collection<UInt8>) {
    func number<Number: FixedWidthInteger>(_ part: some Sequence<UInt8>) -> Number {
      part.reduce(0) { $0 << 8 | Number($1) }
    }
    let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
    switch bytes.count {
    case 4: self = .v4(number(bytes))
    // So a socket for both kinds shows IPv4.
    case 16 where bytes.starts(with: mapped): self = .v4(number(bytes.dropFirst(12)))
    // Not as others of its first 64 bits, which are zero.
    case 16 where bytes.elementsEqual([UInt8](repeating: 0, count: 15) + [1]):
      self = .v4(0x7f00_0001)
    case 16: self = .v6(number(bytes.prefix(8)))
    default: self = .other
    }
  }

  var isLoopback: Bool {
    if case .v4(let number) = self { number >> 24 == 127 } else { false }
  }
}
