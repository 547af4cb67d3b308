package import Bundles
internal import Causality
package import Exchange
internal import Records
package import Replica
internal import Sync
internal import Trust
package import Village
internal import Wording

/// What was written to a stick for one neighbour.
package struct ExportReport: Sendable {
  package let place: Place
  /// Names of the files written, in the order of their parts; none if there was nothing to say.
  package var files: [String] = []
  package var bytes: UInt64 = 0
  package var deltas = 0
  package var receipts = 0
  /// Not everything found room: the rest goes with the next stick.
  package var isCut = false
}

/// What becomes of bundles on the stick that what was just written makes needless.
package enum OlderFiles: Sendable {
  case remove
  /// They may hold what a damaged replica has lost.
  case keep
}

extension Mailbag {
  /// Writes what `neighbour` lacks, and verifies it by reading it back.
  ///
  /// Each file is written under a temporary name, synced, renamed, and the folder synced, so a
  /// stick pulled at any moment holds whole bundles and perhaps a file that the next export
  /// removes. When this returns the stick may be removed.
  package func export(
    _ replica: Replica, to neighbour: Neighbour, codec: BundleCodec, spoolFolder: String,
    fileBytesMax: UInt64? = nil, olderFiles: OlderFiles = .remove
  ) throws -> ExportReport {
    guard files.isFolder(folder) else {
      throw MailbagError(
        .stickMissing, "there is no folder \(folder)",
        hint: "check that the stick is plugged in and the folder exists")
    }
    try sweep()
    let own = try replica.read { try Places.own($0) }
    var writing = ExportWriting(
      mailbag: self, own: own, neighbour: neighbour, codec: codec, spoolFolder: spoolFolder)
    writing.fileBytesMax = min(fileBytesMax ?? Self.fileBytesMax, Self.fileBytesMax)
    try writing.run(replica)
    if olderFiles == .remove {
      try clean(replica, own, neighbour, keeping: writing.report.files)
    }
    return writing.report
  }

  /// Removes this replica's older bundles for the neighbour, and the neighbour's bundles that are
  /// merged here and thereby acknowledged by what was just written.
  private func clean(
    _ replica: Replica, _ own: Place, _ neighbour: Neighbour, keeping written: [String]
  ) throws {
    var gone: [String] = []
    for name in try bundleNames() where !written.contains(name) {
      guard let file = try? BundleFile(path(name), in: files) else { continue }
      let label = file.label
      let isOld = label.sender == own.id && label.reader == neighbour.place.id
      let isMerged =
        try label.sender == neighbour.place.id && label.reader == own.id
        && replica.read { try Self.isMerged(file, neighbour, $0) }
      if (isOld && !written.isEmpty) || isMerged { gone.append(name) }
    }
    try remove(gone)
  }
}

extension Mailbag {
  /// Whether all that a neighbour's bundle brings is held here. What cannot be opened is not.
  fileprivate static func isMerged(
    _ file: BundleFile, _ neighbour: Neighbour, _ store: Store
  ) throws -> Bool {
    // Also what has no delta must have been heard before it goes.
    guard try store.contact(neighbour.place.id).number >= file.label.number,
      let manifest = try? Sealing.open(file.envelope, from: neighbour, for: .looking, store)
        .manifest
    else { return false }
    return try manifest.deltas.allSatisfy { try store.holds($0.partition, $0.target) }
  }
}

/// One export to one neighbour, part after part.
private struct ExportWriting {
  let mailbag: Mailbag
  let own: Place
  let neighbour: Neighbour
  let codec: BundleCodec
  let spoolFolder: String
  var fileBytesMax: UInt64 = 0
  var report: ExportReport

  init(
    mailbag: Mailbag, own: Place, neighbour: Neighbour, codec: BundleCodec, spoolFolder: String
  ) {
    self.mailbag = mailbag
    self.own = own
    self.neighbour = neighbour
    self.codec = codec
    self.spoolFolder = spoolFolder
    report = ExportReport(place: neighbour.place)
  }

  mutating func run(_ replica: Replica) throws {
    let session = PeerSession(neighbour)
    // For whom nothing can be sealed nothing is written; others are not kept from theirs.
    if !neighbour.isAbove, try replica.read({ try Sealing.reader(neighbour, $0) }) == nil { return }
    let first = try replica.write { store in
      (outgoing: try session.outgoing(store), catalogue: try session.catalogue(store))
    }
    guard !first.outgoing.isEmpty else { return }
    var outgoing = first.outgoing
    while true {
      let room = try room()
      let spool = Spool(folder: spoolFolder)
      defer { spool.remove() }
      var manifest = try replica.write { store in
        try session.compose(
          outgoing, catalogue: first.catalogue, bytesMax: room, codec: codec, spool: spool, store)
      }
      if manifest.deltas.isEmpty, manifest.hasMore {
        // Nothing of what is left fits.
        guard !report.files.isEmpty else { throw tooFull(room) }
        report.isCut = true
        return
      }
      guard !manifest.deltas.isEmpty || !manifest.receipts.isEmpty || outgoing.isAnswer else {
        return
      }
      manifest.part = UInt32(report.files.count)
      let closed = try replica.write { try Sealing.close(manifest, to: neighbour, $0) }
      try place(closed.bytes, closed.seal, spool)
      report.deltas += manifest.deltas.count
      report.receipts += manifest.receipts.count
      guard manifest.hasMore else { return }
      outgoing = rest(of: outgoing, after: manifest)
    }
  }

  /// What the file system itself may need for one more file.
  private static let margin: UInt64 = 16 << 10

  /// How large the next file may be.
  private func room() throws -> UInt64 {
    let free = try mailbag.files.freeBytes(mailbag.folder)
    guard free > Self.margin else { throw tooFull(Self.margin) }
    return Self.inside(min(fileBytesMax, free - Self.margin))
  }

  /// What a bundle may have before it is sealed, so that it is no larger than this afterwards: a head's
  /// seal and introduction, and a tag for each piece, which has more than a thousand bytes.
  private static func inside(_ bytes: UInt64) -> UInt64 {
    let more = bytes / UInt64(Limits.inlineBytesMax) * UInt64(Envelope.tagBytes) + 512
    return bytes > more ? bytes - more : 0
  }

  private func tooFull(_ bytes: UInt64) -> MailbagError {
    MailbagError(
      .stickFull, "the stick has no room for \(bytes) bytes",
      hint: "free some space on it, or use another stick")
  }

  private func rest(of outgoing: Outgoing, after manifest: Manifest) -> Outgoing {
    Outgoing(
      parts: outgoing.parts.map { part in
        let written = manifest.deltas.first { $0.partition == part.partition }
        return .init(partition: part.partition, base: written?.target ?? part.base)
      }, receipts: [], believed: outgoing.believed)
  }

  /// Writes one file and reads it back.
  private mutating func place(_ head: [UInt8], _ seal: Seal, _ spool: Spool) throws {
    let name = try mailbag.freeName(
      to: Mailbag.label(neighbour.place.code), from: Mailbag.label(own.code))
    let files = mailbag.files
    let path = mailbag.path(name)
    let temporary = path + Mailbag.temporarySuffix
    var written = RunningHash()
    var size = UInt64(head.count)
    do {
      let file = try files.create(temporary)
      try file.write(head, to: temporary)
      written.absorb(head)
      try spool.eachPiece { piece, number in
        let sealed = seal.close(piece, number: number)
        try file.write(sealed, to: temporary)
        written.absorb(sealed)
        size += UInt64(sealed.count)
      }
      try file.sync(temporary)
    } catch {
      try? files.remove(temporary)
      // What is written next may get its clusters.
      try? files.syncFolder(mailbag.folder)
      throw error
    }
    try files.rename(temporary, path)
    // Linux gives a renamed file on FAT an entry without size and clusters, and fills it in with the file:
    // a folder that is synced may still say that the file is empty.
    try files.open(path).sync(path)
    try files.syncFolder(mailbag.folder)
    mailbag.placed(path)
    try verify(path, written.value)
    report.files.append(name)
    report.bytes += size
  }

  /// A stick may give back what was there before, or nothing. One that was pulled out meanwhile is not to
  /// blame: its own error is told.
  private func verify(_ path: String, _ written: ChainValue) throws {
    let files = mailbag.files
    let found: ChainValue?
    do {
      found = try Self.readBack(path, in: files)
    } catch let error as MailbagError
      where error.code != .stickMissing || !files.isFolder(mailbag.folder)
    {
      throw error
    } catch {
      found = nil
    }
    guard found == written else {
      throw MailbagError(
        .notVerified, "\(path) reads back differently than it was written",
        hint: "do not trust this stick: use another one")
    }
  }

  private static func readBack(_ path: String, in files: any FileSystem) throws -> ChainValue {
    try files.forget(path)
    let file = try files.open(path)
    var hash = RunningHash()
    var offset: UInt64 = 0
    while true {
      let bytes = try file.read(at: offset, count: 1 << 18, of: path)
      if bytes.isEmpty { return hash.value }
      hash.absorb(bytes)
      offset += UInt64(bytes.count)
    }
  }
}
