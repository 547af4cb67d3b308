package import Causality
package import Records

/// A record in a piece: a delta of its state, with names where `RecordState` has local numbers.
package struct WireRecord: Equatable, Sendable {
  package struct Field: Equatable, Sendable {
    /// Index into the layout's fields.
    package var name: Int
    package var siblings: [Sibling]

    package init(name: Int, siblings: [Sibling]) {
      self.name = name
      self.siblings = siblings
    }
  }

  /// Index into `RecordPiece.layouts`.
  package var layout: Int
  package var id: Dot
  package var vector: VersionVector
  /// In the order of the layout's fields.
  package var fields: [Field]

  package init(layout: Int, id: Dot, vector: VersionVector, fields: [Field]) {
    self.layout = layout
    self.id = id
    self.vector = vector
    self.fields = fields
  }
}

/// The fields of one collection as a piece names them. The field of deletion has the empty name.
package struct RecordLayout: Equatable, Sendable {
  package struct Field: Equatable, Sendable {
    package let name: String
    /// The field whose value foretells this one's: an index below its own.
    package let follows: Int?

    package init(name: String, follows: Int? = nil) {
      self.name = name
      self.follows = follows
    }
  }

  package static let deletion = ""

  package let collection: String
  package let fields: [Field]

  package init(collection: String, fields: [Field]) {
    self.collection = collection
    self.fields = fields
  }
}

/// Whole records of a partition: what a piece of any section but the log holds. No record is
/// split between pieces.
package struct RecordPiece: Equatable, Sendable {
  package let layouts: [RecordLayout]
  package let records: [WireRecord]

  package init(layouts: [RecordLayout], records: [WireRecord]) {
    self.layouts = layouts
    self.records = records
  }
}
