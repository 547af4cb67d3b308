package import Exchange
internal import Glibc
package import Logging
package import Sync
internal import Synchronization

/// What a station does by itself: exchanges bundles with its hub whenever the link allows.
package final class Agent: Sendable {
  /// What the agent is told while it waits.
  package enum Event: Sendable {
    /// A command has written something.
    case wrote(isUrgent: Bool)
    case linkIsBack
  }

  private let thread: ReplicaThread
  private let url: String
  private let folder: String
  private let zoneMinutes: Int
  private let logger: Logger
  private let rhythm: Mutex<Rhythm>
  private let waker = Waker()

  package init(
    _ thread: ReplicaThread, url: String, folder: String, zoneMinutes: Int,
    settings: Rhythm.Settings, logger: Logger
  ) {
    self.thread = thread
    self.url = url
    self.folder = folder
    self.zoneMinutes = zoneMinutes
    self.logger = logger
    rhythm = Mutex(Rhythm(settings))
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

  /// Runs until the task is cancelled.
  package func run() async throws {
    try await HubLink.with(url) { link in
      while !Task.isCancelled {
        let today = Clock.date(zoneMinutes: self.zoneMinutes)
        let attempt = self.rhythm.withLock { rhythm in
          rhythm.date(day: today.day, month: today.month)
          return rhythm.attempt(at: Clock.steady(), minute: today.minute)
        }
        switch attempt {
        case .wait(let seconds): await self.waker.wait(seconds: min(seconds, 3600))
        case .everything(let bytesMax):
          await self.exchange(link, .init(bytesMax: UInt64(bytesMax), urgentOnly: false))
        case .urgent: await self.exchange(link, .init(bytesMax: 4096, urgentOnly: true))
        }
      }
    }
  }

  private func exchange(_ link: HubLink, _ limits: LinkExchange.Limits) async {
    var report = SyncReport()
    let exchange = LinkExchange(thread, link, folder: folder, limits)
    var failure: (any Error)?
    do { try await exchange.run(&report) } catch { failure = error }
    let bytes = report.cost.up + report.cost.down + report.requests * Self.overheadBytes
    let now = Clock.steady()
    let random = Double.random(in: 0..<1)
    rhythm.withLock { rhythm in
      rhythm.spent(bytes)
      switch failure {
      case nil: rhythm.succeeded(at: now)
      case LinkExchange.Failure.busy(let seconds)?:
        rhythm.refused(for: Double(seconds), at: now, random: random)
      default: rhythm.failed(at: now, random: random)
      }
    }
    tell(report, failure)
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
    metadata["error"] = "\(failure)"
    logger.notice("the exchange did not come to its end", metadata: metadata)
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

  static func date(zoneMinutes: Int) -> (day: Int, month: Int, minute: Int) {
    var seconds = time(nil) + zoneMinutes * 60
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return (
      seconds / 86_400, Int(parts.tm_year) * 12 + Int(parts.tm_mon), seconds % 86_400 / 60
    )
  }
}
