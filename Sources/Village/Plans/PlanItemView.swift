package import Causality
internal import Records
internal import Replica

/// A slot of a plan as people read it.
package struct PlanItemView: Equatable, Sendable {
  /// The dot of its birth: stable, and what edits name.
  package let dot: Dot
  /// Whose plan it stands in: a township's, for all its stations, or one station's.
  package let place: PlaceID
  /// The same place with code and name, if they are known here.
  package let station: Place?
  package let period: Period?
  /// How often the plan has been issued.
  package let version: Int64
  /// Nil counts for the whole week.
  package let date: String?
  package let start: String?
  package let programme: String?
  package let title: String?
  package let category: String?
  package let seconds: Int64?
  package let isRequired: Bool
  package let note: String?
  package let isDraft: Bool
  package let hasConflict: Bool
  /// Its id in a sheet, if it was imported here.
  package let sheetID: String?
  /// What the station that was asked about made of it.
  package var adjustment: Adjustment?

  init(_ record: RecordView, _ shelf: PlanShelf, station: Place?, sheetID: String?) {
    dot = record.id
    place = record.partition.place
    self.station = station
    period = shelf.period(of: record)
    version = period.flatMap { shelf.plans[$0]?.version } ?? 0
    date = record.text("date")
    start = record.text("start")
    programme = record.text("programme")
    title = record.text("title")
    category = record.text("category")
    // A peer may have written any number: one that no programme has would break every sum.
    seconds = record.integer("seconds").flatMap { (0...CellText.countMax).contains($0) ? $0 : nil }
    isRequired = record.integer("required") ?? 0 != 0
    note = record.text("note")
    isDraft = record.integer("issue") == nil
    hasConflict = record.hasConflict
    self.sheetID = sheetID
  }

  /// The order of lists: by day and time; what counts for a whole week stands before its Monday.
  static func isBefore(_ left: PlanItemView, _ right: PlanItemView) -> Bool {
    left.order != right.order
      ? left.order.lexicographicallyPrecedes(right.order) : left.dot < right.dot
  }

  private var order: [String] {
    [
      date ?? period?.firstDay.description ?? "", date == nil ? "" : "1", start ?? "",
      programme ?? "",
    ]
  }
}

/// A plan as people read it.
package struct PlanView: Equatable, Sendable {
  package let place: PlaceID
  package let station: Place?
  package let period: Period
  package let version: Int64
  package let issuedAt: Instant?
  package let items: Int
  package let drafts: Int
  package let conflicts: Int
  /// Items were edited or cancelled since the last issue.
  package let isEdited: Bool
}
