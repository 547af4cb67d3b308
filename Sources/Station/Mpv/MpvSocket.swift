internal import Dispatch
internal import Glibc

/// The socket of mpv's JSON IPC: lines in both directions.
final class MpvSocket: Sendable {
  struct Line: Sendable {
    let text: [UInt8]
    /// When it came: seconds since the machine started.
    let at: Double
  }

  private let descriptor: Int32
  /// mpv's lines are short, but for properties that are not asked for.
  private static let lineBytesMax = 1 << 20

  /// Nil if nobody listens there.
  init?(_ path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard !path.isEmpty, path.utf8.count < capacity else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    let isConnected = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// False if the connection is gone.
  func send(_ line: String) -> Bool {
    let bytes = Array((line + "\n").utf8)
    return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// Ends the reading, from any thread.
  func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Reads on a thread of its own until the connection is gone.
  func read(
    _ line: @escaping @Sendable (Line) -> Void, gone: @escaping @Sendable () -> Void
  ) {
    DispatchQueue(label: "yizhan.mpv").async {
      var waiting: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 1 << 14)
      while waiting.count < Self.lineBytesMax {
        let count = recv(self.descriptor, &block, block.count, 0)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        let now = Self.uptime()
        waiting += block.prefix(count)
        while let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
          line(Line(text: Array(waiting[..<end]), at: now))
          waiting.removeFirst(end + 1)
        }
      }
      gone()
    }
  }

  /// Seconds since the machine started, also while it slept: what events are dated by.
  static func uptime() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
