internal import Foundation
internal import Synchronization

/// Connections to a hub that each send a byte a second, half of them of a head, the others of a
/// body; whichever the hub ends comes again at once.
final class DripFlood: Sendable {
  private struct Drip {
    var socket: Int32
    /// What is still to be sent, the next byte first.
    var rest: ArraySlice<UInt8>
  }

  private let port: UInt16
  private let count: Int
  private let isEnding = Atomic(false)
  private let cuts = Atomic(0)
  private let opened = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  /// How many were ended by the hub.
  var cutCount: Int { cuts.load(ordering: .relaxed) }

  /// Returns when all have connected.
  init(port: UInt16, count: Int) {
    self.port = port
    self.count = count
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, UInt(count + 1000)))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    Thread.detachNewThread { self.run() }
    opened.wait()
  }

  func end() {
    isEnding.store(true, ordering: .relaxed)
    done.wait()
  }

  private func run() {
    var drips = (0..<count).map { drip($0) }
    opened.signal()
    var round = count
    while !isEnding.load(ordering: .relaxed) {
      let next = DispatchTime.now().uptimeNanoseconds + 1_000_000_000
      for at in drips.indices {
        if let byte = drips[at].rest.first, Self.send([byte], drips[at].socket) {
          drips[at].rest.removeFirst()
        } else {
          again(&drips[at], round)
          round += 1
        }
      }
      watch(&drips, until: next, &round)
    }
    for drip in drips { close(drip.socket) }
    done.signal()
  }

  /// Sees which the hub has ended.
  private func watch(_ drips: inout [Drip], until next: UInt64, _ round: inout Int) {
    while case let now = DispatchTime.now().uptimeNanoseconds, now < next {
      var polled = drips.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, nfds_t(polled.count), Int32((next - now) / 1_000_000) + 1) > 0 else {
        return
      }
      for at in polled.indices where polled[at].revents != 0 {
        again(&drips[at], round)
        round += 1
      }
    }
  }

  private func again(_ drip: inout Drip, _ round: Int) {
    close(drip.socket)
    cuts.add(1, ordering: .relaxed)
    drip = self.drip(round)
  }

  private func drip(_ number: Int) -> Drip {
    let link = LoopbackSocket.connect(port, isBlocking: false)
    let digits = String(number, radix: 16)
    let name = String(repeating: "0", count: 32 - digits.count) + digits
    let head = "POST /v1/exchange/\(name) HTTP/1.1\r\nHost: hub\r\nContent-Length: 100000\r\n\r\n"
    let bytes = Array(head.utf8) + [UInt8](repeating: 7, count: 600)
    // Those of a body send their head when they are connected.
    let first = number % 2 == 0 ? 0 : head.utf8.count
    _ = Self.send(Array(bytes[..<first]), link)
    return Drip(socket: link, rest: bytes[first...])
  }

  /// False if the connection has ended.
  private static func send(_ bytes: [UInt8], _ link: Int32) -> Bool {
    Glibc.send(link, bytes, bytes.count, Int32(MSG_NOSIGNAL)) >= 0
      || errno == EAGAIN || errno == ENOTCONN
  }
}

enum LoopbackSocket {
  /// A negative number if it cannot be.
  static func connect(_ port: UInt16, isBlocking: Bool = true) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | (isBlocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
    let link = socket(AF_INET, kind, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(link, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 || !isBlocking && errno == EINPROGRESS else {
      close(link)
      return -1
    }
    return link
  }
}
