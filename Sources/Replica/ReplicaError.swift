internal import GRDBSQLite

/// What can go wrong with a replica. Equality looks at the code only.
package struct ReplicaError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md.
  package enum Code: String, Sendable, CaseIterable {
    case notAReplica = "not_a_replica"
    case alreadyExists = "already_exists"
    case newerSchema = "newer_schema"
    case dataInUse = "data_in_use"
    case databaseDamaged = "database_damaged"
    case diskFull = "disk_full"
    case readOnly = "read_only"
    case diskError = "disk_error"
    case gap = "gap"
    case fork = "fork"
    case deltaMalformed = "delta_malformed"
    case unknownRecord = "unknown_record"
    case recordDeleted = "record_deleted"
    case outOfScope = "out_of_scope"
    case valueTooLarge = "value_too_large"
  }

  package let code: Code
  package let reason: String
  /// What to do next, for a person.
  package let hint: String

  /// The code of the bundle's defect that is behind this, if one is.
  let bundleCode: String?

  package init(_ code: Code, _ reason: String, hint: String = "") {
    self.code = code
    self.reason = reason
    self.hint = hint
    bundleCode = nil
  }

  init(_ code: Code, _ reason: String, bundle: String) {
    self.code = code
    self.reason = reason
    hint = ""
    bundleCode = bundle
  }

  package static func == (left: ReplicaError, right: ReplicaError) -> Bool {
    left.code == right.code
  }
}

extension ReplicaError {
  /// What SQLite's result code means to a person. The message is SQLite's own.
  init(sqlite code: Int32, _ message: String) {
    switch code & 0xFF {
    case SQLITE_FULL:
      self.init(
        .diskFull, "the disk is full: nothing of this step was kept",
        hint: "free some space and run the same command again")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
      self.init(
        .readOnly, "the data folder cannot be written (\(message))",
        hint: "check the owner and the permissions of the folder")
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT:
      self.init(
        .databaseDamaged, "the database is damaged (\(message))",
        hint: "keep the folder as it is, and set up a new one from the hub or a stick")
    case SQLITE_BUSY, SQLITE_LOCKED:
      self.init(
        .dataInUse, "another program is using the data folder (\(message))",
        hint: "wait until it has finished, then run the command again")
    case SQLITE_TOOBIG:
      self.init(.valueTooLarge, "a value is too large (\(message))")
    default:
      self.init(.diskError, "the disk or the database failed (\(code): \(message))")
    }
  }
}
