internal import ArgumentParser
internal import Causality
internal import Replica
internal import Trust
internal import Village
internal import Wording

extension HubCommand {
  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Believe the keys of a place no more."),
      discussion: said(
        """
        What the place sends from now on is kept aside (`yizhan review list`) and nothing is written \
        for it. The list of what is revoked goes out with the next exchanges. To let another machine \
        take the place, invite it with `yizhan hub invite --replace`.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The place, by code or name."), valueName: "code")) var place:
      String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      let (place, number) = try open.replica.write { store in
        let place = try Places.find(store, self.place)
        try Keyring.revoke(place, store)
        return (place, try Revoking.known(of: store.identity.place, store).number)
      }
      Console.print(
        json: output.json,
        .object([("place", .text(place.code.dotted)), ("list", .number(Int64(number)))]),
        said("The keys of \(place.code) \(place.name) are believed no more (list \(number))."))
    }
  }
}

extension HubCommand {
  struct Allow: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Say which sections a place may read and write."),
      discussion: said(
        """
        Sections are urgent, public, work, log and people; a place may do everything unless something \
        else is said. What it may not read is not exchanged with it from now on, and it keeps what it \
        has. What it writes elsewhere is refused. The certificate goes out with the next exchange.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The place, by code or name."), valueName: "code")) var place:
      String
    @Option(
      help: ArgumentHelp(
        said("Sections it may read, with commas, or all. `public` is always among them."),
        valueName: "sections"))
    var read = "all"
    @Option(
      help: ArgumentHelp(
        said("Sections it may write, with commas, all that it reads, or none."),
        valueName: "sections"))
    var write = "all"
    @OptionGroup var output: OutputOptions

    func run() throws {
      let reads = try Arguments.sections(read, all: Section.allCases).union([.public])
      let writes = try Arguments.sections(write, all: Array(reads))
      guard let rights = Rights(reads: reads, writes: writes) else {
        throw ValidationError("--write has a section that --read has not: who writes must read")
      }
      let open = try data.folder.open()
      let place = try open.replica.write { store in
        let place = try Places.find(store, self.place)
        try Keyring.allow(place, rights, store)
        return place
      }
      let (read, write) = (Rights.list(rights.reads), Rights.list(rights.writes))
      Console.print(
        json: output.json,
        .object([
          ("place", .text(place.code.dotted)), ("reads", .text(read)), ("writes", .text(write)),
        ]),
        said("\(place.code) \(place.name) may read \(read) and write \(write)."))
    }
  }
}

extension Rights {
  /// Names, in the order of travel.
  static func list(_ sections: Set<Section>) -> String {
    let names = Section.allCases.filter(sections.contains).map(\.name)
    return names.isEmpty ? "none" : names.joined(separator: ",")
  }
}
