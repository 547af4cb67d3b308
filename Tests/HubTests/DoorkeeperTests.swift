import Testing

@testable import Hub

struct DoorkeeperTests {
  private let one = ClientAddress([10, 0, 0, 1])
  private let other = ClientAddress([10, 0, 0, 2])
  private let home = ClientAddress([127, 0, 0, 1])

  private func keeper(
    _ connections: Int = 4, each: Int = 2, requests: Int = 60,
    loopback: Doorkeeper.Loopback = .asManyClients
  ) -> Door {
    Door(
      .init(
        connectionsMax: connections, connectionsPerClientMax: each, requestsPerMinute: requests,
        loopback: loopback))
  }

  @Test func `one client may have so many connections, and another as many`() {
    let keeper = keeper()
    #expect([one, one, one].map { keeper.connect($0, at: .zero) } == [true, true, false])
    #expect([other, other, other].map { keeper.connect($0, at: .zero) } == [true, true, false])
    keeper.disconnect(one)
    #expect(keeper.connect(one, at: .zero))
    #expect(keeper.connections == 4)
  }

  @Test func `all together may have no more than there is room for`() {
    let keeper = keeper(3)
    #expect(
      [one, other, one, other].map { keeper.connect($0, at: .zero) } == [
        true, true, true, false,
      ])
    #expect(!keeper.connect(home, at: .zero))
    keeper.disconnect(one)
    #expect(keeper.connect(home, at: .zero))
  }

  @Test func `this machine has no limit of its own unless it is to have one`() {
    let free = keeper(100)
    for _ in 0..<100 { #expect(free.connect(home, at: .zero)) }
    for _ in 0..<100 { #expect(free.request(home, at: .zero) == nil) }
    let bound = keeper(100, loopback: .asOneClient)
    #expect([home, home, home].map { bound.connect($0, at: .zero) } == [true, true, false])
  }

  @Test func `a minute's requests may come at once, then one each second, for each client`() {
    let keeper = keeper()
    for _ in 0..<60 { #expect(keeper.request(one, at: .seconds(100)) == nil) }
    #expect(keeper.request(one, at: .seconds(100)) == 1)
    #expect(keeper.request(other, at: .seconds(100)) == nil)
    #expect(keeper.request(one, at: .seconds(101)) == nil)
    #expect(keeper.request(one, at: .seconds(101.5)) == 1)
    #expect(keeper.request(one, at: .seconds(102)) == nil)
  }

  @Test func `who waits as long as was said is answered`() {
    let keeper = keeper(requests: 7)
    var now = Duration.seconds(1)
    var answered = 0
    for _ in 0..<100 {
      if let seconds = keeper.request(one, at: now) {
        now += .seconds(seconds)
        #expect(keeper.request(one, at: now) == nil)
      }
      answered += 1
    }
    // The first 7 at once, the others in 60 / 7 seconds each, rounded up at most.
    #expect(answered == 100 && now > .seconds(93 * 60 / 7) && now < .seconds(93 * 60 / 7 + 100))
  }

  @Test func `clients that are gone are forgotten`() {
    let keeper = keeper(100_000)
    for number in 0..<50_000 {
      let client = ClientAddress.v4(UInt32(number) + 1)
      let now = Duration.milliseconds(number * 100)
      #expect(keeper.connect(client, at: now))
      #expect(keeper.request(client, at: now) == nil)
      keeper.disconnect(client)
    }
    #expect(keeper.clientCount < 2100)
  }

  @Test func `an address is one client however it is written`() {
    let mapped = [UInt8](repeating: 0, count: 10) + [255, 255, 10, 0, 0, 1]
    #expect(ClientAddress(mapped) == one)
    #expect(ClientAddress([UInt8](repeating: 0, count: 15) + [1]).isLoopback)
    let network: [UInt8] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 7]
    #expect(ClientAddress(network + [0, 0, 0, 0, 0, 0, 0, 1]) == .v6(0x2001_0db8_0000_0007))
    #expect(ClientAddress(network + [9, 9, 9, 9, 9, 9, 9, 9]) == .v6(0x2001_0db8_0000_0007))
    #expect(!one.isLoopback && home.isLoopback && ClientAddress([127, 255, 0, 9]).isLoopback)
    #expect(ClientAddress([]) == .other)
  }
}

/// A doorkeeper that an expectation may ask.
private final class Door {
  private var keeper: Doorkeeper
  init(_ limits: Doorkeeper.Limits) { keeper = Doorkeeper(limits) }
  var connections: Int { keeper.connections }
  var clientCount: Int { keeper.clientCount }
  func connect(_ client: ClientAddress, at now: Duration) -> Bool {
    keeper.connect(client, at: now)
  }
  func disconnect(_ client: ClientAddress) { keeper.disconnect(client) }
  func request(_ client: ClientAddress, at now: Duration) -> Int? {
    keeper.request(client, at: now)
  }
}
