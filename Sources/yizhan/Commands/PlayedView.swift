internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

/// The table of planned against played.
struct PlayedView {
  private let scope: ReportScope
  private let grouping: ReportGrouping
  private let zone: TimeZoneOffset
  private let now: Instant
  private let rules: PlayedRules
  private let standing: StandingReport?
  /// Who reported, where it was another hub.
  private let reporter: Place?
  private var table: PlayedTable
  /// What is known now of each station, beside what was reported.
  private var learnt: [(station: Place, figures: Figures)] = []
  private let rewritten: [PlanRewrite.Kind: Int]
  private var clocks: [(station: Place, ahead: Int)] = []
  private var flags: [(station: Place, month: Month, flag: PlaybackFlag)] = []

  init(
    _ scope: ReportScope, _ grouping: ReportGrouping, _ standing: StandingReport?, _ store: Store
  ) throws {
    self.scope = scope
    self.grouping = grouping
    self.standing = standing
    let other = standing.flatMap { $0.by == store.identity.place ? nil : $0.by }
    reporter = try other.flatMap { try Places.find(store, id: $0) }
    zone = try Places.zone(store)
    now = Instant(seconds: store.now / 1000)
    rules = try standing?.rules ?? PlayedRules.held(store)
    table = try PlayedTable(grouping, store)
    rewritten = try PlanRewrite.list(scope, store).reduce(into: [:]) { counts, entry in
      counts[entry.rewrite.kind, default: 0] += 1
    }
    try PlayedReport.run(scope, rules, now: now, store) { report in
      if let ahead = report.clockAhead { clocks.append((report.station, ahead)) }
      flags += report.flags.map { (report.station, $0.month, $0.flag) }
      guard standing != nil else { return table.add(report) }
      var figures = Figures()
      for slot in report.slots { figures.add(slot) }
      for play in report.plays { figures.add(play) }
      learnt.append((report.station, figures))
    }
    if let standing { try stand(standing, store) }
    table.finish()
  }

  /// The lines as they were reported, whichever stations there are today.
  private mutating func stand(_ standing: StandingReport, _ store: Store) throws {
    for (station, figures) in try standing.lines(scope, store) {
      table.add(station, figures, reach: standing.reaches[station.id], in: standing.month)
    }
  }

  var view: View {
    var grid = Grid(columns)
    let lines = table.lines + (table.lines.count > 1 ? [table.total] : [])
    for line in lines { grid.write(cells(line)) }
    return View(
      title: said("Planned and played") + " " + scope.text, subtitles: subtitles, grid: grid,
      notes: notes, json: json, empty: said("There are no stations."), cellsMax: 120)
  }

  private var isByPlace: Bool { grouping == .station || grouping == .township }

  // MARK: The table

  private var columns: [GridColumn] {
    let subject =
      isByPlace
      ? [
        GridColumn("place", said("place"), .code).leftOut(4), GridColumn("name", said("name")),
      ]
      : [GridColumn("period", said("period"), .code)]
    return subject + [
      GridColumn("slots", said("slots"), .number).leftOut(6),
      GridColumn("on_time", said("on time"), .number), GridColumn("late", said("late"), .number),
      GridColumn("missed", said("missed"), .number),
      GridColumn("excused", said("excused"), .number),
      GridColumn("not_known", said("not known"), .number),
      GridColumn("not_due", said("not due"), .number).leftOut(5),
      GridColumn("played", said("played"), .number), .bar.leftOut(7),
      GridColumn("plays", said("plays"), .number).leftOut(2),
      GridColumn("off_plan", said("off plan"), .number).leftOut(3),
      GridColumn("stations_open", said("open"), .number).leftOut(1),
      GridColumn("data_until", said("data until"), .code),
    ]
  }

  private func cells(_ line: ReportLine) -> [GridCell] {
    let figures = line.figures
    let subject: [GridCell] =
      switch line.subject {
      case .period(let period): [.text(period.description)]
      case .place(let id) where id.bits == 0:
        isByPlace
          ? [.word("all", said: ""), .remark(said("all"))] : [.word("all", said: said("all"))]
      case .place(let id):
        [.text(line.place?.code.dotted ?? id.description), .text(line.place?.name ?? "")]
      }
    let counts = SlotState.allCases.map { GridCell.integer(Int64(figures[$0])) }
    return subject + [.integer(Int64(figures.slotCount))] + counts + [
      figures.playedShare.map { .share($0) } ?? .empty,
      figures.playedShare.map { .bar($0) } ?? .empty,
      .integer(Int64(figures.countedPlays)), .integer(Int64(figures[.offPlan])),
      .integer(Int64(line.stationsOpen)),
      line.reach.map { $0.cell(in: zone) } ?? .remark(said("nothing heard")),
    ]
  }

  // MARK: Around the table

  private var subtitles: [String] {
    var lines = [
      said(
        "Stations open: \(table.total.stationsOpen) of \(table.total.stations). As of \(now.shortText(in: zone))."
      )
    ]
    if let standing {
      lines.append(
        reporter.map {
          said(
            "As reported by \($0.code) \($0.name) \(standing.at.shortText(in: zone)). These figures stand."
          )
        } ?? said("As reported \(standing.at.shortText(in: zone)). These figures stand."))
    }
    return lines
  }

  private var notes: [String] {
    var notes = clocks.map { station, ahead in
      said(
        "Clock: \(station.code) \(station.name) plays everything \(hours(ahead)) off the plan; look at its clock."
      )
    }
    notes += flagNotes
    let (changed, cancelled) = (rewritten[.changed] ?? 0, rewritten[.cancelled] ?? 0)
    if changed + cancelled > 0 {
      notes.append(
        said(
          "After their time \(changed) items were changed and \(cancelled) cancelled; --list rewritten shows them."
        ))
    }
    for correction in corrections {
      let changes = correction.changes.map { "\(said($0.state.wording)) \(signed($0.by))" }
        .joined(separator: ", ")
      notes.append(
        said("Learnt since: \(correction.station.code) \(correction.station.name): \(changes)"))
    }
    notes.append(said("Rules: \(rules.text)"))
    return notes
  }

  private static let flagsMax = 20

  /// A line for each month without a theme day, and one for all meetings of a station and a month.
  private var flagNotes: [String] {
    var lines: [String] = []
    var meetings: [String: Int] = [:]
    var order: [String] = []
    for (station, month, flag) in flags {
      let place = "\(month) \(station.code) \(station.name)"
      switch flag.reason {
      case .noThemeDay: lines.append(said("Flag: \(place): no theme-day playback."))
      case .noPrelude:
        if meetings[place] == nil { order.append(place) }
        meetings[place, default: 0] += 1
      }
    }
    lines += order.map {
      said("Flag: \($0): \(meetings[$0] ?? 0) meetings without a short programme before them.")
    }
    let more = lines.count - Self.flagsMax
    return lines.prefix(Self.flagsMax)
      + (more > 0 ? [said("and \(more) more flags; --json has all.")] : [])
  }

  private func hours(_ minutes: Int) -> String {
    let sign = minutes < 0 ? "−" : "+"
    return "\(sign)\(abs(minutes) / 60):\(abs(minutes) % 60 < 10 ? "0" : "")\(abs(minutes) % 60)"
  }

  private func signed(_ number: Int) -> String { number < 0 ? "−\(-number)" : "+\(number)" }

  /// How what is known now differs from what was reported.
  private var corrections: [(station: Place, changes: [(state: SlotState, by: Int)])] {
    guard let standing else { return [] }
    return learnt.compactMap { station, figures in
      let reported = standing.lines[station.id] ?? Figures()
      let changes = SlotState.allCases.map { (state: $0, by: figures[$0] - reported[$0]) }
        .filter { $0.by != 0 }
      return changes.isEmpty ? nil : (station, changes)
    }
  }

  // MARK: JSON

  private var json: JSON {
    .object([
      ("from", .text(scope.months.lowerBound.description)),
      ("to", .text(scope.months.upperBound.description)), ("by", .text(grouping.rawValue)),
      ("as_of", .text(now.text(in: zone))),
      ("reported_at", .optional(standing?.at.text(in: zone))),
      ("reported_by", .optional(reporter?.code.dotted)),
      (
        "rules",
        .object(PlayedRules.Name.allCases.map { ($0.rawValue, .number(rules[$0])) })
      ),
      (
        "rewritten",
        .object(PlanRewrite.Kind.allCases.map { ($0.rawValue, .number(Int64(rewritten[$0] ?? 0))) })
      ),
      ("lines", .list(table.lines.map(json))), ("total", json(table.total)),
      (
        "corrections",
        .list(
          corrections.map { correction in
            .object(
              [("place", .text(correction.station.code.dotted))]
                + correction.changes.map { ($0.state.rawValue, .number(Int64($0.by))) })
          })
      ),
      (
        "flags",
        .list(
          flags.map {
            .object([
              ("place", .text($0.station.code.dotted)), ("month", .text($0.month.description)),
              ("reason", .text($0.flag.reason.rawValue)),
              ("play", .optional($0.flag.dot?.description)),
            ])
          })
      ),
      (
        "clocks",
        .list(
          clocks.map {
            .object([
              ("place", .text($0.station.code.dotted)), ("minutes_ahead", .number(Int64($0.ahead))),
            ])
          })
      ),
    ])
  }

  private func json(_ line: ReportLine) -> JSON {
    var subject: [(String, JSON)] = []
    switch line.subject {
    case .period(let period): subject = [("period", .text(period.description))]
    case .place(let id) where id.bits != 0:
      subject = [
        ("place", .text(line.place?.code.dotted ?? id.description)),
        ("name", .optional(line.place?.name)),
      ]
    case .place: break
    }
    let figures = line.figures
    return .object(
      subject + [("slots", .number(Int64(figures.slotCount)))]
        + SlotState.allCases.map { ($0.rawValue, .number(Int64(figures[$0]))) } + [
          ("played", figures.playedShare.map { .real($0) } ?? .null),
          ("plays", .number(Int64(figures.playCount))),
          ("counted", .number(Int64(figures.countedPlays))),
        ] + PlayUse.allCases.map { ($0.rawValue, .number(Int64(figures[$0]))) } + [
          ("seconds", .number(figures.seconds)), ("stations", .number(Int64(line.stations))),
          ("stations_open", .number(Int64(line.stationsOpen))),
          ("data_until", .optional(line.reach?.text(in: zone))),
        ])
  }
}
