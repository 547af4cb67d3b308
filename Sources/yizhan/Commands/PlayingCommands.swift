internal import ArgumentParser
internal import Causality
internal import Replica
internal import Village
internal import Wording

/// At which player something is under way.
struct PlayerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(said("At which player; without it, at the keeper's."), valueName: "name"))
  var player = PlayingBook.keeper
}

extension PlaybackCommand {
  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Note that a playback begins; what was under way at the player has ended."),
      discussion: said(
        """
        It is kept at once, and logged when it ends. A power cut leaves an event that says so. \
        Give the programme, or the plan item that it is for.

        Example:
          yizhan playback start --data station --programme P00012 --occasion 日常播放
          yizhan playback stop --data station --audience 23
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The programme's code."))) var programme: String?
    @Option(help: ArgumentHelp(said("The plan item it is for, by its dot."), valueName: "dot"))
    var item: String?
    @Option(help: ArgumentHelp(said("How many watch."))) var audience: String?
    @Option(name: .customLong("operator"), help: ArgumentHelp(said("Who plays it."))) var person:
      String?
    @Option(help: ArgumentHelp(said("Such as 日常播放, 主题党日; see `term list`."))) var occasion: String?
    @Option(help: ArgumentHelp(said("Anything worth noting."))) var note: String?
    @Option(
      help: ArgumentHelp(
        said("The short programme shown before a meeting, if it is not found by itself."),
        valueName: "dot"))
    var prelude: String?
    @OptionGroup var player: PlayerOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let all: [(String, String?)] = [
        ("programme", programme), ("item", item), ("audience", audience), ("operator", person),
        ("occasion", occasion), ("note", note), ("prelude", prelude),
      ]
      let fields = all.compactMap { name, text in text.map { (name: name, text: $0) } }
      let open = try data.folder.open()
      let (started, zone) = try open.replica.write { store in
        (try PlayingBook.start(fields, at: player.player, store), try Places.zone(store))
      }
      let playing = started.playing
      var text = said(
        "Playing \(playing.programme) since \(playing.startedAt.shortText(in: zone)).")
      if let ended = started.ended {
        text += " " + said("What was under way is logged as \(ended).")
      }
      Console.print(json: output.json, PlayingJSON.started(started, zone), text)
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Log the playback under way, which has ended."),
      discussion: said(
        """
        How long it took is told by the time since the machine started, whatever was done to its \
        clock. If the stop was forgotten, say with --end or --seconds when it was over.
        """))

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(
        said("How it ended: completed unless told; see `term list`.")))
    var outcome: String?
    @Option(help: ArgumentHelp(said("When it ended, if not now."), valueName: "time")) var end:
      String?
    @Option(help: ArgumentHelp(said("How long it took, instead of --end."), valueName: "seconds"))
    var seconds: String?
    @Option(help: ArgumentHelp(said("How many watched."))) var audience: String?
    @Option(name: .customLong("operator"), help: ArgumentHelp(said("Who played it."))) var person:
      String?
    @Option(help: ArgumentHelp(said("Such as 日常播放, 主题党日; see `term list`."))) var occasion: String?
    @Option(help: ArgumentHelp(said("Anything worth noting."))) var note: String?
    @OptionGroup var player: PlayerOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let all: [(String, String?)] = [
        ("outcome", outcome), ("ended_at", end), ("seconds", seconds), ("audience", audience),
        ("operator", person), ("occasion", occasion), ("note", note),
      ]
      let fields = all.compactMap { name, text in text.map { (name: name, text: $0) } }
      let open = try data.folder.open()
      let dot = try open.replica.write { try PlayingBook.stop(fields, at: player.player, $0) }
      Console.print(
        json: output.json, .object([("dot", .text(dot.description))]), said("Logged as \(dot)."))
    }
  }

  struct Beat: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("A player's sign of life, about once a minute."),
      discussion: said(
        """
        After a power cut the last one proves how long was played. A player that has given one \
        and then is silent for a quarter of an hour has ended with it.
        """))

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(
        said("How long it has really played, pauses left out."), valueName: "seconds"))
    var seconds: Double?
    @OptionGroup var player: PlayerOptions

    func validate() throws {
      guard seconds.map({ (0...1e9).contains($0) }) ?? true else {
        throw ValidationError("--seconds is a number of seconds")
      }
    }

    func run() throws {
      let open = try data.folder.open()
      try open.replica.write {
        try PlayingBook.beat(player.player, played: seconds.map { Int64($0 * 1000) }, $0)
      }
    }
  }
}

/// What is under way, for people and programs: by commands and on the station's own machine.
enum PlayingJSON {
  static func list(_ store: Store) throws -> JSON {
    let zone = try Places.zone(store)
    return .list(
      try PlayingBook.list(store).map { playing in
        one(playing, zone, over: PlayingBook.outcome(of: playing, store))
      })
  }

  static func started(_ started: PlayingBook.Started, _ zone: TimeZoneOffset) -> JSON {
    .object([
      ("playing", one(started.playing, zone, over: nil)),
      ("ended", .optional(started.ended?.description)),
    ])
  }

  private static func one(_ playing: Playing, _ zone: TimeZoneOffset, over: String?) -> JSON {
    .object([
      ("player", .text(playing.player)), ("programme", .text(playing.programme)),
      ("title", .optional(playing.title)), ("item", .optional(playing.item?.description)),
      ("started_at", .text(playing.startedAt.text(in: zone))),
      ("played_seconds", .optional(playing.played.map { $0 / 1000 })),
      ("audience", .optional(playing.audience)), ("operator", .optional(playing.operatorName)),
      ("occasion", .optional(playing.occasion)), ("note", .text(playing.note ?? "")),
      ("prelude", .optional(playing.prelude?.description)), ("over", .optional(over)),
    ])
  }

  /// A line for each.
  static func lines(_ store: Store) throws -> [String] {
    let zone = try Places.zone(store)
    return try PlayingBook.list(store).map { playing in
      let since = playing.startedAt.shortText(in: zone)
      let what = [playing.programme, playing.title ?? ""].filter { !$0.isEmpty }
      let line: Message =
        "PLAYING since \(since) at \(playing.player): \(what.joined(separator: " "))"
      guard let outcome = PlayingBook.outcome(of: playing, store) else { return said(line) }
      return said("\(line) — it has ended (\(outcome)) and is logged with the next write")
    }
  }
}
