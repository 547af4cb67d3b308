internal import Causality
internal import Records
package import Replica
internal import Wording

/// What an issue sent out.
package struct IssueReport: Equatable, Sendable {
  package let version: Int64
  /// How many new items went out with it.
  package let items: Int
}

extension PlanBook {
  /// Sends out the drafts of a place's plan under its next version; without drafts, what was edited
  /// or cancelled since the last issue gets a version.
  ///
  /// Throws `not_owner`, `unknown_plan`, and `nothing_to_issue` if nothing has changed.
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
          ? "import one first" : "there are plans for \(Message.list(known))")
    }
    let records = try store.records(Village.planItem, in: partition).filter {
      shelf.period(of: $0) == period
    }
    let drafts = records.filter { $0.values["issue"] == nil }
    let content = PlanPrint(of: records).text
    // What was edited or cancelled since travels by itself; a version of its own tells people.
    let isEdited = plan.version > 0 && plan.content != content
    guard !drafts.isEmpty || isEdited else {
      throw VillageError(
        .nothingToIssue, "nothing of the plan for \(period) has changed since it was issued",
        hint: "edit it first, or import a sheet")
    }
    let version = plan.version + 1
    for draft in drafts {
      try store.update(
        Village.planItem, draft.id, in: partition, [("issue", .integer(version))])
    }
    let issues = plan.issues.merging([version: now]) { first, _ in first }
    let lines = issues.sorted { $0.key < $1.key }.map { PlanShelf.line(version: $0, at: $1) }
    try store.update(
      Village.plan, plan.dot, in: partition,
      [
        ("version", .integer(version)), ("issues", .text(lines.joined(separator: "\n"))),
        ("content", .text(content)),
      ])
    return IssueReport(version: version, items: drafts.count)
  }
}
