internal import ArgumentParser
internal import Glibc
internal import Hub
internal import Station
internal import Wording

/// How a hub is found on the network, and whom it lets in.
struct FrontOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      said("Serve https with this certificate, and those that vouch for it (PEM)."),
      valueName: "file"))
  var tlsCertificate: String?
  @Option(
    help: ArgumentHelp(
      said("The certificate's key (PEM), which not every user may read."), valueName: "file"))
  var tlsKey: String?
  @Option(help: ArgumentHelp(said("Connections at once, of all."), valueName: "number"))
  var connections = 4096
  @Option(
    help: ArgumentHelp(
      said("Connections of one address: 256; without this option, this machine has no limit."),
      valueName: "number"))
  var addressConnections: Int?
  @Option(
    help: ArgumentHelp(
      said("Requests a minute of one address: 1200; without this option, as above."),
      valueName: "number"))
  var addressRequests: Int?

  func validate() throws {
    guard [connections, addressConnections ?? 1, addressRequests ?? 1].allSatisfy({ $0 > 0 }) else {
      throw ValidationError("limits are at least 1")
    }
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key belong together")
    }
  }

  var isSecret: Bool { tlsCertificate != nil }

  func apply(to settings: inout HubServer.Settings) throws {
    if let tlsCertificate, let tlsKey {
      settings.tls = try HubTLS(certificate: tlsCertificate, key: tlsKey)
    } else if !LocalRequest.isLoopback(host: settings.host) {
      Failure(
        code: "not_secret", reason: "who is on the way can read along",
        hint: "give --tls-certificate and --tls-key, or use a tunnel"
      ).report(asJSON: false)
    }
    settings.connectionsMax = max(
      1, min(connections, Self.filesAllowed(connections) - Self.filesOwn))
    settings.connectionsPerAddress = addressConnections
    settings.requestsPerAddress = addressRequests
  }

  /// The database, partial bundles, the log.
  private static let filesOwn = 100

  /// Asks for as many open files as so many connections need; how many there may be.
  private static func filesAllowed(_ connections: Int) -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, UInt(connections + filesOwn)))
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }
}

/// How a station knows its hub.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      said("Trust these certificates (PEM) for an https address, instead of the system's."),
      valueName: "file"))
  var tlsCa: String?

  var trust: LinkTrust { get throws { try tlsCa.map { try LinkTrust.file($0) } ?? .system } }
}
