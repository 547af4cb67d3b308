internal import ArgumentParser
internal import Causality
internal import Replica
internal import Village
internal import Wording

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: said("Print all content as canonical text, equal for equal replicas."))

  @OptionGroup var data: DataOptions
  @Option(
    help: ArgumentHelp(
      said("Only this partition: CODE/SECTION, such as 34.01.23.109/public."),
      valueName: "partition"))
  var partition: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    let replica = try data.folder.openForReading()
    try replica.read { store in
      let wanted =
        try partition.map { [try Self.partition($0, store)] } ?? store.partitionIDs()
      if output.json {
        var list: [JSON] = []
        for id in wanted {
          var lines: [JSON] = []
          try store.dump(id) { lines.append(.text($0)) }
          list.append(.object([("partition", .text(id.description)), ("lines", .list(lines))]))
        }
        print(JSON.list(list).text)
      } else {
        for id in wanted { try store.dump(id) { print($0) } }
      }
    }
  }

  /// A place by code, name or id, a slash, a section.
  static func partition(_ text: String, _ store: Store) throws -> PartitionID {
    guard let slash = text.lastIndex(of: "/"),
      let section = Section(name: text[text.index(after: slash)...])
    else {
      let names = Section.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("a partition is CODE/SECTION, where SECTION is one of \(names)")
    }
    let place = String(text[..<slash])
    if let id = Epoch(place) { return PartitionID(PlaceID(bits: id.bits), section) }
    return PartitionID(try Places.find(store, place).id, section)
  }
}

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: said("Check the database file, the chains and the digests."),
    discussion: said(
      "Recomputes everything from what is stored. Exit code 2 if something is wrong."))

  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let replica = try data.folder.openForReading()
    var complaints = try replica.integrity()
    var partitions = 0
    if complaints.isEmpty {
      try replica.read { store in
        for id in try store.partitionIDs() {
          complaints += try store.complaints(id)
          partitions += 1
        }
        complaints += try store.alarms().map { "\($0.code): \($0.text)" }
      }
    }
    Console.print(
      json: output.json,
      .object([
        ("ok", .flag(complaints.isEmpty)), ("partitions", .number(Int64(partitions))),
        ("complaints", .list(complaints.map(JSON.text))),
      ]),
      complaints.isEmpty
        ? said("All is well: the file, and the chains and digests of \(partitions) partitions.")
        : complaints.map { said(Message(told: $0)) }.joined(separator: "\n"))
    if !complaints.isEmpty { throw ExitCode(2) }
  }
}
