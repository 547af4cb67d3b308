internal import GRDBSQLite
package import Wording

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
    case notOwner = "not_owner"
    case notProven = "not_proven"
    case unknownRecord = "unknown_record"
    case recordDeleted = "record_deleted"
    case outOfScope = "out_of_scope"
    case valueTooLarge = "value_too_large"
  }

  package let code: Code
  /// What is wrong, and what to do next, in the language of whom it is told.
  package let why: Message
  package let advice: Message
  /// In English, for programs and logs.
  package var reason: String { why.text }
  package var hint: String { advice.text }

  /// The code of the bundle's defect that is behind this, if one is.
  let bundleCode: String?

  /// Without a hint of its own an error has its code's.
  package init(_ code: Code, _ why: Message, hint advice: Message? = nil) {
    self.code = code
    self.why = why
    self.advice = advice ?? code.advice
    bundleCode = nil
  }

  init(_ code: Code, _ why: Message, bundle: String) {
    self.code = code
    self.why = why
    advice = code.advice
    bundleCode = bundle
  }

  package static func == (left: ReplicaError, right: ReplicaError) -> Bool {
    left.code == right.code
  }
}

extension ReplicaError.Code {
  /// What to do next, where nothing more is known than the code.
  fileprivate var advice: Message {
    switch self {
    case .notAReplica:
      "check --data, or begin with `yizhan hub init` or `yizhan station join`"
    case .alreadyExists: "choose another --data folder"
    case .newerSchema: "update this program; nothing was changed"
    case .dataInUse: "wait until it has finished, then run the command again"
    case .databaseDamaged:
      "run `yizhan check`, which says what is safe, then `yizhan repair`"
    case .diskFull: "free some space and run the same command again"
    case .readOnly: "check the owner and the permissions of the folder"
    case .diskError: "check the disk and run the command again"
    case .gap: "bring the sticks between; or export here, and the next bundle will begin right"
    case .fork: "call somebody: a database was copied or rewritten"
    case .deltaMalformed, .outOfScope: "the sender's program is wrong: report it"
    case .notOwner, .notProven: "look at it with `yizhan review list`"
    case .unknownRecord: "check the id"
    case .recordDeleted: "make a new one"
    case .valueTooLarge: "shorten it; or run the command again"
    }
  }
}

extension ReplicaError {
  /// What SQLite's result code means to a person. The message is SQLite's own.
  init(sqlite code: Int32, _ message: String) {
    switch code & 0xFF {
    case SQLITE_FULL:
      self.init(.diskFull, "the disk is full: nothing of this step was kept")
    case SQLITE_READONLY:
      self.init(.readOnly, "the data folder cannot be written (\(Message(told: message)))")
    case SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
      self.init(.readOnly, "the data folder cannot be read and written (\(Message(told: message)))")
    // The statements are this program's own and fit its tables: where SQLite finds no such table or
    // column, or a constraint that does not hold, the schema or an index in the file is damaged.
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_ERROR, SQLITE_SCHEMA,
      SQLITE_CONSTRAINT, SQLITE_MISMATCH:
      self.init(.databaseDamaged, "the database is damaged (\(Message(told: message)))")
    case SQLITE_BUSY, SQLITE_LOCKED:
      self.init(.dataInUse, "another program is using the data folder (\(Message(told: message)))")
    case SQLITE_TOOBIG:
      self.init(.valueTooLarge, "a value is too large (\(Message(told: message)))")
    default:
      self.init(.diskError, "the disk or the database failed (\(code): \(Message(told: message)))")
    }
  }
}
