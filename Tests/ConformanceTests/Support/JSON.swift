/// JSON in one form, the same on every machine: what fits on a line stands on a line.
enum JSON: Sendable {
  case null
  case bool(Bool)
  /// As text, since numbers of 64 bits do not fit what most libraries have.
  case number(String)
  case text(String)
  case list([JSON])
  /// Members stand in the order given.
  case object([(String, JSON)])

  static func number(_ value: some BinaryInteger) -> JSON { .number(String(value)) }
  static func texts(_ texts: [String]) -> JSON { .list(texts.map { .text($0) }) }

  private static let widthMax = 110

  /// The document, with a line feed at its end.
  var bytes: [UInt8] { Array((rendered(indent: 0) + "\n").utf8) }

  private func rendered(indent: Int) -> String {
    let line = flat
    guard line.utf8.count + indent > Self.widthMax else { return line }
    let inner = String(repeating: " ", count: indent + 1)
    let outer = String(repeating: " ", count: indent)
    switch self {
    case .list(let items):
      let lines = items.map { inner + $0.rendered(indent: indent + 1) }
      return "[\n" + lines.joined(separator: ",\n") + "\n" + outer + "]"
    case .object(let members):
      let lines = members.map { name, value in
        inner + Self.quoted(name) + ": " + value.rendered(indent: indent + 1)
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n" + outer + "}"
    case .null, .bool, .number, .text: return line
    }
  }

  private var flat: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .text(let text): Self.quoted(text)
    case .list(let items): "[" + items.map(\.flat).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0) + ": " + $1.flat }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"", "\\": return "\\\(scalar)"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return String(scalar)
    }
  }
}

/// Bytes as lower-case hexadecimal.
func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// A number of 64 bits as sixteen digits, the highest first.
func hex(number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The bytes of a text of hexadecimal digits, or nil.
func unhex(_ text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count % 2 == 0 else { return nil }
  var bytes: [UInt8] = []
  for at in stride(from: 0, to: digits.count, by: 2) {
    guard let byte = UInt8(String(decoding: digits[at...at + 1], as: UTF8.self), radix: 16)
    else { return nil }
    bytes.append(byte)
  }
  return bytes
}
