internal import Glibc
internal import Replica
internal import Village
internal import Wording

/// A folder that only this user can look into and that goes away with the program's use of it.
final class PrivateFolder {
  let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(base)/yizhan-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw DataFolder.unwritable(base) }
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(stream)
    }
    rmdir(path)
  }
}

/// What a data folder that is not to be touched holds, as a database of one's own in a private folder:
/// the same, or if it is damaged what can be saved of it.
final class PrivateCopy {
  private let folder: PrivateFolder
  let replica: Replica
  /// What was wrong; nil if nothing was.
  let damage: Salvage.Report?
  var spoolFolder: String { folder.path }

  /// Throws what `Salvage.rebuild` throws.
  init(of source: DataFolder, secrets: [[UInt8]] = []) throws {
    let folder = try PrivateFolder()
    self.folder = folder
    let surroundings = DataFolder.surroundings(secrets: secrets, memoryFolder: nil)
    let database = source.swap.newest
    if let whole = Self.whole(database, folder.path + "/copy.db", surroundings) {
      replica = whole
      damage = nil
      return
    }
    let saved = folder.path + "/saved.db"
    damage = try Salvage.rebuild(
      database, to: saved, for: .rescue, schema: Village.schema, surroundings: surroundings,
      again: PlaybackBook.again)
    replica = try Replica.open(at: saved, schema: Village.schema, surroundings: surroundings)
  }

  deinit { try? replica.close() }

  /// A copy of a database that is well, or nil.
  private static func whole(
    _ database: String, _ copy: String, _ surroundings: Surroundings
  ) -> Replica? {
    do {
      for suffix in ["", "-wal"] where access(database + suffix, F_OK) == 0 {
        try SyncedFile.copy(database + suffix, to: copy + suffix)
      }
      let replica = try Replica.open(at: copy, schema: Village.schema, surroundings: surroundings)
      guard try replica.complaints().isEmpty else {
        try? replica.close()
        return nil
      }
      return replica
    } catch { return nil }
  }
}

/// That a machine went on from something older or less than it had: kept in its database, for people.
enum Comeback {
  /// How; that of its finding.
  enum Code: String {
    case restored = "restored"
    case repaired = "repaired"
  }

  private static let meta = "comeback"

  static func note(_ how: Code, _ store: Store) throws {
    try store.setMeta(meta, "\(how.rawValue) \(store.now)")
  }

  /// The last one, and when: milliseconds since 1970.
  static func last(_ store: Store) throws -> (how: Code, at: Int64)? {
    let words = (try store.meta(meta) ?? "").split(separator: " ").map(String.init)
    guard words.count == 2, let how = Code(rawValue: words[0]), let at = Int64(words[1]) else {
      return nil
    }
    return (how, at)
  }
}
