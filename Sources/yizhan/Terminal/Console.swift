internal import Glibc

/// The two streams of a command: answers on standard output, complaints on standard error.
enum Console {
  static func print(
    json: Bool, _ value: @autoclosure () -> JSON, _ text: @autoclosure () -> String
  ) {
    Swift.print(json ? value().text : text())
  }

  static func complain(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
