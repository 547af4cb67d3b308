internal import Causality
package import Records
package import Replica
internal import Wording

/// Edits that cross, and how a person settles them.
package enum Conflicts {
  /// What a person wants a field to hold, as typed.
  package enum Choice: Sendable {
    /// What one of the conflict's writes says, by its dot.
    case write(String)
    /// One of the values in conflict, or another that the field can have; an empty text for none.
    case value(String)
  }

  /// What a conflict's record is to people: what it is named by, and whose it is.
  package struct Subject: Equatable, Sendable {
    package let words: [String]
    /// Nil if the place is not known here.
    package let place: Place?
  }

  /// The fields that name a record.
  private static func naming(_ collection: String) -> [String] {
    switch collection {
    case Village.planItem.name: ["date", "start", "programme", "title"]
    case Village.plan.name: ["period"]
    case Village.programme.name: ["code", "title"]
    case Village.term.name: ["kind", "text"]
    default: ["code", "name"]
    }
  }

  package static func subject(_ conflict: ConflictView, _ store: Store) throws -> Subject {
    let place = try Places.find(store, id: conflict.partition.place)
    guard let collection = store.schema.record(conflict.collection),
      let record = try store.record(collection, conflict.record)
    else { return Subject(words: [], place: place) }
    var words = naming(conflict.collection).compactMap { record.values[$0].map(plain) }
    // An item without a date counts for the whole of its week.
    if conflict.collection == Village.planItem.name, record.values["date"] == nil {
      let period = try PlanShelf(conflict.partition, store).period(of: record)
      words = (period.map { [$0.description] } ?? []) + words
    }
    return Subject(words: words, place: place)
  }

  /// Writes the value that holds from now on, and returns it.
  ///
  /// Throws `not_owner`, `unknown_dot`, and for a value that the field cannot have `bad_value` or
  /// what `PlanBook.edit` throws.
  package static func settle(
    _ conflict: ConflictView, _ choice: Choice, _ store: Store
  ) throws -> Value {
    try Ownership.check(conflict.partition, store, "the record")
    switch choice {
    case .write(let dot):
      guard let option = conflict.options.first(where: { $0.dot.description == dot }) else {
        throw VillageError(
          .unknownDot, "\(CellText.shown(dot)) is not one of the conflict's writes",
          hint: "`yizhan conflict show` lists them with their dots")
      }
      return try write(option.value, conflict, store)
    case .value(let text):
      if let option = conflict.options.first(where: { plain($0.value) == text }) {
        return try write(option.value, conflict, store)
      }
      guard conflict.collection == Village.planItem.name else {
        return try write(parse(text, conflict), conflict, store)
      }
      // Another value than those in conflict is an edit like any other.
      try PlanBook.edit(conflict.record, [(name: conflict.field, text: text)], store)
      return CellText.value(text)
    }
  }

  private static func write(
    _ value: Value, _ conflict: ConflictView, _ store: Store
  ) throws -> Value {
    guard let collection = store.schema.record(conflict.collection) else {
      preconditionFailure("conflicts are of declared collections, not of \(conflict.collection)")
    }
    try store.update(
      collection, conflict.record, in: conflict.partition, [(conflict.field, value)])
    return value
  }

  /// A value as a person types it.
  private static func plain(_ value: Value) -> String {
    value.isNull ? "" : value.text ?? value.description
  }

  /// A new value of a field is of the kind of those in conflict.
  private static func parse(_ text: String, _ conflict: ConflictView) throws -> Value {
    guard !text.isEmpty, conflict.options.contains(where: { $0.value.integer != nil }) else {
      return CellText.value(text)
    }
    guard let number = Int64(text) else {
      throw VillageError(
        .badValue, "\(Message(told: conflict.field)) is a number, not “\(CellText.shown(text))”",
        hint: "write digits only")
    }
    return .integer(number)
  }
}
