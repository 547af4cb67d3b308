internal import ArgumentParser
internal import Bundles
internal import Causality
internal import Mailbag
internal import Replica
internal import Village
internal import Wording

struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: said("Look into what was refused and kept aside."),
    subcommands: [List.self, Accept.self, Drop.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("List bundles that were refused, and writes that were taken back."),
      discussion: said(
        """
        Nothing that is refused is lost: a bundle is kept in the data folder's `aside` as it came, \
        and of a write that had no right to be its content is kept. At a station the second list \
        says what the hub has taken back of what was written here.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let items = try Aside(data.folder.asidePath).items()
      let (rejections, places, zone) = try data.folder.openForReading().read { store in
        (try Rejections.all(store), try Tree(store).places, try Places.zone(store))
      }
      var kept = Table(
        [said("kept aside"), said("from"), said("bytes"), said("code"), said("why")],
        rightAligned: [2])
      for item in items {
        kept.add([
          item.name, item.sender.map { places[$0]?.name ?? $0.description } ?? "", "\(item.bytes)",
          item.code, said(Message(told: item.reason)),
        ])
      }
      var taken = Table([said("taken back"), said("where"), said("code"), said("content")])
      for rejection in rejections {
        taken.add([
          Instant(seconds: rejection.at).shortText(in: zone), places[rejection.place]?.name ?? "",
          rejection.code,
          "\(rejection.collection) " + rejection.content.replacing("\n", with: ", "),
        ])
      }
      let text = [items.isEmpty ? nil : kept.text, rejections.isEmpty ? nil : taken.text]
        .compactMap { $0 }
      Console.print(
        json: output.json,
        .object([
          ("aside", .list(items.map(Self.json))),
          (
            "takenBack",
            .list(
              rejections.map {
                .object([
                  ("place", .text(places[$0.place]?.code.dotted ?? $0.place.description)),
                  ("at", .number($0.at)), ("code", .text($0.code)),
                  ("collection", .text($0.collection)), ("record", .text($0.record)),
                  ("content", .text($0.content)),
                ])
              })
          ),
        ]), text.isEmpty ? said("nothing was refused") : text.joined(separator: "\n"))
    }

    private static func json(_ item: Aside.Item) -> JSON {
      .object([
        ("name", .text(item.name)), ("bytes", .number(Int64(item.bytes))),
        ("code", .text(item.code)), ("reason", .text(item.reason)),
        ("sender", .optional(item.sender?.description)),
        ("made", .optional(item.made.map(Int64.init))),
      ])
    }
  }

  struct Accept: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Merge a bundle that was kept aside."),
      discussion: said(
        """
        Whoever signed it is believed this once, and its writes stand whatever right their authors \
        had. What a lost machine still brought is taken in so.
        """))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The file's name, from `yizhan review list`."))) var name:
      String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      let report = try Aside(open.folder.asidePath).accept(
        name, open.replica, codec: BundleCodec())
      if let refusal = report.refusal ?? report.outcomes.compactMap(\.complaint).first {
        throw Failure(
          code: refusal.code, reason: "\(name): \(Message(told: refusal.reason))",
          hint: Failure.hint(refusal: refusal.code))
      }
      Console.print(
        json: output.json,
        .object([("name", .text(name)), ("merged", .number(Int64(report.merged)))]),
        said("\(name): \(report.merged) new."))
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Throw a bundle away that was kept aside."))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The file's name, from `yizhan review list`."))) var name:
      String
    @OptionGroup var output: OutputOptions

    func run() throws {
      try Aside(data.folder.asidePath).drop(name)
      Console.print(
        json: output.json, .object([("name", .text(name))]), said("\(name) is gone."))
    }
  }
}
