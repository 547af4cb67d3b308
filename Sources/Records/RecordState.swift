package import Causality

/// The number of a field within its collection, as this replica counts them. Names travel,
/// numbers do not.
package struct FieldID: Hashable, Comparable, Sendable {
  package let number: UInt32

  package init(_ number: UInt32) { self.number = number }

  /// The field whose presence means that the record was deleted, for ever (P10).
  package static let deleted = FieldID(0)

  package static func < (left: FieldID, right: FieldID) -> Bool { left.number < right.number }
}

/// One surviving value of a field, and the write it came from.
package struct Sibling: Hashable, Sendable {
  package let dot: Dot
  package let time: HybridTime
  package let value: Value

  package init(dot: Dot, time: HybridTime, value: Value) {
    self.dot = dot
    self.time = time
    self.value = value
  }
}

/// A field and its surviving values, sorted by dot: normally one; several are a conflict.
package struct FieldState: Hashable, Sendable {
  package let field: FieldID
  package internal(set) var siblings: [Sibling]

  package init(field: FieldID, siblings: [Sibling]) {
    self.field = field
    self.siblings =
      siblings.count == 1 ? siblings : siblings.sorted { $0.dot < $1.dot }
  }
}

/// What a replica knows of one record: a dotted version vector set (Preguiça, Baquero, Almeida
/// and others 2010; Almeida and others 2014).
///
/// A delta of a record is a state that lists only some fields. A field that a delta does not
/// list is untouched, not empty; a field that it lists comes with its whole sibling set.
///
/// Invariants: `fields` is sorted and without repetition, no sibling list is empty, and `vector`
/// covers every dot in it. `id` is the dot of the record's creation.
package struct RecordState: Hashable, Sendable {
  package let id: Dot
  /// The dots that this record has ever absorbed, superseded ones included, as leaves.
  package internal(set) var vector: VersionVector
  package internal(set) var fields: [FieldState]

  package init(id: Dot, vector: VersionVector = VersionVector(), fields: [FieldState] = []) {
    self.id = id
    self.vector = vector
    self.fields = fields.filter { !$0.siblings.isEmpty }.sorted { $0.field < $1.field }
  }

  /// A state whose fields are in order and not empty, as one that was stored is.
  package init(id: Dot, vector: VersionVector, ordered fields: [FieldState]) {
    self.id = id
    self.vector = vector
    self.fields = fields
  }

  package subscript(field: FieldID) -> [Sibling] {
    fields.first { $0.field == field }?.siblings ?? []
  }

  /// Whether `dot` still has a value in any field.
  package func holds(_ dot: Dot) -> Bool {
    fields.contains { $0.siblings.contains { $0.dot == dot } }
  }

  package var isDeleted: Bool { fields.first?.field == .deleted }

  /// Every dot that still has a value, sorted, each once.
  package var survivingDots: [Dot] {
    var dots = fields.flatMap { $0.siblings.map(\.dot) }.sorted()
    var previous: Dot?
    dots.removeAll { dot in
      defer { previous = dot }
      return dot == previous
    }
    return dots
  }
}
