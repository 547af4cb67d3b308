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

  /// The days of the months.
  var days: ClosedRange<CivilDate> {
    months.lowerBound.firstDay...CivilDate(days: months.upperBound.next.firstDay.days - 1)
  }

  /// A station of a report, and when it is counted there: while it was under the hub that reports,
  /// and under the place that is asked about.
  struct Member {
    let station: Place
    let whereabouts: Whereabouts
    fileprivate let own: PlaceID
    fileprivate let place: PlaceID?

    func counts(at time: Instant) -> Bool { counts(whereabouts.hubs(at: time)) }

    fileprivate func counts(_ hubs: [PlaceID]) -> Bool {
      [own, place ?? own].allSatisfy { station.id == $0 || hubs.contains($0) }
    }

    /// The hub that it reported to when it was counted last in these days, and until when that was.
    func last(
      in days: ClosedRange<CivilDate>, _ zone: TimeZoneOffset
    ) -> (hub: PlaceID?, until: Instant)? {
      whereabouts.last(in: days.seconds(in: zone), where: counts).map {
        ($0.hubs.first, Instant(seconds: $0.until))
      }
    }
  }

  /// The stations, by code; those that are retired are not waited for any more. One that was moved is
  /// a member where it was in some of these months.
  func members(_ store: Store) throws -> [Member] {
    let tree = try Tree(store)
    let zone = try Places.zone(store)
    let own = store.identity.place
    // order: sorted by code below.
    return tree.places.values.compactMap { station -> Member? in
      guard station.role == .station, !station.isRetired else { return nil }
      let member = Member(
        station: station, whereabouts: Whereabouts(station, tree), own: own, place: place?.id)
      guard member.whereabouts.isSettled else {
        return member.last(in: days, zone) == nil ? nil : member
      }
      guard station.id == own || tree.reports(station, below: own) else { return nil }
      guard let place else { return member }
      return station.id == place.id || tree.lies(station, below: place.id) ? member : nil
    }.sorted { ($0.station.code, $0.station.id) < ($1.station.code, $1.station.id) }
  }

  func stations(_ store: Store) throws -> [Place] { try members(store).map(\.station) }
}

extension ClosedRange where Bound == CivilDate {
  /// From the first to the last second of the days.
  func seconds(in zone: TimeZoneOffset) -> ClosedRange<Int64> {
    let behind = Instant(startOf: CivilDate(days: upperBound.days + 1), in: zone)
    return Instant(startOf: lowerBound, in: zone).seconds...(behind.seconds - 1)
  }

  /// With so many days before and behind.
  func widened(by days: Int) -> Self {
    CivilDate(days: lowerBound.days - days)...CivilDate(days: upperBound.days + days)
  }
}
