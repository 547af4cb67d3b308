internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

/// What a figure of planned against played is made of.
struct PlayedRecords {
  private enum Wanted {
    case slots(SlotState)
    case plays(PlayUse)
  }

  private let scope: ReportScope
  private let zone: TimeZoneOffset
  private let wanted: Wanted
  private var grid: Grid
  /// How many there were when the month was reported, if it was.
  private var reported: Int?

  /// `list` is the name of a `SlotState` or a `PlayUse`. Of a month that stands the records are of
  /// what is held today, by the rules that stand.
  init(
    _ list: String, _ scope: ReportScope, _ standing: StandingReport?, _ store: Store
  ) throws {
    if let state = SlotState(rawValue: list) {
      wanted = .slots(state)
    } else if let use = PlayUse(rawValue: list) {
      wanted = .plays(use)
    } else {
      let known =
        SlotState.allCases.map(\.rawValue) + PlayUse.allCases.map(\.rawValue)
        + [RewrittenRecords.name]
      throw Failure(
        code: "usage", reason: "no figure is called '\(list)'",
        hint: "they are \(Message.list(known))", exitCode: 64)
    }
    self.scope = scope
    zone = try Places.zone(store)
    switch wanted {
    case .slots: grid = Grid(Self.slotColumns)
    case .plays: grid = Grid(Self.playColumns)
    }
    let now = Instant(seconds: store.now / 1000)
    let rules = try standing?.rules ?? PlayedRules.held(store)
    reported = try standing?.lines(scope, store).reduce(0) { sum, line in
      switch wanted {
      case .slots(let state): sum + line.figures[state]
      case .plays(let use): sum + line.figures[use]
      }
    }
    try PlayedReport.run(scope, rules, now: now, store) { report in
      switch wanted {
      case .slots(let state):
        for outcome in report.slots.filter({ $0.state == state }).sorted(by: Self.isBefore) {
          grid.write(cells(outcome, report.station))
        }
      case .plays(let use):
        for outcome in report.plays.filter({ $0.use == use }).sorted(by: Self.isBefore) {
          grid.write(cells(outcome, report.station))
        }
      }
    }
  }

  var view: View {
    let what: Message =
      switch wanted {
      case .slots(let state): state.wording
      case .plays(let use): use.wording
      }
    return View(
      title: "\(said(what)) \(scope.text)", grid: grid, notes: notes, empty: said("None."),
      cellsMax: 140)
  }

  private var notes: [String] {
    guard let reported, reported != grid.rows.count else { return [] }
    return [
      said(
        "Of what is held today, by the rules that stand: \(grid.rows.count); reported were \(reported)."
      )
    ]
  }

  // MARK: Slots

  private static var slotColumns: [GridColumn] {
    [
      GridColumn("place", said("place"), .code).leftOut(1), GridColumn("name", said("name")),
      GridColumn("date", said("date"), .code), GridColumn("start", said("start"), .code),
      GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
      GridColumn("state", said("state"), .code).leftOut(2),
      GridColumn("minutes_off", said("minutes off"), .number), GridColumn("cause", said("cause")),
      GridColumn("item", said("item"), .code), GridColumn("play", said("playback"), .code),
    ]
  }

  private static func isBefore(_ left: SlotOutcome, _ right: SlotOutcome) -> Bool {
    (left.slot.due.firstDay, left.slot.due.minutes, left.slot.item)
      < (right.slot.due.firstDay, right.slot.due.minutes, right.slot.item)
  }

  private func cells(_ outcome: SlotOutcome, _ station: Place) -> [GridCell] {
    let (date, start) = outcome.slot.due.cells
    return [
      .text(station.code.dotted), .text(station.name), date, start,
      .text(outcome.slot.programme), .text(outcome.slot.title ?? ""),
      .word(outcome.state.rawValue, said: said(outcome.state.wording)),
      outcome.minutesOff.map { .integer(Int64($0)) } ?? .empty, Self.cause(outcome),
      .text(outcome.slot.item.description), .text(outcome.play?.description ?? ""),
    ]
  }

  private static func cause(_ outcome: SlotOutcome) -> GridCell {
    let cause = outcome.cause ?? ""
    return cause == SlotOutcome.notEnrolled && outcome.state == .notDue
      ? .word(cause, said: said("not enrolled")) : .text(cause)
  }

  // MARK: Playbacks

  private static var playColumns: [GridColumn] {
    [
      GridColumn("place", said("place"), .code).leftOut(1), GridColumn("name", said("name")),
      GridColumn("started_at", said("started"), .code),
      GridColumn("seconds", said("seconds"), .number),
      GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
      GridColumn("occasion", said("occasion")), GridColumn("outcome", said("outcome")),
      GridColumn("use", said("counts as"), .code).leftOut(2),
      GridColumn("play", said("playback"), .code),
    ]
  }

  private static func isBefore(_ left: PlayOutcome, _ right: PlayOutcome) -> Bool {
    (left.play.started, left.play.dot) < (right.play.started, right.play.dot)
  }

  private func cells(_ outcome: PlayOutcome, _ station: Place) -> [GridCell] {
    let play = outcome.play
    return [
      .text(station.code.dotted), .text(station.name), play.started.cell(in: zone),
      play.seconds.map { .integer($0) } ?? .empty, .text(play.programme),
      .text(play.title ?? ""), .text(play.occasion ?? ""), .text(play.outcome ?? ""),
      .word(outcome.use.rawValue, said: said(outcome.use.wording)), .text(play.dot.description),
    ]
  }
}

extension Due {
  /// Of the day; what has no time stands before it.
  fileprivate var minutes: Int {
    if case .at(_, let time) = self { time.minutes } else { -1 }
  }
}

extension SlotState {
  var wording: Message {
    switch self {
    case .onTime: "on time"
    case .late: "late"
    case .missed: "missed"
    case .excused: "excused"
    case .notKnown: "not known"
    case .notDue: "not due"
    }
  }
}

extension PlayUse {
  var wording: Message {
    switch self {
    case .planned: "planned"
    case .offPlan: "off plan"
    case .short: "too short"
    case .repeated: "repeated"
    case .beyondMax: "beyond the most that count"
    }
  }
}
