// Which columns a sheet has. Names are matched in any order, without the spaces around them and
// without regard to the case of ASCII letters. A name that nobody asked for is listed and ignored:
// people keep their own remarks in sheets. So only a column that was asked for can be a duplicate.

/// A column of one sheet, found by its name.
package struct SheetColumn: Hashable, Sendable {
  /// The name as the program says it, not as the sheet spells it.
  package let name: String
  /// From 1, as in `SheetError.column`.
  package let number: Int
}

/// The columns of a sheet by name.
package struct SheetHeader: Equatable, Sendable {
  /// Columns of the sheet that nobody asked for, as the sheet spells them, for a warning.
  package let ignored: [String]
  private let columns: [String: SheetColumn]
  private let names: Set<String>

  /// Finds `required` and `optional` names in a sheet's first row.
  ///
  /// Throws `csv_header_missing`, which lists what is missing and what was found, or
  /// `csv_header_duplicate`.
  package init(
    _ row: SheetRow, required: [String], optional: [String] = []
  ) throws(SheetError) {
    let found = row.fields.map(Self.trimmed)
    let wanted = Dictionary(
      (required + optional).map { (Self.folded($0), $0) }, uniquingKeysWith: { first, _ in first })
    var columns: [String: SheetColumn] = [:]
    var ignored: [String] = []
    for (index, spelling) in found.enumerated() {
      guard let name = wanted[Self.folded(spelling)] else {
        ignored.append(spelling.isEmpty ? "(column \(index + 1))" : spelling)
        continue
      }
      if let first = columns[name] {
        throw .headerDuplicate(name, line: row.line, columns: (first.number, index + 1))
      }
      columns[name] = SheetColumn(name: name, number: index + 1)
    }
    let missing = required.filter { columns[$0] == nil }
    guard missing.isEmpty else { throw .headerMissing(missing, found: found, line: row.line) }
    self.columns = columns
    self.ignored = ignored
    names = Set(required + optional)
  }

  /// A column that was asked for as required, so it is there.
  package func required(_ name: String) -> SheetColumn {
    guard let column = columns[name] else {
      preconditionFailure("\(name) was not asked for as a required column")
    }
    return column
  }

  /// A column that was asked for: nil if the sheet lacks it.
  package func optional(_ name: String) -> SheetColumn? {
    precondition(names.contains(name), "\(name) was not asked for")
    return columns[name]
  }

  private static func trimmed(_ name: String) -> String {
    let isPadding = { (scalar: Unicode.Scalar) in
      scalar.properties.isWhitespace || scalar == "\u{FEFF}"
    }
    let scalars = name.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isPadding($0) }),
      let last = scalars.lastIndex(where: { !isPadding($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  /// The key by which names are compared: ASCII letters made small, nothing else (no locale).
  private static func folded(_ name: String) -> String {
    String(
      decoding: name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
