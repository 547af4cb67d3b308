internal import Glibc
internal import Sheets
internal import Wording

/// A text as a QR code on standard output.
enum QRCodeOutput {
  /// Prints the code, or a sentence on standard error if there is no room for it.
  static func show(_ text: String) {
    guard let code = QRCode(text) else { return complain("the text is too long for a QR code") }
    let isTerminal = isatty(STDOUT_FILENO) == 1
    if isTerminal, let columns, columns < code.columns {
      return complain(
        "the QR code is \(code.columns) columns wide and the terminal \(columns): make the window wider or its letters smaller"
      )
    }
    for line in code.lines(isTerminal ? .set : .none) { print(line) }
  }

  /// How wide the terminal is; nil if it does not say.
  private static var columns: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func complain(_ why: Message) {
    Failure(code: "qr_not_shown", reason: why, hint: "the line itself does as well")
      .report(asJSON: false)
  }
}
