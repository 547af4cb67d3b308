internal import Causality
internal import Records
internal import Replica

/// Which playbacks of a log were corrected, and by what. A correction names the newest one that
/// its author knew, so a chain of them leads from a playback to what is known of it now. Two that
/// were made apart from each other fork the chain: the greater dot is shown, the same everywhere.
struct Corrections {
  /// The corrections of a playback or of a correction.
  private let next: [Dot: [Dot]]
  private let started: [Dot: Int64]

  /// Calls `playback` for each that corrects nothing, with the second in which it began.
  init(
    _ partition: PartitionID, _ store: Store,
    playback: (Dot, Int64) -> Void = { _, _ in }
  ) throws {
    var next: [Dot: [Dot]] = [:]
    var started: [Dot: Int64] = [:]
    let columns = [PlaybackColumn.started.rawValue, PlaybackColumn.corrects.rawValue]
    try store.scan(Village.playback, in: partition, columns: columns) { dot, cells in
      var second: Int64 = 0
      if case .integer(let value) = cells[0] { second = value }
      guard case .dot(let corrected) = cells[1] else { return playback(dot, second) }
      next[corrected, default: []].append(dot)
      started[dot] = second
    }
    // Corrections of what is not held stand for it: it was played once.
    for corrected in next.keys.sorted() where started[corrected] == nil {
      guard try store.event(Village.playback, corrected) == nil,
        let greatest = next[corrected]?.max()
      else { continue }
      playback(greatest, started[greatest] ?? 0)
    }
    self.next = next
    self.started = started
  }

  /// A playback and its corrections, the newest last.
  func versions(of dot: Dot) -> [Dot] {
    var versions = [dot]
    // A forged ring of corrections is never longer than their number.
    while versions.count <= started.count, let newer = next[versions[versions.count - 1]]?.max() {
      versions.append(newer)
    }
    return versions
  }

  /// The newest correction of a playback, or the playback itself.
  func head(of dot: Dot) -> Dot { versions(of: dot).last ?? dot }

  /// Whether people corrected the playback apart from each other.
  func isForked(_ dot: Dot) -> Bool {
    versions(of: dot).contains { next[$0, default: []].count > 1 }
  }

  /// When the newest version of a playback began.
  func started(_ dot: Dot, original: Int64) -> Int64 { started[head(of: dot)] ?? original }
}
