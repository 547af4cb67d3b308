internal import Causality
internal import Glibc
internal import Records

/// The right of the next opening to go on with the epochs of the last one.
///
/// A fresh epoch at each opening is always safe (P4), but forty commands a day would be forty
/// births on the wire. So when a replica is closed it leaves a note of its open epochs and how far
/// each came, in a file system that lives in this machine's memory and is named by the database
/// file's device and inode. The next opening takes the note away first, and goes on only if the
/// database is exactly where the note says. Safe because the note is a single token that every
/// opening for writing consumes:
///
///     a restored backup     is behind the note, or its file is another inode
///     a cloned card         has no note: another machine's memory, or another inode
///     a crash               leaves no note: it is written at a clean close only
///     a reboot              empties the memory
///
/// The note tells the database's path too, so that the notes of folders that were deleted do not
/// pile up until the machine restarts: whoever opens a database sweeps them.
///
/// What remains is a snapshot of the memory itself (a suspended or copied virtual machine): the
/// live fork that an epoch which stays open runs the risk of as well.
struct Lease {
  /// An epoch that was open, and its highest sequence.
  struct Entry: Equatable {
    let partition: Int64
    let epoch: Epoch
    let seen: UInt64
  }

  private struct Note {
    let database: String
    let entries: [Entry]
  }

  private let folder: String
  private let name: String
  /// Absolute.
  private let database: String
  private var path: String { "\(folder)/\(name)" }

  /// Nil where there is no memory file system to trust, or the database cannot be looked at.
  init?(database: String, memoryFolder: String?) {
    guard let memoryFolder, Self.isInMemory(memoryFolder), let name = Self.name(of: database),
      let absolute = realpath(database, nil)
    else { return nil }
    defer { free(absolute) }
    folder = memoryFolder
    self.name = name
    self.database = String(cString: absolute)
  }

  private static var namePrefix: String { "yizhan-\(getuid())-" }
  private static let temporarySuffix = ".tmp"

  /// What the note of a database is called; nil if the database is not there.
  private static func name(of database: String) -> String? {
    var status = stat()
    guard stat(database, &status) == 0 else { return nil }
    return "\(namePrefix)\(status.st_dev)-\(status.st_ino)"
  }

  /// Whether a folder is a tmpfs, by the kernel's list of mounts; the last one counts.
  private static func isInMemory(_ folder: String) -> Bool {
    guard let list = fopen("/proc/self/mounts", "r") else { return false }
    defer { fclose(list) }
    var isMemory = false
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, list) > 0, let line {
      let words = String(cString: line).split(separator: " ")
      if words.count > 2, words[1] == folder { isMemory = words[2] == "tmpfs" }
    }
    return isMemory
  }

  /// Takes the note away and returns what it says; empty if there is none that can be trusted.
  func take() -> [Entry] {
    let note = Self.note(path)
    // A note that cannot be taken away could be read twice: then it is worth nothing.
    return unlink(path) == 0 ? note?.entries ?? [] : []
  }

  /// Removes the notes of databases that are gone.
  ///
  /// Safe beside programs that open, close and sweep at the same moment: a note may be lost at any
  /// time, at the cost of a birth, and an opening goes on only with a note that it took away itself.
  func sweep() {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let other = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard other.hasPrefix(Self.namePrefix), !other.hasSuffix(Self.temporarySuffix) else {
        continue
      }
      let database = Self.note("\(folder)/\(other)")?.database
      if database.flatMap(Self.name) != other { unlink("\(folder)/\(other)") }
    }
  }

  private static let bytesMax = 1 << 16

  /// What a note says; nil if it is not there, not whole, or not this user's.
  private static func note(_ path: String) -> Note? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    let count = read(descriptor, &bytes, bytes.count)
    guard fstat(descriptor, &status) == 0, status.st_uid == getuid(), count > 0,
      count < bytes.count
    else { return nil }
    return try? parse(Array(bytes.prefix(count)))
  }

  private static func parse(_ bytes: [UInt8]) throws(ByteReader.Malformed) -> Note {
    var reader = ByteReader(bytes)
    let database = String(decoding: try reader.block(), as: UTF8.self)
    var entries: [Entry] = []
    for _ in 0..<(try reader.count()) {
      let partition = try reader.zigzag()
      let dot = try reader.dot()
      entries.append(Entry(partition: partition, epoch: dot.epoch, seen: dot.sequence))
    }
    guard reader.isAtEnd else { throw ByteReader.Malformed() }
    return Note(database: database, entries: entries)
  }

  /// Leaves the note. A failure costs a birth, nothing else.
  func leave(_ entries: [Entry]) {
    var writer = ByteWriter()
    writer.block(database.utf8)
    writer.varint(UInt64(entries.count))
    for entry in entries {
      writer.zigzag(entry.partition)
      writer.dot(Dot(entry.epoch, entry.seen))
    }
    guard !entries.isEmpty, writer.bytes.count < Self.bytesMax else { return }
    let temporary = path + Self.temporarySuffix
    unlink(temporary)
    let descriptor = Glibc.open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return }
    let isWhole = write(descriptor, writer.bytes, writer.bytes.count) == writer.bytes.count
    close(descriptor)
    guard isWhole, rename(temporary, path) == 0 else {
      unlink(temporary)
      return
    }
  }
}

extension Store {
  /// Goes on with the epochs of a lease if the database is exactly where it says; with none of
  /// them if it is anywhere else.
  func resume(_ entries: [Lease.Entry]) throws(ReplicaError) {
    var resumed: [Int64: LiveEpoch] = [:]
    for entry in entries {
      guard let live = try find(entry.epoch), live.partition == entry.partition,
        live.seen == entry.seen, live.chain != nil, live.birth?.author == identity.author
      else { return }
      resumed[entry.partition] = live
    }
    ownEpochs = resumed
  }

  /// The epochs that the next opening may go on with.
  func leaseEntries() throws(ReplicaError) -> [Lease.Entry] {
    var entries: [Lease.Entry] = []
    // order: the note is a set.
    for (partition, own) in ownEpochs {
      let live = try epoch(number: own.number)
      if live.seen > 0, live.chain != nil {
        entries.append(Lease.Entry(partition: partition, epoch: live.epoch, seen: live.seen))
      }
    }
    return entries
  }
}
