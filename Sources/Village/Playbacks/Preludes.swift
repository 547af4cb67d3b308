internal import Causality
internal import Records
internal import Replica

/// The short programme before a meeting: shown within the hour before it.
enum Preludes {
  /// Seconds between the end of the short programme, or of an earlier part of the same meeting, and
  /// the meeting.
  static let gapMax: Int64 = 3600

  /// What was shown before a meeting that begins then: the latest short programme that ended within
  /// the hour before. What begins within an hour of a playback at the same kind of meeting is a
  /// further part of that, and has its short programme. Nil for other occasions.
  static func find(
    before start: Instant, at occasion: String?, in partition: PartitionID, _ store: Store
  ) throws -> Dot? {
    guard OccasionKind(of: occasion) == .meeting else { return nil }
    let from = Instant(seconds: start.seconds &- gapMax &- PlaybackFacts.secondsMax)
    let filter = PlaybackFilter(
      place: partition.place, from: from, to: Instant(seconds: start.seconds &+ 1))
    var found: (end: Int64, dot: Dot)?
    var earlier: (end: Int64, dot: Dot?)?
    try PlaybackBook.list(store, filter) { view in
      let end = (view.endedAt ?? view.startedAt).seconds
      guard isJustBefore(end, start) else { return }
      if OccasionKind(of: view.occasion) == .beforeMeeting, end >= found?.end ?? end {
        found = (end, view.dot)
      } else if view.occasion == occasion, end >= earlier?.end ?? end {
        earlier = (end, view.prelude)
      }
    }
    return found?.dot ?? earlier?.dot
  }

  static func isJustBefore(_ end: Int64, _ start: Instant) -> Bool {
    // A peer may have written any number there: nothing overflows.
    end <= start.seconds && end >= start.seconds &- gapMax
  }
}
