package import Causality
internal import Records
package import Replica
internal import Wording

/// Which items of plans are wanted.
package struct PlanFilter: Sendable {
  package enum Drafts: Sendable {
    /// Hidden at stations, shown at hubs.
    case byRole
    case shown
    case hidden
  }

  /// Whose plan; nil for all that this replica holds.
  package var place: PlaceID?
  /// Of these hubs too: what holds at a station is its own plan and those of the hubs above.
  package var above: [PlaceID] = []
  package var period: Period?
  package var drafts: Drafts

  /// What holds at a place.
  package static func holding(
    at place: Place, _ period: Period?, _ store: Store
  ) throws -> PlanFilter {
    var filter = PlanFilter(place: place.id, period: period, drafts: .hidden)
    filter.above = try Tree(store).hubs(above: place)
    return filter
  }

  package init(place: PlaceID? = nil, period: Period? = nil, drafts: Drafts = .byRole) {
    self.place = place
    self.period = period
    self.drafts = drafts
  }

  func showsDrafts(_ store: Store) -> Bool {
    switch drafts {
    case .byRole: store.identity.role == .hub
    case .shown: true
    case .hidden: false
    }
  }
}

/// Month plans and week recommendations: what is held of them, and what may be done with them.
package enum PlanBook {
  static let itemCollection = Village.planItem.name

  /// The items that a replica shows: at a station those of its township and its own. By date and
  /// start.
  package static func items(
    _ store: Store, _ filter: PlanFilter = PlanFilter()
  ) throws -> [PlanItemView] {
    var views: [PlanItemView] = []
    for partition in try partitions(store, filter) {
      views += try items(store, filter, in: partition)
    }
    let adjusting = store.identity.role == .station ? store.identity.place : filter.place
    let adjustments = try adjusting.map { try Adjustments.held($0, store) } ?? [:]
    for index in views.indices { views[index].adjustment = adjustments[views[index].dot] }
    return views.sorted(by: PlanItemView.isBefore)
  }

  /// The plans that a replica shows, by period and place.
  package static func list(
    _ store: Store, _ filter: PlanFilter = PlanFilter()
  ) throws -> [PlanView] {
    var views: [PlanView] = []
    for partition in try partitions(store, filter) {
      let items = try items(store, filter, in: partition)
      let shelf = try PlanShelf(partition, store)
      let station = try Places.find(store, id: partition.place)
      let periods = shelf.plans.keys.sorted { ($0.firstDay, $0.kind) < ($1.firstDay, $1.kind) }
      for period in periods where filter.period ?? period == period {
        guard let plan = shelf.plans[period] else { continue }
        let own = items.filter { $0.period == period }
        if own.isEmpty, !filter.showsDrafts(store) { continue }
        views.append(
          PlanView(
            place: partition.place, station: station, period: period, version: plan.version,
            issuedAt: plan.issuedAt, items: own.count, drafts: own.count { $0.isDraft },
            conflicts: own.count { $0.hasConflict },
            isEdited: try isEdited(plan, period, shelf, store)))
      }
    }
    return views.sorted { order($0) < order($1) }
  }

  /// Whether what went out was edited or cancelled since.
  private static func isEdited(
    _ plan: PlanShelf.Plan, _ period: Period, _ shelf: PlanShelf, _ store: Store
  ) throws -> Bool {
    guard let content = plan.content, plan.version > 0 else { return false }
    let issued = try store.records(Village.planItem, in: shelf.partition).filter {
      $0.values["issue"] != nil && shelf.period(of: $0) == period
    }
    return PlanPrint(of: issued).text != content
  }

  private static func order(_ plan: PlanView) -> (CivilDate, String, String, PlaceID) {
    (plan.period.firstDay, plan.period.kind, plan.station?.code.dotted ?? "", plan.place)
  }

  static func partitions(
    _ store: Store, _ filter: PlanFilter
  ) throws -> [PartitionID] {
    let sections = Village.planItem.sections
    if let place = filter.place {
      return sections.map { PartitionID(place, $0) } + filter.above.map { PartitionID($0, .public) }
    }
    return try store.partitionIDs().filter {
      try sections.contains($0.section) && Places.isCurrent($0.place, store)
    }
  }

  private static func items(
    _ store: Store, _ filter: PlanFilter, in partition: PartitionID
  ) throws -> [PlanItemView] {
    let records = try store.records(Village.planItem, in: partition)
    guard !records.isEmpty else { return [] }
    let shelf = try PlanShelf(partition, store)
    let station = try Places.find(store, id: partition.place)
    let showsDrafts = filter.showsDrafts(store)
    return try records.compactMap { record in
      let ids = try store.importedRows(itemCollection, of: record.id).map(\.sheetID)
      let view = PlanItemView(
        record, shelf, station: station, sheetID: ids.first { !PlanRow.isMadeUp($0) })
      let isWanted = filter.period == nil || view.period == filter.period
      return isWanted && (showsDrafts || !view.isDraft) ? view : nil
    }
  }

  /// An item that can be edited.
  ///
  /// Throws `unknown_item`.
  static func item(_ dot: Dot, _ store: Store) throws -> RecordView {
    guard let record = try store.record(Village.planItem, dot), !record.isDeleted else {
      throw VillageError(
        .unknownItem, "there is no plan item \(dot) here",
        hint: "`yizhan plan show` lists the items and their dots")
    }
    return record
  }
}
