// What a program asks a sheet for, and under which names people write it. The names are data of
// whoever asks; here is only how they are compared.

/// Something that a sheet may say in a column.
package struct SheetField: Hashable, Sendable {
  /// What its cells are for. A spreadsheet that made a date of a text is found out by it.
  package enum Kind: Hashable, Sendable {
    /// Free text.
    case words
    /// A text that names something, and is not to be changed in one character.
    case code
    case date
    /// A time of day.
    case time
    /// A day and a time.
    case instant
    case count
    case duration
    case flag
  }

  /// A name of the column in sheets.
  package struct Name: Hashable, Sendable {
    let text: String
    let unit: SheetUnit

    package init(_ text: String, _ unit: SheetUnit = .plain) {
      self.text = text
      self.unit = unit
    }
  }

  /// What programs know it by, and the first of its names.
  package let name: String
  package let kind: Kind
  let names: [Name]

  /// All names, the field's own first.
  package var allNames: [String] { names.map(\.text) }

  package init(_ name: String, _ kind: Kind = .words, also names: [Name] = []) {
    self.name = name
    self.kind = kind
    self.names = [Name(name)] + names
  }
}

extension SheetField.Name: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(text) }
}

/// In what a column counts, by its name.
package enum SheetUnit: Hashable, Sendable {
  /// As the field's own name has it.
  case plain
  case minutes
  /// The name does not tell: each cell must.
  case unsaid
}

/// What a sheet is asked for.
package struct SheetWants: Sendable {
  /// Each of these must be there.
  package let required: [SheetField]
  /// Of each group one at least must be there.
  package let either: [[SheetField]]
  package let optional: [SheetField]
  /// By folded name. The first of two that fold to the same counts.
  private let named: [String: (field: SheetField, unit: SheetUnit)]

  package init(
    required: [SheetField], either: [[SheetField]] = [], optional: [SheetField] = []
  ) {
    self.required = required
    self.either = either
    self.optional = optional
    var named: [String: (field: SheetField, unit: SheetUnit)] = [:]
    for field in required + either.flatMap({ $0 }) + optional {
      for name in field.names where named[HeaderName.folded(name.text)] == nil {
        named[HeaderName.folded(name.text)] = (field, name.unit)
      }
    }
    self.named = named
  }

  /// The names of all fields that were asked for.
  var names: Set<String> {
    Set((required + either.flatMap { $0 } + optional).map(\.name))
  }

  /// Which field a cell of a header names.
  package func name(of cell: String) -> String? { field(cell)?.field.name }

  /// What a cell of a header names, and in which unit.
  func field(_ cell: String) -> (field: SheetField, unit: SheetUnit)? {
    named[HeaderName.folded(cell)]
  }

  /// What is missing where only `found` is there.
  func missing(in found: Set<String>) -> [String] {
    required.map(\.name).filter { !found.contains($0) }
      + either.filter { group in !group.contains { found.contains($0.name) } }
      .map { $0.map(\.name).joined(separator: " or ") }
  }
}

/// How names of columns are compared.
enum HeaderName {
  /// Without blanks at the ends and within, without a mark that the column must be filled in, in
  /// half width, ASCII letters small. Nothing else is equal: there is no locale.
  static func folded(_ name: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in name.unicodeScalars where !isPadding(scalar) { result.append(narrow(scalar)) }
    let text = String(result)
    for mark in ["(必填)", "(选填)", "*", ":"] where text.hasSuffix(mark) && text != mark {
      return folded(String(text.dropLast(mark.count)))
    }
    return text
  }

  /// Without what surrounds it, for people.
  static func trimmed(_ name: String) -> String {
    let scalars = name.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isPadding($0) }),
      let last = scalars.lastIndex(where: { !isPadding($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  private static func isPadding(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar == "\u{FEFF}"
  }

  private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value =
      (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
    return Unicode.Scalar((0x41...0x5A).contains(value) ? value | 0x20 : value) ?? scalar
  }
}

/// Looks for the row that has the names of the columns: the first that has all that is required,
/// within the first rows. People put titles above it.
struct HeaderSearch {
  static let rowsMax = 30

  let wants: SheetWants
  /// The row that comes nearest to a header, for an error that says what it lacks.
  private(set) var best: SheetRow?
  /// Rows that were offered and are no header.
  private(set) var above: [SheetRow] = []
  private(set) var isFound = false
  /// How many of the wanted columns `best` names; -1 without any row.
  private(set) var bestCount = -1

  init(_ wants: SheetWants) { self.wants = wants }

  var isOver: Bool { isFound || above.count >= Self.rowsMax }

  mutating func offer(_ row: SheetRow) {
    let found = Set(row.fields.compactMap { wants.field($0)?.field.name })
    isFound = wants.missing(in: found).isEmpty
    if isFound || found.count > bestCount {
      best = row
      bestCount = found.count
    }
    if !isFound { above.append(row) }
  }

  /// The texts above the header.
  var titles: [String] {
    isFound ? above.map { $0.fields.filter { !$0.isEmpty }.joined(separator: " ") } : []
  }
}
