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
    /// When each version went out.
    var issues: [Int64: Instant]
    /// The print of what went out last.
    var content: String?
    /// Why items are gone.
    var cancelled: [Dot: String]
    var hasConflict: Bool

    var issuedAt: Instant? { issues[version] }
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
      let issues = Self.issues(record.text("issues") ?? "")
      let content = record.text("content")
      let cancelled = Self.cancelled(record.text("cancelled") ?? "")
      if var plan = plans[period] {
        if version > plan.version { (plan.version, plan.content) = (version, content) }
        // The first of two issues under one number is when it was known.
        plan.issues.merge(issues) { min($0, $1) }
        plan.cancelled.merge(cancelled) { first, _ in first }
        plan.hasConflict = plan.hasConflict || record.hasConflict
        plans[period] = plan
      } else {
        plans[period] = Plan(
          dot: record.id, version: version, issues: issues, content: content,
          cancelled: cancelled, hasConflict: record.hasConflict)
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
    plans[period] = Plan(
      dot: dot, version: 0, issues: [:], content: nil, cancelled: [:], hasConflict: false)
    periods[dot] = period
    return dot
  }

  /// The period of the plan record of this id.
  func period(ofPlan dot: Dot) -> Period? { periods[dot] }

  // MARK: Issues, a line for each: version and second

  static func line(version: Int64, at time: Instant) -> String { "\(version) \(time.seconds)" }

  /// An item and why it is gone, in one line.
  static func line(cancelled item: Dot, _ reason: String) -> String {
    "\(item) " + String(reason.map { $0.isNewline ? " " : $0 })
  }

  private static func cancelled(_ text: String) -> [Dot: String] {
    var reasons: [Dot: String] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2, let item = Dot(String(words[0])) { reasons[item] = String(words[1]) }
    }
    return reasons
  }

  private static func issues(_ text: String) -> [Int64: Instant] {
    var issues: [Int64: Instant] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let version = Int64(words[0]), let second = Int64(words[1]) else {
        continue
      }
      let time = Instant(seconds: second)
      issues[version] = min(issues[version] ?? time, time)
    }
    return issues
  }
}
