internal import Causality
internal import Records
internal import Replica

/// Reads what stations were to play. The plans of hubs are read once, however many stations they are
/// for.
struct SlotReader {
  private let store: Store
  private let days: ClosedRange<CivilDate>
  private let tree: Tree
  private var issued: [PartitionID: [Slot]] = [:]

  private static let fields: [String] =
    PlanField.allCases.filter { $0 != .note }.map(\.rawValue) + ["plan", "issue"]

  init(_ store: Store, days: ClosedRange<CivilDate>) throws {
    self.store = store
    self.days = days
    tree = try Tree(store)
  }

  /// What a station was to play: what the hubs above it issued for all, what was issued for it alone,
  /// and what it made of both.
  mutating func slots(of station: Place) throws -> [Slot] {
    var slots = try read(PartitionID(station.id, .work))
    for hub in try tree.hubs(above: station, store) {
      slots += try shared(PartitionID(hub, .public))
    }
    let adjustments = try Adjustments.held(station.id, store)
    guard !adjustments.isEmpty else { return slots }
    return slots.map { slot in adjustments[slot.item].map { slot.adjusted($0) } ?? slot }
  }

  private mutating func shared(_ partition: PartitionID) throws -> [Slot] {
    if let known = issued[partition] { return known }
    let slots = try read(partition)
    issued[partition] = slots
    return slots
  }

  private func read(_ partition: PartitionID) throws -> [Slot] {
    let shelf = try PlanShelf(partition, store)
    guard !shelf.plans.isEmpty else { return [] }
    var slots: [Slot] = []
    try store.scan(Village.planItem, in: partition, fields: Self.fields) { dot, values in
      let row = Row(values)
      guard let issue = row.issue, let plan = try store.dot(scanned: row.plan),
        let period = shelf.period(ofPlan: plan), let due = row.due(in: period),
        days.overlaps(due.firstDay...due.lastDay), let programme = row[.programme].text
      else { return }
      var slot = Slot(item: dot, due: due, programme: programme)
      slot.title = row[.title].text
      slot.category = row[.category].text
      slot.seconds = row[.seconds].integer.flatMap {
        (0...CellText.countMax).contains($0) ? $0 : nil
      }
      slot.isRequired = row[.required].integer ?? 0 != 0
      slot.issuedAt = shelf.plans[period]?.issues[issue]
      slots.append(slot)
    }
    return slots
  }

  /// The values of `fields`.
  private struct Row {
    private let values: [Value]

    init(_ values: [Value]) { self.values = values }

    subscript(field: PlanField) -> Value {
      switch field {
      case .date: values[0]
      case .start: values[1]
      case .programme: values[2]
      case .title: values[3]
      case .category: values[4]
      case .seconds: values[5]
      case .required: values[6]
      case .note: .null
      }
    }

    var plan: Value { values[7] }
    var issue: Int64? { values[8].integer }

    func due(in period: Period) -> Due? {
      guard let date = self[.date].text.flatMap({ CivilDate($0) }) else {
        if case .week(let week) = period { return .within(week) }
        return nil
      }
      return Due(date, self[.start].text.flatMap { ClockTime($0) })
    }
  }
}

extension Due {
  init(_ date: CivilDate, _ start: ClockTime?) {
    self = start.map { .at(date, $0) } ?? .on(date)
  }

  /// With another day, another time, or both.
  func moved(to date: CivilDate?, _ start: ClockTime?) -> Due {
    switch self {
    case .at(let day, let time): .at(date ?? day, start ?? time)
    case .on(let day): Due(date ?? day, start)
    // A time without a day says nothing of a week.
    case .within: date.map { Due($0, start) } ?? self
    }
  }
}

extension Slot {
  func adjusted(_ adjustment: Adjustment) -> Slot {
    var slot = self
    slot.due = due.moved(to: adjustment.date, adjustment.start)
    switch adjustment.kind {
    case .moved: break
    case .skipped: slot.skipped = adjustment.reason
    case .replaced:
      slot.programme = adjustment.programme ?? programme
      slot.title = adjustment.title
      slot.category = adjustment.category
      slot.seconds = adjustment.seconds
    }
    return slot
  }
}
