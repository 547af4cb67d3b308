internal import ArgumentParser
internal import Causality
internal import Replica
internal import Village

/// Which period a command is about.
struct PeriodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A month plan.", valueName: "2026-03")) var month: String?
  @Option(help: ArgumentHelp("A week recommendation.", valueName: "2026-W10")) var week: String?

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
    help: ArgumentHelp("A place's code or name.", valueName: "code"))
  var place: String?

  func place(_ store: Store) throws -> Place? { try place.map { try Places.find(store, $0) } }
}

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Month plans and week recommendations.",
    subcommands: [
      Import.self, List.self, Show.self, Edit.self, Cancel.self, Issue.self,
    ])

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a sheet of plan items. New rows are drafts until they are issued.",
      discussion: """
        Columns, in any order: id, station, date, start, programme, title, category, seconds, \
        required, note. With --for all rows are the plan of that place: the township's own code \
        means all its stations. Without it the station column says whose each row is. \
        Importing a changed sheet again edits exactly what changed.
        """)

    @OptionGroup var sheet: SheetOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @Option(
      help: ArgumentHelp(
        "Make it a week recommendation; dates are optional.", valueName: "2026-W10"))
    var week: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let week = try week.map { text in
        guard let week = ISOWeek(text) else {
          throw VillageError(
            .badPeriod, "'\(text)' is no ISO week", hint: "write --week as 2026-W10")
        }
        return week
      }
      let open = try data.folder.open()
      try SheetReporting.run(output) { progress in
        try open.replica.write { store in
          let order = PlanImport(
            for: try place.place(store), week: week, badRows: sheet.badRows)
          return try PlanBook.importSheet(sheet.file, order, store, progress: progress)
        }
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the plans.")

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let (plans, zone) = try replica.read { store in
        (
          try PlanBook.list(store, PlanFilter(place: try place.place(store)?.id)),
          try Places.zone(store)
        )
      }
      Console.print(json: output.json, Self.json(plans, zone), Self.text(plans, zone))
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
            ("conflicts", .number(Int64(plan.conflicts))),
          ])
        })
    }

    private static func text(_ plans: [PlanView], _ zone: TimeZoneOffset) -> String {
      guard !plans.isEmpty else { return "No plans." }
      var table = Table(
        ["plan", "place", "", "version", "issued", "items", "drafts", "conflicts"],
        rightAligned: [3, 5, 6, 7])
      for plan in plans {
        table.add([
          plan.period.description, plan.station?.code.dotted ?? "", plan.station?.name ?? "",
          String(plan.version), plan.issuedAt?.text(in: zone) ?? "not yet", String(plan.items),
          String(plan.drafts), String(plan.conflicts),
        ])
      }
      return table.text
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the items of plans.",
      discussion: "Drafts are shown at hubs only. `dot` names an item for `plan edit`.")

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let period = try period.period()
      let replica = try data.folder.openForReading()
      let items = try replica.read { store in
        try PlanBook.items(
          store, PlanFilter(place: try place.place(store)?.id, period: period))
      }
      Console.print(json: output.json, .list(items.map(PlanCommand.json)), text(items))
    }

    private func text(_ items: [PlanItemView]) -> String {
      guard !items.isEmpty else { return "No plan items." }
      // With --for it is said already whose plan it is.
      let owner = place.place == nil ? ["plan of"] : []
      var table = Table(
        ["date", "start", "programme", "title", "seconds", "", "note"] + owner + ["dot"],
        rightAligned: [4])
      for item in items {
        var marks: [String] = []
        if item.isRequired { marks.append("required") }
        if item.isDraft { marks.append("draft") }
        if item.hasConflict { marks.append("CONFLICT") }
        let cells = [
          item.date ?? item.period?.description ?? "", item.start ?? "", item.programme ?? "",
          item.title ?? "", item.seconds.map(String.init) ?? "", marks.joined(separator: " "),
          item.note ?? "",
        ]
        table.add(
          cells + (owner.isEmpty ? [] : [item.station?.name ?? ""]) + [item.dot.description])
      }
      return table.text
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
      abstract: "Change fields of an item. An empty value clears a field.",
      discussion: "Example: yizhan plan edit --data hub ITEM start=09:30 note=停电改期")

    @OptionGroup var data: DataOptions
    @Argument(help: "The item's dot, from `plan show`.") var item: String
    @Argument(help: ArgumentHelp("What to set.", valueName: "field=value")) var changes: [String]
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
        written.isEmpty ? "Nothing differs." : "Changed: \(written.joined(separator: ", "))")
    }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an item off its plan, for ever.")

    @OptionGroup var data: DataOptions
    @Argument(help: "The item's dot, from `plan show`.") var item: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let dot = try PlanCommand.dot(item)
      let open = try data.folder.open()
      try open.replica.write { try PlanBook.cancel(dot, $0) }
      Console.print(
        json: output.json, .object([("dot", .text(item)), ("cancelled", .flag(true))]),
        "Cancelled.")
    }
  }

  fileprivate static func dot(_ text: String) throws -> Dot {
    guard let dot = Dot(text) else {
      throw VillageError(
        .unknownItem, "'\(text)' is not the dot of an item",
        hint: "`yizhan plan show` lists the items and their dots")
    }
    return dot
  }

  struct Issue: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send the drafts of a plan out under its next version.",
      discussion: """
        Without --for it is this hub's own plan, for all its stations. Without --month or --week \
        every plan of the place that has drafts is issued.
        """)

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
          .filter { $0.drafts > 0 }.map(\.period)
        guard !periods.isEmpty else {
          throw VillageError(
            .nothingToIssue, "\(place.code) \(place.name) has no drafts",
            hint: "edits to issued items travel by themselves")
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
          "\(period): version \(report.version), \(report.items) items"
        }.joined(separator: "\n"))
    }
  }
}
