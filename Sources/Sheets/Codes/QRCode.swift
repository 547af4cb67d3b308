internal import CQREncode

/// A text as a square of dark and light modules, to be read by a camera (ISO/IEC 18004). Made by
/// libqrencode.
package struct QRCode: Equatable, Sendable {
  /// How many modules lie on each side.
  package let width: Int
  /// Row after row.
  private let modules: [Bool]

  /// Light modules that must lie around it, or a camera does not find it.
  package static let quiet = 4

  /// Withstands that 15 % of it cannot be read. Nil if the text is too long for any code, some 2,300
  /// bytes.
  package init?(_ text: String) {
    guard !text.isEmpty, let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else {
      return nil
    }
    defer { QRcode_free(code) }
    width = Int(code.pointee.width)
    // The other bits say what a module is for.
    modules = (0..<width * width).map { code.pointee.data[$0] & 1 == 1 }
  }

  /// Rows of `1` for dark and `0` for light. Nil if it is no square.
  init?(rows: [String]) {
    guard rows.allSatisfy({ $0.utf8.count == rows.count }) else { return nil }
    width = rows.count
    modules = rows.flatMap { $0.utf8.map { $0 == UInt8(ascii: "1") } }
  }

  /// Everything around it is light.
  package func isDark(row: Int, column: Int) -> Bool {
    (0..<width).contains(row) && (0..<width).contains(column) && modules[row * width + column]
  }
}

/// In a terminal.
extension QRCode {
  package enum Colours: Sendable {
    /// Black on white, whatever the terminal has.
    case set
    /// Those of whatever shows the text: ink is dark on paper.
    case none
  }

  /// How many letters wide its lines are.
  package var columns: Int { width + 2 * Self.quiet }

  /// Lines of half blocks, each of which is two rows: a letter is about twice as high as wide.
  package func lines(_ colours: Colours) -> [String] {
    stride(from: -Self.quiet, to: width + Self.quiet, by: 2).map { row in
      let blocks = (-Self.quiet..<width + Self.quiet).map { column in
        Self.block(isDark(row: row, column: column), isDark(row: row + 1, column: column))
      }.joined()
      return colours == .set ? "\u{1B}[0;30;47m\(blocks)\u{1B}[0m" : blocks
    }
  }

  private static func block(_ upper: Bool, _ lower: Bool) -> String {
    switch (upper, lower) {
    case (true, true): "█"
    case (true, false): "▀"
    case (false, true): "▄"
    case (false, false): " "
    }
  }
}
