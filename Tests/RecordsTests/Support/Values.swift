import Causality
import Records

extension SplitMix64 {
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Of any size: as many small numbers as large ones.
  mutating func number() -> UInt64 { next() >> UInt64(below(64)) }

  mutating func dot() -> Dot { Dot(Epoch(bits: max(1, number())), max(1, number())) }

  mutating func text() -> String {
    let parts = ["", "a", "b", "二", "é", "e\u{301}", "\r\n", "\n", "\"", "\\", "\0", "𝄞"]
    return (0..<below(5)).map { _ in pick(parts) }.joined()
  }

  /// A value of a kind that this version knows.
  mutating func knownValue() -> Value {
    switch below(4) {
    case 0: .null
    case 1: .integer(Int64(bitPattern: number()) * (chance(50) ? 1 : -1))
    case 2: .text(text())
    default: .dot(dot())
    }
  }

  /// Any bytes at all, such as a later version or a broken one may have written.
  mutating func foreignValue() -> Value {
    chance(50) ? Value(bytes: bytes(below(12))) : Value(bytes: [UInt8(below(5))] + bytes(below(4)))
  }
}

/// Bytes from hexadecimal digits; spaces are for the reader.
func hex(_ digits: String) -> [UInt8] {
  let nibbles = digits.compactMap(\.hexDigitValue)
  return stride(from: 0, to: nibbles.count, by: 2).map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
}
