internal import Causality
internal import Records
internal import Replica

/// The plans of one partition. Two replicas may each have made a record for the same period before
/// they met: they are read as one plan, and what is new goes to the older record.
struct PlanShelf {
  struct Plan {
    /// The record that new items and issues go to.
    var dot: Dot
    var version: Int64
    var issuedAt: Instant?
    var hasConflict: Bool
  }

  let partition: PartitionID
  private(set) var plans: [Period: Plan] = [:]
  private var periods: [Dot: Period] = [:]

  init(_ partition: PartitionID, _ store: Store) throws {
    self.partition = partition
    for record in try store.records(Village.plan, in: partition).sorted(by: { $0.id < $1.id }) {
      guard let period = record.text("period").flatMap({ try? Period($0) }) else { continue }
      periods[record.id] = period
      let version = record.integer("version") ?? 0
      let issuedAt = record.integer("issued_at").map { Instant(seconds: $0) }
      if var plan = plans[period] {
        if version > plan.version { (plan.version, plan.issuedAt) = (version, issuedAt) }
        plan.hasConflict = plan.hasConflict || record.hasConflict
        plans[period] = plan
      } else {
        plans[period] = Plan(
          dot: record.id, version: version, issuedAt: issuedAt, hasConflict: record.hasConflict)
      }
    }
  }

  func period(of item: RecordView) -> Period? { item.dot("plan").flatMap { periods[$0] } }

  /// The record of a period's plan, made if there is none.
  mutating func plan(for period: Period, _ store: Store) throws -> Dot {
    if let known = plans[period] { return known.dot }
    let dot = try store.create(
      Village.plan, in: partition,
      [("kind", .text(period.kind)), ("period", .text(period.description))])
    plans[period] = Plan(dot: dot, version: 0, issuedAt: nil, hasConflict: false)
    periods[dot] = period
    return dot
  }
}
