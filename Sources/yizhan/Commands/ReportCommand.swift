internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: said("What was planned, what was played."),
    subcommands: [Played.self, Share.self, Close.self, List.self, Show.self, Rules.self])

  /// Which months and whose.
  struct ScopeOptions: ParsableArguments {
    @Option(help: ArgumentHelp(said("The month."), valueName: "2026-09")) var month: String?
    @Option(help: ArgumentHelp(said("The first of several months."), valueName: "2026-01"))
    var from: String?
    @Option(help: ArgumentHelp(said("The last of several months."), valueName: "2026-12"))
    var to: String?
    @OptionGroup var place: ForOptions

    func scope(_ store: Store) throws -> ReportScope {
      let first: Month
      let last: Month
      if let month {
        guard from == nil, to == nil else {
          throw ValidationError("give either --month, or --from and --to")
        }
        (first, last) = (try Self.month(month), try Self.month(month))
      } else {
        guard let from, let to else {
          throw ValidationError("say which month: --month 2026-09, or --from and --to")
        }
        (first, last) = (try Self.month(from), try Self.month(to))
      }
      guard first <= last else {
        throw VillageError(
          .badPeriod, "\(last) lies before \(first)", hint: "give the earlier month first")
      }
      return ReportScope(first...last, place: try place.place(store))
    }

    static func month(_ text: String) throws(VillageError) -> Month {
      guard let month = Month(text) else {
        throw VillageError(.badPeriod, "'\(text)' is no month", hint: "write it as 2026-09")
      }
      return month
    }
  }

  struct Close: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Report a month: its figures stand from now on."),
      discussion: said(
        """
        Of all stations below this hub, by the rules that hold now. What is learnt later does not \
        change them; `report played` shows it as corrections. The hubs above receive the report.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The month."), valueName: "2026-09")) var month: String
    @Flag(help: ArgumentHelp(said("Also if not all of it is known."))) var incomplete = false
    @OptionGroup var output: OutputOptions

    func run() throws {
      let month = try ScopeOptions.month(month)
      let open = try data.folder.open()
      let report = try open.replica.write {
        try StandingReports.close(month, $0, incomplete ? .accept : .refuse)
      }
      let total = report.total
      Console.print(
        json: output.json,
        .object([
          ("month", .text(month.description)), ("stations", .number(Int64(report.lines.count))),
          ("figures", .text(total.text)),
        ]),
        said(
          "\(month) is reported: \(report.lines.count) stations, \(total.slotCount) slots, of them \(total.judged) judged, \(total[.notKnown]) not known. Its figures stand."
        ))
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("List the months that were reported, here and at the hubs below."))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let grid = try replica.read { store in
        let zone = try Places.zone(store)
        var grid = Grid(
          [
            GridColumn("month", said("month"), .code), GridColumn("place", said("place"), .code),
            GridColumn("name", said("name")), GridColumn("at", said("reported"), .code),
            GridColumn("stations", said("stations"), .number),
            GridColumn("slots", said("slots"), .number),
          ] + SlotState.allCases.map { GridColumn($0.rawValue, said($0.wording), .number) } + [
            GridColumn("played", said("played"), .number),
            GridColumn("rules", said("rules"), .words).leftOut(1),
          ])
        for report in try StandingReports.list(store) {
          let place = try Places.find(store, id: report.by)
          grid.write(
            [
              .text(report.month.description),
              .text(place?.code.dotted ?? report.by.description), .text(place?.name ?? ""),
              report.at.cell(in: zone), .integer(Int64(report.lines.count)),
              .integer(Int64(report.total.slotCount)),
            ] + SlotState.allCases.map { .integer(Int64(report.total[$0])) } + [
              report.total.playedShare.map { .share($0) } ?? .empty, .text(report.rules.text),
            ])
        }
        return grid
      }
      guard !grid.rows.isEmpty || output.json || output.csv else {
        return Swift.print(said("No month was reported."))
      }
      output.print(grid, json: JSON(grid), cellsMax: 120)
    }
  }

  struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Show how playbacks count, or lay it down at a hub for all below it."),
      discussion: said(
        """
        on_time_minutes: a playback that begins at most so long before or after is on time. \
        late_days: after that, on its day or so many days later, it is late. \
        seconds_min: so long must it last to count. \
        once_a_day: 1 if repetitions on a day count no more than were planned. \
        count_max: so many of one programme count in a month; 0 for all. \
        due_before_issue: 0 if a slot that was over before its plan went out is not due.

        Example: yizhan report rules --data hub --set on_time_minutes=15
        """))

    @OptionGroup var data: DataOptions
    @Option(
      name: .customLong("set"), help: ArgumentHelp(said("Lay down."), valueName: "name=number"))
    var settings: [String] = []
    @OptionGroup var output: TableOptions

    func run() throws {
      let rules: PlayedRules
      if settings.isEmpty {
        rules = try data.folder.openForReading().read { try PlayedRules.held($0) }
      } else {
        let pairs = try settings.map { try Pair.parse($0) }
        let open = try data.folder.open()
        rules = try open.replica.write { store in
          for pair in pairs { try PlayedRules.lay(pair.name, pair.text, store) }
          return try PlayedRules.held(store)
        }
      }
      var grid = Grid([
        GridColumn("name", said("rule"), .code), GridColumn("value", said("value"), .number),
      ])
      for name in PlayedRules.Name.allCases {
        grid.write([.text(name.rawValue), .integer(rules[name])])
      }
      output.print(
        grid,
        json: .object(PlayedRules.Name.allCases.map { ($0.rawValue, .number(rules[$0])) }))
    }
  }
}

/// `name=value` of a command line.
enum Pair {
  static func parse(_ text: String) throws -> (name: String, text: String) {
    guard let equals = text.firstIndex(of: "=") else {
      throw ValidationError("'\(text)' is not name=value")
    }
    return (
      name: String(text[..<equals]), text: String(text[text.index(after: equals)...])
    )
  }
}

extension Instant {
  /// What the clock on the wall said.
  func cell(in zone: TimeZoneOffset) -> GridCell {
    // A peer may have written any number: some thirty thousand years are enough.
    .instant(seconds: min(max(seconds, -(1 << 40)), 1 << 40) + Int64(zone.minutes) * 60)
  }
}
