internal import Causality
package import Exchange
internal import Glibc
package import Logging
internal import Replica
package import Sync
internal import Synchronization
internal import Village

/// What a replica does by itself: exchanges bundles with the hub above it whenever the link allows.
package final class Agent: Sendable {
  /// What the agent is told while it waits.
  package enum Event: Sendable {
    /// A command has written something.
    case wrote(isUrgent: Bool)
    case linkIsBack
  }

  package struct Settings: Sendable {
    /// The data folder.
    package var folder: String
    /// Where the hub listens, if not where the replica knows it to.
    package var url: String?
    package var trust = LinkTrust.system
    package var zoneMinutes: Int
    package var rhythm = Rhythm.Settings()

    package init(folder: String, url: String?, zoneMinutes: Int) {
      self.folder = folder
      self.url = url
      self.zoneMinutes = zoneMinutes
    }
  }

  private let thread: ReplicaThread
  private let settings: Settings
  private let logger: Logger
  private let rhythm: Mutex<Rhythm>
  /// Where it is kept what was spent. Not synced: a power cut may give back a little.
  private let spentPath: String
  private let waker = Waker()

  package init(_ thread: ReplicaThread, _ settings: Settings, logger: Logger) {
    self.thread = thread
    self.settings = settings
    self.logger = logger
    spentPath = settings.folder + "/spent"
    let spending = SmallFile.read(spentPath).flatMap(Rhythm.Spending.init(text:))
    rhythm = Mutex(Rhythm(settings.rhythm, spending: spending ?? .init()))
  }

  package func tell(_ event: Event) {
    let now = Clock.steady()
    rhythm.withLock { rhythm in
      switch event {
      case .wrote(let isUrgent): rhythm.wrote(isUrgent: isUrgent, at: now)
      case .linkIsBack: rhythm.linkIsBack(at: now)
      }
    }
    waker.wake()
  }

  /// Somebody else may have written in the database: looks whether something urgent waits.
  package func lookForWrites() {
    thread.start { opened in
      let isUrgent = try? opened.get().replica.read { store in
        guard let hub = try Neighbours.above(store) else { return false }
        return try hub.shared.contains { partition in
          let vector = try store.summary(partition).vector
          return try partition.section == .urgent && !vector.isEmpty
            && vector != store.mark(of: hub.place.id, partition).received
        }
      }
      self.tell(.wrote(isUrgent: isUrgent ?? false))
    }
  }

  /// Where the hub is to be found now.
  private struct Address: Equatable, Sendable {
    let hub: PlaceID
    let url: String
  }

  /// By the time as the replica knows it: hours and budgets go by it too.
  /// Nil if the database cannot be read now.
  private func today() async -> (day: Int, month: Int, minute: Int)? {
    let now = try? await thread.run { replica in try replica.read { $0.now } }
    return now.map { Clock.date($0 / 1000, zoneMinutes: settings.zoneMinutes) }
  }

  /// Nil if there is no hub above, or nobody knows where it listens.
  private func address() async -> Address? {
    let given = settings.url
    let found = try? await thread.run { replica in
      let known = try replica.read { store -> Address? in
        guard let hub = try Places.hub(store) else { return nil }
        return Address(hub: hub, url: try Membership.hubURL(store) ?? "")
      }
      guard let known, let given else { return known }
      let url = try replica.write { try Membership.hubURL($0, given: given) }
      return Address(hub: known.hub, url: url ?? known.url)
    }
    return (found ?? nil).flatMap { $0.url.isEmpty ? nil : $0 }
  }

  private static let addressWait: Double = 60

  /// Runs until the task is cancelled.
  package func run() async throws {
    while !Task.isCancelled {
      guard let address = await address() else {
        await waker.wait(seconds: Self.addressWait)
        continue
      }
      logger.info("the hub", metadata: ["url": "\(address.url)"])
      try await HubLink.with(address.url, trust: settings.trust) { link in
        while !Task.isCancelled, await self.address() == address {
          await self.step(link)
        }
      }
    }
  }

  private func step(_ link: HubLink) async {
    // Without a day there is no saying what was spent of its budget.
    guard let today = await today() else { return await waker.wait(seconds: Self.addressWait) }
    let attempt = rhythm.withLock { rhythm in
      rhythm.date(day: today.day, month: today.month)
      return rhythm.attempt(at: Clock.steady(), minute: today.minute)
    }
    switch attempt {
    case .wait(let seconds): await waker.wait(seconds: min(seconds, 3600))
    case .everything(let bytesMax):
      await exchange(link, .init(bytesMax: UInt64(bytesMax), urgentOnly: false))
    case .urgent: await exchange(link, .init(bytesMax: Self.urgentBytes, urgentOnly: true))
    }
  }

  private static let urgentBytes: UInt64 = 4096

  private func exchange(_ link: HubLink, _ limits: LinkExchange.Limits) async {
    var report = SyncReport()
    let exchange = LinkExchange(thread, link, folder: settings.folder, limits)
    var failure: (any Error)?
    do { try await exchange.run(&report) } catch { failure = error }
    let bytes = report.cost.up + report.cost.down + report.cost.requests * Self.overheadBytes
    let now = Clock.steady()
    let random = Double.random(in: 0..<1)
    let spending = rhythm.withLock { rhythm in
      rhythm.spent(bytes)
      switch failure {
      case nil, LinkExchange.Failure.overBudget?: rhythm.succeeded(at: now)
      case LinkExchange.Failure.busy(let seconds)?:
        rhythm.refused(for: Double(seconds), at: now, random: random)
      default:
        // The hub has said something at least once.
        let carried = report.cost.down > 0 || report.requests > 1
        rhythm.failed(at: now, random: random, carried: carried)
      }
      return rhythm.spending
    }
    if bytes > 0 { SmallFile.write(spending.text, to: spentPath) }
    tell(report, failure)
    if failure == nil { await release() }
  }

  /// What both sides know to be deleted need not be kept.
  private func release() async {
    let released = try? await thread.run { try Release.sweep($0) }
    if let released, released > 0 {
      logger.info("released what was deleted", metadata: ["records": "\(released)"])
    }
  }

  /// What the heads and the connection of a request take, rather more than less.
  private static let overheadBytes = 700

  private func tell(_ report: SyncReport, _ failure: (any Error)?) {
    var metadata: Logger.Metadata = [
      "requests": "\(report.requests)", "up": "\(report.cost.up)", "down": "\(report.cost.down)",
      "received": "\(report.received)",
    ]
    if !report.refused.isEmpty { metadata["refused"] = "\(report.refused)" }
    guard let failure else { return logger.info("exchanged", metadata: metadata) }
    metadata["error"] = "\(ErrorName.of(failure))"
    logger.notice("the exchange did not come to its end", metadata: metadata)
  }
}

/// A short text in a file.
private enum SmallFile {
  static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  static func write(_ text: String, to path: String) {
    guard let file = fopen(path + ".tmp", "w") else { return }
    let isWritten = fputs(text, file) >= 0
    if fclose(file) == 0, isWritten { rename(path + ".tmp", path) }
  }
}

/// Wakes a task that waits.
private final class Waker: Sendable {
  private let state = Mutex<(isAwake: Bool, sleeper: CheckedContinuation<Void, Never>?)>(
    (false, nil))

  func wake() {
    let sleeper = state.withLock { state in
      defer { state.sleeper = nil }
      if state.sleeper == nil { state.isAwake = true }
      return state.sleeper
    }
    sleeper?.resume()
  }

  /// Returns after so many seconds, when it is woken, or when the task is cancelled.
  func wait(seconds: Double) async {
    let timer = Task {
      try? await Task.sleep(for: .seconds(seconds))
      self.wake()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isAwake = state.withLock { state in
          if state.isAwake || Task.isCancelled {
            state.isAwake = false
            return true
          }
          state.sleeper = continuation
          return false
        }
        if isAwake { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
    timer.cancel()
  }
}

/// The machine's clocks.
private enum Clock {
  /// Seconds that only go forward, also while the machine sleeps.
  static func steady() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  static func date(_ time: Int64, zoneMinutes: Int) -> (day: Int, month: Int, minute: Int) {
    var seconds = max(0, Int(time)) + zoneMinutes * 60
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return (
      seconds / 86_400, Int(parts.tm_year) * 12 + Int(parts.tm_mon), seconds % 86_400 / 60
    )
  }
}
