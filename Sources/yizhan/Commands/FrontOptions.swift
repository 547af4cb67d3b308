internal import ArgumentParser
internal import Glibc
internal import Hub
internal import Wording

/// Whom a hub lets in.
struct FrontOptions: ParsableArguments {
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
  }

  func apply(to settings: inout HubServer.Settings) {
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
