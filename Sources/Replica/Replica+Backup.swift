package import Causality
internal import GRDB
internal import GRDBSQLite

/// Copies of the database (P7: what is `safe` is in a verified one).
extension Replica {
  /// Writes the database as it is now to a new file, compact, beside whoever writes.
  ///
  /// Throws `diskFull` and what else the disk may throw; the file is then worth nothing.
  package func copy(to path: String) throws {
    try inDatabase { db in
      do { try db.execute(sql: "VACUUM INTO ?", arguments: [path]) } catch let error
        as DatabaseError
        where error.resultCode == .SQLITE_ERROR
      {
        // What SQLite says if the disk cannot tell the size of the new file; the database is well.
        throw ReplicaError(sqlite: SQLITE_IOERR, error.message ?? "")
      }
    }
  }

  /// What is wrong with a database as a whole: the file, the chains and the digests. Every complaint
  /// is a sentence.
  package func complaints() throws -> [String] {
    let complaints = try integrity()
    guard complaints.isEmpty else { return complaints }
    return try read { store in
      try store.partitionIDs().flatMap { try store.complaints($0) }
    }
  }
}

extension Store {
  /// The vector of every partition of which something is held.
  package func vectors() throws(ReplicaError) -> [(PartitionID, VersionVector)] {
    var vectors: [(PartitionID, VersionVector)] = []
    for id in try partitionIDs() { vectors.append((id, try summary(id).vector)) }
    return vectors
  }
}
