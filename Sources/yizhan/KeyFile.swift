internal import Glibc
internal import Trust
internal import Village
internal import Wording

/// The file with a replica's secret keys, beside its database: 64 random bytes that its owner alone may
/// read. A copy of the folder is a copy of the machine; without the file nothing can be exchanged.
struct KeyFile {
  let path: String

  init(folder: String) { path = folder + "/keys" }

  /// Those that belong to a backup, beside it.
  init(backup: String) { path = backup + ".keys" }

  /// Makes new keys unless there are some.
  func make() throws {
    guard access(path, F_OK) != 0 else { return }
    var dice = SystemRandomNumberGenerator()
    try write((0..<SecretKeys.secretBytes).map { _ in UInt8.random(in: 0...255, using: &dice) })
  }

  /// Throws `keys_exposed` if others may read them, and `keys_damaged` if these are none. Empty if there
  /// are none: what exchanges nothing needs none.
  func read() throws -> [UInt8] {
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
    guard fstat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
      throw Failure(
        code: "keys_exposed", reason: "others may read the secret keys in \(path)",
        hint:
          "run `chmod 600 \(path)`; if others could log in here, replace the keys with a new invitation"
      )
    }
    var bytes = [UInt8](repeating: 0, count: SecretKeys.secretBytes + 1)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard count == SecretKeys.secretBytes else {
      throw Failure(
        code: "keys_damaged", reason: "\(path) holds no keys",
        hint:
          "put the file back from a backup; or set the place up anew with an invitation that replaces it"
      )
    }
    return Array(bytes.prefix(count))
  }

  /// Throws `keys_missing` too.
  func required() throws -> [UInt8] {
    let bytes = try read()
    guard !bytes.isEmpty else {
      throw Failure(
        code: VillageError.Code.keysMissing.rawValue, reason: "there are no keys in \(path)",
        hint: "put them beside the backup, or into the new data folder as the file `keys`")
    }
    return bytes
  }

  /// Writes a file that nobody else may read, whole or not at all.
  func write(_ bytes: [UInt8]) throws {
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
