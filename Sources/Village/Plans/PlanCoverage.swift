package import Causality
internal import Records
package import Replica

/// Whether every month has a plan and every week a recommendation, as far as this replica knows: a
/// station of itself, a hub of all stations below it.
package struct PlanCoverage: Sendable {
  package enum State: String, CaseIterable, Sendable {
    /// There is a plan with items that went out.
    case issued
    /// There are drafts only.
    case drafted
    case missing
  }

  /// How one period stands at one place.
  package struct Entry: Equatable, Sendable {
    package let period: Period
    package let state: State
    /// Whose plan it is: the station's own, or that of a hub above it.
    package let of: PlaceID?
    package let version: Int64
    package let items: Int
    /// The station's keeper has said that this version hangs on the wall.
    package let posting: Postings.State
  }

  /// How a month stands at one place. A week belongs to the month of its Thursday.
  package struct MonthSum: Equatable, Sendable {
    package let month: Month
    package fileprivate(set) var plan = State.missing
    package fileprivate(set) var weeks = 0
    /// Those with a recommendation that went out.
    package fileprivate(set) var weeksIssued = 0
  }

  package let station: Place
  package let entries: [Entry]

  /// The months of the entries, by time.
  package var months: [MonthSum] {
    var sums: [Month: MonthSum] = [:]
    for entry in entries {
      let month =
        switch entry.period {
        case .month(let month): month
        case .week(let week): Self.month(of: week)
        }
      var sum = sums[month] ?? MonthSum(month: month)
      if case .month = entry.period {
        sum.plan = entry.state
      } else {
        sum.weeks += 1
        if entry.state == .issued { sum.weeksIssued += 1 }
      }
      sums[month] = sum
    }
    // order: sorted by month.
    return sums.values.sorted { $0.month < $1.month }
  }

  private static func month(of week: ISOWeek) -> Month {
    Month(of: CivilDate(days: week.monday.days + 3))
  }

  /// The stations below this hub, or this station; each with every month and week that lies in the
  /// months, by time.
  package static func list(_ scope: ReportScope, _ store: Store) throws -> [PlanCoverage] {
    let tree = try Tree(store)
    let periods = Self.periods(scope)
    var shelves: [PartitionID: [Period: Held]] = [:]
    var result: [PlanCoverage] = []
    for station in try scope.stations(store) {
      let partitions =
        [PartitionID(station.id, .work)]
        + tree.hubs(above: station).map { PartitionID($0, .public) }
      for partition in partitions where shelves[partition] == nil {
        shelves[partition] = try held(partition, store)
      }
      let postings = try Postings.held(station.id, store)
      let adjustments = try Adjustments.held(station.id, store)
      let entries = periods.map { period in
        let candidates = partitions.compactMap { shelves[$0]?[period] }
        let best = candidates.first { $0.issued > 0 } ?? candidates.first { $0.drafts > 0 }
        return Entry(
          period: period, state: best.map { $0.issued > 0 ? .issued : .drafted } ?? .missing,
          of: best?.place, version: best?.version ?? 0, items: best?.issued ?? 0,
          posting: best.map {
            postings.state(of: $0.plan, $0.version, $0.print.text(with: adjustments))
          } ?? .notPosted)
      }
      result.append(PlanCoverage(station: station, entries: entries))
    }
    return result
  }

  private struct Held {
    let place: PlaceID
    let plan: Dot
    let version: Int64
    let print: PlanPrint
    var issued = 0
    var drafts = 0
  }

  /// Months first where they begin on the same day as a week.
  private static func periods(_ scope: ReportScope) -> [Period] {
    var periods: [Period] = []
    var month = scope.months.lowerBound
    while month <= scope.months.upperBound {
      periods.append(.month(month))
      month = month.next
    }
    let days = scope.days
    var week = ISOWeek(of: days.lowerBound)
    while week.monday <= days.upperBound {
      if scope.months.contains(Self.month(of: week)) { periods.append(.week(week)) }
      week = ISOWeek(of: CivilDate(days: week.monday.days + 7))
    }
    return periods.sorted { ($0.firstDay, $0.kind) < ($1.firstDay, $1.kind) }
  }

  private static func held(_ partition: PartitionID, _ store: Store) throws -> [Period: Held] {
    let shelf = try PlanShelf(partition, store)
    guard !shelf.plans.isEmpty else { return [:] }
    let showsDrafts = PlanFilter().showsDrafts(store)
    var items: [Period: [RecordView]] = [:]
    for record in try store.records(Village.planItem, in: partition) {
      if let period = shelf.period(of: record) { items[period, default: []].append(record) }
    }
    var held: [Period: Held] = [:]
    // order: each entry by itself.
    for (period, plan) in shelf.plans {
      let issued = (items[period] ?? []).filter { $0.values["issue"] != nil }
      var entry = Held(
        place: partition.place, plan: plan.dot, version: plan.version,
        print: PlanPrint(of: issued))
      entry.issued = issued.count
      entry.drafts = showsDrafts ? (items[period]?.count ?? 0) - issued.count : 0
      held[period] = entry
    }
    return held
  }
}
