internal import ArgumentParser
internal import Causality
internal import Exchange
internal import Replica
internal import Station
internal import Village
internal import Wording

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: said("Show what waits for whom, what is safe, and what is wrong."),
    discussion: said(
      """
      What waits is what a neighbour has not yet said to hold: it goes with the next bundle, and \
      waits until a receipt comes back. It is named by place and section: `public` holds a \
      place's programmes and plans for all, `work` a station's own plan, `log` what it played, \
      `people` who played it. `received` is what the hub above has durably merged, `safe` what it \
      has in a verified backup; both are as old as the hub was last heard. With --json a hub gives \
      the list of its stations; --own is about the hub itself.
      """))

  @OptionGroup var data: DataOptions
  @Flag(help: ArgumentHelp(said("With --json at a hub: about the hub itself."))) var own = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let replica = try data.folder.openForReading()
    try replica.read { store in
      let status = try Status(store)
      let isList = store.identity.role == .hub && !own
      Console.print(
        json: output.json, isList ? .list(status.stations.map(\.json)) : status.json, status.text)
    }
  }
}

/// How a replica stands.
struct Status {
  private let own: Place
  private let role: Role
  private let now: Int64
  private let conflicts: Int
  private let alarms: [Store.Alarm]
  private let neighbours: [NeighbourStatus]
  private let receipts: [SectionReceipt]
  private let clock: ClockSight?
  private let stick: StickStatus?
  private let isMoving: Bool
  private let playing: (json: JSON, lines: [String])

  init(_ store: Store) throws {
    own = try Places.own(store)
    role = store.identity.role
    now = store.now
    conflicts = try store.conflicts().count
    alarms = try store.alarms()
    let codes = try Places.codes(store)
    neighbours =
      try Neighbours.all(store).map { try NeighbourStatus($0, codes, store) }
      + NeighbourStatus.further(codes, store)
    receipts = try SectionReceipt.all(store)
    clock = store.clockSight
    stick = try StickStatus(store)
    isMoving = try Moving.isUnderWay(store)
    playing = (try PlayingJSON.list(store), try PlayingJSON.lines(store))
  }

  /// Those below a hub.
  var stations: [NeighbourStatus] { neighbours.filter { !$0.isAbove } }

  var json: JSON {
    .object([
      ("place", .text(own.code.dotted)), ("name", .text(own.name)),
      ("role", .text(role == .hub ? "hub" : "station")),
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
      ("receipts", .list(receipts.map(\.json))), ("moving", .flag(isMoving)),
      ("clock", clock.map(Self.json) ?? .null), ("stick", stick?.json ?? .null),
      ("playing", playing.json),
    ])
  }

  private static func json(_ clock: ClockSight) -> JSON {
    .object([
      ("behindMilliseconds", .number(clock.behind)), ("told", .text(clock.source.rawValue)),
      ("corrected", .flag(clock.isCorrected)),
    ])
  }

  var text: String {
    var lines = [
      said(role == .hub ? "\(own.code) \(own.name), hub" : "\(own.code) \(own.name), station")
    ]
    if isMoving { lines.append(said("moves to another hub when this one has everything")) }
    lines.append(said(crossed))
    lines += alarms.map { said("ALARM \($0.code): \(Message(told: $0.text))") }
    if let clock { lines.append(said(Self.words(clock))) }
    if let stick { lines.append(stick.text) }
    lines += playing.lines
    guard !neighbours.isEmpty else {
      let hint: Message =
        role == .hub ? "no stations yet: see `yizhan hub invite`" : "no hub yet"
      return (lines + [said(hint)]).joined(separator: "\n")
    }
    var table = Table([said("neighbour"), "", said("last heard"), said("waiting for it")])
    for neighbour in neighbours {
      table.add([
        neighbour.place.code.dotted, neighbour.place.name, said(neighbour.heardWords),
        said(neighbour.waiting.isEmpty ? "nothing" : .list(neighbour.waiting)),
      ])
    }
    lines.append(table.text)
    for neighbour in neighbours { lines += neighbour.refusalLines }
    if !receipts.isEmpty { lines.append(receiptTable) }
    return lines.joined(separator: "\n")
  }

  private var crossed: Message {
    switch conflicts {
    case 0: "no conflicts"
    case 1: "1 conflict: see `yizhan conflict list`"
    default: "\(conflicts) conflicts: see `yizhan conflict list`"
    }
  }

  private var receiptTable: String {
    var table = Table(
      [
        said("written here"), said("writes"), said("the hub lacks"), said("received"), said("safe"),
      ], rightAligned: [1, 2, 3, 4])
    for receipt in receipts {
      table.add([
        receipt.section.name, "\(receipt.writes)", "\(receipt.lacking)", "\(receipt.received)",
        "\(receipt.safe)",
      ])
    }
    let heard = neighbours.first { $0.isAbove }?.heardWords ?? "never"
    return table.text + "\n" + said("what the hub has is as it was told: \(heard)")
  }

  static func words(_ clock: ClockSight) -> Message {
    let minutes = abs(clock.behind) / 60_000
    let age: Message =
      minutes < 120
      ? "\(minutes) minutes"
      : minutes < 2880 ? "\((minutes + 30) / 60) h" : "\((minutes + 720) / 1440) days"
    let source: Message = clock.source == .hub ? "the hub's" : "the stick's"
    let side: Message = clock.behind > 0 ? "\(age) behind \(source)" : "\(age) ahead of \(source)"
    return clock.isCorrected
      ? "CLOCK: this machine's clock was \(side); times are corrected"
      : "CLOCK: this machine's clock is \(side), which is not believed"
  }
}

/// How much of what a station wrote in one section its hub has.
private struct SectionReceipt {
  let section: Section
  let writes: UInt64
  let lacking: UInt64
  let safe: UInt64
  private let told: Int64?
  private let vectors: (received: String, safe: String)

  var received: UInt64 { writes - lacking }

  /// Of the sections in which something is held; none if there is no hub above.
  static func all(_ store: Store) throws -> [SectionReceipt] {
    guard let hub = try Neighbours.above(store) else { return [] }
    // What is public of a station's place is not the station's to write.
    let sections = Section.allCases.filter { store.identity.role == .hub || $0 != .public }
    return try sections.compactMap { section in
      let partition = PartitionID(store.identity.place, section)
      let writes = try store.lacking(partition, beyond: .init())
      return writes == 0 ? nil : try SectionReceipt(partition, writes, hub.place.id, store)
    }
  }

  private init(
    _ partition: PartitionID, _ writes: UInt64, _ hub: PlaceID, _ store: Store
  ) throws {
    let mark = try store.mark(of: hub, partition)
    section = partition.section
    self.writes = writes
    lacking = try store.lacking(partition, beyond: mark.received)
    safe = writes - (try store.lacking(partition, beyond: mark.safe))
    told = try store.contact(hub).heard
    vectors = (mark.received.description, mark.safe.description)
  }

  var json: JSON {
    .object([
      ("section", .text(section.name)), ("writes", .number(Int64(writes))),
      ("lacking", .number(Int64(lacking))), ("received", .number(Int64(received))),
      ("safe", .number(Int64(safe))), ("receivedVector", .text(vectors.received)),
      ("safeVector", .text(vectors.safe)), ("told", .optional(told)),
    ])
  }
}

/// What became of the last stick.
private struct StickStatus {
  private let report: Sticks.Report

  init?(_ store: Store) throws {
    guard let text = try store.meta(Sticks.Report.meta), let report = Sticks.Report(text: text)
    else { return nil }
    self.report = report
  }

  var json: JSON {
    .object([
      ("folder", .text(report.folder)), ("at", .number(report.at)),
      ("state", .text(report.state.rawValue)), ("read", .number(Int64(report.read))),
      ("merged", .number(Int64(report.merged))), ("written", .number(Int64(report.written))),
      ("refused", .list(report.refused.map(JSON.text))), ("failure", .optional(report.failure)),
    ])
  }

  var text: String {
    let what: Message =
      "\(report.read) read, \(report.merged) new, \(report.written) written"
    switch report.state {
    case .working: return said("STICK \(report.folder): at work, do not pull it")
    case .done: return said("stick \(report.folder): \(what); safe to remove")
    case .failed:
      let failure = report.failure.map { Message(told: $0) } ?? "failed"
      return said("STICK \(report.folder): \(failure); \(what)")
    }
  }
}

/// What is known of a neighbour.
struct NeighbourStatus {
  let place: Place
  let isAbove: Bool
  let heard: Int64?
  /// By what it was last heard.
  let route: String?
  /// How far its log is held here.
  let vector: String
  /// Partitions with something that the neighbour has not said to hold.
  let waiting: [String]
  /// Bundles that came again, or after a later one.
  let repeated: Int
  /// What either side refused of the other's, with the reason.
  let refused: [(partition: String, code: String, isHere: Bool)]
  private let now: Int64

  init(_ neighbour: Neighbour, _ codes: [PlaceID: String], _ store: Store) throws {
    place = neighbour.place
    isAbove = neighbour.isAbove
    let contact = try store.contact(neighbour.place.id)
    heard = contact.heard
    repeated = try PeerSession.repeated(by: neighbour.place.id, store)
    route = contact.route
    vector = try store.summary(PartitionID(neighbour.place.id, .log)).vector.description
    now = store.now
    waiting = try neighbour.shared.filter { partition in
      let vector = try store.summary(partition).vector
      return try !vector.isEmpty
        && vector != store.mark(of: neighbour.place.id, partition).received
    }.map { Labels.partition($0, codes) }
    refused = try [Store.Refuser.peer, .here].flatMap { refuser in
      try store.refusals(refuser, with: neighbour.place.id).filter { $0.refused != nil }.map {
        (Labels.partition($0.partition, codes), $0.code, refuser == .here)
      }
    }
  }

  /// Places further down, which are heard through a hub below, and those that are waited for no
  /// longer.
  static func further(_ codes: [PlaceID: String], _ store: Store) throws -> [NeighbourStatus] {
    guard store.identity.role == .hub else { return [] }
    let own = store.identity.place
    let tree = try Tree(store)
    return try tree.places.values.filter { place in
      tree.lies(place, below: own) && (place.isRetired || place.hub != own && place.reached != own)
    }.sorted { ($0.code, $0.id) < ($1.code, $1.id) }.map { place in
      try NeighbourStatus(behind: place, tree, store)
    }
  }

  private init(behind place: Place, _ tree: Tree, _ store: Store) throws {
    self.place = place
    isAbove = false
    let contact = try store.contact(place.id)
    heard = contact.heard
    let hub = place.hub.flatMap { tree.places[$0] }
    let through = place.hub == store.identity.place ? nil : hub.map { "through \($0.code)" }
    route = through ?? contact.route
    vector = try store.summary(PartitionID(place.id, .log)).vector.description
    waiting = []
    repeated = 0
    refused = []
    now = store.now
  }

  var heardWords: Message {
    if place.isRetired { return "retired" }
    let route = route.map { Message(told: $0) }
    guard let heard else { return route ?? "never" }
    let hours = (now - heard) / 3_600_000
    let age: Message =
      hours < 0
      ? "at a time to come"
      : hours < 1 ? "within the hour" : hours < 48 ? "\(hours) h ago" : "\(hours / 24) days ago"
    return route.map { "\(age), by \($0)" } ?? age
  }

  var refusalLines: [String] {
    refused.map { partition, code, isHere in
      let hint = Failure.hint(refusal: code)
      return said(
        isHere
          ? "REFUSED here of \(place.name)'s \(partition): \(code) — \(hint)"
          : "REFUSED by \(place.name) of \(partition): \(code) — \(hint)")
    }
  }

  var json: JSON {
    .object([
      ("place", .text(place.code.dotted)), ("name", .text(place.name)),
      ("lastHeard", .optional(heard)), ("route", .optional(route)), ("vector", .text(vector)),
      ("repeated", .number(Int64(repeated))),
      ("waiting", .list(waiting.map(JSON.text))),
      (
        "refused",
        .list(
          refused.map { partition, code, isHere in
            .object([
              ("partition", .text(partition)), ("code", .text(code)),
              ("by", .text(isHere ? "here" : "neighbour")),
            ])
          })
      ), ("above", .flag(isAbove)), ("retired", .flag(place.isRetired)),
    ])
  }
}
