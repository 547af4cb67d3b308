internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension PlanCommand {
  struct Covered: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "coverage",
      abstract: said("Whether every month has a plan and every week a recommendation."),
      discussion: said(
        """
        A station looks at itself, a hub at every station below it. A plan of a hub covers all \
        stations below. A line for each station and a column for each month: its plan, and how \
        many of its weeks have a recommendation; a week belongs to the month of its Thursday. \
        --missing lists what is missing, --all everything, as --csv and --json do.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var scope: ReportCommand.ScopeOptions
    @Flag(help: ArgumentHelp(said("List each month and week that is missing."))) var missing = false
    @Flag(help: ArgumentHelp(said("List each month and week, with what is there."))) var all = false
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func validate() throws {
      guard !(missing && all) else { throw ValidationError("give either --missing or --all") }
    }

    func run() throws {
      let replica = try data.folder.openForReading()
      let view = try replica.read { store in
        try CoverageView(PlanCoverage.list(scope.scope(store), store), store).view(listing)
      }
      try file.write(view, output)
    }

    /// What programs read is complete.
    private var listing: CoverageView.Listing {
      if missing { return .missing }
      let isCSV = output.csv || file.path?.lowercased().hasSuffix(".csv") ?? false
      return all || isCSV ? .all : .none
    }
  }
}

/// Which months and weeks have a plan: a line for each station, or one for each period of it.
private struct CoverageView {
  enum Listing {
    case none
    case missing
    case all
  }

  private let coverages: [PlanCoverage]
  private let owners: [PlaceID: Place]

  init(_ coverages: [PlanCoverage], _ store: Store) throws {
    self.coverages = coverages
    var owners: [PlaceID: Place] = [:]
    for id in Set(coverages.flatMap { $0.entries.compactMap(\.of) }) {
      owners[id] = try Places.find(store, id: id)
    }
    self.owners = owners
  }

  func view(_ listing: Listing) -> View {
    guard listing == .none else {
      return View(
        title: "", subtitles: totals, grid: list(listing), json: json,
        empty: said("Nothing is missing."))
    }
    return View(
      title: "", subtitles: totals, grid: table, notes: coverages.isEmpty ? [] : legend, json: json,
      empty: said("There are no stations."), cellsMax: 80)
  }

  // MARK: Around the table

  private var totals: [String] {
    let months = coverages.flatMap(\.months)
    let issued = months.count { $0.plan == .issued }
    let (weeks, weeksIssued) = months.reduce((0, 0)) { ($0.0 + $1.weeks, $0.1 + $1.weeksIssued) }
    let whole = coverages.count { $0.entries.allSatisfy { $0.state == .issued } }
    let lacking = coverages.flatMap(\.entries).filter { $0.state != .issued }
    let drafted = lacking.count { $0.state == .drafted }
    var lines = [
      said(
        "Months with a plan: \(issued) of \(months.count). Weeks with a recommendation: \(weeksIssued) of \(weeks)."
      ), said("Stations that lack nothing: \(whole) of \(coverages.count)."),
    ]
    if drafted > 0 {
      lines.append(said("Of \(lacking.count) that are missing \(drafted) have drafts only."))
    }
    return lines
  }

  private var legend: [String] {
    [
      said("✓ month plan, ~ drafts only, - none; 4/5: 4 of 5 weeks have a recommendation"),
      said("--missing lists what is missing, --all everything."),
    ]
  }

  // MARK: Tables

  private var table: Grid {
    let months = coverages.first?.months.map(\.month) ?? []
    // A year fits on a line only without its number.
    let isShort = months.count > 6 && months.first?.year == months.last?.year
    var grid = Grid(
      [GridColumn("place", said("place"), .code).leftOut(1), GridColumn("name", said("name"))]
        + months.map { month in
          GridColumn(
            month.description, isShort ? String(month.description.suffix(2)) : nil, .code)
        })
    for coverage in coverages {
      grid.write(
        [.text(coverage.station.code.dotted), .text(coverage.station.name)]
          + coverage.months.map { .text("\($0.plan.mark) \($0.weeksIssued)/\($0.weeks)") })
    }
    return grid
  }

  private func list(_ listing: Listing) -> Grid {
    var grid = Grid([
      GridColumn("place", said("place"), .code), GridColumn("name", said("name")),
      GridColumn("period", said("period"), .code), GridColumn("state", said("state"), .code),
      GridColumn("version", said("version"), .number),
      GridColumn("items", said("items"), .number),
      GridColumn("of", said("plan of")), GridColumn("posting", said("on the wall"), .code),
    ])
    for coverage in coverages {
      for entry in coverage.entries where listing == .all || entry.state != .issued {
        grid.write([
          .text(coverage.station.code.dotted), .text(coverage.station.name),
          .text(entry.period.description),
          .word(entry.state.rawValue, said: said(entry.state.wording)),
          entry.version > 0 ? .integer(entry.version) : .empty, .integer(Int64(entry.items)),
          .text(entry.of.flatMap { owners[$0]?.name } ?? ""),
          entry.state == .issued
            ? .word(entry.posting.rawValue, said: said(entry.posting.wording)) : .empty,
        ])
      }
    }
    return grid
  }

  private var json: JSON {
    .list(
      coverages.map { coverage in
        .object([
          ("place", .text(coverage.station.code.dotted)), ("name", .text(coverage.station.name)),
          ("periods", .list(coverage.entries.map(json))),
        ])
      })
  }

  private func json(_ entry: PlanCoverage.Entry) -> JSON {
    .object([
      ("period", .text(entry.period.description)), ("state", .text(entry.state.rawValue)),
      ("version", .number(entry.version)), ("items", .number(Int64(entry.items))),
      ("of", .optional(entry.of.flatMap { owners[$0]?.code.dotted })),
      ("posting", .text(entry.posting.rawValue)),
    ])
  }
}

extension PlanCoverage.State {
  fileprivate var wording: Message {
    switch self {
    case .issued: "issued"
    case .drafted: "draft only"
    case .missing: "missing"
    }
  }

  fileprivate var mark: String {
    switch self {
    case .issued: "✓"
    case .drafted: "~"
    case .missing: "-"
    }
  }
}

extension Postings.State {
  var wording: Message {
    switch self {
    case .posted: "posted"
    case .outdated: "outdated"
    case .notPosted: "not posted"
    }
  }
}
