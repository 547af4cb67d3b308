package import Causality
internal import Records
package import Replica
internal import Wording

/// A month as it was reported. It stands: what is learnt later is shown beside it, as a correction.
package struct StandingReport: Equatable, Sendable {
  package let dot: Dot
  /// The hub that reported.
  package let by: PlaceID
  package let month: Month
  package let at: Instant
  package let rules: PlayedRules
  /// By station.
  package let lines: [PlaceID: Figures]
  /// How far the data of each station reached then.
  package let reaches: [PlaceID: Instant]

  /// Of all stations.
  package var total: Figures {
    var total = Figures()
    // order: sums do not depend on it.
    for figures in lines.values { total.add(figures) }
    return total
  }

  /// The lines of a scope, by station: of a hub below those of the stations that were under it when
  /// the month ended. What is not known here any more is left out.
  package func lines(
    _ scope: ReportScope, _ store: Store
  ) throws -> [(station: Place, figures: Figures)] {
    let tree = try Tree(store)
    let end = ReportScope(month...month).days.seconds(in: try Places.zone(store)).upperBound
    // order: sorted by id.
    return lines.sorted { $0.key < $1.key }.compactMap { id, figures in
      guard let station = tree.places[id] else { return nil }
      if let place = scope.place?.id, place != id, place != by {
        let hubs = Whereabouts(station, tree).hubs(at: Instant(seconds: end))
        guard hubs.contains(place) else { return nil }
      }
      return (station, figures)
    }
  }
}

/// Months that were reported.
package enum StandingReports {
  /// What to do about a month of which not everything is known.
  package enum Gaps: Sendable {
    case refuse
    case accept
  }

  /// Reports a month of all stations below this hub: from now on its figures stand.
  ///
  /// Throws `not_owner` at a station, `already_reported`, `bad_period` for a month that is not over,
  /// and `report_incomplete` if some slots are not known.
  @discardableResult
  package static func close(
    _ month: Month, _ store: Store, _ gaps: Gaps = .refuse
  ) throws -> StandingReport {
    guard store.identity.role == .hub else {
      throw VillageError(
        .notOwner, "a hub reports a month, not a station",
        hint: "`yizhan report played` shows the station's own figures")
    }
    if let standing = try held(month, store) {
      throw VillageError(
        .alreadyReported,
        "\(month) was reported \(standing.at.shortText(in: try Places.zone(store)))",
        hint: "its figures stand; `yizhan report played` shows what was learnt since")
    }
    let now = Instant(seconds: store.now / 1000)
    guard now >= Instant(startOf: month.next.firstDay, in: try Places.zone(store)) else {
      throw VillageError(
        .badPeriod, "\(month) is not over", hint: "report it from \(month.next.firstDay) on")
    }
    let rules = try PlayedRules.held(store)
    var lines: [String] = []
    var unknown: [Place] = []
    try PlayedReport.run(ReportScope(month...month), rules, now: now, store) { report in
      var figures = Figures()
      for slot in report.slots { figures.add(slot) }
      for play in report.plays { figures.add(play) }
      if figures[.notKnown] > 0 { unknown.append(report.station) }
      let reach = report.reach.map { "reach=\($0.seconds) " } ?? ""
      lines.append("\(report.station.id) \(reach)\(figures.text)")
    }
    guard gaps == .accept || unknown.isEmpty else { throw incomplete(month, unknown) }
    let dot = try store.create(
      Village.report, in: PartitionID(store.identity.place, .work),
      [
        ("month", .text(month.description)), ("at", .integer(now.seconds)),
        ("rules", .text(rules.text)), ("lines", .text(lines.joined(separator: "\n"))),
      ])
    guard let record = try store.record(Village.report, dot), let report = read(record) else {
      preconditionFailure("a report that was just written can be read")
    }
    return report
  }

  private static func incomplete(_ month: Month, _ stations: [Place]) -> VillageError {
    let names = stations.prefix(10).map { "\($0.code) \($0.name)" }.joined(separator: ", ")
    let more = stations.count - 10
    return VillageError(
      .reportIncomplete,
      more > 0
        ? "not all of \(month) is known of \(names) and \(more) more" as Message
        : "not all of \(month) is known of \(names)",
      hint: "wait for their data, or let the figures stand with what is not known by --incomplete")
  }

  /// This hub's own report of a month. Of two that were made apart from each other the first stands.
  package static func held(_ month: Month, _ store: Store) throws -> StandingReport? {
    try list(store).first { $0.month == month && $0.by == store.identity.place }
  }

  /// What a hub reported of a month.
  ///
  /// Throws `unknown_report`.
  package static func find(
    _ month: Month, by place: Place, _ store: Store
  ) throws -> StandingReport {
    guard let report = try list(store).first(where: { $0.month == month && $0.by == place.id })
    else {
      throw VillageError(
        .unknownReport, "there is no report of \(place.code) \(place.name) for \(month) here",
        hint: "`yizhan report list` shows what was reported")
    }
    return report
  }

  /// All that this hub and those below it have reported, by month.
  package static func list(_ store: Store) throws -> [StandingReport] {
    var reports: [StandingReport] = []
    for partition in try store.partitionIDs() where partition.section == .work {
      reports += try store.records(Village.report, in: partition).compactMap(read)
    }
    return reports.sorted { ($0.month, $0.by, $0.dot) < ($1.month, $1.by, $1.dot) }
  }

  private static func read(_ record: RecordView) -> StandingReport? {
    guard let month = record.text("month").flatMap({ Month($0) }), let at = record.integer("at")
    else { return nil }
    var lines: [PlaceID: Figures] = [:]
    var reaches: [PlaceID: Instant] = [:]
    for line in (record.text("lines") ?? "").split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      guard let id = words.first.flatMap({ Places.id($0) }) else { continue }
      let rest = words.count > 1 ? words[1] : ""
      lines[id] = Figures(text: rest)
      let reach = rest.split(separator: " ").first { $0.hasPrefix("reach=") }
      reaches[id] = reach.flatMap { Int64($0.dropFirst(6)) }.map { Instant(seconds: $0) }
    }
    return StandingReport(
      dot: record.id, by: record.partition.place, month: month, at: Instant(seconds: at),
      rules: PlayedRules(text: record.text("rules") ?? ""), lines: lines, reaches: reaches)
  }
}
