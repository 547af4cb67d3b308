/// Whether a client is fast enough to be waited for. A value without a clock: each event comes with
/// its time, and `deadline` says when to look again.
///
/// A connection costs memory while it is waited for, so each wait has an end. The figures: GPRS at
/// its slowest brings some 1 kB/s, is away for 10 s when the cell changes, and what it loses is
/// repeated after 1, 3, 7 and 15 s. A head of this protocol has some 300 bytes and TLS some 2 kB
/// before it, so 20 s are enough for one that is lost three times. Whoever has sent more than the
/// least rate asks for may be silent for longer, up to 30 s, and who has sent nothing for 10 s.
/// What is cut costs a station nothing but the next request: it goes on where the hub was.
struct Pace: Equatable, Sendable {
  struct Limits: Equatable, Sendable {
    /// Of bodies, both ways: a tenth of the slowest link.
    var bytesPerSecondMin = 100
    /// From the first byte of a head to its end; at a new connection from its beginning.
    var headTimeMax: Duration = .seconds(20)
    /// What comes before the end of a head, of TLS too.
    var headBytesMax = 24 << 10
    /// How long a body may be silent at its beginning.
    var patienceMin: Duration = .seconds(10)
    /// And after it was faster than it must be.
    var patienceMax: Duration = .seconds(30)
    /// Between two requests.
    var idleTimeMax: Duration = .seconds(120)

    fileprivate func time(of bytes: Int) -> Duration {
      .milliseconds(bytes * 1000 / max(1, bytesPerSecondMin))
    }
  }

  /// Why a client is not waited for any longer.
  enum Fault: String, CaseIterable, Sendable {
    case slowHead = "slow_head"
    case longHead = "long_head"
    case slowBody = "slow_body"
    case slowReader = "slow_reader"
    case idle
  }

  /// What is awaited from the client.
  private enum Awaited: Equatable {
    case request
    case head(bytes: Int)
    case body
    /// Nothing: it is the hub's turn.
    case nothing
  }

  private let limits: Limits
  private var awaited: Awaited = .head(bytes: 0)
  private var inEnd: Duration
  /// Requests whose answer is not written yet.
  private var unanswered = 0
  /// Bytes of answers that the network has not taken yet.
  private var unsent = 0
  private var outEnd: Duration = .zero

  /// A client has connected.
  init(_ limits: Limits, at now: Duration) {
    self.limits = limits
    inEnd = now + limits.headTimeMax
  }

  // MARK: What comes

  /// Bytes have come, of whatever.
  mutating func received(_ bytes: Int, at now: Duration) {
    switch awaited {
    case .request:
      awaited = .head(bytes: bytes)
      inEnd = now + limits.headTimeMax
    case .head(let count): awaited = .head(bytes: count + bytes)
    case .body: inEnd = min(inEnd + limits.time(of: bytes), now + limits.patienceMax)
    case .nothing: break
    }
  }

  /// A head is whole; its body follows.
  mutating func headCame(at now: Duration) {
    unanswered += 1
    awaited = .body
    inEnd = now + limits.patienceMin
  }

  /// The request is whole.
  mutating func requestCame(at now: Duration) {
    awaited = .nothing
    if unanswered == 0 { awaitRequest(at: now) }
  }

  /// The hub itself did not ask for more: the client is not to blame.
  mutating func excuse(at now: Duration) {
    inEnd = max(inEnd, now + limits.patienceMin)
  }

  private mutating func awaitRequest(at now: Duration) {
    awaited = .request
    inEnd = now + limits.idleTimeMax
  }

  // MARK: What goes

  /// An answer was handed on whole.
  mutating func answered(at now: Duration) {
    unanswered = max(0, unanswered - 1)
    if unanswered == 0, awaited == .nothing { awaitRequest(at: now) }
  }

  /// So many bytes are to go out.
  mutating func sends(_ bytes: Int, at now: Duration) {
    if unsent == 0 { outEnd = now + limits.patienceMax }
    unsent += bytes
  }

  /// The network has taken so many.
  mutating func sent(_ bytes: Int, at now: Duration) {
    unsent = max(0, unsent - bytes)
    outEnd = min(outEnd + limits.time(of: bytes), now + limits.patienceMax)
  }

  // MARK: The verdict

  /// Nil while the client is waited for.
  func fault(at now: Duration) -> Fault? {
    if case .head(let bytes) = awaited, bytes > limits.headBytesMax { return .longHead }
    if unsent > 0, now >= outEnd { return .slowReader }
    guard now >= inEnd else { return nil }
    return switch awaited {
    case .nothing: nil
    // Whoever still takes an answer is not idle.
    case .request: unsent > 0 ? nil : .idle
    case .head: .slowHead
    case .body: .slowBody
    }
  }

  /// When there may be a fault if nothing happens; nil if never.
  var deadline: Duration? {
    let out = unsent > 0 ? outEnd : nil
    switch awaited {
    case .nothing: return out
    case .request where unsent > 0: return out
    case .request, .head, .body: return out.map { min($0, inEnd) } ?? inEnd
    }
  }
}
