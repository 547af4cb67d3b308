internal import Glibc

/// What a program that dies leaves behind. Its memory holds names, plans and keys, so that must not
/// be in a log or in a file.
enum Crash {
  private static let signals = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

  /// No file with the memory, and no backtrace: Swift's has 16 bytes from where each register points,
  /// and short texts lie in registers. Whoever looks for a defect sets SWIFT_BACKTRACE and has both.
  static func showNoMemory() {
    guard getenv("SWIFT_BACKTRACE") == nil else { return }
    var none = rlimit()
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    for number in signals { signal(number, SIG_DFL) }
  }
}
