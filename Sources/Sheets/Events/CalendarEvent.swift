/// One slot of a plan for people's calendars. Instants are seconds since 1970-01-01T00:00:00Z.
package struct CalendarEvent: Equatable, Sendable {
  package enum Time: Equatable, Sendable {
    /// `end` is not before `start`; nil for an event of which only the start is known.
    case instants(start: Int64, end: Int64?)
    /// Whole days since 1970-01-01; `end` is the day behind the last one.
    case days(start: Int, end: Int)
  }

  package enum Status: String, Equatable, Sendable {
    case tentative = "TENTATIVE"
    case confirmed = "CONFIRMED"
    case cancelled = "CANCELLED"
  }

  /// The same for the same slot in every export, and for no other: calendars know it again by this.
  package let uid: String
  /// When the slot was last changed or issued (DTSTAMP, LAST-MODIFIED).
  package let stamp: Int64
  package let time: Time
  package let summary: String
  package var details = ""
  package var place = ""
  package var categories: [String] = []
  /// Grows with each change of the slot: the plan's version.
  package var sequence: Int64 = 0
  package var status = Status.confirmed

  package init(uid: String, stamp: Int64, time: Time, summary: String) {
    self.uid = uid
    self.stamp = stamp
    self.time = time
    self.summary = summary
  }
}
