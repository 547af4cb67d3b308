internal import Causality
internal import Exchange
internal import Glibc
internal import Records
internal import Replica
internal import Village

/// A tree of hubs and stations in one thread, with a time of its own.
final class World {
  let seed: UInt64
  let folder: String
  private(set) var machines: [Machine] = []
  var post = Post()
  var oracle = Oracle()
  /// The true time, in milliseconds since 1970.
  var now: Int64 = 1_772_323_200_000
  /// Operators do what the messages say.
  var isHealing = false
  /// Whether anything has happened by which an honest write may have no right to be.
  var isDisturbed = false
  /// What happened at all, for the tables of docs and for what is to be expected of alarms.
  private(set) var counts: [String: Int] = [:]

  init(seed: UInt64, folder: String) {
    self.seed = seed
    self.folder = folder
    mkdir(folder, 0o700)
  }

  deinit {
    for machine in machines { machine.end() }
    CardFiles.remove(folder)
  }

  func count(_ what: String, _ machine: Machine? = nil) {
    counts[what, default: 0] += 1
    oracle.note(machine.map { "\($0.name): \(what)" } ?? what)
  }

  // MARK: Machines

  var working: [Machine] { machines.filter { !$0.isGone } }
  /// Those that all must reach in the end.
  var lasting: [Machine] { machines.filter { !$0.isGone && !$0.isRevoked } }
  var hubs: [Machine] { working.filter { $0.role == .hub } }
  var stations: [Machine] { working.filter { $0.role == .station } }
  var root: Machine { machines[0] }

  func at(_ place: PlaceID) -> [Machine] { working.filter { $0.place == place } }

  @discardableResult
  func add(
    _ name: String, _ code: PlaceCode, _ role: Role, isNewer: Bool, secrets: [[UInt8]]? = nil,
    card: String? = nil
  ) throws -> Machine {
    let folder = "\(folder)/\(machines.count)"
    mkdir(folder, 0o700)
    if let card { try CardFiles.copy(card, to: "\(folder)/\(Replica.fileName)") }
    let machine = try Machine(
      name, folder, code, role, isNewer ? Versions.newer : Village.schema,
      secrets: secrets ?? [secret(UInt64(machines.count))], isNew: card == nil)
    machine.clock.now = now
    machine.dice.set(Dice(seed, "birth", UInt64(machines.count)))
    machines.append(machine)
    return machine
  }

  func secret(_ number: UInt64) -> [UInt8] {
    var dice = Dice(0x5EC2E7, "secret", number)
    return (0..<64).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  }

  // MARK: Steps

  /// Sets every clock and all dice for an action.
  func begin(_ number: Int) {
    for (index, machine) in machines.enumerated() {
      machine.dice.set(Dice(seed, "machine", UInt64(number) << 16 | UInt64(index)))
      switch machine.clockFault {
      case .none: machine.clock.now = now
      case .year1970: machine.clock.now = now % 86_400_000
      case .year2099: machine.clock.now = 4_070_908_800_000 + now % 86_400_000
      case .ahead: machine.clock.now = now + 36_000_000
      case .behind: machine.clock.now = now - 36_000_000
      case .frozen: break
      }
    }
  }

  /// Writes at a machine and looks at what became of it. Nil if it was refused, which changes nothing.
  func write<Result>(
    _ machine: Machine, _ what: String, _ body: (Store) throws -> Result
  ) throws -> Result? {
    let result: Result
    do { result = try machine.replica.write(body) } catch {
      guard let code = Refusals.code(error) else { throw error }
      count("\(what) \(code)", machine)
      try expectUnchanged(machine)
      return nil
    }
    count(what, machine)
    try oracle.look(at: machine)
    return result
  }

  private func expectUnchanged(_ machine: Machine) throws {
    let vectors = try machine.replica.read { store in
      try Dictionary(
        uniqueKeysWithValues: store.partitionIDs().map { ($0, try store.summary($0).vector) })
    }
    guard vectors == machine.seen else {
      throw Violation("refusal_changed", "\(machine.name) holds other than before a refusal")
    }
  }
}

/// What a version that is newer than this one knows.
enum Versions {
  static let fault = RecordCollection(
    "fault", in: [.urgent, .work], [Field("text", .latest), Field("status", .maximum)])

  static let item = RecordCollection(
    Village.planItem.name, in: Village.planItem.sections,
    Village.planItem.fields + [Field("colour", .latest)])

  static let playback = EventCollection(
    Village.playback.name, Village.playback.columns + [Column("volume", .integer)])

  static let newer = Schema(
    records: Village.schema.records.map { $0.name == item.name ? item : $0 } + [fault],
    events: [playback])
}
