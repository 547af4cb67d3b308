package import Causality
internal import Records
package import Replica

/// That an item was changed or cancelled when its time was over: what was judged by it is judged
/// otherwise now. The first of each kind is noted with the plan, in the field `cancelled`, since an
/// item itself keeps nothing of what it was.
package struct PlanRewrite: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case changed
    case cancelled
  }

  package let kind: Kind
  package let item: Dot
  package let at: Instant
  /// What it was before.
  package let due: Due
  package let programme: String

  private static let head = "after"

  init(_ kind: Kind, _ item: Dot, at: Instant, _ due: Due, programme: String) {
    self.kind = kind
    self.item = item
    self.at = at
    self.due = due
    self.programme = programme
  }

  var line: String {
    "\(Self.head) \(at.seconds) \(item) \(kind.rawValue) \(due.text) "
      + String(programme.map { $0.isNewline ? " " : $0 })
  }

  init?(line: some StringProtocol) {
    let words = line.split(separator: " ", maxSplits: 5)
    guard words.count == 6, words[0] == Self.head, let second = Int64(words[1]),
      let item = Dot(String(words[2])), let kind = Kind(rawValue: String(words[3])),
      let due = Due(text: words[4])
    else { return nil }
    self.init(kind, item, at: Instant(seconds: second), due, programme: String(words[5]))
  }
}

extension PlanRewrite {
  /// Of whose plan it is.
  package struct Entry: Equatable, Sendable {
    package let place: Place?
    package let rewrite: PlanRewrite
  }

  /// What was planned for the stations of a scope in its months and was rewritten, by time.
  package static func list(_ scope: ReportScope, _ store: Store) throws -> [Entry] {
    var partitions: Set<PartitionID> = []
    for member in try scope.members(store) {
      partitions.insert(PartitionID(member.station.id, .work))
      partitions.formUnion(member.whereabouts.allHubs.map { PartitionID($0, .public) })
    }
    var entries: [Entry] = []
    for partition in partitions.sorted() {
      let place = try Places.find(store, id: partition.place)
      for plan in try store.records(Village.plan, in: partition) {
        entries += lines(plan).filter { scope.contains($0.due.countedDay) }.map {
          Entry(place: place, rewrite: $0)
        }
      }
    }
    return entries.sorted {
      ($0.rewrite.due.firstDay, $0.rewrite.item, $0.rewrite.at)
        < ($1.rewrite.due.firstDay, $1.rewrite.item, $1.rewrite.at)
    }
  }

  private static func lines(_ plan: RecordView) -> [PlanRewrite] {
    (plan.text("cancelled") ?? "").split(separator: "\n").compactMap { PlanRewrite(line: $0) }
  }

  /// More than this is not noted: an edit is never refused for its trace.
  private static let bytesMax = 32_768

  /// Notes that an item is about to become this, or to be cancelled, if its time is over before or
  /// after that.
  static func note(
    _ kind: Kind, _ item: RecordView, _ changes: [(name: String, value: Value)],
    _ store: Store
  ) throws {
    let judged: [PlanField] = [.date, .start, .programme, .seconds]
    let isJudged = changes.contains { change in
      judged.contains { $0.rawValue == change.name }
        && change.value != item.values[change.name] ?? .null
    }
    guard kind == .cancelled || isJudged, item.values["issue"] != nil,
      let plan = try item.dot("plan").flatMap({ try store.record(Village.plan, $0) }),
      let period = plan.text("period").flatMap({ try? Period($0) }),
      let due = due(item, [], period), let programme = item.text("programme")
    else { return }
    let zone = try Places.zone(store)
    let now = Instant(seconds: store.now / 1000)
    let ends = [due, self.due(item, changes, period) ?? due].map { $0.end(in: zone) }
    guard ends.contains(where: { $0 < now }) else { return }
    let text = plan.text("cancelled") ?? ""
    guard text.utf8.count < bytesMax,
      !lines(plan).contains(where: { $0.item == item.id && $0.kind == kind })
    else { return }
    let line = PlanRewrite(kind, item.id, at: now, due, programme: programme).line
    try store.update(
      Village.plan, plan.id, in: item.partition,
      [("cancelled", .text(text.isEmpty ? line : text + "\n" + line))])
  }

  private static func due(
    _ item: RecordView, _ changes: [(name: String, value: Value)], _ period: Period
  ) -> Due? {
    func text(_ field: PlanField) -> String? {
      let change = changes.first { $0.name == field.rawValue }
      return change.map { $0.value.text } ?? item.text(field.rawValue)
    }
    guard let date = text(.date).flatMap({ CivilDate($0) }) else {
      if case .week(let week) = period { return .within(week) }
      return nil
    }
    return Due(date, text(.start).flatMap { ClockTime($0) })
  }
}

extension Due {
  /// `2026-03-05T09:30`, `2026-03-05` or `2026-W10`.
  fileprivate var text: String {
    switch self {
    case .at(let day, let time): "\(day)T\(time)"
    case .on(let day): "\(day)"
    case .within(let week): "\(week)"
    }
  }

  fileprivate init?(text: some StringProtocol) {
    if let week = ISOWeek(text) {
      self = .within(week)
      return
    }
    let parts = text.split(separator: "T", maxSplits: 1)
    guard let date = parts.first.flatMap({ CivilDate($0) }) else { return nil }
    self.init(date, parts.count > 1 ? ClockTime(String(parts[1])) : nil)
  }
}
