internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

struct ProgrammeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "programme", abstract: said("The catalogue of programmes."),
    subcommands: [Import.self, List.self])

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Take a sheet of programmes into a hub's catalogue."),
      discussion: said(
        "Columns: programme, title, category, seconds. Rows are matched by programme."))

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
    static let configuration = CommandConfiguration(abstract: said("List the known programmes."))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let programmes = try replica.read { try Programmes.list($0) }
      output.show(
        View(
          title: "", grid: Self.grid(programmes), json: Self.json(programmes),
          empty: said("No programmes are described here.")))
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

    private static func grid(_ programmes: [ProgrammeView]) -> Grid {
      var grid = Grid([
        GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
        GridColumn("category", said("category")), GridColumn("seconds", said("seconds"), .number),
      ])
      for programme in programmes {
        grid.write([
          .text(programme.code), .text(programme.title ?? ""), .text(programme.category ?? ""),
          programme.seconds.map { .integer($0) } ?? .empty,
        ])
      }
      return grid
    }
  }
}

struct TermCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "term", abstract: said("Words to choose from: occasions, categories, outcomes."),
    discussion: said("A list for forms and reports, not a fence: any other text is kept."),
    subcommands: [List.self, Add.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("List the words."))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let terms = try replica.read { store in
        try Term.Kind.allCases.flatMap { try Terms.list(store, $0) }
      }
      var grid = Grid([
        GridColumn("kind", said("kind"), .code), GridColumn("text", said("text")),
        GridColumn("label", said("label")),
      ])
      for term in terms {
        grid.write([
          .text(term.kind.rawValue), .text(term.text), term.label.map { .text($0) } ?? .empty,
        ])
      }
      output.print(grid, json: JSON(grid))
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Add a word for this hub and all below it."),
      discussion: said("Example: yizhan term add --data hub occasion 村民大会"))

    @Argument(help: ArgumentHelp(said("occasion, category or outcome."))) var kind: String
    @Argument(help: ArgumentHelp(said("The word."))) var text: String
    @Option(help: ArgumentHelp(said("What people read, if it differs."))) var label: String?
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
        .object([("kind", .text(kind.rawValue)), ("text", .text(text))]), said("Added: \(text)"))
    }
  }
}
