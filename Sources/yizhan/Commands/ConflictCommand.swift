internal import ArgumentParser
internal import Causality
internal import Records
internal import Replica
internal import Village
internal import Wording

struct ConflictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflict", abstract: said("See and settle edits that cross."),
    discussion: said(
      """
      When two replicas change the same field of the same record without knowing of each other, \
      a rule chooses which value shows, the same everywhere, and the other is kept until a \
      person settles it.
      """), subcommands: [List.self, Show.self, Settle.self])

  /// A conflict and the id people name it by: its record and field.
  struct Entry {
    let view: ConflictView
    let subject: Conflicts.Subject
    let authors: [Message]

    var id: String { "\(view.record)/\(view.field)" }

    static func all(_ store: Store) throws -> [Entry] {
      try store.conflicts().map { view in
        Entry(
          view: view, subject: try Conflicts.subject(view, store),
          authors: try view.options.map { try Self.author($0, store) })
      }
    }

    private static func author(_ option: ConflictView.Option, _ store: Store) throws -> Message {
      guard let author = option.author else { return Message(verbatim: "?") }
      let name = try Places.find(store, id: author.place)?.name ?? author.place.description
      return author.role == .hub ? "hub \(name)" : "station \(name)"
    }

    func json(_ zone: TimeZoneOffset) -> JSON {
      .object([
        ("id", .text(id)), ("collection", .text(view.collection)),
        ("record", .text(view.record.description)), ("field", .text(view.field)),
        (
          "values",
          .list(
            zip(view.options, authors).map { option, author in
              .object([
                ("value", Self.json(option.value)), ("by", .text(author.text)),
                ("at", .text(Self.at(option.time, zone))), ("dot", .text(option.dot.description)),
                ("winner", .flag(option.isWinner)),
              ])
            })
        ),
      ])
    }

    static func json(_ value: Value) -> JSON {
      if value.isNull { return .null }
      if let number = value.integer { return .number(number) }
      return .text(value.text ?? value.description)
    }

    static func at(_ time: HybridTime, _ zone: TimeZoneOffset) -> String {
      Instant(seconds: time.milliseconds / 1000).text(in: zone)
    }

    /// What it is about, its id, and the values with who wrote them and when.
    func text(_ zone: TimeZoneOffset) -> String {
      let place = subject.place.map { "\($0.code) \($0.name)" } ?? view.partition.place.description
      let kind = said(Message(told: view.collection.replacing("_", with: " ")))
      let about = ([kind] + subject.words).joined(separator: " ")
      var table = Table(
        [
          "  ", said(Message(told: view.field)), "", said(Message("by", meaning: "author")),
          said("at"), said("dot"),
        ],
        cuttable: [1, 3])
      for (option, author) in zip(view.options, authors).prefix(Self.shownMax) {
        table.add([
          "", Self.shown(option.value), option.isWinner ? said("shown now") : "", said(author),
          Instant(seconds: option.time.milliseconds / 1000).shortText(in: zone),
          option.dot.description,
        ])
      }
      let more = view.options.count - Self.shownMax
      return [Table.line("\(place): \(about)"), "  " + said("conflict \(id)"), table.text].joined(
        separator: "\n") + (more > 0 ? "\n    " + said("and \(more) more") : "")
    }

    private static let shownMax = 8

    static func shown(_ value: Value) -> String {
      value.isNull ? said("(empty)") : value.text ?? value.description
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("List what is not settled."))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      try replica.read { store in
        let zone = try Places.zone(store)
        let entries = try Entry.all(store)
        Console.print(
          json: output.json, .list(entries.map { $0.json(zone) }), Self.text(entries, zone))
      }
    }

    static func text(_ entries: [Entry], _ zone: TimeZoneOffset) -> String {
      guard !entries.isEmpty else { return said("No conflicts.") }
      let settle = said(
        "Settle one with: yizhan conflict settle ID --value V (or --dot DOT) --data DIR")
      return (entries.map { $0.text(zone) } + [settle]).joined(separator: "\n\n")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Show one conflict."))

    @Argument(help: ArgumentHelp(said("The conflict's id, from `conflict list`."))) var id: String
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      try replica.read { store in
        let zone = try Places.zone(store)
        let entry = try ConflictCommand.find(id, store)
        Console.print(json: output.json, entry.json(zone), List.text([entry], zone))
      }
    }
  }

  struct Settle: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Choose the value that holds from now on, everywhere."),
      discussion: said(
        """
        Example: yizhan conflict settle --data hub 7e7d287984240da7:2/start --value 09:30

        A station settles what is of its own plan, a hub what is of its own and its stations'.
        """))

    @Argument(help: ArgumentHelp(said("The conflict's id, from `conflict list`."))) var id: String
    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(said("Take the value of this write; `conflict list` shows the dots.")))
    var dot: String?
    @Option(help: ArgumentHelp(said("Take this value, one of them or another; empty for none.")))
    var value: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard (dot == nil) != (value == nil) else {
        throw ValidationError("give either --dot or --value")
      }
    }

    func run() throws {
      let choice = dot.map(Conflicts.Choice.write) ?? .value(value ?? "")
      let open = try data.folder.open()
      let chosen = try open.replica.write { store in
        try Conflicts.settle(ConflictCommand.find(id, store).view, choice, store)
      }
      Console.print(
        json: output.json, .object([("id", .text(id)), ("value", Entry.json(chosen))]),
        said("Settled: \(Entry.shown(chosen)). It travels with the next bundle."))
    }
  }

  fileprivate static func find(_ id: String, _ store: Store) throws -> Entry {
    guard let entry = try Entry.all(store).first(where: { $0.id == id }) else {
      throw VillageError(
        .unknownConflict, "there is no open conflict \(id)",
        hint: "`yizhan conflict list` shows those that are open")
    }
    return entry
  }
}
