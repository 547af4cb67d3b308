/// Walks the ASCII of a short text: dates, times and periods. Any byte that is not expected ends
/// the reading; nothing is skipped.
struct DigitReader {
  private var rest: String.UTF8View.Iterator
  /// The byte to be read next.
  private var next: UInt8?

  init(_ text: some StringProtocol) {
    rest = String(text).utf8.makeIterator()
    next = rest.next()
  }

  var isAtEnd: Bool { next == nil }

  /// As many digits as there are, if their number is one that is allowed.
  mutating func number(digits: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      guard count < digits.upperBound else { return nil }
      value = value * 10 + Int(byte - 0x30)
      next = rest.next()
      count += 1
    }
    return count >= digits.lowerBound ? value : nil
  }

  /// The next byte, if it is one of these.
  @inline(__always)
  mutating func oneOf(_ first: UInt8, _ second: UInt8? = nil, _ third: UInt8? = nil) -> UInt8? {
    guard let byte = next, byte == first || byte == second || byte == third else { return nil }
    next = rest.next()
    return byte
  }
}
