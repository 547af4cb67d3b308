internal import Causality
internal import GRDBSQLite
package import Records

/// The replica's content within one transaction: the only code that reads and writes its tables.
///
/// It keeps prepared statements for the life of the connection, and partitions and epochs in
/// memory for the life of a transaction; `flush` writes what changed of them, so that logging an
/// event touches two pages: its own and its epoch's.
///
/// Not thread-safe: `Replica` hands it out on the connection's own queue.
package final class Store {
  let connection: OpaquePointer
  package let schema: Schema
  package let identity: Identity
  let surroundings: Surroundings
  /// What this replica alone knows, the newest first; none where nothing is exchanged.
  package var secrets: [[UInt8]] { surroundings.secrets }
  /// What a layer above makes of the secrets, once for each opening.
  package var ownKeys: (any Sendable)?
  private var statements: [String: Statement] = [:]
  private var literals: [UInt: Statement] = [:]
  var partitions: [PartitionID: LivePartition] = [:]
  var epochsByNumber: [Int64: LiveEpoch] = [:]
  var epochs: [Epoch: LiveEpoch] = [:]
  private var changedEpochs: [LiveEpoch] = []
  private var changedPartitions: [LivePartition] = []
  /// The epochs that this opening of the database writes in, by partition number.
  var ownEpochs: [Int64: LiveEpoch] = [:]
  var clock = HybridClock()
  /// Nil if it was not looked for yet.
  var knownSight: ClockSight??
  lazy var names = Names(self)
  var recordTables: [String: RecordTable] = [:]
  var eventTables: [String: EventTable] = [:]
  var scratch = ByteWriter(reserving: 1 << 12)
  let rowBuffer = RowBuffer()
  var catalogues: [UInt64: CatalogueEntry] = [:]
  /// What this transaction has to prove, by the number of the epoch, and what of that is gone again.
  var ownWrites: [Int64: OwnWrites] = [:]
  var goneEarly: [Int64: [ChainValue]] = [:]
  /// Partitions of which less may be held than their vectors say, in a database that only makes a bundle:
  /// nobody is told a digest of them. Nil if it was not looked yet.
  var doubted: Set<String>?

  init(
    _ connection: OpaquePointer, schema: Schema, identity: Identity, surroundings: Surroundings
  ) {
    self.connection = connection
    self.schema = schema
    self.identity = identity
    self.surroundings = surroundings
  }

  /// A statement whose text is written in the code: found by where the text lies, which costs
  /// less than hashing it.
  func literal(_ sql: StaticString) throws(ReplicaError) -> Statement {
    let address = UInt(bitPattern: sql.utf8Start)
    if let known = literals[address] { return known }
    let statement = try Statement(connection, sql.description)
    literals[address] = statement
    return statement
  }

  func statement(_ sql: String) throws(ReplicaError) -> Statement {
    if let known = statements[sql] { return known }
    let statement = try Statement(connection, sql)
    statements[sql] = statement
    return statement
  }

  /// Brings the tables to what is declared, and numbers everything so that reading never has to.
  func nameDeclared() throws(ReplicaError) {
    try addColumns()
    for collection in schema.records { _ = try recordTable(collection.name) }
    for collection in schema.events { _ = try names.collection(collection.name) }
    try adoptDeclared()
  }

  /// How many rows the last statement changed.
  var changedRows: Int { Int(sqlite3_changes(connection)) }

  // MARK: Transactions

  /// Writes what changed in memory. Called before every commit.
  func flush() throws(ReplicaError) {
    try proveOwnWrites()
    for epoch in changedEpochs { try save(epoch) }
    for partition in changedPartitions { try save(partition) }
    changedEpochs.removeAll(keepingCapacity: true)
    changedPartitions.removeAll(keepingCapacity: true)
    if partitions.count > Self.cachedMax { forget() }
  }

  /// Notes that an epoch differs from the database.
  func touch(_ epoch: LiveEpoch) {
    guard !epoch.isChanged else { return }
    epoch.isChanged = true
    changedEpochs.append(epoch)
  }

  /// Notes that a partition differs from the database.
  func touch(_ partition: LivePartition) {
    guard !partition.isChanged else { return }
    partition.isChanged = true
    changedPartitions.append(partition)
  }

  /// Forgets what is in memory only: after a rollback, or when it grows large.
  func forget() {
    partitions = [:]
    epochs = [:]
    epochsByNumber = [:]
    changedEpochs = []
    changedPartitions = []
  }

  private static let cachedMax = 50_000

  /// Forgets the numbers of names too: after a rollback that may have taken some of them back.
  func forgetNames() {
    names = Names(self)
    recordTables = [:]
  }

  /// After a failed transaction nobody knows for sure what reached the disk, so the epochs that
  /// it may have written in are not continued (P4).
  func abandon() {
    forget()
    forgetNames()
    ownEpochs = [:]
    ownWrites = [:]
    goneEarly = [:]
    eventTables = [:]
    catalogues = [:]
    knownSight = nil
  }

  /// Gives all statements back, so that the connection can be closed.
  func finalize() {
    abandon()
    statements = [:]
    literals = [:]
  }

  // MARK: Meta

  package func meta(_ key: String) throws(ReplicaError) -> String? {
    let select = try literal("SELECT value FROM meta WHERE key = ?")
    select.bind(1, copying: key)
    defer { select.reset() }
    return try select.step() ? select.text(0) : nil
  }

  package func setMeta(_ key: String, _ value: String) throws(ReplicaError) {
    let upsert = try literal("INSERT OR REPLACE INTO meta VALUES (?, ?)")
    upsert.bind(1, copying: key)
    upsert.bind(2, copying: value)
    try upsert.run()
  }

  /// Notes something that people must learn of (P6).
  package func raise(_ code: String, _ text: String) throws(ReplicaError) {
    let insert = try literal("INSERT OR REPLACE INTO alarm (at, code, text) VALUES (?, ?, ?)")
    insert.bind(1, now)
    insert.bind(2, copying: code)
    insert.bind(3, copying: text)
    try insert.run()
  }

  package struct Alarm: Sendable {
    package let at: Int64
    package let code: String
    package let text: String
  }

  package func alarms() throws(ReplicaError) -> [Alarm] {
    var alarms: [Alarm] = []
    try literal("SELECT at, code, text FROM alarm ORDER BY id").eachRow {
      alarms.append(Alarm(at: $0.integer(0), code: $0.text(1), text: $0.text(2)))
    }
    return alarms
  }
}

extension Store {
  /// From this replica's dice.
  package func randomBytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let bits = surroundings.random()
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
    }
    return Array(bytes.prefix(count))
  }
}
