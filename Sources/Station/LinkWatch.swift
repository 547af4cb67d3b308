internal import Dispatch
internal import Glibc

/// Tells when the machine's network changes: an interface or a route comes or goes (rtnetlink(7)).
package final class LinkWatch: Sendable {
  // Dispatch's own objects may be used from anywhere.
  nonisolated(unsafe) private let source: any DispatchSourceRead

  /// Nil where the kernel does not tell; then the rhythm alone decides when to try.
  package init?(changed: @escaping @Sendable () -> Void) {
    let descriptor = socket(
      AF_NETLINK,
      Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        | Int32(SOCK_NONBLOCK.rawValue), Self.route)
    guard descriptor >= 0 else { return nil }
    // struct sockaddr_nl: the family and its padding, the port (the kernel chooses), the groups.
    var address: [UInt32] = [UInt32(AF_NETLINK).littleEndian, 0, Self.groups]
    let isBound = address.withUnsafeMutableBytes { bytes in
      bind(
        descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
        socklen_t(bytes.count)) == 0
    }
    guard isBound else {
      close(descriptor)
      return nil
    }
    let source = DispatchSource.makeReadSource(
      fileDescriptor: descriptor, queue: DispatchQueue(label: "yizhan.link"))
    source.setEventHandler {
      // What exactly has changed does not matter.
      var block = [UInt8](repeating: 0, count: 1 << 14)
      while recv(descriptor, &block, block.count, 0) > 0 {}
      changed()
    }
    source.setCancelHandler { close(descriptor) }
    source.resume()
    self.source = source
  }

  deinit { source.cancel() }

  /// NETLINK_ROUTE.
  private static let route: Int32 = 0
  /// RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE.
  private static let groups: UInt32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
}
