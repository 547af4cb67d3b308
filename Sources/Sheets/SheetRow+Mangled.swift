extension SheetRow {
  /// Whether a field of a text file looks like what a spreadsheet makes of a code when it is typed:
  /// `1-2` becomes `1月2日` or `2-Jan`, a number of many digits `1.23E+15`. A workbook's own cells
  /// tell it without doubt, and are refused.
  package func looksMangled(_ column: SheetColumn) -> Bool {
    guard origin == .text else { return false }
    let text = self[column].utf8
    guard (4...12).contains(text.count), let first = text.first, let last = text.last else {
      return false
    }
    // Most codes are sorted out by their first and last bytes.
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard isDigit(first) || "JFMASOND".utf8.contains(first) else { return false }
    guard isDigit(last) || last == 0xA5 || (0x61...0x7A).contains(last) else { return false }
    return Self.isDate(self[column])
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func isDate(_ text: String) -> Bool {
    if text.hasSuffix("日") {
      let parts = text.dropLast().split(separator: "月", omittingEmptySubsequences: false)
      return parts.count == 2 && parts.allSatisfy { isNumber($0, digits: 1...2) }
    }
    if let at = text.firstRange(of: "E+") {
      return Double(text) != nil && isNumber(text[at.upperBound...], digits: 1...3)
    }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else { return false }
    let names = parts.filter { months.contains(String($0)) }
    return names.count == 1
      && parts.allSatisfy { names.contains($0) || isNumber($0, digits: 1...4) }
  }

  private static func isNumber(_ text: some StringProtocol, digits: ClosedRange<Int>) -> Bool {
    digits.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}

extension String {
  fileprivate func firstRange(of mark: String) -> Range<Index>? {
    indices.first { self[$0...].hasPrefix(mark) }
      .map { $0..<index($0, offsetBy: mark.count) }
  }
}
