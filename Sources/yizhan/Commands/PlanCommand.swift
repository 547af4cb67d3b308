internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

/// Which period a command is about.
struct PeriodOptions: ParsableArguments {
  @Option(help: ArgumentHelp(said("A month plan."), valueName: "2026-03")) var month: String?
  @Option(help: ArgumentHelp(said("A week recommendation."), valueName: "2026-W10")) var week:
    String?

  func period() throws -> Period? {
    guard month == nil || week == nil else {
      throw ValidationError("give either --month or --week")
    }
    return try (month ?? week).map { try Period($0) }
  }
}

/// Whose plan or log a command is about.
struct ForOptions: ParsableArguments {
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(said("A place's code or name."), valueName: "code"))
  var place: String?

  func place(_ store: Store) throws -> Place? { try place.map { try Places.find(store, $0) } }
}

/// What only programme guides need.
struct GuideOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      said("Which channel of a guide, if it has several."), valueName: "id"))
  var channel: String?
  @Option(
    help: ArgumentHelp(
      said("Of a guide's times without an offset; else the tree's."), valueName: "+08:00"))
  var zone: String?

  func offset() throws -> TimeZoneOffset? {
    try zone.map { text in
      guard let zone = TimeZoneOffset(text) else {
        throw VillageError(.badZone, "'\(text)' is no offset", hint: "write --zone as +08:00")
      }
      return zone
    }
  }
}

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: said("Month plans and week recommendations."),
    subcommands: [
      Import.self, Template.self, List.self, Show.self, Diff.self, Edit.self, Adjust.self,
      Cancel.self, Issue.self, Covered.self, Post.self, Export.self,
    ])

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Take a sheet of plan items or a guide. New items are drafts until issued."),
      discussion: said(
        """
        A sheet is CSV or a workbook (.xlsx), a guide is XMLTV, plain or packed by gzip; what it is \
        shows in the file, not in its name.

        Columns, in any order: id, station, date, start, programme, title, category, seconds, \
        required, note; or their Chinese names, such as 日期, 开始时间, 节目编号, 节目名称, 时长(分钟), \
        必播, 备注. Titles may stand above them. `plan template` writes a sheet to fill in.

        With --for all rows are the plan of that place: the township's own code means all its \
        stations. Without it the station column says whose each row is. Importing a changed sheet \
        or a newer guide again edits exactly what changed.
        """))

    @OptionGroup var sheet: SheetOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @Option(
      help: ArgumentHelp(
        said("Make it a week recommendation; dates are optional."), valueName: "2026-W10"))
    var week: String?
    @Option(
      help: ArgumentHelp(
        said("The month that all rows are in; then 3月5日 needs no year."), valueName: "2026-03"))
    var month: String?
    @Option(
      name: .customLong("sheet"),
      help: ArgumentHelp(
        said("Which sheet of a workbook; else the first with such columns."), valueName: "name"))
    var tab: String?
    @OptionGroup var guide: GuideOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let order = try order()
      let isGuide = try GuideReader.isGuide(sheet.file)
      try check(isGuide: isGuide)
      let open = try data.folder.open()
      let remark: (SheetReport) -> String? = { report in
        report.added > 0 ? self.remark(at: open.replica.identity.role) : nil
      }
      try SheetReporting.run(output, remark: remark) { progress in
        try open.replica.write { store in
          var order = order
          order.place = try place.place(store)
          return isGuide
            ? try PlanBook.importGuide(sheet.file, order, store, progress: progress)
            : try PlanBook.importSheet(sheet.file, order, store, progress: progress)
        }
      }
    }

    private func order() throws -> PlanImport {
      guard month == nil || week == nil else {
        throw ValidationError("give either --month or --week")
      }
      let week = try week.map { text in
        guard let week = ISOWeek(text) else {
          throw VillageError(
            .badPeriod, "'\(text)' is no ISO week", hint: "write --week as 2026-W10")
        }
        return week
      }
      var order = PlanImport(week: week, badRows: sheet.badRows)
      order.month = try PlanCommand.month(month)
      if let tab { order.sheet = .named(tab) }
      order.channel = guide.channel
      order.zone = try guide.offset()
      return order
    }

    /// An option that the file has no use for is a mistake, not something to pass over.
    private func check(isGuide: Bool) throws {
      if isGuide {
        if tab != nil { throw ValidationError("--sheet is for workbooks, and this is a guide") }
        return
      }
      if guide.channel != nil || guide.zone != nil {
        throw ValidationError("--channel and --zone are for XMLTV guides, and this is a sheet")
      }
      if tab != nil, try !RowReader.isWorkbook(sheet.file) {
        throw ValidationError("--sheet is for workbooks, and this is CSV")
      }
    }

    /// What becomes of new items: drafts that nobody else sees yet.
    private func remark(at role: Role) -> String {
      let issue = "yizhan plan issue --data \(data.data)"
      switch (role, place.place) {
      case (.station, _):
        return
          said(
            "New items are drafts, which `plan show` leaves out here. Send them out with:\n  \(issue)"
          )
      case (.hub, let place?):
        return said("New items are drafts. Send them out with:\n  \(issue) --for \(place)")
      case (.hub, nil):
        return said(
          "New items are drafts. Send them out, for each station, with:\n  \(issue) --for CODE")
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("List the plans, with their versions and how many items are drafts."))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let (plans, zone) = try replica.read { store in
        (
          try PlanBook.list(store, PlanFilter(place: try place.place(store)?.id)),
          try Places.zone(store)
        )
      }
      output.show(
        View(
          title: "", grid: Self.grid(plans, zone), json: Self.json(plans, zone),
          empty: said("No plans.")))
    }

    private static func json(_ plans: [PlanView], _ zone: TimeZoneOffset) -> JSON {
      .list(
        plans.map { plan in
          .object([
            ("place", .text(plan.station?.code.dotted ?? plan.place.description)),
            ("kind", .text(plan.period.kind)), ("period", .text(plan.period.description)),
            ("version", .number(plan.version)),
            ("issued_at", .optional(plan.issuedAt?.text(in: zone))),
            ("items", .number(Int64(plan.items))), ("drafts", .number(Int64(plan.drafts))),
            ("conflicts", .number(Int64(plan.conflicts))), ("edited", .flag(plan.isEdited)),
          ])
        })
    }

    private static func grid(_ plans: [PlanView], _ zone: TimeZoneOffset) -> Grid {
      var grid = Grid([
        GridColumn("period", said("plan"), .code), GridColumn("place", said("place"), .code),
        GridColumn("name", said("name")), GridColumn("version", said("version"), .number),
        GridColumn("issued_at", said("issued"), .code),
        GridColumn("items", said("items"), .number), GridColumn("drafts", said("drafts"), .number),
        GridColumn("conflicts", said("conflicts"), .number),
        GridColumn("edited", said("edited since"), .code),
      ])
      for plan in plans {
        grid.write([
          .text(plan.period.description), .text(plan.station?.code.dotted ?? ""),
          .text(plan.station?.name ?? ""), .integer(plan.version),
          plan.issuedAt?.cell(in: zone) ?? .remark(said("not yet")), .integer(Int64(plan.items)),
          .integer(Int64(plan.drafts)), .integer(Int64(plan.conflicts)),
          plan.isEdited ? .word("1", said: said("yes")) : .empty,
        ])
      }
      return grid
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Show the items of plans."),
      discussion: said(
        """
        The `dot` names an item for `plan edit` and `plan cancel`, and when a playback is logged. \
        A hub shows drafts too, a station only what was issued. Long texts are cut; --json has \
        all of them.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let period = try period.period()
      let replica = try data.folder.openForReading()
      let (items, drafts) = try replica.read { store in
        var filter = PlanFilter(place: try place.place(store)?.id, period: period)
        let shown = try PlanBook.items(store, filter)
        filter.drafts = .shown
        return (shown, try PlanBook.items(store, filter).count - shown.count)
      }
      var view = View(
        title: "", grid: grid(items), notes: notes(items), json: .list(items.map(PlanCommand.json)),
        empty: said("No plan items."))
      if drafts > 0 {
        let hidden = said(
          "Drafts that are not shown here: \(drafts). `yizhan plan issue` sends them out.")
        view.notes.append(hidden)
        view.empty += "\n" + hidden
      }
      output.show(view)
    }

    private func notes(_ items: [PlanItemView]) -> [String] {
      let marks = Mark.allCases.filter { mark in items.contains(where: mark.holds) }
      let legend = marks.isEmpty ? [] : [marks.map(\.legend).joined(separator: "   ")]
      return legend
        + items.compactMap { item in
          guard let adjustment = item.adjustment else { return nil }
          let instead = [
            adjustment.date?.description, adjustment.start?.description, adjustment.programme,
          ].compactMap { $0 }.joined(separator: " ")
          return "~ \(item.dot) \(said(adjustment.kind.wording)) \(instead): \(adjustment.reason)"
        }
    }

    private func grid(_ items: [PlanItemView]) -> Grid {
      // With --for it is said already whose plan it is.
      let owner = place.place == nil ? [GridColumn("station", said("plan of")).leftOut(1)] : []
      var grid = Grid(
        [
          GridColumn("dot", said("dot"), .code), GridColumn("marks", "", .code),
          GridColumn("date", said("date"), .code), GridColumn("start", said("start"), .code),
          GridColumn("programme", said("programme")), GridColumn("title", said("title")),
          GridColumn("seconds", said("seconds"), .number).leftOut(2),
          GridColumn("note", said("note")),
        ] + owner)
      for item in items {
        let marks = Mark.allCases.filter { $0.holds(item) }.map(\.rawValue).joined()
        let cells: [GridCell] = [
          .text(item.dot.description), .text(marks),
          .text(item.date ?? item.period?.description ?? ""), .text(item.start ?? ""),
          .text(item.programme ?? ""), .text(item.title ?? ""),
          item.seconds.map { .integer($0) } ?? .empty, .text(item.note ?? ""),
        ]
        grid.write(cells + (owner.isEmpty ? [] : [.text(item.station?.name ?? "")]))
      }
      return grid
    }

    /// What an item is marked with, so that there is room for its texts.
    private enum Mark: String, CaseIterable {
      case required = "*"
      case draft = "+"
      case conflict = "!"
      case adjusted = "~"

      func holds(_ item: PlanItemView) -> Bool {
        switch self {
        case .required: item.isRequired
        case .draft: item.isDraft
        case .conflict: item.hasConflict
        case .adjusted: item.adjustment != nil
        }
      }

      var legend: String {
        switch self {
        case .required: said("* required")
        case .draft: said("+ draft: `yizhan plan issue` sends it out")
        case .conflict: said("! edits cross: see `yizhan conflict list`")
        case .adjusted: said("~ adjusted here: see below")
        }
      }
    }
  }

  static func json(_ item: PlanItemView) -> JSON {
    .object([
      ("id", .optional(item.sheetID)),
      ("station", .text(item.station?.code.dotted ?? item.place.description)),
      ("date", .optional(item.date)), ("start", .optional(item.start)),
      ("programme", .optional(item.programme)), ("title", .optional(item.title)),
      ("category", .optional(item.category)), ("seconds", .optional(item.seconds)),
      ("required", .number(item.isRequired ? 1 : 0)), ("note", .text(item.note ?? "")),
      ("dot", .text(item.dot.description)), ("period", .optional(item.period?.description)),
      ("draft", .flag(item.isDraft)), ("version", .number(item.version)),
      ("conflict", .flag(item.hasConflict)),
    ])
  }

  struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Change fields of an item. An empty value clears a field."),
      discussion: said(
        """
        Fields: date, start, programme, title, category, seconds, required, note. \
        A new programme brings its title, category and seconds along.

        Example: yizhan plan edit --data hub ITEM start=09:30 note=停电改期
        """))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The item's dot, from `plan show`."))) var item: String
    @Argument(help: ArgumentHelp(said("What to set."), valueName: "field=value")) var changes:
      [String]
    @OptionGroup var output: OutputOptions

    func run() throws {
      let dot = try PlanCommand.dot(item)
      let pairs = try changes.map { change in
        guard let equals = change.firstIndex(of: "=") else {
          throw ValidationError("'\(change)' is not field=value")
        }
        return (
          name: String(change[..<equals]), text: String(change[change.index(after: equals)...])
        )
      }
      let open = try data.folder.open()
      let written = try open.replica.write { try PlanBook.edit(dot, pairs, $0) }
      Console.print(
        json: output.json,
        .object([("dot", .text(item)), ("changed", .list(written.map(JSON.text)))]),
        said(
          written.isEmpty
            ? "Nothing differs."
            : "Changed: \(Message.list(written.map { Message(told: $0) }))"))
    }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Take an item off its plan, for ever."))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The item's dot, from `plan show`."))) var item: String
    @Option(help: ArgumentHelp(said("Why; stations see it in `plan diff`."))) var reason: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let dot = try PlanCommand.dot(item)
      let open = try data.folder.open()
      try open.replica.write { try PlanBook.cancel(dot, reason: reason, $0) }
      Console.print(
        json: output.json, .object([("dot", .text(item)), ("cancelled", .flag(true))]),
        said("Cancelled."))
    }
  }

  static func dot(_ text: String) throws -> Dot {
    guard let dot = Dot(text) else {
      throw VillageError(
        .unknownItem, "'\(text)' is not the dot of an item",
        hint: "`yizhan plan show` lists the items and their dots")
    }
    return dot
  }

  struct Issue: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Send the drafts of a plan out under its next version."),
      discussion: said(
        """
        Edits to issued items travel by themselves; issuing the plan again gives them a version, \
        and tells keepers to post it anew. Without --for it is a hub's plan for all its stations, or a station's own. Without \
        --month or --week every plan of the place that has drafts is issued.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let wanted = try period.period()
      let open = try data.folder.open()
      let reports = try open.replica.write { store in
        let place = try place.place(store) ?? Places.own(store)
        let now = Instant(seconds: store.now / 1000)
        let periods =
          try wanted.map { [$0] }
          ?? PlanBook.list(store, PlanFilter(place: place.id, drafts: .shown))
          .filter { $0.drafts > 0 || $0.isEdited }.map(\.period)
        guard !periods.isEmpty else {
          throw VillageError(
            .nothingToIssue, "\(place.code) \(place.name) has no drafts, and nothing was edited",
            hint: "a station's own plan is issued with --for")
        }
        return try periods.map { ($0, try PlanBook.issue(place, $0, at: now, store)) }
      }
      Console.print(
        json: output.json,
        .list(
          reports.map { period, report in
            .object([
              ("period", .text(period.description)), ("version", .number(report.version)),
              ("items", .number(Int64(report.items))),
            ])
          }),
        reports.map { period, report in
          said("\(period): version \(report.version), \(report.items) items")
        }.joined(separator: "\n") + "\n" + said("They go out with the next bundle."))
    }
  }
}
