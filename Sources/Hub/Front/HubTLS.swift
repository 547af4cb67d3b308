internal import Glibc
internal import HummingbirdTLS
internal import NIOSSL

/// Why a hub cannot serve over TLS with what it was given.
package struct HubTLSError: Error, Sendable, Equatable {
  package enum Code: String, Sendable {
    case certificateUnreadable = "certificate_unreadable"
    case keyUnreadable = "key_unreadable"
    /// Every user of the machine can read it.
    case keyExposed = "key_exposed"
    /// It is the key of another certificate.
    case keyMismatched = "key_mismatched"
  }

  package let code: Code
  package let path: String

  package static func == (left: HubTLSError, right: HubTLSError) -> Bool { left.code == right.code }
}

/// A hub's certificate, with those that vouch for it, and its key.
package struct HubTLS: Sendable {
  let configuration: TLSConfiguration

  /// Both are files in PEM form.
  package init(certificate: String, key: String) throws(HubTLSError) {
    guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty else {
      throw HubTLSError(code: .certificateUnreadable, path: certificate)
    }
    var status = stat()
    guard stat(key, &status) == 0 else { throw HubTLSError(code: .keyUnreadable, path: key) }
    guard status.st_mode & (S_IROTH | S_IWOTH) == 0 else {
      throw HubTLSError(code: .keyExposed, path: key)
    }
    guard let own = try? NIOSSLPrivateKey(file: key, format: .pem) else {
      throw HubTLSError(code: .keyUnreadable, path: key)
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(own))
    configuration.minimumTLSVersion = .tlsv12
    guard (try? NIOSSLContext(configuration: configuration)) != nil else {
      throw HubTLSError(code: .keyMismatched, path: key)
    }
    self.configuration = configuration
  }
}
