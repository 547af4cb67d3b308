internal import ArgumentParser
internal import Causality
internal import Exchange
internal import Glibc
internal import Mailbag
internal import Replica
internal import Village

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print all content as canonical text, equal for equal replicas.")

  @OptionGroup var data: DataOptions
  @Option(
    help: ArgumentHelp(
      "Only this partition: CODE/SECTION, such as 34.01.23.109/public.", valueName: "partition"))
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
    abstract: "Check the database file, the chains and the digests.",
    discussion: "Recomputes everything from what is stored. Exit code 2 if something is wrong.")

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
        ? "All is well: the file, and the chains and digests of \(partitions) partitions."
        : complaints.joined(separator: "\n"))
    if !complaints.isEmpty { throw ExitCode(2) }
  }
}

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what waits for whom, conflicts and alarms.",
    discussion: """
      What waits is what a neighbour has not yet said to hold: it goes with the next bundle, and \
      waits until a receipt comes back. It is named by place and section: `public` holds a \
      place's programmes and plans for all, `work` a station's own plan, `log` what it played, \
      `people` who played it. With --json a hub gives the list of its stations; --own is about \
      the hub itself.
      """)

  @OptionGroup var data: DataOptions
  @Flag(help: "With --json at a hub: about the hub itself.") var own = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let replica = try data.folder.openForReading()
    try replica.read { store in
      let isList = store.identity.role == .hub && !self.own
      let own = try Places.own(store)
      let codes = try Places.codes(store)
      let neighbours = try Neighbours.all(store).map { try NeighbourStatus($0, codes, store) }
      let conflicts = try store.conflicts().count
      let alarms = try store.alarms()
      Console.print(
        json: output.json,
        isList
          ? .list(neighbours.map(\.json))
          : .object([
            ("place", .text(own.code.dotted)), ("name", .text(own.name)),
            ("role", .text(store.identity.role == .hub ? "hub" : "station")),
            ("conflicts", .number(Int64(conflicts))),
            (
              "alarms",
              .list(
                alarms.map {
                  .object([
                    ("at", .number($0.at)), ("code", .text($0.code)), ("text", .text($0.text)),
                  ])
                })
            ),
            ("neighbours", .list(neighbours.map(\.json))),
          ]), Self.text(own, store.identity.role, neighbours, conflicts, alarms))
    }
  }

  private static func text(
    _ own: Place, _ role: Role, _ neighbours: [NeighbourStatus], _ conflicts: Int,
    _ alarms: [Store.Alarm]
  ) -> String {
    var lines = ["\(own.code) \(own.name), \(role == .hub ? "hub" : "station")"]
    lines.append(
      conflicts == 0
        ? "no conflicts"
        : "\(conflicts) conflict\(conflicts == 1 ? "" : "s"): see `yizhan conflict list`")
    lines += alarms.map { "ALARM \($0.code): \($0.text)" }
    guard !neighbours.isEmpty else {
      return (lines + ["no stations yet: see `yizhan hub invite`"]).joined(separator: "\n")
    }
    var table = Table(["neighbour", "", "last heard", "waiting for it"])
    for neighbour in neighbours {
      table.add([
        neighbour.place.code.dotted, neighbour.place.name, neighbour.heardText,
        neighbour.waiting.isEmpty ? "nothing" : neighbour.waiting.joined(separator: ", "),
      ])
    }
    return (lines + [table.text]).joined(separator: "\n")
  }
}

/// What is known of a neighbour.
private struct NeighbourStatus {
  let place: Place
  let heard: Int64?
  /// By what it was last heard.
  let route: String?
  /// How far its log is held here.
  let vector: String
  /// Partitions with something that the neighbour has not said to hold.
  let waiting: [String]
  private let now: Int64

  init(_ neighbour: Neighbour, _ codes: [PlaceID: String], _ store: Store) throws {
    place = neighbour.place
    let contact = try store.contact(neighbour.place.id)
    heard = contact.heard
    route = contact.route
    vector = try store.summary(PartitionID(neighbour.place.id, .log)).vector.description
    now = store.now
    var waiting: [String] = []
    for partition in neighbour.shared {
      let vector = try store.summary(partition).vector
      let mark = try store.mark(of: neighbour.place.id, partition)
      if vector != mark.received, !vector.isEmpty {
        waiting.append(Labels.partition(partition, codes))
      }
    }
    self.waiting = waiting
  }

  var heardText: String {
    guard let heard else { return "never" }
    let hours = (now - heard) / 3_600_000
    let age =
      hours < 1 ? "within the hour" : hours < 48 ? "\(hours) h ago" : "\(hours / 24) days ago"
    return route.map { "\(age), by \($0)" } ?? age
  }

  var json: JSON {
    .object([
      ("place", .text(place.code.dotted)), ("name", .text(place.name)),
      ("lastHeard", .optional(heard)), ("route", .optional(route)), ("vector", .text(vector)),
      ("waiting", .list(waiting.map(JSON.text))),
    ])
  }
}
