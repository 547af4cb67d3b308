internal import GRDB
internal import Records

/// The schema from its first version on. A released migration never changes; a new collection is
/// one more at the end (docs/collections.md).
extension Replica {
  static func migrator(_ schema: Schema) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 core") { db in try db.execute(sql: core) }
    migrator.registerMigration("2 proofs") { db in try db.execute(sql: proofs) }
    migrator.registerMigration("3 signatures") { db in try db.execute(sql: signatures) }
    for collection in schema.records {
      migrator.registerMigration("record \(collection.name)") { db in
        try db.execute(sql: Tables.create(collection))
      }
    }
    for collection in schema.events {
      migrator.registerMigration("event \(collection.name)") { db in
        try db.execute(sql: Tables.create(collection))
      }
    }
    return migrator
  }

  /// Of hubs' writes that still have a value: how many they set, and the hashes of those that are gone.
  private static let proofs = """
    CREATE TABLE proof (
      epoch INTEGER, first INTEGER, last INTEGER NOT NULL, count INTEGER NOT NULL,
      tag BLOB NOT NULL, gone BLOB NOT NULL, PRIMARY KEY (epoch, first)) WITHOUT ROWID;
    """

  /// Keyed hashes that only their hub could check are worth nothing beside signatures.
  private static let signatures = """
    DELETE FROM proof;
    ALTER TABLE proof RENAME COLUMN tag TO signature;
    """

  private static let core = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    -- leaves: the epochs of the version vector, as a list of local numbers. digest: of the
    -- records; a log's digest follows from its chains. safe: the vector in a verified backup.
    CREATE TABLE partition (
      id INTEGER PRIMARY KEY, place INTEGER NOT NULL, section INTEGER NOT NULL,
      leaves BLOB NOT NULL, digest BLOB NOT NULL, safe BLOB NOT NULL, UNIQUE (place, section));
    -- An epoch without a partition is only referred to so far. seen: the highest sequence held.
    -- chain: the running hash, where this replica can compute it.
    CREATE TABLE epoch (
      id INTEGER PRIMARY KEY, bits INTEGER NOT NULL UNIQUE, partition INTEGER,
      author INTEGER, role INTEGER, parents BLOB, seen INTEGER NOT NULL DEFAULT 0, chain BLOB);
    CREATE INDEX epoch_of_partition ON epoch (partition);
    CREATE TABLE checkpoint (
      epoch INTEGER, sequence INTEGER, value BLOB NOT NULL, PRIMARY KEY (epoch, sequence))
      WITHOUT ROWID;
    CREATE TABLE collection (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, descriptor BLOB);
    CREATE TABLE field (
      collection INTEGER, number INTEGER, name TEXT NOT NULL, PRIMARY KEY (collection, number))
      WITHOUT ROWID;
    -- Writes to records, other than those that created them, that still have a value.
    CREATE TABLE written (
      dot INTEGER PRIMARY KEY, record INTEGER NOT NULL, collection INTEGER NOT NULL);
    -- Records and events of collections that this version does not know (P12).
    CREATE TABLE other_record (
      id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, deleted INTEGER NOT NULL,
      conflict INTEGER NOT NULL, state BLOB NOT NULL, collection INTEGER NOT NULL);
    CREATE INDEX other_record_of_partition ON other_record (partition);
    CREATE TABLE other_event (
      id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, original BLOB NOT NULL);
    -- What each peer told last: replaced, never joined.
    CREATE TABLE peer (
      place INTEGER, partition INTEGER, received BLOB NOT NULL, safe BLOB NOT NULL,
      acknowledged BLOB NOT NULL, acknowledged_safe BLOB NOT NULL,
      PRIMARY KEY (place, partition)) WITHOUT ROWID;
    -- Why the last of a partition was refused: here, or (is_own = 0) by the peer.
    CREATE TABLE refusal (
      place INTEGER, partition INTEGER, is_own INTEGER, at INTEGER NOT NULL, code TEXT NOT NULL,
      PRIMARY KEY (place, is_own, partition)) WITHOUT ROWID;
    CREATE TABLE contact (
      place INTEGER PRIMARY KEY, heard INTEGER, number INTEGER, refused_catalogue INTEGER,
      lacking INTEGER, sent INTEGER NOT NULL, standing INTEGER NOT NULL,
      route TEXT, reach INTEGER);
    CREATE TABLE catalogue (identity INTEGER PRIMARY KEY, bytes BLOB NOT NULL, made INTEGER);
    -- Which row of a sheet became what, and what the row said; stays here. Ids are long and in no
    -- order, so they are found by a hash: half the cost of an index of the ids themselves.
    CREATE TABLE imported (
      id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, collection INTEGER NOT NULL,
      sheet_id TEXT NOT NULL, hash INTEGER NOT NULL, key INTEGER NOT NULL, cells BLOB NOT NULL);
    CREATE INDEX imported_hash ON imported (hash);
    CREATE INDEX imported_key ON imported (key);
    CREATE TABLE alarm (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL,
      UNIQUE (code, text));
    -- Whole pieces of deltas that have not arrived whole.
    CREATE TABLE kept_piece (
      hash BLOB PRIMARY KEY, partition INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
    -- What this replica keeps for itself: it never travels, and no digest covers it.
    CREATE TABLE keepsake (
      kind TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (kind, key))
      WITHOUT ROWID;
    """
}
