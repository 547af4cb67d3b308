package import Bundles
internal import Causality
internal import Exchange
package import Replica
internal import Sync
package import Village

/// What became of one file of a mailbag.
package struct ImportReport: Sendable {
  package let name: String
  /// From whom it is, if that is known.
  package var sender: Place?
  package var outcomes: [MergeOutcome] = []
  /// Why the bundle as a whole was refused: a stable code and a sentence.
  package var refusal: MergeOutcome.Refusal?

  package var merged: Int { outcomes.reduce(0) { $0 + $1.merged } }
  package var isClean: Bool { refusal == nil && outcomes.allSatisfy { $0.complaint == nil } }
}

extension Mailbag {
  /// Merges what is at `path`: what a mailbag folder holds for this replica, or one bundle's file.
  ///
  /// Throws `not_for_here` if nothing of it was meant to come here, and changes nothing then: a
  /// file that is for another place; a folder whose bundles are all for other places, unless this
  /// replica has written one of them, so that the stick is just on its way.
  package static func importAll(
    at path: String, _ replica: Replica, codec: BundleCodec, asideFolder: String,
    progress: (Int, Int) -> Void
  ) throws -> [ImportReport] {
    if let file = BundlePath(path) {
      return [try file.mailbag.importNamed(file.name, replica, codec, asideFolder)]
    }
    let mailbag = Mailbag(path)
    let reports = try mailbag.importAll(
      replica, codec: codec, asideFolder: asideFolder, progress: progress)
    if reports.isEmpty { try mailbag.requireErrand(of: replica) }
    return reports
  }

  /// Merges one file, whatever its name says.
  private func importNamed(
    _ name: String, _ replica: Replica, _ codec: BundleCodec, _ asideFolder: String
  ) throws -> ImportReport {
    let report: ImportReport
    switch try open(name) {
    case .refused(let refusal): report = ImportReport(name: name, refusal: refusal)
    case .file(let file):
      guard let taken = try take(file, name, replica, codec) else {
        throw try notForHere([name], replica)
      }
      report = taken
    }
    // What is no bundle at all was named by mistake.
    if !report.isClean, report.refusal?.code != BundleError.Code.notABundle.rawValue {
      try? Aside(asideFolder).keep(report, from: self)
    }
    return report
  }

  /// Merges every bundle in the folder that is for this replica; others are left alone.
  ///
  /// The order of files does not matter: one that begins beyond what is held waits until those
  /// before it are in. What is refused stays on the stick, and a copy is kept in `asideFolder`.
  package func importAll(
    _ replica: Replica, codec: BundleCodec, asideFolder: String,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> [ImportReport] {
    let names = try bundleNames()
    var reports: [String: ImportReport] = [:]
    var waiting = names
    var done = 0
    while !waiting.isEmpty {
      var stuck: [String] = []
      var hasProgress = false
      for name in waiting {
        guard let report = try importOne(replica, name, codec: codec) else { continue }
        done += 1
        progress(min(done, names.count), names.count)
        hasProgress = hasProgress || report.merged > 0
        if report.outcomes.contains(where: { $0.refusal?.code == "gap" }) { stuck.append(name) }
        reports[name] = Self.combined(reports[name], report)
      }
      waiting = hasProgress ? stuck : []
    }
    let sorted = names.compactMap { reports[$0] }
    for report in sorted where !report.isClean { try? Aside(asideFolder).keep(report, from: self) }
    return sorted
  }

  /// A later try of the same file adds what it merged and replaces what it was refused for.
  private static func combined(_ before: ImportReport?, _ now: ImportReport) -> ImportReport {
    guard let before else { return now }
    var report = now
    for index in report.outcomes.indices {
      report.outcomes[index].merged +=
        before.outcomes.first { $0.partition == report.outcomes[index].partition }?.merged ?? 0
    }
    return report
  }

  /// Merges a file that a person has looked at: whoever signed it, and whatever right its authors had.
  func accept(_ name: String, _ replica: Replica, codec: BundleCodec) throws -> ImportReport {
    switch try open(name) {
    case .refused(let refusal): return ImportReport(name: name, refusal: refusal)
    case .file(let file):
      guard let report = try take(file, name, replica, codec, isAccepted: true) else {
        throw try notForHere([name], replica)
      }
      return report
    }
  }

  /// Nil if the file is a bundle for somebody else.
  private func importOne(
    _ replica: Replica, _ name: String, codec: BundleCodec
  ) throws -> ImportReport? {
    switch try open(name) {
    case .file(let file): return try take(file, name, replica, codec)
    case .refused(let refusal):
      // A damaged file concerns whom its label names; without a label everybody.
      let own = try replica.read { Self.label(try Places.own($0).code) }
      if let label = Self.parties(label: name)?.reader, label != own { return nil }
      return ImportReport(name: name, refusal: refusal)
    }
  }

  /// Nil if the bundle is for somebody else.
  private func take(
    _ file: BundleFile, _ name: String, _ replica: Replica, _ codec: BundleCodec,
    isAccepted: Bool = false
  ) throws -> ImportReport? {
    guard file.label.reader == replica.identity.place else { return nil }
    return try replica.write { store in
      var report = ImportReport(name: name)
      guard let neighbour = try Neighbours.find(store, file.envelope) else {
        // What a hub that this place has left wrote before it knew of that is of no use any more.
        if try Places.own(store).hubs.contains(file.label.sender) { return report }
        report.refusal = .init(
          code: SyncError.Code.unknownSender.rawValue,
          reason: "the bundle is from a place that is not a neighbour")
        return report
      }
      report.sender = neighbour.place
      let opened: OpenBundleFile
      do {
        opened = OpenBundleFile(
          file,
          try Sealing.open(
            file.envelope, from: neighbour, for: isAccepted ? .accepting : .taking, store))
      } catch {
        report.refusal = try refusal(error)
        return report
      }
      report.outcomes = try PeerSession(neighbour).merge(
        opened.manifest, opened, by: .stick, codec: codec, isAccepted: isAccepted, store)
      return report
    }
  }

  private enum Opened {
    case file(BundleFile)
    case refused(MergeOutcome.Refusal)
  }

  private func open(_ name: String) throws -> Opened {
    do { return .file(try BundleFile(path(name), in: files)) } catch {
      return .refused(try refusal(error))
    }
  }

  /// Why a file could not be opened. A bad spot of the stick keeps no other file from being read;
  /// a stick that is gone ends it all.
  private func refusal(_ error: any Error) throws -> MergeOutcome.Refusal {
    switch error {
    case let error as BundleError: return .init(code: error.code.rawValue, reason: error.reason)
    case let error as SyncError: return .init(code: error.code.rawValue, reason: error.reason)
    case let error as VillageError where error.code != .keysMissing:
      return .init(code: error.code.rawValue, reason: error.reason)
    case let error as MailbagError where files.isFolder(folder):
      return .init(code: error.code.rawValue, reason: error.reason)
    default: throw error
    }
  }
}
