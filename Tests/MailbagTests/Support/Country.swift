import Bundles
import Causality
import Exchange
import Foundation
import Records
import Replica
import Sync
import Synchronization
import Testing
import Trust
import Village

@testable import Mailbag

/// A clock on a machine, which stands still until it is set.
final class WallClock: Sendable {
  private let milliseconds = Mutex<Int64>(1_767_225_600_000)

  /// Seconds since 1970.
  var now: Int64 {
    get { milliseconds.withLock { $0 / 1000 } }
    set { milliseconds.withLock { $0 = newValue * 1000 } }
  }
}

/// A replica with its data folder, and a stick that it may be given.
final class Office {
  let folder: String
  let code: PlaceCode
  let clock = WallClock()
  /// Of its keys, the newest first: a clone has the same.
  private(set) var secrets: [[UInt8]]
  private let dice: Seeded
  private(set) var replica: Replica

  init(_ folder: String, _ code: PlaceCode, _ role: Role, _ dice: Seeded) throws {
    self.folder = folder
    self.code = code
    self.dice = dice
    secrets = [Self.secret(folder)]
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    replica = try Replica.create(
      at: folder + "/" + Replica.fileName,
      as: Identity(Author(place: code.foundingID, role: role)), schema: Village.schema,
      surroundings: Self.surroundings(dice, clock, secrets))
  }

  /// The same for the same folder.
  private static func secret(_ folder: String) -> [UInt8] {
    let seed = folder.split(separator: "/").suffix(1).joined().utf8.reduce(UInt64(7)) {
      $0 &* 0x100_0000_01B3 ^ UInt64($1)
    }
    let dice = Seeded(seed)
    return (0..<64).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  }

  init(cloned folder: String, of other: Office, _ dice: Seeded) throws {
    let code = other.code
    secrets = other.secrets
    self.folder = folder
    self.code = code
    self.dice = dice
    replica = try Replica.open(
      at: folder + "/" + Replica.fileName, schema: Village.schema,
      surroundings: Self.surroundings(dice, clock, secrets))
  }

  deinit { try? replica.close() }

  private static func surroundings(
    _ dice: Seeded, _ clock: WallClock, _ secrets: [[UInt8]]
  ) -> Surroundings {
    Surroundings(
      wall: { clock.now * 1000 }, random: { dice.next() }, secrets: secrets,
      sign: Keyring.signer(secrets))
  }

  var place: PlaceID { code.foundingID }
  var log: PartitionID { PartitionID(place, .log) }
  var work: PartitionID { PartitionID(place, .work) }
  var notices: PartitionID { PartitionID(place, .public) }
  var aside: String { folder + "/aside" }

  /// Closes the database, does something to its file, and opens it again.
  func whileClosed(_ body: (String) throws -> Void) throws {
    let path = folder + "/" + Replica.fileName
    try replica.close()
    try body(path)
    replica = try Replica.open(
      at: path, schema: Village.schema, surroundings: Self.surroundings(dice, clock, secrets))
  }

  /// Puts a copy of the database in its place that was made before.
  func restore(_ backup: String) throws {
    try whileClosed { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    }
  }

  func backUp(to backup: String) throws {
    try whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
  }

  /// New keys before those that it has.
  func rotate() throws {
    try rotateFile()
    try replica.write { try Keyring.rotated($0) }
  }

  /// The same as far as a power cut in between leaves it.
  func rotateFile() throws {
    let secret = (0..<64).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    secrets.insert(secret, at: 0)
    try whileClosed { _ in }
  }

  /// New keys instead of those that it had.
  func loseKeys() throws {
    secrets = []
    try rotate()
  }

  var keys: PublicKeys? { try? replica.read { try Keyring.own($0).publicKeys } }

  // MARK: Sticks

  func neighbours() throws -> [Neighbour] { try replica.read { try Neighbours.all($0) } }

  /// Writes to the stick for all neighbours, or for one.
  @discardableResult
  func export(
    to stick: Mailbag, for places: PlaceID..., fileBytesMax: UInt64? = nil
  ) throws -> [ExportReport] {
    try neighbours().filter { places.isEmpty || places.contains($0.place.id) }.map {
      try stick.export(
        replica, to: $0, codec: BundleCodec(), spoolFolder: folder, fileBytesMax: fileBytesMax)
    }
  }

  @discardableResult
  func take(_ stick: Mailbag) throws -> [ImportReport] {
    try stick.importAll(replica, codec: BundleCodec(), asideFolder: aside)
  }

  // MARK: Content

  func play(_ count: Int, note: String? = nil) throws {
    try replica.write { store in
      for number in 0..<count {
        _ = try store.log(
          Village.playback, in: log,
          Village.playback.columns.map { column in
            switch column.name {
            case "programme": .text("P\(number % 3)")
            case "started": .integer(1_767_225_600 + Int64(number) * 1800)
            case "seconds": .integer(1500)
            case "note": note.map { .text($0) } ?? .null
            case "clock": .text("trusted")
            default: .null
            }
          })
      }
    }
  }

  /// A playback with a note that hardly compresses.
  func playLong(_ letters: Int) throws { try play(1, note: dice.text(letters)) }

  @discardableResult
  func item(_ title: String, in partition: PartitionID) throws -> Dot {
    try replica.write {
      try $0.create(
        Village.planItem, in: partition,
        [("title", .text(title)), ("date", .text("2026-03-01")), ("start", .text("09:00"))])
    }
  }

  func retitle(_ item: Dot, _ title: String, in partition: PartitionID) throws {
    try replica.write {
      try $0.update(Village.planItem, item, in: partition, [("title", .text(title))])
    }
  }

  func programme(_ code: String, _ title: String) throws {
    _ = try replica.write {
      try $0.create(
        Village.programme, in: notices,
        [("code", .text(code)), ("title", .text(title)), ("seconds", .integer(1500))])
    }
  }

  func dump(_ partitions: [PartitionID]) throws -> [String] {
    try replica.read { store in
      var lines: [String] = []
      for partition in partitions { try store.dump(partition) { lines.append($0) } }
      return lines
    }
  }

  func alarmCodes() throws -> [String] { try replica.read { try $0.alarms().map(\.code) } }

  func complaints() throws -> [String] {
    try replica.read { store in try store.partitionIDs().flatMap { try store.complaints($0) } }
  }
}

/// A township's hub and its stations, and sticks to carry between them.
final class Country {
  let folder: String
  let dice: Seeded
  let hub: Office
  private(set) var stations: [Office] = []
  private var sticks = 0

  /// `codes` are the last segments of the stations'.
  init(_ dice: Seeded = Seeded(1), stations codes: [String] = ["207"]) throws {
    let base =
      FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
    folder = base + "yizhan-mailbag-" + UUID().uuidString
    self.dice = dice
    let town = try #require(PlaceCode("34.01.23.109"))
    hub = try Office(folder + "/hub", town, .hub, dice)
    try hub.replica.write {
      try Membership.found($0, code: town, name: "丰乐镇", zone: .china)
    }
    for code in codes { _ = try station("34.01.23.109.\(code)") }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func station(_ text: String) throws -> Office {
    let station = try place(text, under: hub, .station)
    stations.append(station)
    return station
  }

  /// A hub or a station below a hub.
  func place(_ text: String, under upper: Office, _ role: Role) throws -> Office {
    let code = try #require(PlaceCode(text))
    let office = try Office(folder + "/\(text)", code, role, dice)
    try join(office, to: upper, role)
    return office
  }

  /// Puts a replica under a hub.
  func join(
    _ office: Office, to upper: Office, _ role: Role, replaces: Bool = false
  ) throws {
    let name = role == .hub ? "镇" : "村"
    let invitation = try upper.replica.write {
      try Membership.invite(
        $0, code: office.code, name: "\(name) \(office.code)", as: role, replaces: replaces)
    }
    try office.replica.write { try Membership.join($0, invitation) }
  }

  /// One stick that goes from office to office: each takes in what is for it and writes.
  func tour(_ offices: [Office], _ stick: Mailbag? = nil) throws {
    let stick = try stick ?? self.stick()
    for office in offices {
      try office.take(stick)
      try office.export(to: stick)
    }
  }

  func stick() throws -> Mailbag {
    sticks += 1
    let path = folder + "/stick-\(sticks)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return Mailbag(path)
  }

  /// What a station and the hub share.
  func shared(_ station: Office) -> [PartitionID] {
    Scope.shared(lower: [station.place], ancestors: [hub.place])
  }

  /// Hub to station to hub to station, on fresh sticks.
  func round(_ station: Office) throws {
    for (from, to) in [(hub, station), (station, hub), (hub, station)] {
      let stick = try stick()
      try from.export(to: stick)
      let reports = try to.take(stick)
      #expect(reports.allSatisfy { $0.isClean }, "\(reports)")
    }
  }

  /// Another machine that runs on a copy of the station's card.
  func clone(of station: Office) throws -> Office {
    let folder = self.folder + "/clone-\(stations.count)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try station.whileClosed {
      try FileManager.default.copyItem(atPath: $0, toPath: folder + "/" + Replica.fileName)
    }
    return try Office(cloned: folder, of: station, dice)
  }

  func expectEqual(
    _ station: Office, exceptAlarms: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let dumps = try [hub, station].map { try $0.dump(shared(station)) }
    #expect(dumps[0] == dumps[1], sourceLocation: sourceLocation)
    for office in [hub, station] {
      #expect(try exceptAlarms || office.alarmCodes().isEmpty, sourceLocation: sourceLocation)
      #expect(try office.complaints().isEmpty, sourceLocation: sourceLocation)
    }
  }
}

extension Mailbag {
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  func put(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  func sizes() throws -> Int { try names().reduce(0) { $0 + (try bytes($1).count) } }
}
