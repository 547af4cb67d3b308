internal import Causality
internal import Records
internal import Replica

/// Says which item of a partition each row of a sheet is about.
///
/// In this order, and each item at most once, so that equal rows are counted:
/// 1. by the sheet's own id, where the row was imported here before;
/// 2. by the natural key: same plan, date, start and programme;
/// 3. by what of the natural key nobody has edited since, at least two of its three parts, for
///    items that were imported elsewhere or before a restore: their ids are not known here, and a
///    slot that a station has moved must not come back as a second one.
///
/// A cancelled item takes part, or importing a sheet again after a restore would bring it back.
struct PlanMatcher {
  enum Match {
    /// `cells` is what the row said when it was imported here last; nil if it was not.
    case item(RecordTrace, cells: PlanCells?)
    /// Matched by less than the natural key.
    case movedItem(RecordTrace)
    case new
  }

  private let known: [String: (item: Dot, cells: [UInt8])]
  private let traces: [Dot: RecordTrace]
  /// Oldest first, live ones before cancelled ones.
  private let order: [Dot]
  private let imported: Set<Dot>
  private var free: Set<Dot>

  init(_ partition: PartitionID, _ store: Store) throws {
    let traces = try store.traces(Village.planItem, in: partition)
    var known: [String: (item: Dot, cells: [UInt8])] = [:]
    var imported: Set<Dot> = []
    for trace in traces {
      for row in try store.importedRows(PlanBook.itemCollection, of: trace.view.id) {
        known[row.sheetID] = (trace.view.id, row.cells)
        imported.insert(trace.view.id)
      }
    }
    self.known = known
    self.imported = imported
    self.traces = Dictionary(uniqueKeysWithValues: traces.map { ($0.view.id, $0) })
    order = traces.sorted {
      $0.view.isDeleted == $1.view.isDeleted ? $0.view.id < $1.view.id : !$0.view.isDeleted
    }.map(\.view.id)
    free = Set(order)
  }

  /// A match for each row, in their order, with the id to remember it by.
  mutating func match(_ rows: [PlanRow], _ shelf: PlanShelf) -> [(id: String, match: Match)] {
    let ids = Self.ids(of: rows)
    var matches = ids.map { id in byID(id) }
    claim(&matches, rows, byNaturalKey(shelf))
    let edited = order.compactMap { traces[$0] }.filter { isEditedElsewhere($0) }
    for index in matches.indices where matches[index] == nil {
      matches[index] = moved(rows[index], edited, shelf).map { .movedItem($0) }
    }
    return zip(ids, matches).map { ($0, $1 ?? .new) }
  }

  /// Items that were imported here in one of `periods` and that no row was about.
  func missing(from periods: Set<Period>, _ shelf: PlanShelf) -> Int {
    order.count { dot in
      guard free.contains(dot), imported.contains(dot), let trace = traces[dot],
        !trace.view.isDeleted, let period = shelf.period(of: trace.view)
      else { return false }
      return periods.contains(period)
    }
  }

  private static func ids(of rows: [PlanRow]) -> [String] {
    var counts: [PlanRow.NaturalKey: Int] = [:]
    return rows.map { row in
      if let id = row.sheetID { return id }
      counts[row.ownKey, default: 0] += 1
      return PlanRow.madeUpID(row.ownKey, number: counts[row.ownKey] ?? 1)
    }
  }

  private mutating func byID(_ id: String) -> Match? {
    guard let row = known[id], let trace = traces[row.item], free.remove(row.item) != nil else {
      return nil
    }
    return .item(trace, cells: PlanCells(row.cells))
  }

  // MARK: The natural key

  private func byNaturalKey(_ shelf: PlanShelf) -> [PlanRow.NaturalKey: [Dot]] {
    var items: [PlanRow.NaturalKey: [Dot]] = [:]
    for dot in order where free.contains(dot) {
      guard let trace = traces[dot] else { continue }
      // An id of a cancelled item that is known here tells rows that are about it from new ones.
      if trace.view.isDeleted, imported.contains(dot) { continue }
      items[Self.naturalKey(trace.view, shelf), default: []].append(dot)
    }
    return items
  }

  private mutating func claim(
    _ matches: inout [Match?], _ rows: [PlanRow], _ items: [PlanRow.NaturalKey: [Dot]]
  ) {
    var next: [PlanRow.NaturalKey: Int] = [:]
    for index in matches.indices where matches[index] == nil {
      let key = rows[index].naturalKey
      let used = next[key, default: 0]
      guard let found = items[key], used < found.count, let trace = traces[found[used]] else {
        continue
      }
      next[key] = used + 1
      free.remove(found[used])
      matches[index] = .item(trace, cells: nil)
    }
  }

  private static func naturalKey(_ item: RecordView, _ shelf: PlanShelf) -> PlanRow.NaturalKey {
    PlanRow.NaturalKey(
      period: shelf.period(of: item),
      parts: PlanField.natural.map { item.values[$0.rawValue] ?? .null })
  }

  // MARK: Items that were edited

  private func isEditedElsewhere(_ trace: RecordTrace) -> Bool {
    free.contains(trace.view.id) && !imported.contains(trace.view.id)
      && PlanField.natural.count { trace.edited.contains($0.rawValue) } == 1
  }

  private mutating func moved(
    _ row: PlanRow, _ edited: [RecordTrace], _ shelf: PlanShelf
  ) -> RecordTrace? {
    let found = edited.first { free.contains($0.view.id) && Self.mayBe(row, $0, shelf) }
    if let found { free.remove(found.view.id) }
    return found
  }

  private static func mayBe(_ row: PlanRow, _ trace: RecordTrace, _ shelf: PlanShelf) -> Bool {
    guard trace.edited.contains("plan") || shelf.period(of: trace.view) == row.period else {
      return false
    }
    return PlanField.natural.allSatisfy { field in
      trace.edited.contains(field.rawValue)
        || row[field] ?? .null == trace.view.values[field.rawValue] ?? .null
    }
  }
}
