/// Texts of people as text of XML or HTML.
enum XMLText {
  /// Safe between tags and in attributes with double quotation marks. Characters that XML cannot
  /// have, even escaped, become U+FFFD.
  static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { replacement($0) != nil }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if let other = replacement(scalar) {
        result += other
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func replacement(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x26: "&amp;"
    case 0x3C: "&lt;"
    case 0x3E: "&gt;"
    case 0x22: "&quot;"
    case 0x09, 0x0A: nil
    // A reader takes a bare carriage return for a line feed.
    case 0x0D: "&#13;"
    case 0..<0x20, 0xFFFE, 0xFFFF: "\u{FFFD}"
    default: nil
    }
  }
}
