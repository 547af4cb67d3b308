internal import NIOSSL

/// By whose certificates a station knows its hub at an https address.
package struct LinkTrust: Sendable {
  /// There is no certificate in the file, or it cannot be read.
  package struct Unreadable: Error {
    package let path: String
  }

  /// Nil: those that the system trusts.
  private let roots: [NIOSSLCertificate]?

  private init(_ roots: [NIOSSLCertificate]?) { self.roots = roots }

  package static let system = LinkTrust(nil)

  /// Those of a file in PEM form, and no others: a hub's own certificate, or whose vouches for it.
  package static func file(_ path: String) throws(Unreadable) -> LinkTrust {
    guard let roots = try? NIOSSLCertificate.fromPEMFile(path), !roots.isEmpty else {
      throw Unreadable(path: path)
    }
    return LinkTrust(roots)
  }

  var configuration: TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let roots { configuration.trustRoots = .certificates(roots) }
    return configuration
  }

  /// Whether a link failed because of this, and not because it broke.
  static func isToBlame(for error: any Error) -> Bool {
    if case NIOSSLError.handshakeFailed = error { return true }
    return error is NIOSSLExtraError
  }
}
