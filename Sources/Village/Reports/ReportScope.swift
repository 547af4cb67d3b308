internal import Causality
internal import Replica

/// Which stations and which months a report is about.
package struct ReportScope: Sendable {
  /// One or more that follow each other.
  package let months: ClosedRange<Month>
  /// One station, or all at and below a hub; nil for all.
  package let place: Place?

  package init(_ months: ClosedRange<Month>, place: Place? = nil) {
    self.months = months
    self.place = place
  }

  func contains(_ day: CivilDate) -> Bool { months.contains(Month(of: day)) }

  /// The days of the months, and so many before and behind.
  func days(and more: Int = 0) -> ClosedRange<CivilDate> {
    let first = months.lowerBound.firstDay.days - more
    let last = months.upperBound.next.firstDay.days - 1 + more
    return CivilDate(days: first)...CivilDate(days: last)
  }

  /// The stations, by code; those that are retired are not waited for any more.
  func stations(_ store: Store) throws -> [Place] {
    let tree = try Tree(store)
    let own = store.identity.place
    // order: sorted by code below.
    return tree.places.values.filter { station in
      guard station.role == .station, !station.isRetired else { return false }
      guard station.id == own || tree.reports(station, below: own) else { return false }
      guard let place else { return true }
      return station.id == place.id || tree.lies(station, below: place.id)
    }.sorted { ($0.code, $0.id) < ($1.code, $1.id) }
  }
}
