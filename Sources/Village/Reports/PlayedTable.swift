package import Causality
package import Replica

/// By what a report has its lines.
package enum ReportGrouping: String, CaseIterable, Sendable {
  case station
  case township
  case week
  case month
}

/// A line of a report.
package struct ReportLine: Sendable {
  /// What the line is about; months and weeks are named by their period.
  package enum Subject: Hashable, Sendable {
    case place(PlaceID)
    case period(Period)
  }

  package let subject: Subject
  /// The place of a line about one.
  package internal(set) var place: Place?
  package internal(set) var figures = Figures()
  /// How many stations are counted in it, and how many of these were open: something was due that
  /// is not excused.
  package internal(set) var stations = 0
  package internal(set) var stationsOpen = 0
  /// The least that the data of one of them reaches; nil if nothing was ever heard of one.
  package internal(set) var reach: Instant?
  /// By how many minutes the station's clock seems to be ahead.
  package internal(set) var clockAhead: Int?
}

/// A report's lines, added up.
package struct PlayedTable: Sendable {
  package private(set) var lines: [ReportLine] = []
  package private(set) var total = ReportLine(subject: .place(PlaceID(bits: 0)))
  private let grouping: ReportGrouping
  private let zone: TimeZoneOffset
  private let tree: Tree
  private var numbers: [ReportLine.Subject: Int] = [:]

  package init(_ grouping: ReportGrouping, _ store: Store) throws {
    self.grouping = grouping
    zone = try Places.zone(store)
    tree = try Tree(store)
  }

  package mutating func add(_ report: StationReport) {
    var parts: [ReportLine.Subject: Figures] = [:]
    var order: [ReportLine.Subject] = []
    func part(_ subject: ReportLine.Subject, _ add: (inout Figures) -> Void) {
      if parts[subject] == nil { order.append(subject) }
      add(&parts[subject, default: Figures()])
    }
    for outcome in report.slots {
      let planned = outcome.slot.planned
      part(subject(report, planned.countedDay, planned.end(in: zone))) { $0.add(outcome) }
    }
    for outcome in report.plays {
      let started = outcome.play.started
      part(subject(report, started.date(in: zone), started)) { $0.add(outcome) }
    }
    // A station of which nothing is known has its line all the same.
    if order.isEmpty, grouping == .station || grouping == .township {
      part(subject(report, CivilDate(days: 0), nil)) { _ in }
    }
    var whole = Figures()
    for subject in order {
      let figures = parts[subject] ?? Figures()
      let number = number(subject)
      Self.add(figures, of: report, to: &lines[number])
      whole.add(figures)
    }
    Self.add(whole, of: report, to: &total)
    if grouping == .station, let only = order.first {
      let number = number(only)
      lines[number].clockAhead = report.clockAhead
    }
  }

  /// A station as it was reported. Only places and months have lines of such.
  package mutating func add(
    _ station: Place, _ figures: Figures, reach: Instant?, in month: Month
  ) {
    precondition(grouping != .week, "a report that stands has no weeks")
    let whereabouts = Whereabouts(station, tree)
    let end = ReportScope(month...month).days.seconds(in: zone).upperBound
    let report = StationReport(
      station: station, township: whereabouts.hubs(at: Instant(seconds: end)).first, slots: [],
      plays: [], reach: reach, clockAhead: nil, whereabouts: whereabouts)
    let number = number(subject(report, month.firstDay, nil))
    Self.add(figures, of: report, to: &lines[number])
    Self.add(figures, of: report, to: &total)
  }

  /// The lines in order: places by code, periods by time.
  package mutating func finish() {
    lines.sort { Self.order($0) < Self.order($1) }
  }

  private static func order(_ line: ReportLine) -> (Int, String) {
    switch line.subject {
    case .place: (0, line.place?.code.dotted ?? "")
    case .period(let period): (period.firstDay.days, period.description)
    }
  }

  /// What is counted at a time is of the township under which the station was then.
  private func subject(
    _ report: StationReport, _ day: CivilDate, _ time: Instant?
  ) -> ReportLine.Subject {
    switch grouping {
    case .station: .place(report.station.id)
    case .township:
      .place(
        time.flatMap { report.whereabouts.hubs(at: $0).first } ?? report.township
          ?? report.station.id)
    case .week: .period(.week(ISOWeek(of: day)))
    case .month: .period(.month(Month(of: day)))
    }
  }

  private mutating func number(_ subject: ReportLine.Subject) -> Int {
    if let known = numbers[subject] { return known }
    numbers[subject] = lines.count
    var line = ReportLine(subject: subject)
    if case .place(let id) = subject { line.place = tree.places[id] }
    lines.append(line)
    return lines.count - 1
  }

  private static func add(
    _ figures: Figures, of report: StationReport, to line: inout ReportLine
  ) {
    line.figures.add(figures)
    let isFirst = line.stations == 0
    line.stations += 1
    if figures.judged + figures[.notKnown] > 0 { line.stationsOpen += 1 }
    let least = line.reach.flatMap { reach in report.reach.map { min(reach, $0) } }
    line.reach = isFirst ? report.reach : least
  }
}
