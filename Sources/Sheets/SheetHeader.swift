// Which columns a sheet has. Names are matched in any order, as `HeaderName` compares them. A name
// that nobody asked for is listed and ignored: people keep their own remarks in sheets. So only a
// column that was asked for can be a duplicate.

/// A column of one sheet, found by its name.
package struct SheetColumn: Hashable, Sendable {
  /// The name as the program says it, not as the sheet spells it.
  package let name: String
  /// From 1, as in `SheetError.column`.
  package let number: Int
  package let kind: SheetField.Kind
  /// In what its cells count, by what the sheet calls it.
  package let unit: SheetUnit

  package init(
    name: String, number: Int, kind: SheetField.Kind = .words, unit: SheetUnit = .plain
  ) {
    self.name = name
    self.number = number
    self.kind = kind
    self.unit = unit
  }
}

/// The columns of a sheet by name.
package struct SheetHeader: Equatable, Sendable {
  /// Columns of the sheet that nobody asked for, as the sheet spells them, for a warning.
  package let ignored: [String]
  /// Those that were asked for, from left to right.
  package let found: [SheetColumn]
  private let columns: [String: SheetColumn]
  private let names: Set<String>

  /// Finds what is wanted in the row of a sheet that has the names of its columns.
  ///
  /// Throws `csv_header_missing`, which lists what is missing and what was found, or
  /// `csv_header_duplicate`.
  package init(_ row: SheetRow, _ wants: SheetWants) throws(SheetError) {
    let spellings = row.fields.map(HeaderName.trimmed)
    var columns: [String: SheetColumn] = [:]
    var ignored: [String] = []
    for (index, spelling) in spellings.enumerated() {
      guard let (field, unit) = wants.field(spelling) else {
        ignored.append(spelling.isEmpty ? "(column \(index + 1))" : spelling)
        continue
      }
      if let first = columns[field.name] {
        throw .headerDuplicate(field.name, line: row.line, columns: (first.number, index + 1))
      }
      columns[field.name] = SheetColumn(
        name: field.name, number: index + 1, kind: field.kind, unit: unit)
    }
    let missing = wants.missing(in: Set(columns.keys))
    guard missing.isEmpty else { throw .headerMissing(missing, found: spellings, line: row.line) }
    self.columns = columns
    self.ignored = ignored
    found = columns.values.sorted { $0.number < $1.number }
    names = wants.names
  }

  /// Finds `required` and `optional` names, each of which is written as it is.
  package init(
    _ row: SheetRow, required: [String], optional: [String] = []
  ) throws(SheetError) {
    try self.init(
      row,
      SheetWants(
        required: required.map { SheetField($0) }, optional: optional.map { SheetField($0) }))
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
}
