import Bundles
import Causality
import Exchange
import Mailbag
import Records
import Village

@testable import Replica

/// A station writes to a stick that is pulled out, fails or is full at one of the calls.
///
/// What must hold of every stick that this may leave:
///
///     nothing wrong is merged   the hub takes what it can, holds nothing that the station does not, and
///                               finds nothing to complain of
///     the others' is there      what others have put on the stick is as it was
///     it heals                  the next export to the same stick brings the hub all
///     safe to remove            once an export has returned the hub gets all, whatever happens then
struct StickTrial {
  enum Event: CustomStringConvertible {
    /// From this call on the stick is not there any more.
    case pulled(Int)
    case blow(ModelFAT.Blow)

    var description: String {
      switch self {
      case .pulled(let call): "pulled at call \(call)"
      case .blow(let blow):
        "\(blow.failure) at call \(blow.call)" + (blow.isSticky ? " and all after it" : "")
      }
    }

    fileprivate var blow: ModelFAT.Blow {
      switch self {
      case .pulled(let call): .init(failure: .gone, call: call, isSticky: true)
      case .blow(let blow): blow
      }
    }
  }

  let seed: UInt64
  private let township: Township
  private let stick: ModelFAT
  /// At rest before the export.
  private let station: CrashDisk
  private let hub: CrashDisk
  private let others: [String: [UInt8]]
  private let fileBytesMax: UInt64
  /// Calls of an export that nothing disturbs.
  let calls: Int
  var ignoresFileSync = false
  var ignoresFolderSync = false

  init(seed: UInt64) throws {
    self.seed = seed
    let dice = Seeded(seed &* 8 &+ 0xD1CE_0004)
    township = try Township(.powersafe, Seeded(seed))
    stick = ModelFAT(clusters: 160)
    fileBytesMax = dice.chance(50) ? 1800 : 1 << 20
    let hub = try township.hub.open(on: township.hubDisk.copy(), dice)
    let station = try township.station.open(on: township.stationDisk.copy(), dice)
    others = try Self.prepare(stick, hub, station, dice)
    try station.replica.write { store in
      for number in 0..<(1 + dice.below(60)) { _ = try station.play(store, number) }
      _ = try station.item(store, dice.text(dice.below(2000)), in: station.persona.work)
    }
    try hub.replica.close()
    try station.replica.close()
    self.hub = hub.disk
    self.station = station.disk
    let trial = (township, stick.cut(.allKept), station.disk.copy(), fileBytesMax)
    let again = try trial.0.station.open(on: trial.2, Seeded(seed))
    trial.1.begin(nil)
    _ = try Self.export(again, trial.1, trial.3)
    calls = trial.1.callCount
  }

  /// What lies on the stick before: a courier's own file, a bundle for the station, an old one for the
  /// hub, and perhaps what an earlier pull has left.
  private static func prepare(
    _ stick: ModelFAT, _ hub: Machine, _ station: Machine, _ dice: Seeded
  ) throws -> [String: [UInt8]] {
    try put(stick, "photo.jpg", (0..<1300).map { _ in UInt8(dice.below(256)) })
    try hub.replica.write { store in
      for number in 0..<4 { _ = try hub.item(store, "new \(number)", in: hub.persona.notices) }
    }
    _ = try export(hub, stick, 1 << 20)
    var kept = ["photo.jpg"]
    if dice.chance(50) {
      _ = try take(station, stick)
    } else {
      kept += try stick.names(in: stick.folder).filter { $0.hasSuffix(".yz") }
    }
    try station.replica.write { store in
      for number in 0..<5 { _ = try station.play(store, number) }
    }
    _ = try export(station, stick, 1 << 20)
    if dice.chance(50) { try put(stick, "340123109-340123109207-1.yz.tmp", [1, 2, 3]) }
    stick.settle()
    var others: [String: [UInt8]] = [:]
    for name in kept { others[name] = try read(stick, name) }
    return others
  }

  private static func put(_ stick: ModelFAT, _ name: String, _ bytes: [UInt8]) throws {
    let path = stick.folder + "/" + name
    try stick.create(path).write(bytes, to: path)
  }

  private static func read(_ stick: ModelFAT, _ name: String) throws -> [UInt8] {
    let path = stick.folder + "/" + name
    return try stick.open(path).read(at: 0, count: 1 << 20, of: path)
  }

  private static func mailbag(_ stick: ModelFAT) -> Mailbag {
    Mailbag(stick.folder, on: stick)
  }

  private static func export(
    _ machine: Machine, _ stick: ModelFAT, _ bytesMax: UInt64
  ) throws -> [ExportReport] {
    try machine.replica.read { try Neighbours.all($0) }.map {
      try mailbag(stick).export(
        machine.replica, to: $0, codec: BundleCodec(), spoolFolder: "/nowhere",
        fileBytesMax: bytesMax)
    }
  }

  private static func take(_ machine: Machine, _ stick: ModelFAT) throws -> [ImportReport] {
    try mailbag(stick).importAll(machine.replica, codec: BundleCodec(), asideFolder: "/nowhere")
  }

  // MARK: Events

  /// Returns how many sticks were looked at. Throws `Broken` if something is wrong.
  func run(_ event: Event, cuts: Int = 3) throws -> Int {
    let dice = Seeded((seed &* 8 &+ 0xD1CE_0005) ^ UInt64(event.blow.call) << 32)
    let stick = stick.cut(.allKept)
    stick.ignoresFileSync = ignoresFileSync
    stick.ignoresFolderSync = ignoresFolderSync
    let disk = station.copy()
    let isSaid = try export(to: stick, disk, event, dice)
    let lucks: [ModelFAT.Luck] =
      [.nothingKept, .allKept] + (0..<cuts).map { _ in .any(Seeded(dice.next())) }
    for luck in lucks {
      do { try examine(stick.cut(luck), disk, isSaid, dice) } catch {
        throw Broken("stick seed \(seed), \(event), \(luck): \(error)")
      }
    }
    return lucks.count
  }

  /// Whether it was said that the stick may be removed.
  private func export(
    to stick: ModelFAT, _ disk: CrashDisk, _ event: Event, _ dice: Seeded
  ) throws -> Bool {
    let machine = try township.station.open(on: disk, dice)
    stick.begin(event.blow)
    defer { stick.begin(nil) }
    do {
      _ = try Self.export(machine, stick, fileBytesMax)
      return true
    } catch is MailbagError {
      return false
    } catch { throw Broken("stick seed \(seed), \(event): not a stick's error: \(error)") }
  }

  private func examine(
    _ stick: ModelFAT, _ disk: CrashDisk, _ isSaid: Bool, _ dice: Seeded
  ) throws {
    let station = try township.station.open(on: disk.copy(), dice)
    let hub = try township.hub.open(on: hub.copy(), dice)
    let whole = try Self.events(station, of: station)
    for (name, bytes) in others {
      guard (try? Self.read(stick, name)) == bytes else { throw Broken("\(name) was spoilt") }
    }
    let reports = try Self.take(hub, stick)
    try expectSound(hub)
    let held = try Self.events(hub, of: station)
    guard held.isSubset(of: whole) else { throw Broken("the hub holds what nobody wrote") }
    if isSaid, held != whole || reports.contains(where: { !$0.isClean }) {
      throw Broken("it was said to be safe, and the hub lacks something: \(reports)")
    }
    do { _ = try Self.export(station, stick, fileBytesMax) } catch {
      throw Broken("the next export does not heal it: \(error)")
    }
    _ = try Self.take(hub, stick.cut(.nothingKept))
    try expectSound(hub)
    guard try Self.events(hub, of: station) == whole else {
      throw Broken("the next export does not bring the hub all")
    }
  }

  private func expectSound(_ hub: Machine) throws {
    let complaints = try hub.replica.complaints()
    let alarms = try hub.replica.read { try $0.alarms().map(\.code) }
    guard complaints.isEmpty, alarms.isEmpty else { throw Broken("\(complaints) \(alarms)") }
  }

  /// What a machine holds of the station's log and work.
  private static func events(_ machine: Machine, of station: Machine) throws -> Set<String> {
    try machine.replica.read { store in
      var lines: Set<String> = []
      for partition in [station.persona.log, station.persona.work] {
        try store.dump(partition) { if !$0.hasPrefix("vector") { lines.insert($0) } }
      }
      return lines
    }
  }
}
