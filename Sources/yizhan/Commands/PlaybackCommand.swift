internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

struct PlaybackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "playback", abstract: said("What was really played."),
    subcommands: [
      Export.self,
      Start.self, Stop.self, Beat.self, Add.self, Import.self, List.self, Correct.self,
    ])

  /// What can be said of a playback.
  struct Facts: ParsableArguments {
    @Option(help: ArgumentHelp(said("The programme's code."))) var programme: String?
    @Option(help: ArgumentHelp(said("When it began, such as 2026-03-05T09:30."), valueName: "time"))
    var start: String?
    @Option(help: ArgumentHelp(said("When it ended."), valueName: "time")) var end: String?
    @Option(help: ArgumentHelp(said("How long it took, instead of --end."), valueName: "seconds"))
    var seconds: String?
    @Option(help: ArgumentHelp(said("The plan item it was for, by its dot."), valueName: "dot"))
    var item: String?
    @Option(help: ArgumentHelp(said("How many watched."))) var audience: String?
    @Option(name: .customLong("operator"), help: ArgumentHelp(said("Who played it."))) var person:
      String?
    @Option(help: ArgumentHelp(said("Such as 日常播放, 主题党日; see `term list`."))) var occasion: String?
    @Option(help: ArgumentHelp(said("Such as completed, stopped, power_lost."))) var outcome:
      String?
    @Option(help: ArgumentHelp(said("Anything worth noting."))) var note: String?
    @Option(help: ArgumentHelp(said("Whether the clock was right: trusted or unknown."))) var clock:
      String?
    @Option(
      help: ArgumentHelp(said("The short programme shown before a meeting."), valueName: "dot"))
    var prelude: String?

    var fields: [(name: String, text: String)] {
      let all: [(String, String?)] = [
        ("programme", programme), ("started_at", start), ("ended_at", end), ("seconds", seconds),
        ("item", item), ("audience", audience), ("operator", person), ("occasion", occasion),
        ("outcome", outcome), ("note", note), ("clock", clock), ("prelude", prelude),
      ]
      return all.compactMap { name, text in text.map { (name: name, text: $0) } }
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Log a playback."),
      discussion: said(
        """
        Example:
          yizhan playback add --data station --programme P00012 \\
            --start 2026-03-05T09:30 --end 2026-03-05T10:00 --audience 23 \\
            --operator 侯勇 --occasion 日常播放 --outcome completed

        Times without an offset are in the tree's time zone, never this machine's.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var facts: Facts
    @OptionGroup var place: ForOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      let dot = try open.replica.write { store in
        try PlaybackBook.add(facts.fields, for: try place.place(store), store)
      }
      Console.print(
        json: output.json, .object([("dot", .text(dot.description))]), said("Logged as \(dot)."))
    }
  }

  struct Correct: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Append a correction to a playback; what was logged first stays in the log."))

    @Argument(help: ArgumentHelp(said("The playback's dot, from `playback list`."))) var playback:
      String
    @OptionGroup var data: DataOptions
    @OptionGroup var facts: Facts
    @OptionGroup var output: OutputOptions

    func run() throws {
      guard let dot = Dot(playback) else {
        throw VillageError(
          .unknownPlayback, "'\(playback)' is not the dot of a playback",
          hint: "`yizhan playback list` shows them")
      }
      let open = try data.folder.open()
      let correction = try open.replica.write {
        try PlaybackBook.correct(dot, facts.fields, $0)
      }
      Console.print(
        json: output.json, .object([("dot", .text(correction.description))]), said("Corrected."))
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Take a sheet of playbacks into a log."),
      discussion: said(
        """
        Columns, in any order: id, station, programme, started_at, ended_at, audience, operator, \
        occasion, outcome, note. At a station every row is its own; at a hub --for says whose. \
        Importing a sheet again adds nothing.
        """))

    @OptionGroup var sheet: SheetOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      try SheetReporting.run(output) { progress in
        try open.replica.write { store in
          try PlaybackBook.importSheet(
            sheet.file, for: try place.place(store), sheet.badRows, store, progress: progress)
        }
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("List playbacks."),
      discussion: said(
        """
        The `dot` names a playback for `playback correct`. Times are in the tree's zone. Long \
        texts are cut; --json has all of them. With --month what is missing stands below: a play \
        of a theme day, a short programme in the hour before a meeting; --json is then an object \
        with `playbacks`, `flags` and `playing`. What is under way is none yet.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @Option(help: ArgumentHelp(said("From this day or time on."), valueName: "time")) var from:
      String?
    @Option(help: ArgumentHelp(said("Before this day or time."), valueName: "time")) var to: String?
    @Option(help: ArgumentHelp(said("The latest of each place, at most so many."))) var limit: Int?
    @Option(help: ArgumentHelp(said("Of this month, with what is missing."), valueName: "2026-03"))
    var month: String?
    @OptionGroup var output: TableOptions

    func validate() throws {
      guard month == nil || from == nil && to == nil && limit == nil else {
        throw ValidationError("give either --month, or --from, --to and --limit")
      }
    }

    func run() throws {
      let replica = try data.folder.openForReading()
      try replica.read { store in
        let zone = try Places.zone(store)
        let station = try place.place(store)?.id
        var look = try month.map { try PlaybackMonth($0, of: station, store) }
        let filter =
          try look?.filter
          ?? PlaybackFilter(
            place: station, from: try Self.instant(from, zone), to: try Self.instant(to, zone),
            limit: limit)
        let each: (_ body: (PlaybackView) -> Void) throws -> Void = { body in
          try PlaybackBook.list(store, filter) { view in
            if look?.isListed(view) ?? true { body(view) }
          }
        }
        if output.json {
          if look != nil { print("{\"playbacks\": ", terminator: "") }
          try printJSON(zone, each)
          guard let look else { return print() }
          print(", \"flags\": \(try look.json(store).text),")
          print("\"playing\": \(try PlayingJSON.list(store).text)}")
        } else {
          // With --for, and at a station, it is clear already where it was.
          let rows = PlaybackRows(
            zone: zone, showsPlace: station == nil && store.identity.role == .hub)
          var grid = Grid(rows.columns)
          try each { grid.write(rows.cells($0)) }
          let notes = try (look?.lines(store) ?? []) + PlayingJSON.lines(store)
          output.show(
            View(
              title: "", grid: grid, notes: notes,
              empty: ([said("No playbacks.")] + notes).joined(separator: "\n"), cellsMax: 120))
        }
      }
    }

    private static func instant(_ text: String?, _ zone: TimeZoneOffset) throws -> Instant? {
      try text.map { text in
        let whole = text.contains(":") ? text : text + "T00:00"
        guard let instant = Instant(whole, zone: zone) else {
          throw VillageError(
            .badTime, "'\(text)' is no time", hint: "write 2026-03-05T09:30, or 2026-03-05")
        }
        return instant
      }
    }

    /// Row by row: a log may be long.
    private func printJSON(
      _ zone: TimeZoneOffset, _ each: (_ body: (PlaybackView) -> Void) throws -> Void
    ) throws {
      var isFirst = true
      print("[", terminator: "")
      try each { view in
        print(isFirst ? "" : ",")
        print(Self.json(view, zone).text, terminator: "")
        isFirst = false
      }
      print(isFirst ? "]" : "\n]", terminator: "")
    }

    private static func json(_ view: PlaybackView, _ zone: TimeZoneOffset) -> JSON {
      .object([
        ("id", .optional(view.sheetID)),
        ("station", .text(view.station?.code.dotted ?? view.place.description)),
        ("programme", .text(view.programme)), ("title", .optional(view.title)),
        ("started_at", .text(view.startedAt.text(in: zone))),
        ("ended_at", .optional(view.endedAt?.text(in: zone))),
        ("audience", .optional(view.audience)), ("operator", .optional(view.operatorName)),
        ("occasion", .optional(view.occasion)), ("outcome", .optional(view.outcome)),
        ("note", .text(view.note ?? "")), ("dot", .text(view.dot.description)),
        ("item", .optional(view.item?.description)), ("clock", .optional(view.clock)),
        ("corrected", .flag(view.isCorrected)), ("boot", .optional(view.boot)),
        ("uptime", .optional(view.uptime)), ("prelude", .optional(view.prelude?.description)),
      ])
    }
  }
}
