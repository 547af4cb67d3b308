internal import ArgumentParser
internal import Causality
internal import Replica
internal import Village
internal import Wording

extension PlanCommand {
  struct Adjust: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said(
        "Note what this station makes of an item: moved, replaced or skipped, and why."),
      discussion: said(
        """
        The plan itself stays as the township issued it. Reports hold the station to what it \
        made of the item; a skipped item is excused with its reason.

        Examples:
          yizhan plan adjust --data station ITEM --move start=15:00 --reason 停电
          yizhan plan adjust --data station ITEM --replace programme=P7 --reason 损坏
          yizhan plan adjust --data station ITEM --skip --reason 村民大会占用
          yizhan plan adjust --data station ITEM --undo
        """))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The item's dot, from `plan show`."))) var item: String
    @Option(
      name: .customLong("move"), parsing: .upToNextOption,
      help: ArgumentHelp(said("Another date, start, or both."), valueName: "change"))
    var moves: [String] = []
    @Option(
      name: .customLong("replace"), parsing: .upToNextOption,
      help: ArgumentHelp(said("Another programme."), valueName: "change"))
    var replacements: [String] = []
    @Flag(help: ArgumentHelp(said("It is not played here."))) var skip = false
    @Flag(help: ArgumentHelp(said("It is what the plan says again."))) var undo = false
    @Option(help: ArgumentHelp(said("Why."))) var reason: String?
    @Option(name: .customLong("operator"), help: ArgumentHelp(said("Who decides it."))) var person:
      String?
    @OptionGroup var place: ForOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      let said = [!moves.isEmpty, !replacements.isEmpty, skip, undo].count { $0 }
      guard said == 1 else {
        throw ValidationError("give one of --move, --replace, --skip and --undo")
      }
    }

    func run() throws {
      let dot = try PlanCommand.dot(item)
      let kind: Adjustment.Kind =
        skip ? .skipped : moves.isEmpty ? .replaced : .moved
      var wish = Adjustments.Wish(kind, reason: reason ?? "")
      wish.changes = try (moves + replacements).map { try Pair.parse($0) }
      wish.by = person
      let open = try data.folder.open()
      let wasThere = try open.replica.write { store in
        let place = try place.place(store)?.id ?? store.identity.place
        if undo { return try Adjustments.remove(dot, at: place, store) }
        _ = try Adjustments.set(dot, wish, at: place, store)
        return true
      }
      let message: Message =
        undo ? (wasThere ? "It is what the plan says again." : "It was not adjusted.") : "Noted."
      Console.print(
        json: output.json,
        .object([("item", .text(item)), ("adjusted", undo ? .null : .text(kind.rawValue))]),
        said(message))
    }
  }
}

extension Adjustment.Kind {
  var wording: Message {
    switch self {
    case .moved: "moved"
    case .replaced: "replaced"
    case .skipped: "skipped"
    }
  }
}
