package import Causality

/// A value of a field, as the bytes its author wrote: a tag, then the content.
///
/// Merge, digest and dump compare these bytes and nothing else, so replicas of different
/// versions agree about values they do not understand (P12).
package struct Value: Hashable, Sendable {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }

  private enum Tag {
    static let null: UInt8 = 0
    static let integer: UInt8 = 1
    static let text: UInt8 = 2
    static let dot: UInt8 = 3
  }

  package static let null = Value(bytes: [Tag.null])

  package static func integer(_ value: Int64) -> Value {
    var writer = ByteWriter()
    writer.bytes.append(Tag.integer)
    writer.zigzag(value)
    return Value(bytes: writer.bytes)
  }

  package static func text(_ value: String) -> Value { Value(bytes: [Tag.text] + value.utf8) }

  package static func dot(_ value: Dot) -> Value {
    var writer = ByteWriter()
    writer.bytes.append(Tag.dot)
    writer.dot(value)
    return Value(bytes: writer.bytes)
  }

  package var isNull: Bool { bytes == [Tag.null] }

  package var integer: Int64? {
    guard bytes.first == Tag.integer else { return nil }
    var reader = ByteReader(bytes[1...])
    guard let value = try? reader.zigzag(), reader.isAtEnd else { return nil }
    return value
  }

  /// Nil also where the bytes are not UTF-8: such a value is kept, and shown as bytes.
  package var text: String? {
    guard bytes.first == Tag.text else { return nil }
    return String(validating: bytes[1...], as: UTF8.self)
  }

  package var dot: Dot? {
    guard bytes.first == Tag.dot else { return nil }
    var reader = ByteReader(bytes[1...])
    guard let value = try? reader.dot(), reader.isAtEnd else { return nil }
    return value
  }
}

extension Value: CustomStringConvertible {
  /// One line for dumps: `null`, a number, a quoted text, `@dot`, or `#` and hexadecimal bytes.
  package var description: String {
    if isNull { return "null" }
    if let integer { return String(integer) }
    if let dot { return "@\(dot)" }
    guard let text else {
      return "#" + bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
    return "\"" + text.unicodeScalars.map(Self.escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      "\\u{" + String(scalar.value, radix: 16) + "}"
    default: String(scalar)
    }
  }
}
