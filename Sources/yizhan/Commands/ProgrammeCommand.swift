internal import ArgumentParser
internal import Causality
internal import Replica
internal import Village

struct ProgrammeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "programme", abstract: "The catalogue of programmes.",
    subcommands: [Import.self, List.self])

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a sheet of programmes into a hub's catalogue.",
      discussion: "Columns: programme, title, category, seconds. Rows are matched by programme.")

    @OptionGroup var sheet: SheetOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      try SheetReporting.run(output) { progress in
        try open.replica.write { store in
          try Programmes.importSheet(
            sheet.file, for: try Places.own(store), sheet.badRows, store, progress: progress)
        }
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the known programmes.")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let programmes = try replica.read { try Programmes.list($0) }
      Console.print(json: output.json, Self.json(programmes), Self.text(programmes))
    }

    private static func json(_ programmes: [ProgrammeView]) -> JSON {
      .list(
        programmes.map { programme in
          .object([
            ("programme", .text(programme.code)), ("title", .optional(programme.title)),
            ("category", .optional(programme.category)),
            ("seconds", .optional(programme.seconds)), ("dot", .text(programme.dot.description)),
          ])
        })
    }

    private static func text(_ programmes: [ProgrammeView]) -> String {
      guard !programmes.isEmpty else { return "No programmes are described here." }
      var table = Table(
        ["programme", "title", "category", "seconds"], rightAligned: [3], cuttable: [1, 2])
      for programme in programmes {
        table.add([
          programme.code, programme.title ?? "", programme.category ?? "",
          programme.seconds.map(String.init) ?? "",
        ])
      }
      return table.text
    }
  }
}

struct TermCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "term", abstract: "Words to choose from: occasions, categories, outcomes.",
    discussion: "A list for forms and reports, not a fence: any other text is kept.",
    subcommands: [List.self, Add.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the words.")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let terms = try replica.read { store in
        try Term.Kind.allCases.flatMap { try Terms.list(store, $0) }
      }
      var table = Table(["kind", "text", "label"])
      for term in terms { table.add([term.kind.rawValue, term.text, term.label ?? ""]) }
      Console.print(
        json: output.json,
        .list(
          terms.map {
            .object([
              ("kind", .text($0.kind.rawValue)), ("text", .text($0.text)),
              ("label", .optional($0.label)),
            ])
          }), table.text)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a word for this hub and all below it.",
      discussion: "Example: yizhan term add --data hub occasion 村民大会")

    @Argument(help: "occasion, category or outcome.") var kind: String
    @Argument(help: "The word.") var text: String
    @Option(help: "What people read, if it differs.") var label: String?
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      guard let kind = Term.Kind(rawValue: kind) else {
        throw ValidationError("the kind is occasion, category or outcome, not '\(kind)'")
      }
      let open = try data.folder.open()
      try open.replica.write { try Terms.add($0, kind, text, label: label) }
      Console.print(
        json: output.json,
        .object([("kind", .text(kind.rawValue)), ("text", .text(text))]), "Added: \(text)")
    }
  }
}
