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
