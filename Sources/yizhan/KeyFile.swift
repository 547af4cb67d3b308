internal import Glibc
internal import Trust
internal import Village
internal import Wording

/// The file with a replica's secret keys, beside its database, that its owner alone may read: 64 random
/// bytes for each pair it has had, the newest first. What was sealed for older ones can still be read. A copy
/// of the folder is a copy of the machine; without the file nothing can be exchanged.
struct KeyFile {
  let path: String

  init(folder: String) { path = folder + "/keys" }

  /// Those that belong to a backup, beside it.
  init(backup: String) { path = backup + ".keys" }

  /// Makes new keys unless there are some.
  func make() throws {
    guard access(path, F_OK) != 0 else { return }
    try write([Self.fresh()])
  }

  private static func fresh() -> [UInt8] {
    var dice = SystemRandomNumberGenerator()
    return (0..<SecretKeys.secretBytes).map { _ in UInt8.random(in: 0...255, using: &dice) }
  }

  /// Puts new keys before those that are there.
  func rotate() throws {
    try write(Array(([Self.fresh()] + required()).prefix(Self.secretsMax)))
  }

  private static let secretsMax = Succession.stepsMax + 1

  enum Secrecy {
    /// Nobody else may read them.
    case required
    /// They lie on a disk that was taken out of its machine, and permissions say nothing.
    case unknown
  }

  /// Throws `keys_exposed` if others may read them, and `keys_damaged` if these are none. Empty if there
  /// are none: what exchanges nothing needs none.
  func read(_ secrecy: Secrecy = .required) throws -> [[UInt8]] {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if file < 0, errno == ENOENT { return [] }
    guard file >= 0 else {
      throw Failure(
        code: "keys_unreadable",
        reason:
          "the keys in \(path) cannot be read: \(Message(told: String(cString: strerror(errno))))",
        hint: "run this as the user that owns the data folder")
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, secrecy == .unknown || status.st_mode & 0o077 == 0 else {
      throw Failure(
        code: "keys_exposed", reason: "others may read the secret keys in \(path)",
        hint:
          "run `chmod 600 \(path)`; if others could log in here, replace the keys with a new invitation"
      )
    }
    let size = SecretKeys.secretBytes
    var bytes = [UInt8](repeating: 0, count: size * Self.secretsMax + 1)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard count > 0, count.isMultiple(of: size), count < bytes.count else {
      throw Failure(
        code: "keys_damaged", reason: "\(path) holds no keys",
        hint:
          "put the file back from a backup; or set the place up anew with an invitation that replaces it"
      )
    }
    return stride(from: 0, to: count, by: size).map { Array(bytes[$0..<($0 + size)]) }
  }

  /// Throws `keys_missing` too.
  func required() throws -> [[UInt8]] {
    let secrets = try read()
    guard !secrets.isEmpty else {
      throw Failure(
        code: VillageError.Code.keysMissing.rawValue, reason: "there are no keys in \(path)",
        hint: "put them beside the backup, or into the new data folder as the file `keys`")
    }
    return secrets
  }

  /// Writes a file that nobody else may read, whole or not at all.
  func write(_ secrets: [[UInt8]]) throws {
    let bytes = Array(secrets.joined())
    let part = path + ".part"
    unlink(part)
    let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
      let cause = Message(told: String(cString: strerror(errno)))
      if file >= 0 { close(file) }
      unlink(part)
      throw Failure(
        code: "keys_unreadable", reason: "the keys cannot be written to \(path): \(cause)",
        hint: "check the owner and the permissions of the folder")
    }
    close(file)
    try SyncedFile.rename(part, to: path)
  }
}
