/// What a JSON text says (RFC 8259). Foundation's reader would come with all of Foundation, and
/// what comes here is small: a request's body, a line of a player's.
package enum JSONValue: Equatable, Sendable {
  case null
  case flag(Bool)
  /// As it was written, so that no digit is lost.
  case number(String)
  case text(String)
  case list([JSONValue])
  /// In the order of the text; of equal names the last counts.
  case object([String: JSONValue])

  /// Nil unless the bytes are one JSON text.
  package init?(_ bytes: some Collection<UInt8>) {
    var reader = JSONReader(Array(bytes))
    guard let value = reader.document() else { return nil }
    self = value
  }

  subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  var integer: Int? { if case .number(let number) = self { Int(number) } else { nil } }

  /// A text as JSON writes it.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

/// Reads a JSON text; whatever the bytes are, it ends and does not trap.
private struct JSONReader {
  private let bytes: [UInt8]
  private var at = 0
  private static let depthMax = 32

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() -> JSONValue? {
    guard let value = value(depth: 0) else { return nil }
    blanks()
    return at == bytes.count ? value : nil
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.depthMax else { return nil }
    blanks()
    switch peek {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return list(depth)
    case UInt8(ascii: "\""): return string().map { .text($0) }
    case UInt8(ascii: "t"): return word("true") ? .flag(true) : nil
    case UInt8(ascii: "f"): return word("false") ? .flag(false) : nil
    case UInt8(ascii: "n"): return word("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func object(_ depth: Int) -> JSONValue? {
    at += 1
    var members: [String: JSONValue] = [:]
    blanks()
    if take("}") { return .object([:]) }
    while true {
      blanks()
      guard peek == UInt8(ascii: "\""), let name = string() else { return nil }
      blanks()
      guard take(":"), let value = value(depth: depth + 1) else { return nil }
      members[name] = value
      blanks()
      if take("}") { return .object(members) }
      guard take(",") else { return nil }
    }
  }

  private mutating func list(_ depth: Int) -> JSONValue? {
    at += 1
    var items: [JSONValue] = []
    blanks()
    if take("]") { return .list([]) }
    while true {
      guard let value = value(depth: depth + 1) else { return nil }
      items.append(value)
      blanks()
      if take("]") { return .list(items) }
      guard take(",") else { return nil }
    }
  }

  private mutating func string() -> String? {
    at += 1
    var text: [UInt8] = []
    while let byte = peek {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        text.append(contentsOf: Array(String(scalar).utf8))
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> Unicode.Scalar? {
    guard let byte = peek else { return nil }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = unit() else { return nil }
      guard (0xD800..<0xE000).contains(unit) else { return Unicode.Scalar(unit) }
      // The first of a pair; one that stands alone is no character.
      guard unit < 0xDC00, take("\\"), take("u"), let second = self.unit(),
        (0xDC00..<0xE000).contains(second)
      else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
    default: return nil
    }
  }

  private mutating func unit() -> UInt32? {
    guard bytes.count - at >= 4 else { return nil }
    defer { at += 4 }
    let digits = String(decoding: bytes[at..<at + 4], as: UTF8.self)
    return digits.allSatisfy(\.isHexDigit) ? UInt32(digits, radix: 16) : nil
  }

  private mutating func number() -> JSONValue? {
    let start = at
    _ = take("-")
    guard let first = peek, digits() > 0 else { return nil }
    let isLong = at - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1)
    if first == UInt8(ascii: "0"), isLong { return nil }
    if take("."), digits() == 0 { return nil }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { return nil }
    }
    return .number(String(decoding: bytes[start..<at], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = at
    while let byte = peek, (48...57).contains(byte) { at += 1 }
    return at - start
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let end = at + word.utf8CodeUnitCount
    guard end <= bytes.count, bytes[at..<end].elementsEqual(word.description.utf8) else {
      return false
    }
    at = end
    return true
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek, UInt32(byte) == character.value else { return false }
    at += 1
    return true
  }

  private mutating func blanks() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
  }
}
