package import Causality
internal import Records
package import Replica
internal import Wording

/// Days on which a station cannot play: a power cut, a repair, a holiday. A recorded cause excuses
/// what was planned for them.
package enum Closures {
  /// Records one; without `to` it lasts until it is ended.
  ///
  /// Throws `not_owner`, `bad_value` without a cause, and `bad_date` if it ends before it begins.
  package static func add(
    _ place: Place, _ days: (from: CivilDate, to: CivilDate?), cause: String, by name: String?,
    _ store: Store
  ) throws -> Dot {
    let partition = PartitionID(place.id, .work)
    try Ownership.check(partition, store, "the calendar of \(place.name)")
    let cause = CellText.trimmed(cause)
    guard !cause.isEmpty else {
      throw VillageError(.badValue, "there is no cause", hint: "say why nothing can be played")
    }
    if let to = days.to { try check(days.from, to) }
    var values: [(name: String, value: Value)] = [
      ("from", .text(days.from.description)), ("cause", .text(cause)),
    ]
    if let to = days.to { values.append(("to", .text(to.description))) }
    if let name { values.append(("by", .text(try code(of: name, place.id, store)))) }
    return try store.create(Village.closure, in: partition, values)
  }

  /// Says on which day one was over.
  ///
  /// Throws `unknown_closure`, `not_owner` and `bad_date`.
  package static func end(_ dot: Dot, _ last: CivilDate, _ store: Store) throws {
    let record = try find(dot, store)
    if let from = record.text("from").flatMap({ CivilDate($0) }) { try check(from, last) }
    try store.update(
      Village.closure, dot, in: record.partition, [("to", .text(last.description))])
  }

  /// Takes one back that was wrong.
  ///
  /// Throws `unknown_closure` and `not_owner`.
  package static func remove(_ dot: Dot, _ store: Store) throws {
    let record = try find(dot, store)
    try store.delete(Village.closure, dot, in: record.partition)
  }

  /// Those of a place, by their first day.
  package static func list(_ place: PlaceID, _ store: Store) throws -> [Closure] {
    var closures: [Closure] = []
    let fields = ["from", "to", "cause"]
    try store.scan(Village.closure, in: PartitionID(place, .work), fields: fields) { dot, values in
      guard let from = values[0].text.flatMap({ CivilDate($0) }) else { return }
      closures.append(
        Closure(
          dot: dot, from: from, to: values[1].text.flatMap { CivilDate($0) },
          cause: values[2].text ?? ""))
    }
    return closures.sorted { ($0.from, $0.dot) < ($1.from, $1.dot) }
  }

  private static func find(_ dot: Dot, _ store: Store) throws -> RecordView {
    guard let record = try store.record(Village.closure, dot), !record.isDeleted else {
      throw VillageError(
        .unknownClosure, "there is no closure \(dot) here", hint: "`yizhan closure list` lists them"
      )
    }
    try Ownership.check(record.partition, store, "the calendar")
    return record
  }

  private static func check(_ from: CivilDate, _ to: CivilDate) throws(VillageError) {
    guard to >= from else {
      throw VillageError(
        .badDate, "the last day \(to) lies before the first, \(from)", hint: "check the dates")
    }
  }

  /// Names of persons stay in `people`.
  static func code(of name: String, _ place: PlaceID, _ store: Store) throws -> String {
    var roll = try OperatorRoll(place, store)
    return try roll.code(of: CellText.trimmed(name), store)
  }
}
