internal import Glibc

/// A bar on standard error for what takes more than a second, and only on a terminal.
struct Progress {
  private let label: String
  private let begun: Int
  private let isTerminal: Bool
  private var shown = -1

  init(_ label: String) {
    self.label = label
    begun = Self.seconds
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  mutating func show(_ done: Int, of total: Int) {
    guard isTerminal, Self.seconds > begun, total > 0 else { return }
    let percent = min(100, done * 100 / total)
    guard percent != shown else { return }
    shown = percent
    let filled = String(repeating: "█", count: percent / 4)
    let open = String(repeating: "░", count: 25 - percent / 4)
    Console.complain("\r\(label) \(filled)\(open) \(percent)%")
  }

  func end() { if shown >= 0 { Console.complain("\r\u{1B}[K") } }

  private static var seconds: Int { Int(time(nil)) }
}
