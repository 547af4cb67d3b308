package import Causality
internal import Records
package import Replica
internal import Wording

extension PlanBook {
  /// Sets fields of an item, by name and as texts; an empty text clears a field. Returns the names
  /// of the fields that were written: what is the same already is not, unless values are in
  /// conflict, which a write settles.
  ///
  /// A new programme brings its title, category and seconds along where the catalogue knows them
  /// and they are not given. A new month moves the item to that month's plan.
  ///
  /// Throws `unknown_item`, `not_owner`, `unknown_field`, `bad_date`, `bad_time`, `bad_value`.
  @discardableResult
  package static func edit(
    _ dot: Dot, _ changes: [(name: String, text: String)], _ store: Store
  ) throws -> [String] {
    let item = try item(dot, store)
    try Ownership.check(item.partition, store, "the item")
    let values = try parse(changes, store)
    var named = values.map { (name: $0.field.rawValue, value: $0.value) }
    if let plan = try movedPlan(item, values, store) { named.append(("plan", .dot(plan))) }
    if !item.hasConflict {
      named.removeAll { $0.value == item.values[$0.name] ?? .null }
    }
    if !named.isEmpty {
      try PlanRewrite.note(.changed, item, named, store)
      try store.update(Village.planItem, dot, in: item.partition, named)
    }
    return named.map(\.name)
  }

  /// Takes an item off its plan, for ever. Of a deleted record nothing but a stub is left, so the
  /// reason stays with the plan.
  ///
  /// Throws `unknown_item` and `not_owner`.
  package static func cancel(_ dot: Dot, reason: String? = nil, _ store: Store) throws {
    let item = try item(dot, store)
    try Ownership.check(item.partition, store, "the item")
    try PlanRewrite.note(.cancelled, item, [], store)
    let reason = CellText.trimmed(reason ?? "")
    if !reason.isEmpty, let plan = item.dot("plan"),
      let record = try store.record(Village.plan, plan)
    {
      let lines = [record.text("cancelled"), PlanShelf.line(cancelled: dot, reason)]
      try store.update(
        Village.plan, plan, in: item.partition,
        [("cancelled", .text(lines.compactMap { $0 }.joined(separator: "\n")))])
    }
    try store.delete(Village.planItem, dot, in: item.partition)
  }

  /// Texts of people as values; a programme brings along what the catalogue knows of it.
  static func parse(
    _ changes: [(name: String, text: String)], _ store: Store
  ) throws -> [(field: PlanField, value: Value)] {
    var values = try parse(changes)
    try bringAlong(&values, store)
    return values
  }

  private static func parse(
    _ changes: [(name: String, text: String)]
  ) throws(VillageError) -> [(field: PlanField, value: Value)] {
    var values: [(field: PlanField, value: Value)] = []
    for change in changes {
      guard let field = PlanField(rawValue: change.name) else {
        let known = Message.list(PlanField.allCases.map(\.rawValue))
        throw VillageError(
          .unknownField, "a plan item has no field “\(CellText.shown(change.name))” to set",
          hint: "the fields are \(known)")
      }
      guard !values.contains(where: { $0.field == field }) else {
        throw VillageError(.badValue, "\(change.name) is given twice", hint: "give it once")
      }
      values.append((field, try field.value(change.text)))
    }
    return values
  }

  private static func bringAlong(
    _ values: inout [(field: PlanField, value: Value)], _ store: Store
  ) throws {
    guard let code = values.first(where: { $0.field == .programme })?.value.text,
      let programme = try Programmes.byCode(store)[code]
    else { return }
    for field in PlanField.catalogued where !values.contains(where: { $0.field == field }) {
      let value = field.value(programme)
      if !value.isNull { values.append((field, value)) }
    }
  }

  /// The plan that an item belongs to when its date is set, if that is another one.
  private static func movedPlan(
    _ item: RecordView, _ values: [(field: PlanField, value: Value)], _ store: Store
  ) throws -> Dot? {
    guard let value = values.first(where: { $0.field == .date })?.value else { return nil }
    var shelf = try PlanShelf(item.partition, store)
    let date = value.text.flatMap { CivilDate($0) }
    switch (shelf.period(of: item), date) {
    case (.week(let week), let date?) where !week.contains(date):
      throw VillageError(
        .badDate, "\(date) does not lie in the week \(week) of the recommendation",
        hint: "its days are \(week.monday) to \(CivilDate(days: week.monday.days + 6))")
    case (.week, _): return nil
    case (_, nil):
      throw VillageError(
        .badDate, "an item of a month plan needs a date", hint: "write dates as 2026-03-05")
    case (let period, let date?):
      let month = Period.month(Month(of: date))
      return period == month ? nil : try shelf.plan(for: month, store)
    }
  }
}
