internal import ArgumentParser
internal import Exchange
internal import Glibc
internal import Hub
internal import Logging
internal import Replica
internal import Station
internal import Village

extension HubCommand {
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Serve stations over the network until told to end.",
      discussion: """
        Stations whose invitation names this address find the hub by themselves. /healthz says \
        whether it runs, /metrics what it has done, in OpenMetrics text. SIGTERM ends it after \
        what has begun; a kill harms nothing.
        """)

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp("Address to listen on; port 0 is any.", valueName: "host:port"))
    var listen = "127.0.0.1:8100"

    func run() async throws {
      let (host, port) = try Arguments.listen(listen)
      let open = try data.folder.open()
      let thread = ReplicaThread(open.replica)
      let server = try HubServer(
        .init(host: host, port: port, incomingFolder: open.folder.path + "/incoming"), thread,
        logger: Log.make("hub"))
      let shown = host.contains(":") ? "[\(host)]" : host
      try await server.run { port in
        let url = "http://\(shown):\(port)"
        thread.start { replica in try? replica.write { try Membership.setURL($0, url) } }
        Console.say("listening on \(url)")
      }
    }
  }
}

struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Exchange what is new with the hub over the network, now.",
    discussion: """
      What a broken link has brought so far is kept, and the next sync goes on from there. The \
      hub's address is in the invitation; --url overrides it.
      """)

  @OptionGroup var data: DataOptions
  @Option(help: ArgumentHelp("The hub's address.", valueName: "url")) var url: String?
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let open = try data.folder.open()
    let known = try open.replica.read { try Membership.url($0) }
    guard let url = try url.map(Arguments.url) ?? known else {
      throw Failure(
        code: "no_address", reason: "it is not known where the hub listens",
        hint: "give --url http://HOST:PORT, or carry a stick")
    }
    let thread = ReplicaThread(open.replica)
    let folder = open.folder.path
    let report: SyncReport
    do {
      report = try await HubLink.with(url) { link in
        var report = SyncReport()
        try await LinkExchange(thread, link, folder: folder).run(&report)
        return report
      }
    } catch { throw Self.failure(error, url) }
    Console.print(
      json: output.json,
      Self.json(report),
      """
      \(report.requests) request\(report.requests == 1 ? "" : "s"), \(report.cost.up) bytes up, \
      \(report.cost.down) down; received \(report.received)
      """)
  }

  private static func json(_ report: SyncReport) -> JSON {
    let numbers = [
      ("requests", report.requests), ("bytesUp", report.cost.up),
      ("bytesDown", report.cost.down), ("sent", report.sent), ("received", report.received),
    ]
    let refused = JSON.list(report.refused.map { .text($0) })
    return .object(numbers.map { ($0, .number(Int64($1))) } + [("refused", refused)])
  }

  private static func failure(_ error: any Error, _ url: String) -> any Error {
    switch error {
    case LinkExchange.Failure.noHub:
      Failure(code: "no_address", reason: "there is no hub above this replica")
    case LinkExchange.Failure.busy(let seconds):
      Failure(
        code: "hub_busy", reason: "the hub cannot take more now",
        hint: "try again in \(seconds) seconds; nothing is lost")
    case LinkExchange.Failure.refused(let code, let reason):
      Failure(code: code, reason: "the hub refused: \(reason)", hint: Failure.hint(refusal: code))
    default: known(error) ?? broken(error, url)
    }
  }
}

extension SyncCommand {
  private static func known(_ error: any Error) -> Failure? {
    guard let failure = Failure(error), failure.code != "internal" else { return nil }
    return failure
  }

  private static func broken(_ error: any Error, _ url: String) -> Failure {
    Failure(
      code: "link_failed", reason: "the link to \(url) broke: \(error)",
      hint: "try again; what has come is kept")
  }
}

/// Logs of the long-running commands: one line each on standard error.
enum Log {
  static func make(_ label: String) -> Logger {
    Logger(label: label) { StreamLogHandler.standardError(label: $0) }
  }
}
