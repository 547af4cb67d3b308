internal import Causality
internal import Records
package import Replica

/// What an issue sent out.
package struct IssueReport: Equatable, Sendable {
  package let version: Int64
  /// How many items went out with it.
  package let items: Int
}

extension PlanBook {
  /// Sends out the drafts of a place's plan under its next version.
  ///
  /// Throws `not_owner`, `unknown_plan`, and `nothing_to_issue` if there are no drafts.
  package static func issue(
    _ place: Place, _ period: Period, at now: Instant, _ store: Store
  ) throws -> IssueReport {
    let partition = try Ownership.planPartition(of: place.id, store)
    let shelf = try PlanShelf(partition, store)
    guard let plan = shelf.plans[period] else {
      let known = shelf.plans.keys.map(\.description).sorted().suffix(12)
      throw VillageError(
        .unknownPlan, "there is no plan of \(place.code) \(place.name) for \(period)",
        hint: known.isEmpty
          ? "import one first" : "there are plans for \(known.joined(separator: ", "))")
    }
    let drafts = try store.records(Village.planItem, in: partition).filter {
      $0.values["issue"] == nil && shelf.period(of: $0) == period
    }
    guard !drafts.isEmpty else {
      throw VillageError(
        .nothingToIssue, "every item of the plan for \(period) has been issued",
        hint: "edits to issued items travel by themselves")
    }
    let version = plan.version + 1
    for draft in drafts {
      try store.update(
        Village.planItem, draft.id, in: partition, [("issue", .integer(version))])
    }
    try store.update(
      Village.plan, plan.dot, in: partition,
      [("version", .integer(version)), ("issued_at", .integer(now.seconds))])
    return IssueReport(version: version, items: drafts.count)
  }
}
