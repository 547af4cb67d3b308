internal import Bundles
package import Exchange
internal import Glibc
package import Logging
internal import Mailbag
internal import Replica
internal import Synchronization

/// Watches folders where sticks appear: takes in what a stick has for this replica, writes what its
/// neighbours lack, and says when it may be pulled.
///
/// A stick is there while its folder is; where /etc/fstab names the folder, which is then always
/// there, while something is mounted on it. A stick is done once, until another one is there.
package final class Sticks: Sendable {
  /// What became of a stick, for people.
  package struct Report: Sendable {
    package enum State: String, Sendable {
      case working
      case done
      case failed
    }

    package let folder: String
    /// Milliseconds since 1970, as well as the replica knows.
    package let at: Int64
    package var state = State.working
    /// Bundles read, events and records that were new, bundles written.
    package var read = 0
    package var merged = 0
    package var written = 0
    /// Codes of what was refused.
    package var refused: [String] = []
    /// Why it was not done to its end.
    package var failure: String?

    init(folder: String, at: Int64) {
      self.folder = folder
      self.at = at
    }
  }

  private struct Known: Equatable {
    let device: UInt
    let inode: UInt
  }

  private let folders: [String]
  private let thread: ReplicaThread
  private let dataFolder: String
  private let logger: Logger
  private let known = Mutex<[String: Known]>([:])

  package init(
    _ folders: [String], _ thread: ReplicaThread, dataFolder: String, logger: Logger
  ) {
    self.folders = folders
    self.thread = thread
    self.dataFolder = dataFolder
    self.logger = logger
  }

  /// Serves sticks until the task is cancelled.
  package func run() async throws {
    while !Task.isCancelled {
      for folder in folders { await look(at: folder) }
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private func look(at folder: String) async {
    let now = Self.stick(at: folder)
    let isNew = known.withLock { known in
      defer { known[folder] = now }
      return now != nil && known[folder] != now
    }
    guard isNew else { return }
    logger.notice("a stick is here: do not pull it", metadata: ["stick": "\(folder)"])
    let report = await serve(folder)
    var metadata: Logger.Metadata = [
      "stick": "\(folder)", "read": "\(report.read)", "merged": "\(report.merged)",
      "written": "\(report.written)",
    ]
    if !report.refused.isEmpty { metadata["refused"] = "\(report.refused)" }
    if let failure = report.failure {
      metadata["error"] = "\(failure)"
      logger.error("the stick was not served to its end", metadata: metadata)
    } else {
      logger.notice("the stick is safe to remove", metadata: metadata)
    }
  }

  private func serve(_ folder: String) async -> Report {
    let dataFolder = dataFolder
    let result = try? await thread.run { replica in
      var report = Report(folder: folder, at: try replica.read { $0.now })
      try replica.write { try $0.setMeta(Report.meta, report.text) }
      do {
        try Self.exchange(replica, folder, dataFolder, &report)
        report.state = .done
      } catch {
        report.state = .failed
        report.failure = ErrorName.of(error)
      }
      let text = report.text
      try replica.write { try $0.setMeta(Report.meta, text) }
      try Release.sweep(replica)
      return report
    }
    var report = Report(folder: folder, at: 0)
    report.failure = "the database cannot be opened"
    return result ?? report
  }

  private static func exchange(
    _ replica: Replica, _ folder: String, _ dataFolder: String, _ report: inout Report
  ) throws {
    let mailbag = Mailbag(folder)
    let codec = BundleCodec()
    for file in try mailbag.importAll(replica, codec: codec, asideFolder: dataFolder + "/aside") {
      report.read += 1
      report.merged += file.merged
      report.refused += ([file.refusal] + file.outcomes.map(\.complaint)).compactMap { $0?.code }
    }
    for neighbour in try replica.read({ try Neighbours.all($0) }) {
      report.written += try mailbag.export(
        replica, to: neighbour, codec: codec, spoolFolder: dataFolder
      ).files.count
    }
  }

  // MARK: What is there

  private static func stick(at folder: String) -> Known? {
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    if isMountPoint(folder) {
      var parent = stat()
      guard stat(folder + "/..", &parent) == 0, parent.st_dev != status.st_dev else { return nil }
    }
    return Known(device: UInt(status.st_dev), inode: UInt(status.st_ino))
  }

  /// Whether /etc/fstab says that something is to be mounted there.
  private static func isMountPoint(_ folder: String) -> Bool {
    guard let table = fopen("/etc/fstab", "r") else { return false }
    defer { fclose(table) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, table) > 0, let line {
      let words = String(cString: line).split(whereSeparator: \.isWhitespace)
      if words.count > 1, !words[0].hasPrefix("#"), words[1] == folder { return true }
    }
    return false
  }
}

extension Sticks.Report {
  /// Where the database keeps the last report.
  package static let meta = "stick"

  /// One field after the other, behind tabs.
  fileprivate var text: String {
    [
      state.rawValue, "\(at)", "\(read)", "\(merged)", "\(written)",
      refused.joined(separator: " "), failure ?? "", folder,
    ].map { $0.replacing("\t", with: " ") }.joined(separator: "\t")
  }

  package init?(text: String) {
    let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 8, let state = State(rawValue: fields[0]), let at = Int64(fields[1]),
      let read = Int(fields[2]), let merged = Int(fields[3]), let written = Int(fields[4])
    else { return nil }
    self.init(folder: fields[7], at: at)
    self.state = state
    self.read = read
    self.merged = merged
    self.written = written
    refused = fields[5].split(separator: " ").map(String.init)
    failure = fields[6].isEmpty ? nil : fields[6]
  }
}
