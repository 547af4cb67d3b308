internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

struct ClosureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "closure", abstract: said("Days on which a station cannot play, with the cause."),
    discussion: said("What was planned for such days is excused in reports."),
    subcommands: [Add.self, End.self, Remove.self, List.self])

  private static func dot(_ text: String) throws(VillageError) -> Dot {
    guard let dot = Dot(text) else {
      throw VillageError(
        .unknownClosure, "'\(text)' is not the dot of a closure",
        hint: "`yizhan closure list` lists them")
    }
    return dot
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Record days without playing."))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @Option(help: ArgumentHelp(said("The first day."), valueName: "2026-03-05")) var from: String
    @Option(help: ArgumentHelp(said("The last day; open if left out."), valueName: "2026-03-07"))
    var to: String?
    @Option(help: ArgumentHelp(said("Why: 停电, 设备维修, 放假."))) var cause: String
    @Option(name: .customLong("operator"), help: ArgumentHelp(said("Who records it."))) var person:
      String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let from = try CivilDate(told: from)
      let to = try to.map { try CivilDate(told: $0) }
      let open = try data.folder.open()
      let dot = try open.replica.write { store in
        let place = try place.place(store) ?? Places.own(store)
        return try Closures.add(place, (from, to), cause: cause, by: person, store)
      }
      Console.print(
        json: output.json, .object([("dot", .text(dot.description))]),
        said("Recorded as \(dot)."))
    }
  }

  struct End: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Say which day was the last."))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The closure's dot, from `closure list`."))) var closure:
      String
    @Option(help: ArgumentHelp(said("The last day."), valueName: "2026-03-07")) var to: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let (dot, last) = (try ClosureCommand.dot(closure), try CivilDate(told: to))
      let open = try data.folder.open()
      try open.replica.write { try Closures.end(dot, last, $0) }
      Console.print(
        json: output.json, .object([("dot", .text(closure))]), said("Ended on \(last)."))
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Take one back that was wrong."))

    @OptionGroup var data: DataOptions
    @Argument(help: ArgumentHelp(said("The closure's dot, from `closure list`."))) var closure:
      String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let dot = try ClosureCommand.dot(closure)
      let open = try data.folder.open()
      try open.replica.write { try Closures.remove(dot, $0) }
      Console.print(json: output.json, .object([("dot", .text(closure))]), said("Taken back."))
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("List closures."))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let replica = try data.folder.openForReading()
      let grid = try replica.read { store in
        var grid = Grid([
          GridColumn("dot", said("dot"), .code), GridColumn("place", said("place"), .code),
          GridColumn("name", said("name")), GridColumn("from", said("from"), .code),
          GridColumn("to", said("to"), .code), GridColumn("cause", said("cause")),
        ])
        let wanted = try place.place(store)
        for place in try wanted.map({ [$0] }) ?? Places.all(store) {
          for closure in try Closures.list(place.id, store) {
            grid.write([
              .text(closure.dot.description), .text(place.code.dotted), .text(place.name),
              .date(days: closure.from.days),
              closure.to.map { .date(days: $0.days) } ?? .empty, .text(closure.cause),
            ])
          }
        }
        return grid
      }
      try file.write(View(title: "", grid: grid, empty: said("No closures.")), output)
    }
  }
}
