internal import Glibc

/// The two streams of a command: answers on standard output, complaints on standard error.
enum Console {
  static func print(
    json: Bool, _ value: @autoclosure () -> JSON, _ text: @autoclosure () -> String
  ) {
    Swift.print(json ? value().text : text())
  }

  /// A line of standard output, at once: for programs that wait for it.
  static func say(_ text: String) { put(text + "\n", STDOUT_FILENO) }

  static func complain(_ text: String) { put(text, STDERR_FILENO) }

  private static func put(_ text: String, _ stream: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(stream, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
