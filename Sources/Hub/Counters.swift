internal import Synchronization

/// What the hub has done since it was started, in OpenMetrics text.
final class Counters: Sendable {
  enum Outcome: String, CaseIterable {
    case merged
    case refused
    case partial
    case busy
    case failed
  }

  private struct State {
    var exchanges: [Outcome: Int] = [:]
    var bytesIn = 0
    var bytesOut = 0
    var merged = 0
  }

  private let state = Mutex(State())

  func count(_ outcome: Outcome, bytesIn: Int = 0, bytesOut: Int = 0, merged: Int = 0) {
    state.withLock { state in
      state.exchanges[outcome, default: 0] += 1
      state.bytesIn += bytesIn
      state.bytesOut += bytesOut
      state.merged += merged
    }
  }

  /// `further` are lines of others.
  func text(waiting: Int, _ further: [String]) -> String {
    let state = state.withLock { $0 }
    var lines = [
      "# TYPE yizhan_exchanges counter", "# HELP yizhan_exchanges Requests by what became of them.",
    ]
    for outcome in Outcome.allCases {
      lines.append(
        "yizhan_exchanges_total{outcome=\"\(outcome.rawValue)\"} \(state.exchanges[outcome] ?? 0)")
    }
    for (name, help, value) in [
      ("bytes_in", "Bytes of bundles received.", state.bytesIn),
      ("bytes_out", "Bytes of bundles sent.", state.bytesOut),
      ("merged", "Events and records merged.", state.merged),
    ] {
      lines += [
        "# TYPE yizhan_\(name) counter", "# HELP yizhan_\(name) \(help)",
        "yizhan_\(name)_total \(value)",
      ]
    }
    lines += further
    lines += [
      "# TYPE yizhan_waiting gauge", "# HELP yizhan_waiting Bundles that wait to be merged.",
      "yizhan_waiting \(waiting)", "# EOF", "",
    ]
    return lines.joined(separator: "\n")
  }
}
