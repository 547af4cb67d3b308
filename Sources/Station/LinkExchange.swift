internal import Bundles
internal import Causality
package import Exchange
internal import Glibc
internal import Replica
internal import Sync
internal import Village
internal import Wording

/// What came of talking to the hub until both sides had nothing new, or until it went wrong.
package struct SyncReport: Sendable {
  package var requests = 0
  package var cost = HubLink.Cost()
  /// Events and records in bundles that were answered; and those that were new here.
  package var sent = 0
  package var received = 0
  /// Codes of deltas of the hub's last answer that were refused here.
  package var refused: [String] = []
  /// The hub has more than came.
  package var hasMore = false

  package init() {}
}

/// Exchanges bundles with the hub. What a broken link has brought so far is kept in a file.
package struct LinkExchange: Sendable {
  private let thread: ReplicaThread
  private let link: HubLink
  private let path: String
  private let limits: Limits

  /// What one run may do.
  package struct Limits: Sendable {
    /// Of bodies in both directions; what is left over waits for the next run.
    package var bytesMax = Limits.none
    /// Of bundles, and only what is in urgent partitions.
    package var urgentOnly = false

    /// More than any link carries.
    package static let none: UInt64 = 1 << 40

    package init() {}
    package init(bytesMax: UInt64, urgentOnly: Bool) {
      self.bytesMax = bytesMax
      self.urgentOnly = urgentOnly
    }
  }

  /// `folder` is the data folder.
  package init(
    _ thread: ReplicaThread, _ link: HubLink, folder: String, _ limits: Limits = Limits()
  ) {
    self.thread = thread
    self.link = link
    self.limits = limits
    path = folder + "/transfer"
  }

  package enum Failure: Error, Sendable {
    /// There is no hub above this replica.
    case noHub
    case busy(seconds: Int)
    case refused(code: String, reason: String)
    /// What may be spent is spent; the transfer goes on another time.
    case overBudget
  }

  /// A wrong guess about each other is righted by the next exchange, or by none: a hub that was set
  /// back has then been told that it was, and says what it lacks.
  private static let guessesMax = 2
  /// A backlog of 64 MiB.
  private static let turnsMax = 1000

  /// Goes on with a transfer that broke, or begins one, until nothing is left to say.
  package func run(_ report: inout SyncReport) async throws {
    if !limits.urgentOnly, let kept = try await kept() {
      // What is urgent does not wait behind a backlog.
      let urgent = try await write(only: .urgent)
      if urgent.deltas > 0 {
        _ = try await carry(Transfer(urgent.bytes), &report, keepingAt: nil)
      }
      _ = try await carry(kept, &report, keepingAt: path)
    }
    var guesses = 0
    var isIntroduced = false
    for _ in 0..<Self.turnsMax {
      let sent = try await write(only: limits.urgentOnly ? .urgent : nil)
      let isOff: Bool
      do {
        isOff = try await carry(
          Transfer(sent.bytes), &report, keepingAt: limits.urgentOnly ? nil : path)
      } catch Failure.refused(let code, let reason) {
        guard !isIntroduced, try await reintroduce(code, &report) else {
          throw Failure.refused(code: code, reason: reason)
        }
        isIntroduced = true
        continue
      }
      report.sent += sent.content
      guesses += isOff ? 1 : 0
      let again = sent.hasMore || report.hasMore || isOff && guesses <= Self.guessesMax
      guard again, spent(report) < limits.bytesMax else { return }
    }
  }

  /// What the hub does not know of this place's keys, or this place of the hub's, may be shown: by a hub
  /// that has other keys now, and to one that was set back. True if it is worth another attempt.
  private func reintroduce(_ code: String, _ report: inout SyncReport) async throws -> Bool {
    guard Self.keyCodes.contains(code) else { return false }
    let shown = try await link.introduction(cost: &report.cost)
    try await thread.run { replica in
      try replica.write { try Sealing.reintroduce(shownAbove: shown ?? [], $0) }
    }
    return true
  }

  private static let keyCodes: Set<String> = [
    BundleError.Code.signatureWrong.rawValue, SyncError.Code.keyUnknown.rawValue,
    SyncError.Code.unknownSender.rawValue,
  ]

  /// The next bundle to the hub.
  private func write(only section: Section?) async throws -> Turn.Sent {
    let bytesMax = min(limits.bytesMax, Turn.bytesMax)
    return try await thread.run { replica in
      try replica.write { store in
        guard let hub = try Neighbours.above(store) else { throw Failure.noHub }
        let turn = Turn(BundleCodec())
        return try turn.write(
          to: hub, store, bytesMax: bytesMax, only: section, counts: true)
      }
    }
  }

  /// One transfer, from where it is to its end. True if one of the two guessed wrong about the other.
  private func carry(
    _ transfer: Transfer, _ report: inout SyncReport, keepingAt path: String?
  ) async throws -> Bool {
    var transfer = transfer
    var date: String?
    while !transfer.isComplete {
      guard spent(report) < limits.bytesMax else { throw Failure.overBudget }
      let reply = try await request(&transfer, &report, path)
      switch reply {
      case .complete(let at): date = at
      case .wantsRest: continue
      case .busy(let seconds): throw Failure.busy(seconds: seconds)
      case .refused(let code, let reason):
        if let path { unlink(path) }
        throw Failure.refused(code: code, reason: reason)
      }
    }
    if let path { unlink(path) }
    return try await finish(transfer, &report, at: date.flatMap(Self.milliseconds))
  }

  /// How much of an answer a power cut may take.
  private static let savingBytes = 8 << 10

  private func request(
    _ transfer: inout Transfer, _ report: inout SyncReport, _ path: String?
  ) async throws -> HubLink.Reply {
    report.requests += 1
    var left: [[UInt8]] = []
    let reply: Result<HubLink.Reply, any Error>
    if let path, transfer.isWorthKeeping, !transfer.request.body.isEmpty {
      // If the power fails now, nobody here knows how much has come there.
      var unknown = transfer
      unknown.broke()
      keep(unknown, at: path)
    }
    var saved = transfer.answer.count
    do {
      reply = .success(
        try await link.send(
          &transfer, cost: &report.cost,
          bytesMax: limits.bytesMax < Limits.none
            ? Int(limits.bytesMax - spent(report)) : .max,
          progress: { transfer in
            guard let path, transfer.answer.count >= saved + Self.savingBytes else { return }
            saved = transfer.answer.count
            keep(transfer, at: path)
          }, left: { left.append($0) }))
    } catch { reply = .failure(error) }
    if let path, transfer.isWorthKeeping, !transfer.isComplete { keep(transfer, at: path) }
    for part in left { await takePart(part) }
    return try reply.get()
  }

  /// Milliseconds since 1970 of a date as HTTP writes it (RFC 9110 section 5.6.7).
  static func milliseconds(_ date: String) -> Int64? {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let words = date.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]),
      let month = months.firstIndex(of: String(words[2])), let year = Int32(words[3])
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int32($0) }
    guard clock.count == 3, (1970...9999).contains(year), (1...31).contains(day),
      (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
    else { return nil }
    var parts = tm()
    parts.tm_mday = day
    parts.tm_mon = Int32(month)
    parts.tm_year = year - 1900
    parts.tm_hour = clock[0]
    parts.tm_min = clock[1]
    parts.tm_sec = clock[2]
    return Int64(timegm(&parts)) * 1000
  }

  private func spent(_ report: SyncReport) -> UInt64 {
    UInt64(report.cost.up + report.cost.down)
  }

  /// Merges the answer. True if something of it was refused as a gap, or the hub turns out to lack
  /// what it was thought to hold.
  private func finish(
    _ transfer: Transfer, _ report: inout SyncReport, at time: Int64?
  ) async throws -> Bool {
    let bundle: SealedBytes
    do { bundle = try SealedBytes(transfer.answer) } catch {
      throw SyncError(.badReply, "the answer is no bundle: \(error.reason)")
    }
    let (taken, hasNews) = try await thread.run { replica in
      try replica.write { store in
        if let time { try store.hear(time: time, from: .hub) }
        let taken = try Turn(BundleCodec()).take(bundle, store)
        return (taken, try PeerSession(taken.sender).hasNews(store))
      }
    }
    report.received += taken.merged
    // What a later answer has made good is no refusal any more.
    report.refused = taken.refusals.map(\.code)
    report.hasMore = taken.hasMore
    return hasNews || taken.refusals.contains { $0.code == "gap" }
  }

  /// What is whole of an answer that the hub has forgotten need not come again.
  private func takePart(_ bytes: [UInt8]) async {
    guard let bundle = try? SealedBytes(bytes) else { return }
    _ = try? await thread.run { replica in
      try replica.write { try Turn(BundleCodec()).take(bundle, $0).merged }
    }
  }

  // MARK: Kept between attempts

  /// Not synced: what a power cut takes of it is sent again.
  private func keep(_ transfer: Transfer, at path: String) {
    let bytes = transfer.saved
    guard let file = fopen(path + ".tmp", "w") else { return }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count, rename(path + ".tmp", path) == 0 else {
      unlink(path + ".tmp")
      return
    }
  }

  private static let keptMax = 64 << 20

  private func kept() async throws -> Transfer? {
    guard let transfer = read() else { return nil }
    // A transfer with a hub that this replica has left is of no use.
    let reader = (try? SealedBytes(transfer.bundle))?.envelope.label.reader
    let isCurrent = try await thread.run { replica in
      try replica.read { try Neighbours.above($0)?.place.id == reader }
    }
    if !isCurrent { unlink(path) }
    return isCurrent ? transfer : nil
  }

  private func read() -> Transfer? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < Self.keptMax {
      let count = fread(&block, 1, block.count, file)
      guard count > 0 else { break }
      bytes += block[..<count]
    }
    return Transfer(saved: bytes)
  }
}
