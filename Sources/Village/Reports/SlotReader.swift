internal import Causality
internal import Records
internal import Replica

/// Reads what stations were to play. The plans of hubs are read once, however many stations they are
/// for.
struct SlotReader {
  private let store: Store
  private let zone: TimeZoneOffset
  private var shelves: [PartitionID: IssuedSlots] = [:]

  init(_ store: Store) throws {
    self.store = store
    zone = try Places.zone(store)
  }

  /// What a station was to play: what the hubs above it issued for all, what was issued for it alone,
  /// and what it made of both. A hub's plan holds for what was due while the station was under it.
  mutating func slots(of station: Place, _ whereabouts: Whereabouts) throws -> StationSlots {
    let own = PartitionID(station.id, .work)
    var parts = [(hub: PlaceID?.none, slots: try IssuedSlots(own, store))]
    for hub in whereabouts.allHubs {
      let partition = PartitionID(hub, .public)
      let slots = try shelves[partition] ?? IssuedSlots(partition, store)
      shelves[partition] = slots
      parts.append((hub, slots))
    }
    return StationSlots(
      parts: parts, whereabouts: whereabouts, adjustments: try Adjustments.held(station.id, store),
      zone: zone)
  }
}

/// What one station was to play, at any time.
struct StationSlots {
  fileprivate let parts: [(hub: PlaceID?, slots: IssuedSlots)]
  fileprivate let whereabouts: Whereabouts
  fileprivate let adjustments: [Dot: Adjustment]
  fileprivate let zone: TimeZoneOffset

  /// Those that are due on some of these days as the plan says, or as the station made of them.
  func slots(in days: ClosedRange<CivilDate>) -> [Slot] {
    let moved = adjustments.values.filter { $0.date != nil }.map(\.item).sorted()
    var slots: [Slot] = []
    for (hub, issued) in parts {
      var found = issued.slots(in: days)
      let known = Set(found.map(\.item))
      found += moved.filter { !known.contains($0) }.compactMap { issued[$0] }
      for slot in found where holds(slot, hub) {
        let slot = adjustments[slot.item].map { slot.adjusted($0) } ?? slot
        if days.overlaps(slot.due.days) || days.overlaps(slot.planned.days) { slots.append(slot) }
      }
    }
    return slots
  }

  private func holds(_ slot: Slot, _ hub: PlaceID?) -> Bool {
    guard let hub, !whereabouts.isSettled else { return true }
    return whereabouts.hubs(at: slot.planned.end(in: zone)).contains(hub)
  }
}

/// The slots of a partition that went out, as its plans say.
struct IssuedSlots {
  /// By their first day.
  private var slots: [Slot] = []
  private var numbers: [Dot: Int] = [:]

  private static let fields: [String] =
    PlanField.allCases.filter { $0 != .note }.map(\.rawValue) + ["plan", "issue"]

  init(_ partition: PartitionID, _ store: Store) throws {
    let shelf = try PlanShelf(partition, store)
    guard !shelf.plans.isEmpty else { return }
    try store.scan(Village.planItem, in: partition, fields: Self.fields) { dot, values in
      let row = Row(values)
      guard let issue = row.issue, let plan = try store.dot(scanned: row.plan),
        let period = shelf.period(ofPlan: plan), let due = row.due(in: period),
        let programme = row[.programme].text
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
    slots.sort { ($0.due.firstDay, $0.item) < ($1.due.firstDay, $1.item) }
    for (number, slot) in slots.enumerated() { numbers[slot.item] = number }
  }

  subscript(item: Dot) -> Slot? { numbers[item].map { slots[$0] } }

  func slots(in days: ClosedRange<CivilDate>) -> [Slot] {
    // What is due within a week may have begun six days before.
    let low = slots.partitionPoint { $0.due.firstDay.days < days.lowerBound.days - 6 }
    return slots[low...].prefix { $0.due.firstDay <= days.upperBound }.filter {
      days.overlaps($0.due.days)
    }
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

  var days: ClosedRange<CivilDate> { firstDay...lastDay }

  /// Its start; of what has none its last second.
  func end(in zone: TimeZoneOffset) -> Instant {
    switch self {
    case .at(let day, let time):
      Instant(seconds: Instant(startOf: day, in: zone).seconds + Int64(time.minutes) * 60)
    case .on, .within: Instant(seconds: days.seconds(in: zone).upperBound)
    }
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
