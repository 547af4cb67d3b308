internal import ArgumentParser
internal import Causality
internal import Exchange
internal import Glibc
internal import Replica
internal import Village
internal import Wording

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: said("Write a verified copy of the database to a file."),
    discussion: said(
      """
      Works beside a running hub or station. The copy is read back whole: the file, every chain \
      and every digest. Only then is it put in its place, and only then are those whose writes \
      are in it told that these are safe, with the next exchange. Keep it on another disk. \
      The secret keys lie beside it in FILE.keys, which nobody else should read. \
      `yizhan restore` makes a data folder of it.
      """))

  @OptionGroup var data: DataOptions
  @Option(help: ArgumentHelp(said("The file; one that is there is replaced."), valueName: "file"))
  var to: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    let source = try data.folder.openForReading()
    let temporary = try target() + ".tmp"
    unlink(temporary)
    // What is in it is for nobody else, from its first byte on.
    umask(0o077)
    do {
      do { try source.copy(to: temporary) } catch let error as ReplicaError {
        throw Failure(
          code: error.code.rawValue,
          reason: error.code == .databaseDamaged
            ? error.why
            : error.code == .diskFull
              ? "\(to) cannot be written: the disk is full" : "\(to) cannot be written",
          hint: error.code == .databaseDamaged
            ? error.advice : "free some space there, or give another --to")
      }
      try source.close()
      let copy = try BackupFile(temporary)
      try copy.verify()
      let keys = try KeyFile(folder: data.data).read()
      if !keys.isEmpty { try KeyFile(backup: to).write(keys) }
      try SyncedFile.rename(temporary, to: to)
      let open = try data.folder.open()
      try open.replica.write { store in
        for (partition, vector) in copy.vectors { try store.setSafe(partition, vector) }
      }
      Console.print(
        json: output.json,
        .object([
          ("file", .text(to)), ("bytes", .number(copy.size)),
          ("partitions", .number(Int64(copy.vectors.count))),
        ]),
        said(
          "\(to): \(copy.size) bytes, \(copy.vectors.count) partitions, written and read back."))
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

extension BackupCommand {
  /// The file to write. Throws `bad_target` unless it can be one outside of the data folder.
  private func target() throws -> String {
    let folder = to.lastIndex(of: "/").map { String(to[...$0]) } ?? "."
    guard let target = realpath(folder, nil), let own = realpath(data.data, nil) else {
      throw Failure(
        code: "bad_target", reason: "there is no folder for \(to)", hint: "make it first")
    }
    defer {
      free(target)
      free(own)
    }
    let isInside = (String(cString: target) + "/").hasPrefix(String(cString: own) + "/")
    var status = stat()
    let isOther = stat(to, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    guard !isInside, !isOther else {
      throw Failure(
        code: "bad_target",
        reason: isInside ? "\(to) lies in the data folder itself" : "\(to) is no plain file",
        hint: "give a file on another disk")
    }
    return to
  }
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: said("Make a new data folder from a backup."),
    discussion: said(
      """
      The backup is verified first. What was written after it comes back by itself: from the \
      stations of a hub with their next exchanges, from the hub of a station. New writes begin new \
      epochs, so nothing that others remember is named twice.
      """))

  @OptionGroup var data: DataOptions
  @Option(help: ArgumentHelp(said("The backup."), valueName: "file")) var from: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    let copy = try BackupFile(from)
    try copy.verify()
    try data.folder.restore(from)
    let open = try data.folder.open()
    let place = try open.replica.write { store in
      for (partition, vector) in copy.vectors { try store.setSafe(partition, vector) }
      try PeerSession.mistrustAll(store)
      try Comeback.note(.restored, store)
      return try Places.own(store)
    }
    Console.print(
      json: output.json,
      .object([("place", .text(place.code.dotted)), ("name", .text(place.name))]),
      said(
        """
        \(data.data) is \(place.code) \(place.name) as it was when \(from) was written. What came \
        later comes back with the next exchanges.
        """))
  }
}

/// A backup, opened as it stands.
private struct BackupFile {
  let size: Int64
  private let path: String
  private let replica: Replica
  let vectors: [(PartitionID, VersionVector)]

  init(_ path: String) throws {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Failure(
        code: "file_missing", reason: "there is no file \(path)", hint: "check the path")
    }
    size = Int64(status.st_size)
    do {
      replica = try Replica.open(
        at: path, access: .immutable, schema: Village.schema,
        surroundings: DataFolder.surroundings())
      vectors = try replica.read { try $0.vectors() }
    } catch let error as ReplicaError {
      throw error.code == .newerSchema ? error : Self.damaged(path, error.why)
    }
  }

  private static func damaged(_ path: String, _ reason: Message) -> Failure {
    Failure(
      code: "backup_damaged", reason: "\(path) is no whole backup: \(reason)",
      hint: "take another backup; if it was just written, run `yizhan check` on the data folder")
  }

  /// Throws `backup_damaged` unless everything in it adds up.
  func verify() throws {
    let complaints: [String]
    do { complaints = try replica.complaints() } catch let error as ReplicaError {
      throw Self.damaged(path, error.why)
    }
    guard complaints.isEmpty else {
      throw Self.damaged(
        path, .list(complaints.prefix(3).map { Message(told: $0) }, separator: "; "))
    }
  }
}
