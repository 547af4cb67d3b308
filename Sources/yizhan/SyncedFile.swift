internal import Glibc
internal import Replica
internal import Wording

/// Files that are whole after a power cut, or not there.
enum SyncedFile {
  /// Copies a file to a new one, synced.
  static func copy(_ source: String, to target: String) throws {
    let from = open(source, O_RDONLY | O_CLOEXEC)
    guard from >= 0 else { throw failure(source) }
    defer { close(from) }
    let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard to >= 0 else { throw failure(target) }
    defer { close(to) }
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(from, &block, block.count)
      guard count >= 0 else { throw failure(source) }
      if count == 0 { break }
      var done = 0
      while done < count {
        let written = block.withUnsafeBytes {
          Glibc.write(to, $0.baseAddress?.advanced(by: done), count - done)
        }
        guard written > 0 else { throw failure(target) }
        done += written
      }
    }
    guard fsync(to) == 0 else { throw failure(target) }
  }

  /// Writes a file by its pieces. It is there whole or, if `body` throws, not at all.
  static func write(
    _ target: String, mode: mode_t = 0o644,
    _ body: (@escaping ([UInt8]) throws -> Void) throws -> Void
  ) throws {
    let part = target + ".part"
    // What lies there, a link perhaps, is not written through.
    unlink(part)
    let to = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard to >= 0 else { throw failure(target) }
    do {
      defer { close(to) }
      try body { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
          let written = rest.withUnsafeBytes { Glibc.write(to, $0.baseAddress, $0.count) }
          guard written > 0 else { throw failure(target) }
          rest = rest.dropFirst(written)
        }
      }
    } catch {
      unlink(part)
      throw error
    }
    try rename(part, to: target)
  }

  /// Gives a file its name for good, in place of what had it.
  static func rename(_ source: String, to target: String) throws {
    let file = open(source, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(source) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw failure(source) }
    guard Glibc.rename(source, target) == 0 else { throw failure(target) }
    // Linux gives a renamed file on FAT an entry without size and clusters until the file is synced.
    guard fsync(file) == 0 else { throw failure(target) }
    let slash = target.lastIndex(of: "/")
    let folder = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder) }
    defer { close(descriptor) }
    // Some file systems of sticks cannot sync a folder.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(folder) }
  }

  private static func failure(_ path: String) -> Failure {
    let cause = errno
    let isFull = cause == ENOSPC || cause == EDQUOT
    return Failure(
      code: (isFull ? ReplicaError.Code.diskFull : .diskError).rawValue,
      reason: "\(path): \(Message(told: String(cString: strerror(cause))))",
      hint: isFull ? "free some space and repeat" : "check the path and the disk")
  }
}
