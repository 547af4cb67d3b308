internal import ArgumentParser
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension ReportCommand {
  struct Share: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("How the time that was played divides among categories."),
      discussion: said(
        """
        Every second on the screen counts. A programme whose category nobody has told is of no \
        category: it may be any, so a share is told from what is sure to what is possible, and a \
        limit is kept only if it would be kept even then.

        Example: yizhan report share --data hub --month 2026-09 --limit 文化生活=30
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var scope: ScopeOptions
    @Option(
      help: ArgumentHelp(
        said("At most so many percent of a category."), valueName: "category=percent"))
    var limit: [String] = []
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let limits = try limit.map { text in
        let pair = try Pair.parse(text)
        guard let percent = Double(pair.text), (0...100).contains(percent) else {
          throw VillageError(
            .badValue, "'\(pair.text)' is no percentage", hint: "write 文化生活=30")
        }
        return (category: pair.name, share: percent / 100)
      }
      let replica = try data.folder.openForReading()
      let view = try replica.read { store in
        try ShareView(scope.scope(store), limits, store).view
      }
      try file.write(view, output)
    }
  }
}

/// The table of shares: a line for each station and category.
private struct ShareView {
  private let scope: ReportScope
  private let limits: [(category: String, share: Double)]
  private let stations: [ShareReport.Station]
  private var total = Shares()
  private let categories: [String]
  private let zone: TimeZoneOffset

  init(
    _ scope: ReportScope, _ limits: [(category: String, share: Double)], _ store: Store
  ) throws {
    self.scope = scope
    self.limits = limits
    zone = try Places.zone(store)
    var read: [ShareReport.Station] = []
    try ShareReport.run(scope, store) { read.append($0) }
    stations = read
    for station in read { total.add(station.shares) }
    let known = Set(total.seconds.keys).union(limits.map(\.category))
    let inOrder = try Terms.list(store, .category).map(\.text).filter { known.contains($0) }
    categories = inOrder + known.subtracting(inOrder).sorted()
  }

  var view: View {
    var grid = Grid([
      GridColumn("place", said("place"), .code).leftOut(2), GridColumn("name", said("name")),
      GridColumn("category", said("category"), .code),
      GridColumn("seconds", said("seconds"), .number), GridColumn("share", said("share"), .number),
      .bar, GridColumn("share_max", said("at most"), .number),
      GridColumn("limit", said("limit"), .number), GridColumn("verdict", said("verdict"), .code),
      GridColumn("data_until", said("data until"), .code).leftOut(1),
    ])
    for station in stations {
      add(
        station.shares, station.completeness,
        [.text(station.station.code.dotted), .text(station.station.name)],
        station.reach.map { $0.cell(in: zone) } ?? .remark(said("nothing heard")), to: &grid)
    }
    if stations.count > 1 {
      let isWhole = stations.allSatisfy { $0.completeness == .complete }
      add(
        total, isWhole ? .complete : .partial,
        [.word("all", said: ""), .remark(said("all"))],
        stations.allSatisfy { $0.reach != nil }
          ? stations.compactMap(\.reach).min()?.cell(in: zone) ?? .empty
          : .remark(said("nothing heard")), to: &grid)
    }
    return View(
      title: said("Share of playing time") + " " + scope.text, grid: grid,
      notes: notes, empty: said("Nothing was played."), cellsMax: 120)
  }

  private func add(
    _ shares: Shares, _ completeness: Shares.Completeness, _ place: [GridCell],
    _ reach: GridCell, to grid: inout Grid
  ) {
    for category in categories {
      let share = shares.share(of: category)
      let limit = limits.first { $0.category == category }?.share
      guard limit != nil || shares.seconds[category] != nil else { continue }
      let verdict = limit.map { shares.verdict(category, limit: $0, completeness) }
      grid.write(
        place + [
          .text(category), .integer(shares.seconds[category] ?? 0),
          share.map { .share($0.lowerBound) } ?? .empty,
          share.map { .bar($0.lowerBound) } ?? .empty,
          share.map { .share($0.upperBound) } ?? .empty, limit.map { .share($0) } ?? .empty,
          verdict.map { .word($0.rawValue, said: said($0.wording)) } ?? .empty, reach,
        ])
    }
    guard shares.unknownSeconds > 0 else { return }
    let part = Double(shares.unknownSeconds) / Double(shares.total)
    grid.write(
      place + [
        .word("", said: said("(unknown)")), .integer(shares.unknownSeconds), .share(part),
        .bar(part), .empty, .empty, .empty, reach,
      ])
  }

  private static let listedMax = 10

  private var notes: [String] {
    var seconds: [String: (title: String?, seconds: Int64)] = [:]
    for unknown in stations.flatMap(\.unknown) {
      seconds[unknown.programme, default: (unknown.title, 0)].seconds += unknown.seconds
    }
    let most = seconds.sorted {
      ($1.value.seconds, $0.key) < ($0.value.seconds, $1.key)
    }
    var notes = most.prefix(Self.listedMax).map {
      said("No category is known of \($0.key) \($0.value.title ?? ""): \($0.value.seconds) s")
    }
    if most.count > Self.listedMax {
      notes.append(said("and of \(most.count - Self.listedMax) more programmes"))
    }
    if !most.isEmpty {
      notes.append(said("`yizhan programme import` tells the categories of programmes."))
    }
    if total.untimedPlays > 0 {
      notes.append(said("Playbacks whose length nobody knows: \(total.untimedPlays)"))
    }
    return notes
  }
}

extension Shares.Verdict {
  fileprivate var wording: Message {
    switch self {
    case .within: "within"
    case .over: "over"
    case .notKnown: "not known"
    case .nothingPlayed: "nothing played"
    }
  }
}
