import Bundles
import CCrashDisk
import Causality
import Exchange
import GRDB
import Records
import Trust
import Village

@testable import Replica

/// Who a machine is, whatever disk it runs on.
struct Persona {
  let code: PlaceCode
  let role: Role
  let secrets: [[UInt8]]

  init(_ code: String, _ role: Role) {
    guard let code = PlaceCode(code) else { preconditionFailure("\(code) is no code") }
    self.code = code
    self.role = role
    let dice = Seeded(code.foundingID.bits)
    secrets = [(0..<64).map { _ in UInt8(truncatingIfNeeded: dice.next()) }]
  }

  private init(_ persona: Persona, secrets: [[UInt8]]) {
    code = persona.code
    role = persona.role
    self.secrets = secrets
  }

  /// With new keys before those that it has.
  func rotated(_ dice: Seeded) -> Persona {
    let fresh = (0..<64).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    return Persona(self, secrets: [fresh] + secrets)
  }

  var place: PlaceID { code.foundingID }
  var log: PartitionID { PartitionID(place, .log) }
  var work: PartitionID { PartitionID(place, .work) }
  var notices: PartitionID { PartitionID(place, .public) }

  static func path(_ disk: CrashDisk) -> String { disk.path(Replica.fileName) }

  private func surroundings(_ dice: Seeded) -> Surroundings {
    Surroundings(
      wall: { 1_793_500_000_000 }, random: { dice.next() }, secrets: secrets,
      sign: Keyring.signer(secrets))
  }

  func create(
    on disk: CrashDisk, _ dice: Seeded, schema: Schema = Village.schema
  ) throws -> Machine {
    let replica = try Replica.create(
      at: Self.path(disk), as: Identity(Author(place: place, role: role)), schema: schema,
      surroundings: surroundings(dice))
    return Machine(self, disk, replica)
  }

  func open(
    on disk: CrashDisk, _ dice: Seeded, schema: Schema = Village.schema
  ) throws -> Machine {
    let replica = try Replica.open(
      at: Self.path(disk), schema: schema, surroundings: surroundings(dice))
    return Machine(self, disk, replica)
  }
}

/// A replica that is open on a disk that can crash.
final class Machine {
  let persona: Persona
  let disk: CrashDisk
  let replica: Replica

  fileprivate init(_ persona: Persona, _ disk: CrashDisk, _ replica: Replica) {
    self.persona = persona
    self.disk = disk
    self.replica = replica
  }

  // The connection must be gone before its disk is.
  deinit { try? replica.close() }

  /// A hash over all that the database holds.
  func rows() throws -> UInt64 {
    let hash = try replica.read { store in
      cd_rows_hash(UnsafeMutableRawPointer(store.connection))
    }
    guard hash != 0 else { throw Unreadable() }
    return hash
  }

  /// For a replica that is only looked at: GRDB need not know what is read, which costs more than the rest.
  func unwatch() throws -> Machine {
    try replica.inDatabase { db in
      db.sqliteConnection.map { cd_unwatch(UnsafeMutableRawPointer($0)) }
    }
    return self
  }

  /// Lets the log be moved into the database early.
  func checkpointEvery(pages: Int) throws { try set("wal_autocheckpoint = \(pages)") }

  func set(_ pragma: String) throws {
    try replica.inDatabase { db in try db.execute(sql: "PRAGMA \(pragma)") }
  }

  /// The highest sequence of each epoch that was ever written or merged here.
  func seen() throws -> [Epoch: UInt64] {
    try replica.read { store in
      var seen: [Epoch: UInt64] = [:]
      try store.literal("SELECT bits, seen FROM epoch").eachRow { row in
        seen[Epoch(bits: UInt64(bitPattern: row.integer(0)))] = UInt64(clamping: row.integer(1))
      }
      return seen
    }
  }

  // MARK: Content

  func play(_ store: Store, _ number: Int) throws -> Dot {
    try store.log(
      Village.playback, in: persona.log,
      Village.playback.columns.map { column in
        switch column.name {
        case "programme": .text("P\(number % 3)")
        case "started": .integer(1_793_500_000 + Int64(number) * 1800)
        case "seconds": .integer(1500)
        case "note": number % 4 == 0 ? .text("note \(number)") : .null
        case "clock": .text("trusted")
        default: .null
        }
      })
  }

  func item(_ store: Store, _ title: String, in partition: PartitionID) throws -> Dot {
    try store.create(
      Village.planItem, in: partition,
      [("title", .text(title)), ("date", .text("2026-12-01")), ("start", .text("09:00"))])
  }

  func programme(_ store: Store, _ code: String) throws {
    _ = try store.create(
      Village.programme, in: persona.notices,
      [("code", .text(code)), ("title", .text("节目 \(code)")), ("seconds", .integer(1500))])
  }

  // MARK: Exchange

  /// The next bundle for a neighbour.
  func bundle(for place: PlaceID, _ store: Store) throws -> (bytes: [UInt8], hasMore: Bool) {
    guard let neighbour = try Neighbours.find(store, place) else {
      throw Broken("\(place) is no neighbour")
    }
    let sent = try Turn(BundleCodec()).write(to: neighbour, store, bytesMax: 1 << 13)
    return (sent.bytes, sent.hasMore)
  }

  func bundle(for other: Machine) throws -> [UInt8] {
    try replica.write { try bundle(for: other.persona.place, $0).bytes }
  }

  @discardableResult
  func take(_ bytes: [UInt8], _ store: Store) throws -> [MergeOutcome.Refusal] {
    try Turn(BundleCodec()).take(SealedBytes(bytes), store).refusals
  }

  func take(_ bytes: [UInt8]) throws {
    let refusals = try replica.write { try take(bytes, $0) }
    // A catalogue that is not there yet is asked for.
    guard refusals.allSatisfy({ $0.code == "catalogue_unknown" }) else {
      throw Broken("refused: \(refusals)")
    }
  }

  static func number(of bytes: [UInt8]) throws -> UInt64 {
    try SealedBytes(bytes).envelope.label.number
  }

  /// Each tells the other what it has, a few times.
  func exchange(with other: Machine, rounds: Int = 2) throws {
    for _ in 0..<rounds {
      try other.take(bundle(for: other))
      try take(other.bundle(for: self))
    }
  }
}

/// What the laboratory has seen that must not be.
struct Broken: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
