package import Causality
internal import Records
package import Replica

/// What changed in a plan since its keeper last saw it, item by item.
package struct PlanDiff: Sendable {
  package struct FieldChange: Equatable, Sendable {
    /// A `PlanField`'s name.
    package let field: String
    /// As people read them; nil for none.
    package let before: String?
    package let after: String?
  }

  package enum Change: Equatable, Sendable {
    case added
    /// With the reason, if one was given.
    case cancelled(reason: String?)
    case changed([FieldChange])
  }

  package struct Entry: Equatable, Sendable {
    package let item: Dot
    package let date: String?
    package let start: String?
    package let programme: String?
    package let title: String?
    package let change: Change
  }

  package let place: Place?
  package let period: Period
  /// The version that was seen last; nil if none was.
  package let seen: Int64?
  package let version: Int64
  /// By date and start, as they are now or, if cancelled, were.
  package let entries: [Entry]

  private static let kind = "seen plan"

  /// The plans of a period, or all, with what changed; those without a change too. `place` is whose
  /// plans; nil for all that this replica shows.
  package static func list(
    _ filter: PlanFilter, _ store: Store
  ) throws -> [PlanDiff] {
    var diffs: [PlanDiff] = []
    for partition in try PlanBook.partitions(store, filter) {
      let shelf = try PlanShelf(partition, store)
      let place = try Places.find(store, id: partition.place)
      let records = try store.records(Village.planItem, in: partition)
      // order: sorted below.
      for (period, plan) in shelf.plans where filter.period ?? period == period {
        let seen = try store.keepsake(kind, plan.dot.description).flatMap { SeenPlan($0) }
        guard plan.version > 0 || seen != nil else { continue }
        let held = issued(records, period, shelf)
        diffs.append(
          PlanDiff(
            place: place, period: period, seen: seen?.version, version: plan.version,
            entries: entries(from: seen, to: held, plan.cancelled)))
      }
    }
    return diffs.sorted {
      ($0.period.firstDay, $0.period.kind, $0.place?.code.dotted ?? "")
        < ($1.period.firstDay, $1.period.kind, $1.place?.code.dotted ?? "")
    }
  }

  /// Notes that the keeper has seen these plans as they are now.
  package static func see(_ filter: PlanFilter, _ store: Store) throws {
    for partition in try PlanBook.partitions(store, filter) {
      let shelf = try PlanShelf(partition, store)
      let records = try store.records(Village.planItem, in: partition)
      // order: each is kept by itself.
      for (period, plan) in shelf.plans
      where (filter.period ?? period) == period && plan.version > 0 {
        let seen = SeenPlan(version: plan.version, issued(records, period, shelf))
        let bytes = seen.bytes
        guard try store.keepsake(kind, plan.dot.description) != bytes else { continue }
        try store.keep(bytes, kind, plan.dot.description)
      }
    }
  }

  private static func issued(
    _ records: [RecordView], _ period: Period, _ shelf: PlanShelf
  ) -> [RecordView] {
    records.filter {
      $0.values["issue"] != nil && shelf.period(of: $0) == period
    }
  }

  private static func entries(
    from seen: SeenPlan?, to held: [RecordView], _ reasons: [Dot: String]
  ) -> [Entry] {
    let before = seen?.items ?? [:]
    var entries: [Entry] = []
    for record in held {
      let now = SeenPlan.values(record)
      guard let old = before[record.id] else {
        entries.append(Entry(record.id, now, .added))
        continue
      }
      let changes = PlanField.allCases.filter { now[$0] != old[$0] }.map {
        FieldChange(field: $0.rawValue, before: plain(old[$0]), after: plain(now[$0]))
      }
      if !changes.isEmpty { entries.append(Entry(record.id, now, .changed(changes))) }
    }
    let ids = Set(held.map(\.id))
    for (item, old) in before.sorted(by: { $0.key < $1.key }) where !ids.contains(item) {
      entries.append(Entry(item, old, .cancelled(reason: reasons[item])))
    }
    return entries.sorted {
      ($0.date ?? "", $0.start ?? "", $0.item) < ($1.date ?? "", $1.start ?? "", $1.item)
    }
  }

  fileprivate static func plain(_ value: Value?) -> String? {
    value.flatMap { $0.text ?? $0.integer.map(String.init) }
  }
}

extension PlanDiff.Entry {
  fileprivate init(_ item: Dot, _ values: [PlanField: Value], _ change: PlanDiff.Change) {
    self.item = item
    date = PlanDiff.plain(values[.date])
    start = PlanDiff.plain(values[.start])
    programme = PlanDiff.plain(values[.programme])
    title = PlanDiff.plain(values[.title])
    self.change = change
  }
}

/// A plan as its keeper saw it: kept here, and never sent.
private struct SeenPlan {
  let version: Int64
  let items: [Dot: [PlanField: Value]]

  init(version: Int64, _ records: [RecordView]) {
    self.version = version
    items = Dictionary(
      records.map { ($0.id, Self.values($0)) }, uniquingKeysWith: { first, _ in first })
  }

  static func values(_ record: RecordView) -> [PlanField: Value] {
    var values: [PlanField: Value] = [:]
    for field in PlanField.allCases { values[field] = record.values[field.rawValue] }
    return values
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.zigzag(version)
    for (item, values) in items.sorted(by: { $0.key < $1.key }) {
      writer.block(item.description.utf8)
      for field in PlanField.allCases { writer.block(values[field]?.bytes ?? []) }
    }
    return writer.bytes
  }

  /// Nil if `bytes` are not what `bytes` gave: then nothing was seen.
  init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    var items: [Dot: [PlanField: Value]] = [:]
    do {
      version = try reader.zigzag()
      while !reader.isAtEnd {
        guard let item = Dot(String(decoding: try reader.block(), as: UTF8.self)) else {
          return nil
        }
        var values: [PlanField: Value] = [:]
        for field in PlanField.allCases {
          let value = Array(try reader.block())
          if !value.isEmpty { values[field] = Value(bytes: value) }
        }
        items[item] = values
      }
    } catch { return nil }
    self.items = items
  }
}
