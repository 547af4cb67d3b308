package import Causality
internal import Records
package import Replica
internal import Wording

/// What a station made of an item of a plan.
package struct Adjustment: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case moved
    case replaced
    case skipped
  }

  package let dot: Dot
  package let item: Dot
  package let kind: Kind
  /// What takes the place of what the plan says; nil for what stays.
  package let date: CivilDate?
  package let start: ClockTime?
  package let programme: String?
  package let title: String?
  package let category: String?
  package let seconds: Int64?
  package let reason: String
  /// The code of who did it.
  package let by: String?

  init?(_ dot: Dot, _ record: (String) -> Value?, item: Dot) {
    guard let kind = record("kind")?.text.flatMap(Kind.init) else { return nil }
    self.dot = dot
    self.item = item
    self.kind = kind
    date = record("date")?.text.flatMap { CivilDate($0) }
    start = record("start")?.text.flatMap { ClockTime($0) }
    programme = record("programme")?.text
    title = record("title")?.text
    category = record("category")?.text
    seconds = record("seconds")?.integer.flatMap { (0...CellText.countMax).contains($0) ? $0 : nil }
    reason = record("reason")?.text ?? ""
    by = record("by")?.text
  }
}

/// A station's own changes to what is planned for it, with their reasons. They never alter the
/// township's plan: they are records of their own, which reports hold beside it.
package enum Adjustments {
  /// What a station wants of an item.
  package struct Wish: Sendable {
    package var kind: Adjustment.Kind
    /// Fields of the item by name, as texts: what it is to be instead.
    package var changes: [(name: String, text: String)] = []
    package var reason: String
    package var by: String?

    package init(_ kind: Adjustment.Kind, reason: String) {
      self.kind = kind
      self.reason = reason
    }
  }

  /// Notes an adjustment of an item at a place; another of the same item takes its place.
  ///
  /// Throws `unknown_item`, `not_owner`, `bad_value` without a reason or with changes that do not
  /// fit the kind, and what `PlanBook.edit` throws for values.
  package static func set(
    _ item: Dot, _ wish: Wish, at place: PlaceID, _ store: Store
  ) throws -> Dot {
    _ = try PlanBook.item(item, store)
    let partition = PartitionID(place, .work)
    try Ownership.check(partition, store, "the adjustments of another station")
    let reason = CellText.trimmed(wish.reason)
    guard !reason.isEmpty else {
      throw VillageError(.badValue, "there is no reason", hint: "say why with --reason")
    }
    var values = try values(wish, store)
    values += [("kind", .text(wish.kind.rawValue)), ("reason", .text(reason))]
    if let by = wish.by {
      values.append(("by", .text(try Closures.code(of: by, place, store))))
    }
    if let before = try held(place, store)[item] {
      // What is not said any more does not hold any more.
      let named = Set(values.map(\.name))
      for field in Village.adjustment.fields
      where field.name != "item" && !named.contains(field.name) {
        values.append((field.name, .null))
      }
      try store.update(Village.adjustment, before.dot, in: partition, values)
      return before.dot
    }
    return try store.create(Village.adjustment, in: partition, [("item", .dot(item))] + values)
  }

  /// Takes an adjustment back: the item is what the plan says again. False if there was none.
  ///
  /// Throws `not_owner`.
  package static func remove(_ item: Dot, at place: PlaceID, _ store: Store) throws -> Bool {
    let partition = PartitionID(place, .work)
    try Ownership.check(partition, store, "the adjustments of another station")
    let all = try all(place, store).filter { $0.item == item }
    for adjustment in all { try store.delete(Village.adjustment, adjustment.dot, in: partition) }
    return !all.isEmpty
  }

  /// Those that hold at a place, by item. Of two that were made apart from each other the newer.
  package static func held(_ place: PlaceID, _ store: Store) throws -> [Dot: Adjustment] {
    Dictionary(
      try all(place, store).map { ($0.item, $0) }, uniquingKeysWith: { _, newer in newer })
  }

  private static let fields = [
    "item", "kind", "date", "start", "programme", "title", "category", "seconds", "reason", "by",
  ]

  private static func all(_ place: PlaceID, _ store: Store) throws -> [Adjustment] {
    var all: [Adjustment] = []
    try store.scan(Village.adjustment, in: PartitionID(place, .work), fields: fields) {
      dot, values in
      guard let item = try store.dot(scanned: values[0]) else { return }
      let value = { (name: String) in fields.firstIndex(of: name).map { values[$0] } }
      if let adjustment = Adjustment(dot, value, item: item) { all.append(adjustment) }
    }
    return all.sorted { $0.dot < $1.dot }
  }

  private static func values(
    _ wish: Wish, _ store: Store
  ) throws -> [(name: String, value: Value)] {
    let allowed: [PlanField] =
      switch wish.kind {
      case .moved: [.date, .start]
      case .replaced: [.programme, .title, .category, .seconds, .date, .start]
      case .skipped: []
      }
    let parsed = try PlanBook.parse(wish.changes, store)
    if let wrong = parsed.first(where: { !allowed.contains($0.field) }) {
      throw VillageError(
        .badValue,
        "an item that is \(Message(told: wish.kind.rawValue)) gets no other \(Message(told: wrong.field.rawValue))",
        hint: "move it with `--move date=…` and `start=…`, replace it with `--replace programme=…`")
    }
    let needed: [PlanField] =
      switch wish.kind {
      case .moved: [.date, .start]
      case .replaced: [.programme]
      case .skipped: []
      }
    guard
      needed.isEmpty || parsed.contains(where: { needed.contains($0.field) && !$0.value.isNull })
    else {
      throw VillageError(
        .badValue, "it does not say what the item is to be instead",
        hint: wish.kind == .moved
          ? "give `--move date=…` or `--move start=…`" : "give `--replace programme=…`")
    }
    return parsed.map { (name: $0.field.rawValue, value: $0.value) }
  }
}
