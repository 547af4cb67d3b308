internal import Records

/// What the rows of a table look like in a file: by this a page is known whose way from the root is
/// lost.
struct RowShape {
  private struct Kinds: OptionSet {
    let rawValue: UInt8
    static let null = Kinds(rawValue: 1)
    static let integer = Kinds(rawValue: 2)
    static let text = Kinds(rawValue: 4)
    static let blob = Kinds(rawValue: 8)
    static let any: Kinds = [.null, .integer, .text, .blob]
  }

  /// Rows with a number of their own; the others are sorted by their first cells.
  let isNumbered: Bool
  private let columns: [Kinds]
  /// Columns at the end that older rows may lack.
  private let optional: Int

  private init(_ columns: [Kinds], isNumbered: Bool, optional: Int = 0) {
    self.columns = columns
    self.isNumbered = isNumbered
    self.optional = optional
  }

  /// A letter for each column: `n` the number of the row, `i` an integer, `t` a text, `b` bytes; in
  /// capitals if it may be NULL.
  private init(_ letters: StaticString, isNumbered: Bool) {
    let columns = letters.description.utf8.map { letter -> Kinds in
      switch letter | 0x20 {
      case UInt8(ascii: "i"): letter & 0x20 == 0 ? [.integer, .null] : .integer
      case UInt8(ascii: "t"): letter & 0x20 == 0 ? [.text, .null] : .text
      case UInt8(ascii: "b"): letter & 0x20 == 0 ? [.blob, .null] : .blob
      default: .null
      }
    }
    self.init(columns, isNumbered: isNumbered)
  }

  func fits(_ row: DamagedPage.Row) -> Bool {
    guard row.cells.count <= columns.count, row.cells.count >= columns.count - optional else {
      return false
    }
    return zip(row.cells, columns).allSatisfy { cell, kinds in
      switch cell {
      case .null: kinds.contains(.null)
      case .integer: kinds.contains(.integer)
      case .text: kinds.contains(.text)
      case .blob: kinds.contains(.blob)
      }
    }
  }

  // MARK: This program's tables

  /// SQLite's own table of what there is in the database.
  static let schema = RowShape("tttiT", isNumbered: true)

  /// Of the tables that are read; the others follow from these. As `Replica.core` makes them, those
  /// without numbers with the columns of their key first.
  static let core: [String: RowShape] = [
    "meta": RowShape("tt", isNumbered: false),
    "partition": RowShape("niibbb", isNumbered: true),
    "epoch": RowShape("niIIIBiB", isNumbered: true),
    "checkpoint": RowShape("iib", isNumbered: false),
    "collection": RowShape("ntB", isNumbered: true),
    "field": RowShape("iit", isNumbered: false),
    "other_record": RowShape("niiibi", isNumbered: true),
    "other_event": RowShape("nib", isNumbered: true),
    "peer": RowShape("iibbbb", isNumbered: false),
    "refusal": RowShape("iiiit", isNumbered: false),
    "contact": RowShape("nIIIIiiTI", isNumbered: true),
    "catalogue": RowShape("nbI", isNumbered: true),
    "imported": RowShape("niitiib", isNumbered: true),
    "alarm": RowShape("nitt", isNumbered: true),
    "keepsake": RowShape("ttb", isNumbered: false),
    "proof": RowShape("iiiibb", isNumbered: false),
    "grdb_migrations": RowShape("t", isNumbered: true),
  ]

  /// Of a declared collection of records: what stands before the fields, and any values.
  static func records(_ collection: RecordCollection) -> RowShape {
    let fields = [Kinds](repeating: .any, count: collection.fields.count)
    return RowShape(
      [.null, .integer, .integer, .integer, .blob] + fields, isNumbered: true,
      optional: fields.count)
  }

  static func events(_ collection: EventCollection) -> RowShape {
    let columns = collection.columns.map { column -> Kinds in
      column.kind == .text ? [.text, .null] : [.integer, .null]
    }
    return RowShape([.null] + columns + [[.blob, .null]], isNumbered: true)
  }

  /// Of a file whose own account of its columns can be read.
  static func events(columns: [String], of collection: EventCollection) -> RowShape {
    let kinds = columns.map { name -> Kinds in
      if name == "id" { return .null }
      if name == "original" { return [.blob, .null] }
      let kind = collection.columns.first { $0.name == name }?.kind
      return kind == .text ? [.text, .null] : [.integer, .null]
    }
    let last = columns.firstIndex(of: "original").map { columns.count - 1 - $0 } ?? 0
    return RowShape(kinds, isNumbered: true, optional: last)
  }
}
