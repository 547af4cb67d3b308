/// A table for people: columns aligned by the width that a terminal gives each character, which is
/// two cells for Chinese. Texts may come from anybody, so nothing in them that a terminal obeys is
/// printed.
struct Table {
  static let cellsMax = 100
  static let gap = 2
  /// No column is cut below this, nor below its header.
  private static let cellsMin = 8

  private var rows: [[String]]
  private let rightAligned: Set<Int>
  private let cuttable: Set<Int>
  private let cellsMax: Int

  /// Columns in `cuttable` are cut where the lines would be longer than `cellsMax`, the widest
  /// first.
  init(
    _ header: [String], rightAligned: Set<Int> = [], cuttable: Set<Int> = [],
    cellsMax: Int = Self.cellsMax
  ) {
    rows = [header]
    self.rightAligned = rightAligned
    self.cuttable = cuttable
    self.cellsMax = cellsMax
  }

  mutating func add(_ row: [String]) { rows.append(row.map(Self.plain)) }

  var text: String {
    let widths = self.widths
    return rows.enumerated().map { number, row in
      let line = widths.indices.map { column in
        let cell = Self.cut(row[column], widths[column])
        let padding = String(repeating: " ", count: widths[column] - Self.width(cell))
        return rightAligned.contains(column) && number > 0 ? padding + cell : cell + padding
      }.joined(separator: String(repeating: " ", count: Self.gap))
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  private var widths: [Int] {
    var widths = rows[0].indices.map { column in
      rows.map { Self.width($0[column]) }.max() ?? 0
    }
    let least = rows[0].map { max(Self.width($0), Self.cellsMin) }
    var excess = widths.reduce((widths.count - 1) * Self.gap, +) - cellsMax
    while excess > 0,
      let widest = cuttable.filter({ $0 < widths.count && widths[$0] > least[$0] }).max(by: {
        (widths[$0], $0) < (widths[$1], $1)
      })
    {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  /// A line that stands above a table.
  static func line(_ text: String) -> String { cut(plain(text), cellsMax) }

  /// How many cells a text takes.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      sum + (Self.isWide(scalar) ? 2 : scalar.properties.generalCategory == .nonspacingMark ? 0 : 1)
    }
  }

  /// As much of the beginning of a text as fits, with an ellipsis where something is left out.
  private static func cut(_ text: String, _ width: Int) -> String {
    guard Self.width(text) > width else { return text }
    var kept = ""
    var room = width - 1
    for character in text {
      room -= Self.width(String(character))
      if room < 0 { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// A text in one line, without what a terminal obeys.
  private static func plain(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control: scalar == "\n" || scalar == "\t" ? " " : "\u{FFFD}"
      case .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }

  /// East Asian wide and full-width characters (Unicode Standard Annex 11), as blocks.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
