internal import ArgumentParser
internal import Causality
internal import Dispatch
internal import Exchange
internal import Glibc
internal import Hub
internal import Logging
internal import Mailbag
internal import Replica
internal import Station
internal import Sync
internal import Synchronization
internal import Village
internal import Wording

extension HubCommand {
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: said("Serve stations over the network until told to end."),
      discussion: said(
        """
        Stations whose invitation names this address find the hub by themselves. /healthz says \
        whether it runs, /metrics what it has done, in OpenMetrics text. SIGTERM ends it after \
        what has begun; a kill harms nothing. A hub with another above it exchanges with that by \
        itself, as a station does.
        """))

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(said("Address to listen on; port 0 is any."), valueName: "host:port"))
    var listen = "127.0.0.1:8100"
    @OptionGroup var front: FrontOptions
    @OptionGroup var above: AgentOptions

    func run() async throws {
      let (host, port) = try Arguments.listen(listen)
      let shown =
        (front.isSecret ? "https://" : "http://")
        + (host.contains(":") ? "[\(host)]" : host)
      let rhythm = try above.rhythm()
      let url = try above.url.map(Arguments.url)
      let trust = try above.trust.trust
      let owned = try OwnedFolder(data.folder)
      let thread = owned.thread
      guard try await thread.run({ $0.identity.role }) == .hub else {
        await owned.close()
        throw Failure(
          code: "wrong_role", reason: "\(data.data) is a station's folder",
          hint: "run `yizhan station run`, or give the hub's folder")
      }
      let logger = Log.make("hub")
      var own = HubServer.Settings(
        host: host, port: port, incomingFolder: data.data + "/incoming")
      try front.apply(to: &own)
      let aside = Aside(data.folder.asidePath)
      own.whenRefused = { bytes, code, reason in
        // The bundle comes again if there is no room for it now.
        try? aside.keep(
          bytes, as: String(Transfer.id(bytes).prefix(16)), code: code, reason: reason)
      }
      let server = try HubServer(own, thread, logger: logger)
      var settings = Agent.Settings(
        folder: data.data, url: url, zoneMinutes: try await owned.zoneMinutes())
      settings.rhythm = rhythm
      settings.trust = trust
      let agent = Agent(thread, settings, logger: logger)
      owned.whenReturned { agent.lookForWrites() }
      let watch = LinkWatch { agent.tell(.linkIsBack) }
      defer { withExtendedLifetime(watch) {} }
      let result = await Self.serve(server, agent, owned, logger) { port in
        "\(shown):\(port)"
      }
      await owned.close()
      do { try result.get() } catch let error as any Failing { throw error } catch {
        throw Failure(error).flatMap { $0.code == "internal" ? nil : $0 }
          ?? Failure(
            code: "cannot_listen", reason: "cannot listen on \(listen): \(error)",
            hint: "give another --listen, or end what listens there")
      }
    }

    /// Until the server ends; the agent ends with it.
    private static func serve(
      _ server: HubServer, _ agent: Agent, _ owned: OwnedFolder, _ logger: Logger,
      address: @escaping @Sendable (Int) -> String
    ) async -> Result<Void, any Error> {
      let thread = owned.thread
      let above = Task { try await agent.run() }
      let sweeping = Task { await Sweep.run(thread, logger) }
      let result: Result<Void, any Error>
      do {
        server.whenEnding { owned.stopLending() }
        try await server.run { port in
          let url = address(port)
          thread.start { opened in
            try? opened.get().replica.write { try Membership.setURL($0, url) }
          }
          Console.say("listening on \(url)")
        }
        result = .success(())
      } catch { result = .failure(error) }
      above.cancel()
      sweeping.cancel()
      _ = await above.result
      await sweeping.value
      return result
    }
  }
}

/// Releases what every station knows to be deleted, once an hour.
private enum Sweep {
  static func run(_ thread: ReplicaThread, _ logger: Logger) async {
    while !Task.isCancelled {
      let released = try? await thread.run { try Release.sweep($0) }
      if let released, released > 0 {
        logger.info("released what was deleted", metadata: ["records": "\(released)"])
      }
      try? await Task.sleep(for: .seconds(3600))
    }
  }
}

/// How an agent may use the link to the hub above.
struct AgentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      said("The address of the hub above; else that of the invitation."), valueName: "url"))
  var url: String?
  @OptionGroup var trust: TrustOptions
  @Option(help: ArgumentHelp(said("Between attempts when nothing happens."), valueName: "seconds"))
  var interval: Double = 900
  @Option(help: ArgumentHelp(said("Only in these hours, such as 06:00-08:00."), valueName: "hours"))
  var hours: [String] = []
  @Option(help: ArgumentHelp(said("Bytes a day, both ways."), valueName: "bytes")) var dayBytes:
    Int?
  @Option(help: ArgumentHelp(said("Bytes a month, both ways."), valueName: "bytes"))
  var monthBytes: Int?

  func rhythm() throws -> Rhythm.Settings {
    var settings = Rhythm.Settings()
    settings.interval = max(1, interval)
    settings.hours = try hours.map(Arguments.hours)
    settings.bytesPerDay = dayBytes
    settings.bytesPerMonth = monthBytes
    return settings
  }
}

/// A data folder that a long-running command owns, and lends to others.
final class OwnedFolder: Sendable {
  let thread: ReplicaThread
  private let lender: Lender?
  private let returned = Hook()

  init(_ folder: DataFolder) throws {
    thread = try ReplicaThread {
      let open = try folder.openAsOwner()
      return .init(open.replica) { open.close() }
    }
    // Before anything is lent or asked.
    thread.start { opened in
      if case .success(let opened) = opened { DataFolder.settle(opened.replica) }
    }
    let lender = Lender(folder.path)
    self.lender = lender
    lender?.start(thread) { [returned] in returned.call() }
  }

  /// What to do when a command has given the database back.
  func whenReturned(_ body: @escaping @Sendable () -> Void) { returned.set(body) }

  func zoneMinutes() async throws -> Int {
    try await thread.run { replica in try replica.read { try Places.zone($0).minutes } }
  }

  /// Lends no more. Whoever has borrowed the database does not keep its owner from ending.
  func stopLending() { lender?.stop() }

  /// Gives the folder up, with everything before it done.
  func close() async {
    lender?.stop()
    await thread.close()
  }
}

extension StationCommand {
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: said("Exchange with the hub by itself until told to end."),
      discussion: said(
        """
        Tries again and again while there is no link, goes on where a broken link stopped, and \
        stays within the hours and bytes it is given. When a stick appears in a folder that \
        --stick names, it is emptied and filled, and the log and `yizhan status` say when it is \
        safe to remove. Commands work beside it as always.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var link: AgentOptions
    @Option(
      help: ArgumentHelp(said("Where sticks appear; may be given several times."), valueName: "dir")
    )
    var stick: [String] = []
    @Option(
      help: ArgumentHelp(
        said(
          "Tell how the station stands at http://HOST:PORT/v1/status, and take what players tell."),
        valueName: "host:port"))
    var listen: String?
    @Option(
      help: ArgumentHelp(
        said("Log what the mpv plays that was started with --input-ipc-server=SOCKET."),
        valueName: "socket"))
    var mpv: String?
    @Option(
      help: ArgumentHelp(
        said("The occasion of what the mpv plays, until `playback correct` says another.")))
    var occasion = OccasionKind.routineWord

    func run() async throws {
      let rhythm = try link.rhythm()
      let url = try link.url.map(Arguments.url)
      let trust = try link.trust.trust
      let address = try listen.map(Arguments.listen)
      if let address, !LocalRequest.isLoopback(host: address.host) { throw Self.notLocal }
      let owned = try OwnedFolder(data.folder)
      let thread = owned.thread
      let (role, known) = try await thread.run { replica in
        (replica.identity.role, try replica.read { try Membership.hubURL($0) })
      }
      guard role == .station else {
        await owned.close()
        throw Failure(
          code: "wrong_role", reason: "\(data.data) is a hub's folder",
          hint: "run `yizhan hub run`, or give the station's folder")
      }
      guard url != nil || known != nil || !stick.isEmpty || listen != nil || mpv != nil else {
        await owned.close()
        throw SyncCommand.noAddress
      }
      var settings = Agent.Settings(
        folder: data.data, url: url, zoneMinutes: try await owned.zoneMinutes())
      settings.rhythm = rhythm
      settings.trust = trust
      let logger = Log.make("station")
      let agent = Agent(thread, settings, logger: logger)
      owned.whenReturned { agent.lookForWrites() }
      let watch = LinkWatch { agent.tell(.linkIsBack) }
      defer { withExtendedLifetime(watch) {} }
      let sticks = Sticks(stick, thread, dataFolder: data.data, logger: logger)
      let hub = url ?? known
      Console.say("running, \(hub.map { "hub at \($0)" } ?? "by stick only")")
      let result: Result<Void, any Error>
      do {
        try await Signals.untilEnd(of: owned) {
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            if !self.stick.isEmpty { group.addTask { try await sticks.run() } }
            if let mpv = self.mpv {
              let hook = MpvHook(mpv, for: self.occasion, thread, logger: logger)
              group.addTask { try await hook.run() }
            }
            if let address {
              let token = try LocalToken(folder: self.data.data)
              group.addTask { try await Self.tell(at: address, token, thread, logger) }
            }
            // The first that fails ends the others.
            while try await group.next() != nil {}
          }
        }
        result = .success(())
      } catch { result = .failure(error) }
      await owned.close()
      try result.get()
    }

    private static let notLocal = Failure(
      code: "not_local", reason: "a station tells how it stands on its own machine only",
      hint: "give --listen 127.0.0.1:PORT")

    private static func tell(
      at address: (host: String, port: Int), _ token: LocalToken, _ thread: ReplicaThread,
      _ logger: Logger
    ) async throws {
      let server = LocalServer(
        host: address.host, port: address.port, thread, token: token, logger: logger,
        answers: .station)
      do {
        try await server.run { port in
          Console.say("status at http://\(address.host):\(port)/v1/status")
        }
      } catch let error where !(error is CancellationError) {
        throw Failure(
          code: "cannot_listen",
          reason: "cannot listen on \(address.host):\(address.port): \(error)",
          hint: "give another --listen, or end what listens there")
      }
    }
  }
}

struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: said("Exchange what is new with the hub over the network, now."),
    discussion: said(
      """
      What a broken link has brought so far is kept, and the next sync goes on from there. The \
      hub's address is in the invitation; --url overrides it.
      """))

  @OptionGroup var data: DataOptions
  @Option(help: ArgumentHelp(said("The hub's address."), valueName: "url")) var url: String?
  @OptionGroup var trust: TrustOptions
  @Option(
    help: ArgumentHelp(said("A link that is silent for so long is broken."), valueName: "seconds"))
  var patience: Int64 = 90
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let folder = data.folder
    let given = try url.map(Arguments.url)
    let trust = try trust.trust
    // An agent that owns the folder goes on with its work while the link is slow.
    let thread = try ReplicaThread(keepsOpen: false) {
      let open = try folder.open()
      return .init(open.replica) { open.close() }
    }
    let known = try await thread.run { replica in try replica.read { try Membership.hubURL($0) } }
    guard let url = given ?? known else {
      await thread.close()
      throw Self.noAddress
    }
    let report: SyncReport
    do {
      report = try await HubLink.with(url, trust: trust, patience: max(1, patience)) { link in
        var report = SyncReport()
        try await LinkExchange(thread, link, folder: folder.path).run(&report)
        return report
      }
    } catch {
      await thread.close()
      throw Self.failure(error, url)
    }
    _ = try? await thread.run { try Release.sweep($0) }
    await thread.close()
    let requests: Message =
      report.requests == 1 ? "1 request" : "\(report.requests) requests"
    let exchanged: Message = "sent \(report.sent), received \(report.received)"
    Console.print(
      json: output.json,
      Self.json(report),
      said("\(requests), \(report.cost.up) bytes up, \(report.cost.down) down; \(exchanged)"))
    for code in report.refused {
      let text = said("refused here") + " — " + said(Failure.hint(refusal: code))
      Console.complain("yizhan: \(code): \(text)\n")
    }
    if !report.refused.isEmpty { throw ExitCode(2) }
  }

  static let noAddress = Failure(
    code: "no_address", reason: "it is not known where the hub listens",
    hint: "give --url http://HOST:PORT, or carry a stick")

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
      Failure(
        code: code, reason: "the hub refused: \(Message(told: reason))",
        hint: Failure.hint(refusal: code))
    case let error as HubLink.Untrusted:
      Failure(
        code: "tls_failed",
        reason: "who answers at \(url) does not show that it is the hub: \(error.reason)",
        hint: "check the address; for a hub with a certificate of its own give it with --tls-ca")
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

/// Something to call that is known later.
final class Hook: Sendable {
  private let body = Mutex<(@Sendable () -> Void)?>(nil)
  func set(_ body: @escaping @Sendable () -> Void) { self.body.withLock { $0 = body } }
  func call() { body.withLock { $0 }?() }
}

/// SIGTERM and SIGINT.
enum Signals {
  /// Runs `body` until it ends or the process is asked to end; then nothing is lent any more.
  static func untilEnd(
    of owned: OwnedFolder, _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let running = Task { try await body() }
    // One source for each signal: a second one would take the signal from the first.
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        owned.stopLending()
        running.cancel()
      }
      source.resume()
      return source
    }
    let result = await running.result
    for source in sources { source.cancel() }
    if !running.isCancelled { try result.get() }
  }
}

/// Logs of the long-running commands: one line each on standard error.
enum Log {
  static func make(_ label: String) -> Logger {
    Logger(label: label) { StreamLogHandler.standardError(label: $0) }
  }
}
