internal import Causality
internal import GRDB
internal import GRDBSQLite
package import Records
internal import Wording

/// One database: a station's, a hub's, a clerk's laptop (design 4).
///
/// WAL with `synchronous=FULL`: a write that `write` has returned from survives a power cut at
/// any instant (P7). One connection writes and checkpoints; readers open the file read-only.
package final class Replica {
  /// What a data folder's database is called.
  package static let fileName = "yizhan.db"

  private let queue: DatabaseQueue
  private let store: Store
  private let lease: Lease?
  package let identity: Identity
  package let schema: Schema

  package enum Access: Sendable {
    case readWrite
    /// Beside whoever writes. SQLite needs its log's index for that, which it makes if it may.
    case readOnly
    /// Of a file that nobody writes meanwhile and that has no log beside it: nothing is made, so
    /// it works in a folder that cannot be written.
    case immutable
  }

  private init(queue: DatabaseQueue, store: Store, lease: Lease?) {
    self.queue = queue
    self.store = store
    self.lease = lease
    identity = store.identity
    schema = store.schema
  }

  /// Makes a new database at `path`.
  ///
  /// Throws `alreadyExists` if there is one, and what the disk may throw.
  package static func create(
    at path: String, as identity: Identity, schema: Schema, surroundings: Surroundings
  ) throws(ReplicaError) -> Replica {
    try mapped {
      let queue = try DatabaseQueue(path: path, configuration: configuration(.readWrite))
      let isNew = try queue.read { try !isReplica($0) }
      guard isNew else {
        throw ReplicaError(.alreadyExists, "there is a replica in this folder already")
      }
      try migrator(schema).migrate(queue)
      let replica = try attach(queue, identity, schema, surroundings)
      try replica.write { store in
        try store.setMeta("place", identity.place.description)
        try store.setMeta("role", String(identity.role.rawValue))
        try store.nameDeclared()
      }
      return replica
    }
  }

  /// Opens the database at `path`, bringing it to this version's schema.
  ///
  /// Throws `notAReplica` if there is none, `newerSchema` if a newer version wrote it, and what
  /// the disk may throw.
  package static func open(
    at path: String, access: Access = .readWrite, schema: Schema, surroundings: Surroundings
  ) throws(ReplicaError) -> Replica {
    try mapped {
      let queue = try DatabaseQueue(
        path: access == .immutable ? immutableName(path) : path,
        configuration: configuration(access))
      guard try queue.read({ try isReplica($0) }) else {
        throw ReplicaError(.notAReplica, "this is not a Yizhan database")
      }
      let migrator = migrator(schema)
      let isCurrent = try queue.read { try Store.isCurrent(schema, in: $0) }
      let isNewer = try queue.read { db in
        try migrator.hasBeenSuperseded(db) || !isCurrent && Store.isNewer(than: schema, in: db)
      }
      if isNewer {
        throw ReplicaError(.newerSchema, "a newer version of Yizhan has written this folder")
      }
      let isComplete = try queue.read { try isCurrent && migrator.hasCompletedMigrations($0) }
      guard isComplete || access == .readWrite else {
        try queue.close()
        return try open(at: path, schema: schema, surroundings: surroundings)
      }
      if !isComplete { try migrator.migrate(queue) }
      let identity = try queue.read { db in
        try (
          String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'place'"),
          Int.fetchOne(db, sql: "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'role'")
        )
      }
      guard let place = identity.0.flatMap(Epoch.init), let number = identity.1,
        let role = Role(rawValue: UInt8(clamping: number))
      else {
        throw ReplicaError(.databaseDamaged, "the database does not say whose it is")
      }
      let replica = try attach(
        queue, Identity(Author(place: PlaceID(bits: place.bits), role: role)), schema,
        surroundings)
      if !isComplete { try replica.write { store in try store.nameDeclared() } }
      let noted = replica.lease?.take() ?? []
      replica.lease?.sweep()
      if !noted.isEmpty { try replica.read { store in try store.resume(noted) } }
      return replica
    }
  }

  /// Whether a replica was made here. Tables alone are one whose making was cut short: it can be
  /// made again.
  private static func isReplica(_ db: Database) throws -> Bool {
    try db.tableExists("meta")
      && Row.fetchOne(db, sql: "SELECT 1 FROM meta WHERE key IN ('place', 'role')") != nil
  }

  static func attach(
    _ queue: DatabaseQueue, _ identity: Identity, _ schema: Schema, _ surroundings: Surroundings
  ) throws -> Replica {
    let connection = try queue.inDatabase { db in
      guard let connection = db.sqliteConnection else {
        throw ReplicaError(.diskError, "the database was closed")
      }
      // GRDB sets NORMAL when it switches to WAL, which a power cut may take the last commits of
      // (P7); so this comes last, and is looked at.
      try db.execute(sql: "PRAGMA synchronous = FULL")
      guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
        throw ReplicaError(.diskError, "SQLite does not sync as it must")
      }
      return connection
    }
    let store = Store(
      connection, schema: schema, identity: identity, surroundings: surroundings)
    let lease =
      queue.configuration.readonly
      ? nil : Lease(database: queue.path, memoryFolder: surroundings.memoryFolder)
    return Replica(queue: queue, store: store, lease: lease)
  }

  static func configuration(_ access: Access) -> Configuration {
    var configuration = Configuration()
    configuration.journalMode = access == .readWrite ? .wal : .default
    configuration.readonly = access != .readWrite
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  /// The file's name as SQLite's URI (sqlite.org/uri.html).
  private static func immutableName(_ path: String) -> String {
    let name = path.utf8.map { byte in
      byte == 0x2F ? "/" : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    return "file:\(path.hasPrefix("/") ? "//" : "")\(name)?immutable=1"
  }

  /// Runs `body` in one transaction, which is durable when this returns. If `body` throws,
  /// nothing of it remains.
  package func write<Result>(
    _ body: (Store) throws -> Result
  ) throws -> Result {
    try Self.mappedUntyped {
      try queue.writeWithoutTransaction { db in
        var result: Swift.Result<Result, any Error>?
        do {
          try db.inTransaction(.immediate) {
            let value = try body(store)
            try store.flush()
            result = .success(value)
            return .commit
          }
        } catch {
          store.abandon()
          throw error
        }
        guard let result else { preconditionFailure("a committed transaction has a result") }
        return try result.get()
      }
    }
  }

  /// Runs `body` on a snapshot of the database.
  package func read<Result>(_ body: (Store) throws -> Result) throws -> Result {
    try Self.mappedUntyped {
      try queue.writeWithoutTransaction { db in
        store.forget()
        var result: Swift.Result<Result, any Error>?
        try db.inTransaction(.deferred) {
          result = Swift.Result { try body(store) }
          return .rollback
        }
        guard let result else { preconditionFailure("a finished transaction has a result") }
        return try result.get()
      }
    }
  }

  /// Runs `body` outside of any transaction.
  func inDatabase<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try Self.mappedUntyped { try queue.inDatabase(body) }
  }

  /// Checks the file itself (`PRAGMA integrity_check`); the first complaints, or none.
  package func integrity() throws -> [String] {
    try Self.mappedUntyped {
      try queue.read { db in
        try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
      }
    }
  }

  /// Closes the connection. Its epochs end with it, unless a lease lets the next opening go on.
  package func close() throws {
    try Self.mappedUntyped {
      let open = try queue.inDatabase { _ in
        defer { store.finalize() }
        return try lease.map { _ in try store.leaseEntries() } ?? []
      }
      try queue.close()
      lease?.leave(open)
    }
  }

  static func mapped<Result>(
    _ body: () throws -> Result
  ) throws(ReplicaError) -> Result {
    do { return try body() } catch let error as ReplicaError {
      throw error
    } catch let error as DatabaseError {
      throw ReplicaError(sqlite: error.extendedResultCode.rawValue, error.message ?? "")
    } catch {
      throw ReplicaError(.diskError, "\(error)")
    }
  }

  /// Like `mapped`, but lets errors of the caller's own pass.
  private static func mappedUntyped<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError {
      throw ReplicaError(sqlite: error.extendedResultCode.rawValue, error.message ?? "")
    }
  }
}
