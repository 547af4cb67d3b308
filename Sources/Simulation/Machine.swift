internal import Causality
internal import Glibc
internal import Records
internal import Replica
internal import Village

/// A small computer with a card: a replica, its keys and its clock.
final class Machine {
  let name: String
  let folder: String
  let place: PlaceID
  let code: PlaceCode
  let role: Role
  let schema: Schema
  let clock = MachineClock()
  let dice: MachineDice
  private(set) var secrets: [[UInt8]]
  private(set) var replica: Replica
  var clockFault = MachineClock.Fault.none
  /// Nobody reaches it.
  var isAway = false
  /// It is taken out of service for good: another has taken its place.
  var isGone = false
  /// Whether its keys are believed no more.
  var isRevoked = false
  /// The hub that has said so and goes on knowing it.
  var revoker: PlaceID?
  /// With what it joined in place of another.
  var invitation: [UInt8]?
  /// At each start the card is again what it was then.
  var image: String?
  /// The last copy that was made of it.
  var backup: String?
  /// What it held of partitions when nothing deleted was left in them.
  var released: [PartitionID: VersionVector] = [:]
  /// What it held when it was last looked at.
  var seen: [PartitionID: VersionVector] = [:]

  var path: String { "\(folder)/\(Replica.fileName)" }

  init(
    _ name: String, _ folder: String, _ code: PlaceCode, _ role: Role, _ schema: Schema,
    secrets: [[UInt8]], isNew: Bool
  ) throws {
    self.name = name
    self.folder = folder
    self.code = code
    self.role = role
    self.schema = schema
    self.secrets = secrets
    place = code.foundingID
    dice = MachineDice(Dice(0))
    let surroundings = Self.surroundings(clock, dice, secrets)
    mkdir(folder, 0o700)
    let path = "\(folder)/\(Replica.fileName)"
    replica =
      try isNew
      ? Replica.create(
        at: path, as: Identity(Author(place: place, role: role)), schema: schema,
        surroundings: surroundings)
      : Replica.open(at: path, schema: schema, surroundings: surroundings)
  }

  private static func surroundings(
    _ clock: MachineClock, _ dice: MachineDice, _ secrets: [[UInt8]]
  ) -> Surroundings {
    Surroundings(
      wall: { clock.now }, random: { dice.next() }, secrets: secrets, sign: Keyring.signer(secrets))
  }

  /// Ends and starts again, with something done to its card between.
  func restart(_ body: () throws -> Void = {}) throws {
    try replica.close()
    try body()
    replica = try Replica.open(
      at: path, schema: schema, surroundings: Self.surroundings(clock, dice, secrets))
  }

  /// Ends for good.
  func end() { try? replica.close() }

  func add(secret: [UInt8]) { secrets.insert(secret, at: 0) }
}
