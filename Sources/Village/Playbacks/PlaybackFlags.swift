package import Causality
internal import Records

/// Something about a month of playbacks that people should look at.
package struct PlaybackFlag: Equatable, Sendable {
  /// Stable: reports and programs name it.
  package enum Reason: String, CaseIterable, Sendable {
    /// A month without a play of the theme day.
    case noThemeDay = "no_theme_day"
    /// A meeting without a short programme in the hour before it.
    case noPrelude = "no_prelude"
  }

  package let reason: Reason
  /// The first playback of the meeting; nil where the month as a whole is meant.
  package let dot: Dot?
}

/// Looks over the playbacks of one station and one month. They are shown to it one by one, in the
/// order of their starts; those of the day before the month too, since a meeting may be at its
/// very beginning. What lies outside is not counted.
package struct PlaybackFlags: Sendable {
  package let month: Month
  private let range: Range<Int64>
  private var hasThemeDay = false
  private var preludes: [(dot: Dot, end: Int64)] = []
  /// When the last playback of each meeting's occasion ended.
  private var meetings: [String: Int64] = [:]
  private var meetingFlags: [PlaybackFlag] = []

  package init(_ month: Month, zone: TimeZoneOffset) {
    self.month = month
    range = month.seconds(in: zone)
  }

  package mutating func look(at playback: PlaybackView) {
    // A peer may have written any number there.
    let seconds = playback.endedAt.map { $0.seconds &- playback.startedAt.seconds }
    var play = Play(dot: playback.dot, programme: playback.programme, started: playback.startedAt)
    play.seconds = seconds
    play.occasion = playback.occasion
    play.prelude = playback.prelude
    look(at: play)
  }

  package mutating func look(at playback: Play) {
    let start = playback.started
    let end = start.seconds &+ (playback.seconds ?? 0)
    let isInMonth = range.contains(start.seconds)
    switch OccasionKind(of: playback.occasion) {
    case .themeDay: if isInMonth { hasThemeDay = true }
    case .beforeMeeting:
      preludes.removeAll { $0.end < start.seconds &- Preludes.gapMax }
      preludes.append((playback.dot, end))
    case .meeting:
      let occasion = playback.occasion ?? ""
      let last = meetings[occasion]
      meetings[occasion] = max(end, last ?? end)
      // A further part of the same meeting.
      if let last, last >= start.seconds &- Preludes.gapMax { return }
      let hasPrelude =
        playback.prelude != nil
        || preludes.contains { Preludes.isJustBefore($0.end, start) }
      if isInMonth, !hasPrelude {
        meetingFlags.append(PlaybackFlag(reason: .noPrelude, dot: playback.dot))
      }
    case .routine, .training, .other: break
    }
  }

  /// What was found. A month that may still get its theme day, or had one that is lost, is not
  /// flagged for it.
  package func flags(_ reach: Reach) -> [PlaybackFlag] {
    let isOver = reach.isComplete(range.lowerBound...(range.upperBound - 1))
    let ofMonth = PlaybackFlag(reason: .noThemeDay, dot: nil)
    return (isOver && !hasThemeDay ? [ofMonth] : []) + meetingFlags
  }

  /// From when on playbacks have to be shown to it.
  package var from: Instant {
    Instant(seconds: range.lowerBound - Preludes.gapMax - PlaybackFacts.secondsMax)
  }

  /// Until when.
  package var to: Instant { Instant(seconds: range.upperBound) }

  package func contains(_ instant: Instant) -> Bool { range.contains(instant.seconds) }
}

extension Month {
  /// Its seconds since 1970 in `zone`.
  fileprivate func seconds(in zone: TimeZoneOffset) -> Range<Int64> {
    let next = number == 12 ? (year + 1, 1) : (year, number + 1)
    let first = CivilDate(days: CivilDate.days(year: year, month: number, day: 1))
    let last = CivilDate(days: CivilDate.days(year: next.0, month: next.1, day: 1))
    return Instant(startOf: first, in: zone).seconds..<Instant(startOf: last, in: zone).seconds
  }
}
