package import Causality
internal import Records
package import Replica
internal import Wording

/// Which plans hang on a station's wall. A confirmation holds for what the plan said then: a new
/// version or an edit opens it again.
package struct Postings: Sendable {
  package enum State: String, CaseIterable, Sendable {
    case posted
    /// Another version hangs there, or the same before it was edited.
    case outdated
    case notPosted = "not_posted"
  }

  package struct Posting: Equatable, Sendable {
    package let dot: Dot
    package let plan: Dot
    package let version: Int64
    package let content: String
    package let at: Instant
    /// The name, or a code where the name is not known here.
    package let by: String?
  }

  /// By plan.
  package let postings: [Dot: Posting]

  /// Those of a place. Of two of the same plan the later counts.
  package static func held(_ place: PlaceID, _ store: Store) throws -> Postings {
    let operators = try OperatorRoll(place, store)
    let records = try store.records(Village.posting, in: PartitionID(place, .work))
    let postings = records.sorted { $0.id < $1.id }.compactMap { record -> Posting? in
      guard let plan = record.dot("plan"), let version = record.integer("version"),
        let at = record.integer("at")
      else { return nil }
      return Posting(
        dot: record.id, plan: plan, version: version, content: record.text("content") ?? "",
        at: Instant(seconds: at), by: record.text("by").map { operators.name(of: $0) })
    }
    return Postings(
      postings: Dictionary(
        postings.map { ($0.plan, $0) },
        uniquingKeysWith: {
          $0.version < $1.version || $0.version == $1.version && $0.at <= $1.at ? $1 : $0
        }))
  }

  func state(of plan: Dot, _ version: Int64, _ content: String) -> State {
    guard let posting = postings[plan] else { return .notPosted }
    return posting.version == version && posting.content == content ? .posted : .outdated
  }

  /// Notes that the plans of a period hang on the wall of a place as they are now. Returns them.
  ///
  /// Throws `not_owner`, and `unknown_plan` if nothing was issued for the period.
  package static func confirm(
    _ period: Period, at place: Place, by name: String?, _ store: Store
  ) throws -> [WallPlan] {
    let partition = PartitionID(place.id, .work)
    try Ownership.check(partition, store, "the wall of \(place.name)")
    let sheets = try WallPlan.list(period, at: place, store)
    guard !sheets.isEmpty else {
      throw VillageError(
        .unknownPlan, "there is no issued plan for \(period) at \(place.code) \(place.name)",
        hint: "`yizhan plan list` shows the plans")
    }
    let before = try held(place.id, store)
    for sheet in sheets {
      var values: [(name: String, value: Value)] = [
        ("version", .integer(sheet.version)), ("content", .text(sheet.content)),
        ("at", .integer(store.now / 1000)),
      ]
      values.append(
        ("by", try name.map { .text(try Closures.code(of: $0, place.id, store)) } ?? .null))
      if let posting = before.postings[sheet.plan] {
        try store.update(Village.posting, posting.dot, in: partition, values)
      } else {
        values = values.filter { !$0.value.isNull }
        _ = try store.create(
          Village.posting, in: partition, [("plan", .dot(sheet.plan))] + values)
      }
    }
    return sheets
  }
}

/// A plan as it is to hang on one station's wall.
package struct WallPlan: Sendable {
  package let plan: Dot
  /// Whose plan it is.
  package let of: Place?
  package let period: Period
  package let version: Int64
  package let issuedAt: Instant?
  package let content: String
  package let posting: Postings.Posting?
  package let state: Postings.State

  /// The issued plans of a period that hold at a place: its own and those of the hubs above.
  package static func list(
    _ period: Period, at place: Place, _ store: Store
  ) throws -> [WallPlan] {
    let tree = try Tree(store)
    let postings = try Postings.held(place.id, store)
    let adjustments = try Adjustments.held(place.id, store)
    var partitions = tree.hubs(above: place).map { PartitionID($0, .public) }
    // At the hub itself its own plan is for all.
    if place.role == .hub { partitions.insert(PartitionID(place.id, .public), at: 0) }
    var sheets: [WallPlan] = []
    for partition in [PartitionID(place.id, .work)] + partitions {
      let shelf = try PlanShelf(partition, store)
      guard let plan = shelf.plans[period], plan.version > 0 else { continue }
      let issued = try store.records(Village.planItem, in: partition).filter {
        $0.values["issue"] != nil && shelf.period(of: $0) == period
      }
      let content = PlanPrint(of: issued).text(with: adjustments)
      sheets.append(
        WallPlan(
          plan: plan.dot, of: try Places.find(store, id: partition.place), period: period,
          version: plan.version, issuedAt: plan.issuedAt, content: content,
          posting: postings.postings[plan.dot],
          state: postings.state(of: plan.dot, plan.version, content)))
    }
    return sheets
  }
}
