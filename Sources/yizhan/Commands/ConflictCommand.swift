internal import ArgumentParser
internal import Causality
internal import Records
internal import Replica
internal import Village

struct ConflictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflict", abstract: "See and settle edits that cross.",
    discussion: """
      When two replicas change the same field of the same record without knowing of each other, \
      a rule chooses which value shows, the same everywhere, and the other is kept until a \
      person settles it.
      """, subcommands: [List.self, Show.self, Settle.self])

  /// A conflict and the id people name it by: its record and field.
  struct Entry {
    let view: ConflictView
    let authors: [String]

    var id: String { "\(view.record)/\(view.field)" }

    static func all(_ store: Store) throws -> [Entry] {
      try store.conflicts().map { view in
        Entry(view: view, authors: try view.options.map { try Self.author($0, store) })
      }
    }

    private static func author(_ option: ConflictView.Option, _ store: Store) throws -> String {
      guard let author = option.author else { return "?" }
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
                ("value", Self.json(option.value)), ("by", .text(author)),
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

    static func shown(_ value: Value) -> String {
      value.isNull ? "(empty)" : value.text ?? value.description
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List what is not settled.")

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
      guard !entries.isEmpty else { return "No conflicts." }
      var table = Table(["conflict", "collection", "value", "", "by", "at"])
      for entry in entries {
        for (index, option) in entry.view.options.enumerated().prefix(8) {
          table.add([
            index == 0 ? entry.id : "", index == 0 ? entry.view.collection : "",
            Entry.shown(option.value), option.isWinner ? "shown now" : "", entry.authors[index],
            Entry.at(option.time, zone),
          ])
        }
        if entry.view.options.count > 8 {
          table.add(["", "", "and \(entry.view.options.count - 8) more", "", "", ""])
        }
      }
      return table.text
        + "\nSettle one with: yizhan conflict settle ID --value V (or --dot DOT) --data DIR"
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one conflict.")

    @Argument(help: "The conflict's id, from `conflict list`.") var id: String
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
      abstract: "Choose the value that holds from now on, everywhere.")

    @Argument(help: "The conflict's id, from `conflict list`.") var id: String
    @OptionGroup var data: DataOptions
    @Option(help: "The write whose value to take.") var dot: String?
    @Option(help: "The value to take; empty for none.") var value: String?
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
        "Settled: \(Entry.shown(chosen)). It travels with the next bundle.")
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
