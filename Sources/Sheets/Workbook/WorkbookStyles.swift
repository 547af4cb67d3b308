internal import Wording

/// What a workbook's number formats say of its numbers (ECMA-376 part 1, 18.8.30 and 18.8.31).
enum NumberLook: Equatable {
  enum Precision: Equatable {
    case minute
    case second
  }

  case number
  case date
  case time(Precision)
  case instant
  /// A time that may be more than a day: `[h]:mm`.
  case elapsed(Precision)
  /// As many digits at least, with zeros before: `0000`.
  case digits(Int)

  /// By a format that comes with the program. 27 to 36 and 50 to 58 are those of East Asia; what
  /// they are in Chinese is meant.
  init(builtIn number: Int) {
    switch number {
    case 14...17, 27...31, 36, 50...54, 57, 58: self = .date
    case 18, 20, 32, 34, 55: self = .time(.minute)
    case 19, 21, 33, 35, 45, 47, 56: self = .time(.second)
    case 22: self = .instant
    case 46: self = .elapsed(.second)
    default: self = .number
    }
  }

  /// By the code of a format, of which only the part for positive numbers counts.
  init(code: String) {
    let (plain, counted) = Self.letters(code)
    let precision = plain.contains("s") || counted == "s" ? Precision.second : .minute
    if counted != nil {
      self = .elapsed(precision)
      return
    }
    let isTime = plain.contains { $0 == "h" || $0 == "s" } || plain.contains("am/pm")
    let isDate = plain.contains { $0 == "y" || $0 == "d" } || !isTime && plain.contains("m")
    switch (isDate, isTime) {
    case (true, true): self = .instant
    case (true, false): self = .date
    case (false, true): self = .time(precision)
    case (false, false):
      self = plain.count > 1 && plain.allSatisfy { $0 == "0" } ? .digits(plain.count) : .number
    }
  }

  /// The code in small letters without quoted texts, escaped characters, paddings and brackets; and
  /// the unit in the brackets that count time, if there are such.
  private static func letters(_ code: String) -> (plain: String, counted: Character?) {
    var plain = ""
    var counted: Character?
    var rest = code.lowercased()[...]
    while let character = rest.popFirst(), character != ";" {
      switch character {
      case "\"": rest = rest.drop { $0 != "\"" }.dropFirst()
      case "\\", "_", "*": rest = rest.dropFirst()
      case "[":
        let inside = rest.prefix { $0 != "]" }
        if let unit = inside.first, "hms".contains(unit), inside.allSatisfy({ $0 == unit }) {
          counted = counted ?? unit
        }
        rest = rest.dropFirst(inside.count + 1)
      default: plain.append(character)
      }
    }
    return (plain, counted)
  }
}

/// Reads the part with the formats: which look each style has.
final class StyleReading: XMLHandler {
  /// By the number that cells give.
  private(set) var looks: [NumberLook] = []
  private var codes: [Int: NumberLook] = [:]
  private var path: [String] = []

  private static let stylesMax = 70_000

  func start(_ element: XMLElement) throws(SheetError) {
    switch (path.last, element.name) {
    case ("numFmts", "numFmt"):
      if let id = element["numFmtId"].flatMap({ Int($0) }), let code = element["formatCode"] {
        codes[id] = NumberLook(code: code)
      }
    case ("cellXfs", "xf"):
      guard looks.count < Self.stylesMax else {
        throw .workbookDamaged("it has more than \(Self.stylesMax) formats")
      }
      let id = element["numFmtId"].flatMap { Int($0) } ?? 0
      looks.append(codes[id] ?? NumberLook(builtIn: id))
    default: break
    }
    path.append(element.name)
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}

  func end(_ name: String) { path.removeLast() }
}
