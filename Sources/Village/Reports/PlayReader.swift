internal import Causality
internal import Records
internal import Replica

/// Reads what a station played, with corrections taken in: of each playback the newest version,
/// under the dot of the first.
struct PlayReader {
  private let store: Store
  private let seconds: ClosedRange<Int64>

  init(_ store: Store, seconds: ClosedRange<Int64>) {
    self.store = store
    self.seconds = seconds
  }

  /// Some thirty thousand years.
  private static let secondMax: Int64 = 1 << 40

  private static let columns: [PlaybackColumn] = [
    .programme, .title, .started, .seconds, .item, .occasion, .outcome, .clock, .corrects, .prelude,
  ]

  /// Those that began within the seconds.
  func plays(of place: PlaceID) throws -> [Play] { try log(of: place).plays(in: seconds) }

  /// What is needed to know those of any seconds within these.
  func log(of place: PlaceID) throws -> PlayLog {
    var log = PlayLog()
    try store.scan(
      Village.playback, in: PartitionID(place, .log), columns: Self.columns.map(\.rawValue),
      within: (PlaybackColumn.started.rawValue, seconds),
      exceptions: [
        .hasValue(column: PlaybackColumn.corrects.rawValue),
        .isWord(column: PlaybackColumn.clock.rawValue, "unknown"),
      ]
    ) { dot, cells in
      guard let play = Self.play(dot, cells) else { return }
      if case .dot(let corrected) = cells[8] {
        log.corrections[dot] = (play, corrected)
      } else {
        log.logged.append(play)
      }
    }
    return log
  }

  private static func play(_ dot: Dot, _ cells: [EventCell]) -> Play? {
    guard case .integer(let started) = cells[2], case .text(let programme) = cells[0] else {
      return nil
    }
    // A peer may have written any number: a time of no age and a length that no playback has.
    let second = min(max(started, -Self.secondMax), Self.secondMax)
    var play = Play(dot: dot, programme: programme, started: Instant(seconds: second))
    if case .text(let title) = cells[1] { play.title = title }
    if case .integer(let seconds) = cells[3], (0...PlaybackFacts.secondsMax).contains(seconds) {
      play.seconds = seconds
    }
    if case .dot(let item) = cells[4] { play.item = item }
    if case .text(let occasion) = cells[5] { play.occasion = occasion }
    if case .text(let outcome) = cells[6] { play.outcome = outcome }
    if case .text(let clock) = cells[7] {
      play.isTimed = clock != ClockConfidence.unknown.rawValue
    }
    if case .dot(let prelude) = cells[9] { play.prelude = prelude }
    return play
  }
}

/// What a station logged, in the order of its log.
struct PlayLog {
  fileprivate var logged: [Play] = []
  fileprivate var corrections: [Dot: (play: Play, corrected: Dot)] = [:]

  /// Those that began within the seconds. One with a clock that could not be believed is among them
  /// if it was logged between two of them.
  func plays(in seconds: ClosedRange<Int64>) -> [Play] {
    var plays: [Play] = []
    // Not yet followed by one that was timed.
    var untimed: [Play] = []
    for play in logged {
      let isWithin = seconds.contains(play.started.seconds)
      if !play.isTimed {
        if !plays.isEmpty || isWithin { untimed.append(play) }
      } else if isWithin {
        plays += untimed
        untimed = []
        plays.append(play)
      }
    }
    plays += untimed.filter { seconds.contains($0.started.seconds) }
    return corrections.isEmpty ? plays : corrected(plays, seconds)
  }

  private func corrected(
    _ plays: [Play], _ seconds: ClosedRange<Int64>
  ) -> [Play] {
    var next: [Dot: Dot] = [:]
    var roots: Set<Dot> = []
    // order: the greatest of those that correct one thing, whichever is seen first.
    for (dot, correction) in corrections {
      next[correction.corrected] = max(next[correction.corrected] ?? dot, dot)
      if corrections[correction.corrected] == nil { roots.insert(correction.corrected) }
    }
    var result = plays.filter { !roots.contains($0.dot) }
    for root in roots.sorted() {
      var head = root
      // Somebody may have forged a ring of corrections.
      var passed: Set<Dot> = []
      while let newer = next[head], passed.insert(newer).inserted { head = newer }
      guard let play = corrections[head]?.play, seconds.contains(play.started.seconds) else {
        continue
      }
      result.append(play.named(root))
    }
    return result
  }
}

extension Play {
  /// The same under another dot.
  fileprivate func named(_ dot: Dot) -> Play {
    var play = Play(dot: dot, programme: programme, started: started)
    play.title = title
    play.seconds = seconds
    play.item = item
    play.occasion = occasion
    play.outcome = outcome
    play.prelude = prelude
    play.isTimed = isTimed
    return play
  }
}
