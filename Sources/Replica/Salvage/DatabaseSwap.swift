internal import Glibc
internal import Wording

/// Puts a new database in the place of a damaged one, which is set aside whole.
///
/// A cut of the power at any moment leaves the old database, or the new one, or the note that the new
/// one is ready; then `finish` goes on, whoever comes next. The order matters: the log of the old one
/// must be gone before the new one has the name, or SQLite would play it into that.
///
///     NAME.repairing     is being made; worth nothing
///     damaged-N/         the old files: first as another name for the same bytes
///     NAME.repaired      is whole and durable: from here on it goes forward only
///     NAME-wal           is removed, then NAME.repaired becomes NAME
package struct DatabaseSwap {
  package let database: String
  /// Called before each change of the folder: tests cut the power there.
  var willChange: () throws -> Void = {}

  package init(_ database: String) { self.database = database }

  private var folder: String {
    database.lastIndex(of: "/").map { String(database[..<$0]) } ?? "."
  }
  /// Where the new database is made.
  package var draft: String { database + ".repairing" }
  private var ready: String { database + ".repaired" }
  private static let besides = ["-wal", "-shm", "-journal"]

  /// A new database is ready and has not taken its place yet.
  package var isUnfinished: Bool { access(ready, F_OK) == 0 }
  /// The one to read.
  package var newest: String { isUnfinished ? ready : database }

  /// Removes what an earlier attempt has left.
  package func begin() {
    for suffix in [""] + Self.besides { unlink(draft + suffix) }
  }

  /// Sets the old files aside and puts the draft in their place. Returns the folder of the old ones.
  ///
  /// Throws what the disk may throw; then nothing is lost and it can be done again.
  package func commit() throws -> String {
    let aside = try setAside()
    try sync(draft)
    try change { rename(draft, ready) }
    try finish()
    return aside
  }

  /// Goes on with what a cut of the power has ended. Does nothing if there is nothing.
  package func finish() throws {
    guard isUnfinished else { return }
    for suffix in Self.besides where access(database + suffix, F_OK) == 0 {
      try change { unlink(database + suffix) }
    }
    try change { rename(ready, database) }
  }

  private func change(_ body: () -> Int32) throws {
    try willChange()
    guard body() == 0 else { throw failure() }
    try sync(folder)
  }

  // MARK: The old files

  private func setAside() throws -> String {
    let name = database.lastIndex(of: "/").map { String(database[database.index(after: $0)...]) }
    var number = 1
    while access("\(folder)/damaged-\(number)", F_OK) == 0 {
      // Set aside by an attempt that was cut short.
      if isSame("\(folder)/damaged-\(number)/\(name ?? database)") {
        return "\(folder)/damaged-\(number)"
      }
      number += 1
    }
    let aside = "\(folder)/damaged-\(number)"
    let part = aside + ".part"
    try willChange()
    guard mkdir(part, 0o700) == 0 || errno == EEXIST else { throw failure() }
    for suffix in ["", "-wal", "-journal"] where access(database + suffix, F_OK) == 0 {
      let target = "\(part)/\(name ?? database)\(suffix)"
      unlink(target)
      if link(database + suffix, target) != 0 { try copy(database + suffix, target) }
    }
    try sync(part)
    try change { rename(part, aside) }
    return aside
  }

  private func isSame(_ path: String) -> Bool {
    var (old, new) = (stat(), stat())
    return stat(database, &new) == 0 && stat(path, &old) == 0 && old.st_ino == new.st_ino
  }

  /// Where a file cannot have two names.
  private func copy(_ source: String, _ target: String) throws {
    let from = open(source, O_RDONLY | O_CLOEXEC)
    let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    defer {
      close(from)
      close(to)
    }
    guard from >= 0, to >= 0 else { throw failure() }
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(from, &block, block.count)
      if count == 0 { break }
      guard count > 0, write(to, block, count) == count else { throw failure() }
    }
    guard fsync(to) == 0 else { throw failure() }
  }

  private func sync(_ path: String) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    // Some file systems cannot sync a folder.
    guard file >= 0, fsync(file) == 0 || errno == EINVAL else { throw failure() }
  }

  private func failure() -> ReplicaError {
    let cause = errno
    return ReplicaError(
      cause == ENOSPC || cause == EDQUOT
        ? .diskFull : cause == EACCES || cause == EROFS ? .readOnly : .diskError,
      "\(folder): \(Message(told: String(cString: strerror(cause))))")
  }
}
