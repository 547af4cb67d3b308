internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension ReportCommand {
  struct Played: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Planned against played: on time, late, missed, excused, not known."),
      discussion: said(
        """
        Every slot that was due counts as one of these. \"Not known\" means that what the station \
        logged has not come that far: silence is no miss. \"Played\" is the part of the slots of \
        which it is known whether they were played.

        --list shows what a figure is made of: slots that are on_time, late, missed, excused, \
        not_known or not_due; playbacks that are planned, off_plan, short, repeated or beyond_max; \
        rewritten are items that were changed or cancelled after their time.

        A month that was reported (`report close`) shows the figures of the report, and below them \
        what was learnt since; --live reckons anew.

        Example: yizhan report played --data hub --month 2026-09 --out report.xlsx
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var scope: ScopeOptions
    @Option(help: ArgumentHelp(said("A line for each: station, township, week or month.")))
    var by: ReportGrouping?
    @Option(help: ArgumentHelp(said("The records behind a figure."), valueName: "missed"))
    var list: String?
    @Flag(help: ArgumentHelp(said("Reckon anew what was reported."))) var live = false
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let view = try replica.read { store in
        let scope = try scope.scope(store)
        let standing =
          live || scope.months.count > 1 || by == .week
          ? nil : try StandingReports.held(scope.months.lowerBound, store)
        if list == RewrittenRecords.name { return try RewrittenRecords(scope, store).view }
        if let list { return try PlayedRecords(list, scope, standing, store).view }
        let grouping = by ?? (scope.months.count > 1 ? .month : .station)
        return try PlayedView(scope, grouping, standing, store).view
      }
      try file.write(view, output)
    }
  }
}

extension ReportCommand {
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Show a month as it was reported, station by station."),
      discussion: said(
        """
        At a hub above with --for: what a hub below reported, by the rules of its report, and below \
        it what has been learnt here since.

        Example: yizhan report show --data county --month 2026-09 --for 34.01.23.109
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The month."), valueName: "2026-09")) var month: String
    @OptionGroup var place: ForOptions
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let month = try ScopeOptions.month(month)
      let replica = try data.folder.openForReading()
      let view = try replica.read { store in
        let hub = try place.place(store) ?? Places.own(store)
        let standing = try StandingReports.find(month, by: hub, store)
        let scope = ReportScope(month...month, place: hub)
        return try PlayedView(scope, .station, standing, store).view
      }
      try file.write(view, output)
    }
  }
}

extension ReportGrouping: ExpressibleByArgument {}

extension ClosedRange where Bound == Month {
  /// How many months there are.
  var count: Int {
    (upperBound.year - lowerBound.year) * 12 + upperBound.number - lowerBound.number + 1
  }
}

extension ReportScope {
  /// The month, or the first and the last of several.
  var text: String {
    months.lowerBound == months.upperBound
      ? "\(months.lowerBound)" : "\(months.lowerBound) – \(months.upperBound)"
  }
}
