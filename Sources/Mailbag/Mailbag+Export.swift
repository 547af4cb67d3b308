package import Bundles
internal import Causality
package import Exchange
package import Replica
internal import Sync
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

extension Mailbag {
  /// Writes what `neighbour` lacks, and verifies it by reading it back.
  ///
  /// Each file is written under a temporary name, synced, renamed, and the folder synced, so a
  /// stick pulled at any moment holds whole bundles and perhaps a file that the next export
  /// removes. When this returns the stick may be removed.
  package func export(
    _ replica: Replica, to neighbour: Neighbour, codec: BundleCodec, spoolFolder: String,
    fileBytesMax: UInt64? = nil
  ) throws -> ExportReport {
    guard Files.isFolder(folder) else {
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
    try clean(replica, own, neighbour, keeping: writing.report.files)
    return writing.report
  }

  /// Removes this replica's older bundles for the neighbour, and the neighbour's bundles that are
  /// merged here and thereby acknowledged by what was just written.
  private func clean(
    _ replica: Replica, _ own: Place, _ neighbour: Neighbour, keeping files: [String]
  ) throws {
    for name in try bundleNames() where !files.contains(name) {
      guard let file = try? BundleFile(path(name)) else { continue }
      let manifest = file.head.manifest
      let isOld = manifest.sender == own.id && manifest.reader == neighbour.place.id
      let isMerged =
        try manifest.sender == neighbour.place.id && manifest.reader == own.id
        && replica.read { store in
          // Also what has no delta must have been heard before it goes.
          try store.contact(neighbour.place.id).number >= manifest.number
            && manifest.deltas.allSatisfy { try store.holds($0.partition, $0.target) }
        }
      if (isOld && !files.isEmpty) || isMerged { try Files.remove(path(name)) }
    }
    try Files.syncFolder(folder)
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
      let head = BundleHead.serialized(manifest)
      try place(head, spool)
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
    let free = try Files.freeBytes(mailbag.folder)
    guard free > Self.margin else { throw tooFull(Self.margin) }
    return min(fileBytesMax, free - Self.margin)
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
  private mutating func place(_ head: [UInt8], _ spool: Spool) throws {
    let name = Mailbag.name(
      to: Mailbag.label(neighbour.place.code), from: Mailbag.label(own.code),
      part: report.files.count + 1)
    let path = mailbag.path(name)
    let temporary = path + Mailbag.temporarySuffix
    do {
      let file = try Files.create(temporary)
      try file.write(head, to: temporary)
      try spool.eachBlock { try file.write($0, to: temporary) }
      try file.sync(temporary)
    } catch {
      try? Files.remove(temporary)
      throw error
    }
    try Files.rename(temporary, path)
    try Files.syncFolder(mailbag.folder)
    mailbag.placed(path)
    do {
      try Files.forget(path)
      let file = try BundleFile(path)
      // A stick may also give back what was there before.
      guard try file.head == BundleHead(parsing: head) else {
        throw BundleError(.checkFailed, "this is another bundle")
      }
      try file.verify()
    } catch {
      throw MailbagError(
        .notVerified, "\(path) reads back differently than it was written",
        hint: "do not trust this stick: use another one")
    }
    report.files.append(name)
    report.bytes += UInt64(head.count) + spool.size
  }
}
