/// Walks the ASCII of a short text: dates, times and periods. Any byte that is not expected ends
/// the reading; nothing is skipped.
struct DigitReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }

  /// As many digits as there are, if their number is one that is allowed.
  mutating func number(digits: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      guard count < digits.upperBound else { return nil }
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
      count += 1
    }
    return count >= digits.lowerBound ? value : nil
  }

  /// The next byte, if it is one of these.
  mutating func oneOf(_ choices: UInt8...) -> UInt8? {
    guard position < bytes.count, choices.contains(bytes[position]) else { return nil }
    position += 1
    return bytes[position - 1]
  }
}
