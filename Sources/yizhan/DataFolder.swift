internal import CClock
internal import Causality
internal import Glibc
internal import Replica
internal import Village
internal import Wording

/// A replica's folder: the database, a lock, what was set aside.
struct DataFolder {
  let path: String

  var asidePath: String { path + "/aside" }
  /// The database is not encrypted: no other user of the machine is to read it.
  private static let mode: mode_t = 0o700
  var databasePath: String { path + "/" + Replica.fileName }
  /// How a damaged database is replaced, and whether a power cut has ended that.
  var swap: DatabaseSwap { DatabaseSwap(databasePath) }

  static func surroundings(
    secrets: [[UInt8]] = [], memoryFolder: String? = "/dev/shm"
  ) -> Surroundings {
    Surroundings(
      wall: {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
      },
      random: {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
      }, memoryFolder: memoryFolder,
      boot: {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return bootID.map { ($0, Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000) }
      },
      isClockKept: { yz_clock_is_kept() != 0 },
      hasClockBattery: {
        // The kernel tells whether it took the time from there when it started.
        guard let file = fopen("/sys/class/rtc/rtc0/hctosys", "r") else { return false }
        defer { fclose(file) }
        return fgetc(file) == Int32(UInt8(ascii: "1"))
      }, secrets: secrets, sign: Keyring.signer(secrets))
  }

  /// Which start of the machine this is (random(4)).
  private static let bootID: String? = {
    guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, 64, file) != nil else { return nil }
    return String(decoding: line.map(UInt8.init(bitPattern:)), as: UTF8.self)
      .filter { $0.isHexDigit || $0 == "-" }
  }()

  /// Makes the folder and a new database in it.
  func create(as identity: Identity) throws -> OpenFolder {
    guard mkdir(path, Self.mode) == 0 || errno == EEXIST else { throw Self.unwritable(path) }
    let lock = try FolderLock(path)
    let keys = KeyFile(folder: path)
    try keys.make()
    let replica = try Replica.create(
      at: databasePath, as: identity, schema: Village.schema,
      surroundings: Self.surroundings(secrets: keys.read()))
    return OpenFolder(folder: self, replica: replica, lock: lock)
  }

  /// Makes the folder and puts a backup in it as its database.
  func restore(_ backup: String) throws {
    guard mkdir(path, Self.mode) == 0 || errno == EEXIST else { throw Self.unwritable(path) }
    let lock = try FolderLock(path)
    defer { withExtendedLifetime(lock) {} }
    for suffix in ["", "-wal", "-shm", "-journal"]
    where access(databasePath + suffix, F_OK) == 0 {
      throw Failure(
        code: ReplicaError.Code.alreadyExists.rawValue,
        reason: "there is a database in \(path) already",
        hint: "keep that folder under another name, and restore into a new one")
    }
    let keys = KeyFile(folder: path)
    let kept = try keys.read()
    let secret = try kept.isEmpty ? KeyFile(backup: backup).required() : kept
    let temporary = databasePath + ".tmp"
    unlink(temporary)
    do {
      try SyncedFile.copy(backup, to: temporary)
      if kept.isEmpty { try keys.write(secret) }
      try SyncedFile.rename(temporary, to: databasePath)
    } catch {
      unlink(temporary)
      if kept.isEmpty { unlink(keys.path) }
      throw error
    }
  }

  /// Opens the database for writing. One program at a time may; an agent or hub that owns the
  /// folder lends it.
  func open() throws -> OpenFolder {
    try requireDatabase()
    let open = try open(Loan(path))
    Self.settle(open.replica)
    return open
  }

  /// The same for an agent or hub, which is to `settle` once. When a command has given the database
  /// back, signs of life of players may still wait for it: what seems silent has not ended.
  func openAsOwner() throws -> OpenFolder {
    try requireDatabase()
    return try open(nil)
  }

  private func open(_ loan: Loan?) throws -> OpenFolder {
    let lock = try FolderLock(path)
    try swap.finish()
    let replica = try Replica.open(
      at: databasePath, schema: Village.schema,
      surroundings: Self.surroundings(secrets: KeyFile(folder: path).read()))
    return OpenFolder(folder: self, replica: replica, lock: lock, loan: loan)
  }

  /// What a power cut has ended is logged by whoever comes first, and new keys are made known. If that
  /// fails, on a full disk say, it stays noted and the next one does it; what is to be done now may work.
  static func settle(_ replica: Replica) {
    if (try? replica.read { try Keyring.isRotationUnfinished($0) }) ?? false {
      try? replica.write { try Keyring.rotated($0) }
    }
    do { try PlayingBook.settle(replica) } catch {
      let cause = Failure(error)?.why ?? Message(told: "\(error)")
      Failure(
        code: "playback_not_logged",
        reason: "a playback that has ended could not be logged: \(cause)",
        hint: "it stays noted, and the next command logs it"
      ).report(asJSON: CommandLine.arguments.contains("--json"))
    }
  }

  /// Opens the database for reading, beside whoever writes. In a folder that cannot be written
  /// SQLite may be unable to take part in that, so there the file is read as it stands.
  func openForReading() throws -> Replica {
    try requireDatabase()
    guard !swap.isUnfinished else {
      throw Failure(
        code: "repair_unfinished", reason: "the repair of \(path) was cut short",
        hint: "run `yizhan repair --data \(path)` again: it goes on where it was")
    }
    do { return try open(.readOnly) } catch let error as ReplicaError {
      guard error.code == .readOnly else { throw error }
      try requireStill()
      return try open(.immutable)
    }
  }

  private func open(_ access: Replica.Access) throws -> Replica {
    try Replica.open(
      at: databasePath, access: access, schema: Village.schema, surroundings: Self.surroundings())
  }

  /// Throws unless the database is whole in its one file, and keeps writing programs out until
  /// this one ends.
  private func requireStill() throws {
    try FolderLock.share(path)
    var log = stat()
    guard stat(databasePath + "-wal", &log) == 0, log.st_size > 0 else { return }
    throw Failure(
      code: ReplicaError.Code.readOnly.rawValue,
      reason:
        "\(path) cannot be written, and what was done last waits in the log beside the database",
      hint: "copy the folder to a disk that can be written, and look at the copy")
  }

  var hasDatabase: Bool { access(databasePath, F_OK) == 0 }

  func requireDatabase() throws {
    guard hasDatabase else {
      throw Failure(
        code: ReplicaError.Code.notAReplica.rawValue, reason: "there is no replica in \(path)",
        hint: "check --data, or begin with `yizhan hub init` or `yizhan station join`")
    }
  }

  static func unwritable(_ path: String) -> Failure {
    let cause = errno
    let hint: Message =
      switch cause {
      case ENOSPC: "free some space"
      case ENOENT: "make the folder above it first"
      default: "check the owner and the permissions of the folder"
      }
    return Failure(
      code: (cause == ENOSPC ? ReplicaError.Code.diskFull : .readOnly).rawValue,
      reason: "cannot write in \(path): \(Message(told: String(cString: strerror(cause))))",
      hint: hint)
  }
}

/// A folder opened for writing. The lock is held as long as this lives.
final class OpenFolder {
  let folder: DataFolder
  let replica: Replica
  private var lock: FolderLock?
  private var loan: Loan?

  fileprivate init(
    folder: DataFolder, replica: Replica, lock: FolderLock, loan: Loan? = nil
  ) {
    self.folder = folder
    self.replica = replica
    self.lock = lock
    self.loan = loan
  }

  /// A clean close leaves the lease, so that the next command goes on with the same epochs. What
  /// fails here was durable before.
  func close() {
    guard lock != nil else { return }
    try? replica.close()
    lock = nil
    loan = nil
  }

  deinit { close() }
}

/// Keeps a second writing program out of a data folder. The lock goes with the process, so a
/// crash leaves none behind.
final class FolderLock {
  private let descriptor: Int32
  private static let patience = 30

  /// Waits three seconds at most: commands of one keeper may follow each other closely.
  init(_ folder: String) throws {
    descriptor = Glibc.open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DataFolder.unwritable(folder) }
    for _ in 0..<Self.patience {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { break }
      usleep(100_000)
    }
    close(descriptor)
    throw Self.inUse(folder)
  }

  deinit { close(descriptor) }

  /// Keeps writing programs out until this one ends. Where there is no lock's file, none is at
  /// work.
  static func share(_ folder: String) throws {
    let descriptor = Glibc.open(folder + "/lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { throw inUse(folder) }
  }

  private static func inUse(_ folder: String) -> Failure {
    Failure(
      code: ReplicaError.Code.dataInUse.rawValue,
      reason: "another program is using the data folder \(folder)",
      hint: "wait until it has finished, then run the command again")
  }
}
