import Testing

@testable import Hub

struct PaceTests {
  private let limits = Pace.Limits()

  /// A client that has sent the head of its request at 0.
  private func inBody() -> Pace {
    var pace = Pace(limits, at: .zero)
    pace.received(300, at: .zero)
    pace.headCame(at: .zero)
    return pace
  }

  /// When a client is given up that sends a body of so many bytes each so many seconds; nil if
  /// it may go on for an hour.
  private func givenUp(_ bytes: Int, each seconds: Double) -> Duration? {
    var pace = inBody()
    var now = Duration.zero
    while now < .seconds(3600) {
      now += .seconds(seconds)
      if pace.fault(at: now) != nil { return pace.deadline }
      pace.received(bytes, at: now)
    }
    return nil
  }

  @Test(arguments: [(1, 1.0), (10, 1.0), (99, 1.0), (50, 0.9), (1, 0.1)])
  func `a body that drips is given up in less than a quarter of an hour`(
    bytes: Int, seconds: Double
  ) throws {
    let end = try #require(givenUp(bytes, each: seconds))
    #expect(end < .seconds(1000))
    if bytes == 1 { #expect(end < .seconds(12)) }
  }

  @Test(arguments: [
    (300, 1.0), (1000, 1.0), (64, 0.25), (100, 1.0), (1000, 9.0), (1400, 9.9), (4096, 9.9),
  ])
  func `a body over the slowest link comes to its end`(bytes: Int, seconds: Double) {
    #expect(givenUp(bytes, each: seconds) == nil)
  }

  @Test func `who was faster may be silent for 30 seconds, and no longer`() {
    var pace = inBody()
    pace.received(1_000_000, at: .seconds(1))
    #expect(pace.fault(at: .seconds(31) - .milliseconds(1)) == nil)
    #expect(pace.fault(at: .seconds(31)) == .slowBody)
    pace.received(100, at: .seconds(30))
    #expect(pace.fault(at: .seconds(31.5)) == nil)
    #expect(pace.fault(at: .seconds(32)) == .slowBody)
  }

  @Test func `a head must be whole 20 seconds after the connection, however it comes`() {
    var pace = Pace(limits, at: .seconds(5))
    for second in 5..<25 {
      #expect(pace.fault(at: .seconds(second)) == nil)
      pace.received(500, at: .seconds(second))
    }
    #expect(pace.fault(at: .seconds(25)) == .slowHead)
  }

  @Test func `a head that is too long is given up at once`() {
    var pace = Pace(limits, at: .zero)
    pace.received(limits.headBytesMax, at: .zero)
    #expect(pace.fault(at: .zero) == nil)
    pace.received(1, at: .zero)
    #expect(pace.fault(at: .zero) == .longHead)
  }

  @Test func `the time that the hub takes is not the client's`() {
    var pace = inBody()
    pace.requestCame(at: .seconds(1))
    #expect(pace.deadline == nil)
    #expect(pace.fault(at: .seconds(100_000)) == nil)
  }

  @Test func `between requests there are two minutes, and the next head has 20 seconds`() {
    var pace = inBody()
    pace.requestCame(at: .seconds(1))
    pace.sends(500, at: .seconds(2))
    pace.answered(at: .seconds(2))
    pace.sent(500, at: .seconds(2))
    #expect(pace.fault(at: .seconds(121)) == nil)
    #expect(pace.fault(at: .seconds(122)) == .idle)
    pace.received(1, at: .seconds(100))
    #expect(pace.fault(at: .seconds(119)) == nil)
    #expect(pace.fault(at: .seconds(120)) == .slowHead)
  }

  @Test func `an answer before the end of its request leaves the body to its pace`() {
    var pace = inBody()
    pace.answered(at: .seconds(1))
    #expect(pace.fault(at: .seconds(10)) == .slowBody)
    pace.requestCame(at: .seconds(2))
    #expect(pace.fault(at: .seconds(121)) == nil)
    #expect(pace.fault(at: .seconds(122)) == .idle)
  }

  @Test func `what the hub did not ask for is no fault`() {
    var pace = inBody()
    pace.excuse(at: .seconds(10))
    #expect(pace.fault(at: .seconds(19)) == nil)
    #expect(pace.fault(at: .seconds(20)) == .slowBody)
  }

  @Test func `who does not read an answer is given up after 30 seconds, who reads slowly is not`() {
    var pace = inBody()
    pace.requestCame(at: .zero)
    pace.sends(64 << 10, at: .zero)
    pace.answered(at: .zero)
    let silent = pace
    #expect(silent.fault(at: .seconds(29)) == nil)
    #expect(silent.fault(at: .seconds(30)) == .slowReader)
    for step in 1...16 {
      let now = Duration.seconds(20 * step)
      #expect(pace.fault(at: now) == nil)
      pace.sent(4 << 10, at: now)
    }
    // All of it is out now, and the next request is awaited.
    #expect(pace.fault(at: .seconds(320)) == .idle)
  }

  @Test func `the deadline is when the fault is`() {
    var pace = inBody()
    for step in 0..<50 {
      pace.received(step * 7 % 400, at: .milliseconds(step * 700))
      guard let deadline = pace.deadline else { break }
      #expect(pace.fault(at: deadline - .nanoseconds(1)) == nil)
      #expect(pace.fault(at: deadline) == .slowBody)
    }
  }
}
