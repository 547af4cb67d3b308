internal import Glibc

/// A card's database as files: the database and, while it is open, its log.
enum CardFiles {
  struct Failed: Error {
    let path: String
    let number: Int32
  }

  fileprivate static let suffixes = ["", "-wal"]

  /// Puts a copy of what lies at `source` in the place of what lies at `target`.
  static func copy(_ source: String, to target: String) throws {
    for suffix in suffixes + ["-shm"] { unlink(target + suffix) }
    for suffix in suffixes where access(source + suffix, F_OK) == 0 {
      try copyFile(source + suffix, to: target + suffix)
    }
  }

  private static func copyFile(_ source: String, to target: String) throws {
    let from = open(source, O_RDONLY | O_CLOEXEC)
    let to = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer {
      close(from)
      close(to)
    }
    guard from >= 0, to >= 0 else { throw Failed(path: target, number: errno) }
    var count = 0
    repeat {
      count = sendfile(to, from, nil, 1 << 24)
      guard count >= 0 else { throw Failed(path: target, number: errno) }
    } while count > 0
  }

  /// Deletes a folder and what lies in it and in folders within.
  static func remove(_ folder: String) {
    guard let directory = opendir(folder) else { return }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    closedir(directory)
    for name in names where unlink("\(folder)/\(name)") != 0 { remove("\(folder)/\(name)") }
    rmdir(folder)
  }
}

extension CardFiles {
  static func delete(_ path: String) { for suffix in suffixes { unlink(path + suffix) } }
}
