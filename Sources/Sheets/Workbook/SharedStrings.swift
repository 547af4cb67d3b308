/// The texts of a workbook that its cells name by number. All of them are in memory, in one piece.
struct SharedStrings {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  private static let bytesMax = 64 << 20
  private static let countMax = 2_000_000

  var count: Int { ends.count }

  subscript(index: Int) -> String? {
    guard ends.indices.contains(index) else { return nil }
    let start = index == 0 ? 0 : ends[index - 1]
    return WorkbookText.unescaped(bytes[start..<ends[index]])
  }

  mutating func append(_ text: some Collection<UInt8>) throws(SheetError) {
    guard bytes.count + text.count <= Self.bytesMax, ends.count < Self.countMax else {
      throw .bomb(Self.bytesMax)
    }
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
  }
}

/// Reads the part with the shared texts. Pieces of one text in different fonts are joined; how
/// Japanese readers pronounce it is no part of it.
final class SharedStringReading: XMLHandler {
  private(set) var strings = SharedStrings()
  private var text = TextCollector()

  func start(_ element: XMLElement) {
    if element.name == "si" { text = TextCollector() }
    text.start(element.name)
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SheetError) { try text.take(bytes) }

  func end(_ name: String) throws(SheetError) {
    text.end(name)
    if name == "si" { try strings.append(text.bytes) }
  }
}

/// The text of a cell or of a shared text, from its elements `t`.
struct TextCollector {
  private(set) var bytes: [UInt8] = []
  private var isInText = false
  private var isPhonetic = false

  private static let bytesMax = 1 << 20

  mutating func start(_ name: String) {
    if name == "rPh" { isPhonetic = true }
    if name == "t" { isInText = !isPhonetic }
  }

  mutating func end(_ name: String) {
    if name == "rPh" { isPhonetic = false }
    if name == "t" { isInText = false }
  }

  mutating func take(_ text: UnsafeBufferPointer<UInt8>) throws(SheetError) {
    guard isInText else { return }
    guard bytes.count + text.count <= Self.bytesMax else { throw .bomb(Self.bytesMax) }
    bytes.append(contentsOf: text)
  }
}

/// How workbooks write characters that XML cannot have.
enum WorkbookText {
  /// With `_x000D_` as the character it stands for (ECMA-376 part 1, 22.9.2.19).
  static func unescaped(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard bytes.contains(0x5F), text.contains("_x") else { return text }
    var result = ""
    var rest = text[...]
    while let at = rest.firstIndex(of: "_") {
      result += rest[..<at]
      rest = rest[at...]
      let mark = rest.prefix(7)
      if mark.count == 7, mark.hasPrefix("_x"), mark.hasSuffix("_"),
        let scalar = UInt32(mark.dropFirst(2).dropLast(), radix: 16).flatMap(Unicode.Scalar.init)
      {
        // No text has a zero, and nothing reads it.
        if scalar != "\0" { result.unicodeScalars.append(scalar) }
        rest = rest.dropFirst(7)
      } else {
        result.append("_")
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }
}
