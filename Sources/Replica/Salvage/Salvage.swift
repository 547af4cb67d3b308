package import Causality
internal import GRDB
package import Records
internal import Wording

/// A new database out of what a damaged one still holds (docs/recovery.md).
///
/// The damaged file is only read. Of the new one everything holds that holds of any: chains and
/// digests add up, and no vector claims what is not there. So a partition of records that does not
/// add up begins again from nothing, and of a log those epochs stay that can be proven whole; the
/// rest comes back from the neighbours. What was written here and nobody else is known to hold does
/// not wait for that, or not for long:
///
///     events of a lost epoch     logged again in a new epoch, by `again` (Store+SalvagedLog.swift)
///     writes to records          noted, and written again when the partition is back, if it turns
///                                out that nobody had them (Store+SalvagedRecords.swift)
///
/// No dot names two contents (P4): what is kept under its dot is proven by its chain or its
/// partition's digest, and what is written again has a new epoch.
package enum Salvage {
  package enum Purpose: Sendable {
    /// The replica goes on with the new database.
    case repair
    /// The new database only makes one bundle for the neighbour above: what a lost partition was
    /// when that last told what it holds is taken for granted, and writes begin there.
    case rescue
  }

  package struct Report: Equatable, Sendable {
    /// Partitions of records that begin again from nothing.
    package var emptied: [PartitionID] = []
    /// Epochs of logs that come back from the neighbours, or are gone.
    package var epochsLost = 0
    /// Events that were logged again.
    package var eventsAgain = 0
    /// Events that may be known elsewhere and whose name is lost: they stay in the damaged file.
    package var eventsLeft = 0
    /// Writes to records that wait until their partition is back; of a rescue, that were written again.
    package var writesAgain = 0
    /// Writes to records of which nobody knows whether others hold them: they stay in the damaged file.
    package var writesLeft = 0

    package init() {}

    /// Everything is there.
    package var isWhole: Bool { self == Report() }
  }

  /// How an event is logged again: its cells, and the dot that it had. The dots of those logged
  /// again before it are already the new ones.
  package typealias Again = @Sendable (EventCollection, [EventCell], Dot) -> [EventCell]

  /// Makes a database at `target`, which must not be there, from the damaged one at `source`.
  ///
  /// Throws `notAReplica` if there is no file, `databaseDamaged` if it does not even say any more
  /// whose it is, `newerSchema`, and what the disk may throw. What was made by then is worth
  /// nothing.
  package static func rebuild(
    _ source: String, to target: String, for purpose: Purpose, schema: Schema,
    surroundings: Surroundings, again: @escaping Again
  ) throws -> Report {
    guard let file = PageFile(source) else {
      throw ReplicaError(.notAReplica, "there is no database that can be read")
    }
    let tables = DamagedTables(file, schema)
    let replica = try Replica.salvaging(to: target, schema, surroundings) { connection in
      var copy = SalvageCopy(tables, connection, schema)
      try copy.run()
      return copy.nameless
    }
    let report = try replica.open.write { store in
      var judge = SalvageJudge(store, purpose, nameless: replica.nameless, again: again)
      try judge.run()
      try store.nameDeclared()
      return judge.report
    }
    let complaints = try replica.open.complaints()
    try replica.open.close()
    guard complaints.isEmpty else {
      throw ReplicaError(
        .databaseDamaged,
        "what could be saved does not add up: \(Message(told: complaints[0]))")
    }
    return report
  }
}

extension Replica {
  /// A new database whose rows `fill` puts there, opened.
  fileprivate static func salvaging(
    to path: String, _ schema: Schema, _ surroundings: Surroundings,
    fill: (OpaquePointer) throws -> Set<Int64>
  ) throws -> (open: Replica, nameless: Set<Int64>) {
    try mapped {
      let queue = try DatabaseQueue(path: path, configuration: configuration(.readWrite))
      try migrator(schema).migrate(queue)
      var nameless: Set<Int64> = []
      var identity: Identity?
      try queue.writeWithoutTransaction { db in
        try db.inTransaction(.immediate) {
          guard let connection = db.sqliteConnection else { return .rollback }
          nameless = try fill(connection)
          identity = try SalvagedIdentity.find(connection)
          return .commit
        }
      }
      guard let identity else {
        throw ReplicaError(
          .databaseDamaged, "nothing in the database says any more whose it is",
          hint: "restore a backup, or set the place up anew with `yizhan hub invite --replace`")
      }
      return (try attach(queue, identity, schema, surroundings), nameless)
    }
  }
}

/// Whose a database is.
private enum SalvagedIdentity {
  /// As it says; or as its partitions and epochs show, since a station has a log of one place: its own.
  static func find(_ connection: OpaquePointer) throws(ReplicaError) -> Identity? {
    if let told = try told(connection) { return told }
    var places: Set<Int64> = []
    try Statement(connection, "SELECT place FROM partition WHERE section <> ?").eachRow(
      binding: Int64(Section.public.rawValue)
    ) { places.insert($0.integer(0)) }
    var roles: Set<Int64> = []
    guard places.count == 1, let place = places.first else { return nil }
    try Statement(connection, "SELECT DISTINCT role FROM epoch WHERE author = ?").eachRow(
      binding: place
    ) { roles.insert($0.integer(0)) }
    guard roles.count <= 1 else { return nil }
    let role = roles.first.flatMap { Role(rawValue: UInt8(clamping: $0)) } ?? .station
    let id = PlaceID(bits: UInt64(bitPattern: place))
    for (key, value) in [("place", id.description), ("role", String(role.rawValue))] {
      let insert = try Statement(connection, "INSERT OR REPLACE INTO meta VALUES (?, ?)")
      insert.bind(1, copying: key)
      insert.bind(2, copying: value)
      try insert.run()
    }
    return Identity(Author(place: id, role: role))
  }

  private static func told(_ connection: OpaquePointer) throws(ReplicaError) -> Identity? {
    var told: [String: String] = [:]
    try Statement(connection, "SELECT key, value FROM meta WHERE key IN ('place', 'role')").eachRow
    {
      told[$0.text(0)] = $0.text(1)
    }
    guard let place = told["place"].flatMap(Epoch.init),
      let role = told["role"].flatMap({ UInt8($0) }).flatMap(Role.init(rawValue:))
    else { return nil }
    return Identity(Author(place: PlaceID(bits: place.bits), role: role))
  }
}

extension Statement {
  /// Calls `row` for each row, with the first mark bound.
  func eachRow(
    binding value: Int64, _ row: (Statement) throws(ReplicaError) -> Void
  ) throws(ReplicaError) {
    bind(1, value)
    try eachRow(row)
  }
}
