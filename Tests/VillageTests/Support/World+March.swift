import Causality
import Replica
import Testing

@testable import Village

/// March 2026 in a world whose clock stands at the first of January: reports are asked for as of
/// later.
extension World {
  static let march = Month(of: CivilDate(days: 20_513))
  /// The first of May.
  static let may = Instant(startOf: CivilDate(days: 20_574), in: .china)

  /// Takes a sheet into the township's plan and issues it.
  func plan(
    _ sheet: PlanSheet, at now: Instant = Instant(seconds: 1_767_225_600),
    months: [String] = ["2026-03"]
  ) throws {
    let path = try file(sheet.text)
    let town = try place(World.town)
    try hub.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: town), store)
      for month in months { _ = try PlanBook.issue(town, Period(month), at: now, store) }
    }
  }

  /// Notes until when a station's log is held at the hub.
  func reach(_ station: Replica, _ until: Instant) throws {
    try hub.write { store in
      var contact = try store.contact(station.identity.place)
      contact.reach = until.seconds
      try store.setContact(station.identity.place, contact)
    }
  }

  /// The report of a replica on all its stations in March.
  func report(
    _ replica: Replica, _ rules: PlayedRules = PlayedRules(), place: Place? = nil
  ) throws -> [StationReport] {
    try replica.read { store in
      var reports: [StationReport] = []
      let scope = ReportScope(World.march...World.march, place: place)
      try PlayedReport.run(scope, rules, now: World.may, store) { reports.append($0) }
      return reports
    }
  }
}

extension Replica {
  @discardableResult
  func play(
    _ programme: String, _ start: String, _ seconds: String = "900",
    _ more: [(name: String, text: String)] = []
  ) throws -> Dot {
    try write { store in
      try PlaybackBook.add(
        [
          (name: "programme", text: programme), (name: "started_at", text: start),
          (name: "seconds", text: seconds), (name: "outcome", text: "completed"),
        ] + more, store)
    }
  }
}
