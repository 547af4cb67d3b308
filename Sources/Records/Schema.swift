package import Causality

/// A field of a record, as declared. The name travels and is permanent.
package struct Field: Hashable, Sendable {
  package let name: String
  package let rule: Rule
  /// The field whose value usually decides this one's (a title follows its programme); it only
  /// makes bundles smaller.
  package let follows: String?

  package init(_ name: String, _ rule: Rule, follows: String? = nil) {
    self.name = name
    self.rule = rule
    self.follows = follows
  }
}

/// A collection of records. Adding one is this declaration and a migration (docs/collections.md).
package struct RecordCollection: Hashable, Sendable {
  package let name: String
  package let sections: [Section]
  package let fields: [Field]
  /// Only hubs may write it, wherever it is.
  package let isOfHubs: Bool

  package init(
    _ name: String, in sections: [Section], _ fields: [Field], isOfHubs: Bool = false
  ) {
    precondition(!sections.contains(.log), "design 1: the log holds events only")
    self.name = name
    self.sections = sections
    self.fields = fields
    self.isOfHubs = isOfHubs
  }

  package func rule(of name: String) -> Rule {
    fields.first { $0.name == name }?.rule ?? .latest
  }
}

/// What a cell of an event holds.
package enum CellKind: UInt8, Hashable, Sendable {
  case integer = 1
  case text = 2
  case dot = 3
}

/// How a cell can be foretold from what both sides know already.
package enum Prediction: Hashable, Sendable {
  case none
  /// The same as in the event before (the day's operator).
  case previous
  /// The sum of the named columns in the event before (a playback starts when the last ended).
  case after([String])
  /// The entry of the catalogue that this text names (a programme's code).
  case key
  /// An attribute of the catalogue entry that the named column chose (a programme's usual length).
  case attribute(Int, of: String)
}

/// A column of an event, as declared. Its position is permanent; new columns go to the end.
package struct Column: Hashable, Sendable {
  package let name: String
  package let kind: CellKind
  package let prediction: Prediction
  /// The column whose prediction, right or wrong, tells something about this one.
  package let given: String?

  package init(
    _ name: String, _ kind: CellKind, _ prediction: Prediction = .none, given: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.prediction = prediction
    self.given = given
  }
}

/// A collection of events.
package struct EventCollection: Hashable, Sendable {
  /// The kinds of all cells are one 64-bit mask in the canonical bytes.
  package static let columnsMax = 31

  package let name: String
  package let columns: [Column]

  package init(_ name: String, _ columns: [Column]) {
    precondition(columns.count <= Self.columnsMax, "Protocol/02: two bits a column in one mask")
    self.name = name
    self.columns = columns
  }

  package func index(of name: String) -> Int? { columns.firstIndex { $0.name == name } }
}

/// Every collection that this version knows. Others are kept and forwarded (P12).
package struct Schema: Hashable, Sendable {
  package let records: [RecordCollection]
  package let events: [EventCollection]

  package init(records: [RecordCollection], events: [EventCollection]) {
    self.records = records
    self.events = events
  }

  package func record(_ name: String) -> RecordCollection? { records.first { $0.name == name } }
  package func event(_ name: String) -> EventCollection? { events.first { $0.name == name } }
}
