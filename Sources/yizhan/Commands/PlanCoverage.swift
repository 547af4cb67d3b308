internal import ArgumentParser
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
        stations below. `missing` alone is listed unless --all is given.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var scope: ReportCommand.ScopeOptions
    @Flag(help: ArgumentHelp(said("List what is there, too."))) var all = false
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let view = try replica.read { store in
        try Self.view(PlanCoverage.list(scope.scope(store), store), isWhole: all, store)
      }
      try file.write(view, output)
    }

    private static func view(
      _ coverages: [PlanCoverage], isWhole: Bool, _ store: Store
    ) throws -> View {
      var grid = Grid([
        GridColumn("place", said("place"), .code), GridColumn("name", said("name")),
        GridColumn("period", said("period"), .code), GridColumn("state", said("state"), .code),
        GridColumn("version", said("version"), .number),
        GridColumn("items", said("items"), .number),
        GridColumn("of", said("plan of")), GridColumn("posting", said("on the wall"), .code),
      ])
      var counts: [PlanCoverage.State: Int] = [:]
      for coverage in coverages {
        for entry in coverage.entries {
          counts[entry.state, default: 0] += 1
          guard isWhole || entry.state != .issued else { continue }
          let owner = try entry.of.flatMap { try Places.find(store, id: $0)?.name }
          grid.write([
            .text(coverage.station.code.dotted), .text(coverage.station.name),
            .text(entry.period.description),
            .word(entry.state.rawValue, said: said(entry.state.wording)),
            entry.version > 0 ? .integer(entry.version) : .empty, .integer(Int64(entry.items)),
            .text(owner ?? ""),
            entry.state == .issued
              ? .word(entry.posting.rawValue, said: said(entry.posting.wording)) : .empty,
          ])
        }
      }
      let (issued, total) = (counts[.issued] ?? 0, counts.values.reduce(0, +))
      let summary = said(
        "\(issued) of \(total) months and weeks have a plan; \(counts[.missing] ?? 0) have none, \(counts[.drafted] ?? 0) only drafts."
      )
      return View(
        title: "", subtitles: [summary], grid: grid, json: json(coverages),
        empty: said("Nothing is missing."))
    }

    private static func json(_ coverages: [PlanCoverage]) -> JSON {
      .list(
        coverages.map { coverage in
          .object([
            ("place", .text(coverage.station.code.dotted)), ("name", .text(coverage.station.name)),
            (
              "periods",
              .list(
                coverage.entries.map { entry in
                  .object([
                    ("period", .text(entry.period.description)),
                    ("state", .text(entry.state.rawValue)), ("version", .number(entry.version)),
                    ("items", .number(Int64(entry.items))),
                    ("posting", .text(entry.posting.rawValue)),
                  ])
                })
            ),
          ])
        })
    }
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
