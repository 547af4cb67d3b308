/// When an agent tries to reach its hub: every decision, and no clock, timer or randomness of its
/// own (design 6). Times are seconds of a clock that only goes forward; `minute` is the minute of
/// the day in the tree's time zone.
package struct Rhythm: Equatable, Sendable {
  package struct Settings: Equatable, Sendable {
    /// Between two attempts when nothing happens.
    package var interval: Double = 900
    /// The longest wait after failures.
    package var waitMax: Double = 3600
    /// After the first failure; doubled with each further one.
    package var waitMin: Double = 5
    /// When attempts are made; empty is always.
    package var hours: [Hours] = []
    /// Bytes that may be sent and received in a day, with what the link itself needs.
    package var bytesPerDay: Int?
    package var bytesPerMonth: Int?

    package init() {}
  }

  /// Minutes of the day, from and up to; it may go over midnight.
  package struct Hours: Equatable, Sendable {
    package let from: Int
    package let to: Int

    package init(from: Int, to: Int) {
      self.from = from
      self.to = to
    }

    func contain(_ minute: Int) -> Bool {
      from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
    }
  }

  /// What the next attempt may do.
  package enum Attempt: Equatable, Sendable {
    /// Exchange what is new, in at most so many bytes.
    case everything(bytesMax: Int)
    /// Only what is urgent: the budget is spent.
    case urgent
    /// Nothing for so many seconds.
    case wait(Double)
  }

  private let settings: Settings
  private var failures = 0
  private var nextAt: Double = 0
  private var isUrgent = false
  /// What was spent of the budgets, which a restart does not give back.
  package private(set) var spending: Spending

  /// Bytes, of a day and a month by their numbers.
  package struct Spending: Equatable, Sendable {
    package var day = Int.min
    package var month = Int.min
    package var today = 0
    package var thisMonth = 0

    package init() {}

    package var text: String { "\(day) \(month) \(today) \(thisMonth)" }

    /// Nil if this is not what `text` gave.
    package init?(text: String) {
      let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      guard numbers.count == 4, numbers[2] >= 0, numbers[3] >= 0 else { return nil }
      (day, month, today, thisMonth) = (numbers[0], numbers[1], numbers[2], numbers[3])
    }
  }

  package init(_ settings: Settings, spending: Spending = Spending()) {
    self.settings = settings
    self.spending = spending
  }

  /// A request with nothing in it still costs this.
  private static let requestBytes = 1024

  // MARK: What happens

  /// A day and a month begin; what was spent before counts no more.
  package mutating func date(day: Int, month: Int) {
    if day != spending.day {
      spending.day = day
      spending.today = 0
    }
    if month != spending.month {
      spending.month = month
      spending.thisMonth = 0
    }
  }

  package mutating func spent(_ bytes: Int) {
    spending.today += bytes
    spending.thisMonth += bytes
  }

  package mutating func succeeded(at now: Double) {
    failures = 0
    isUrgent = false
    nextAt = now + settings.interval
  }

  /// `random` is in 0..<1. Full jitter: thousands of stations whose hub was away do not come back
  /// all at once. A link that broke but carried something is tried again soon.
  package mutating func failed(at now: Double, random: Double, carried: Bool = false) {
    failures = carried ? 0 : min(failures + 1, 30)
    guard !carried else {
      nextAt = now + Self.soon * random
      return
    }
    let limit = min(settings.waitMax, settings.waitMin * Double(1 << (failures - 1)))
    nextAt = now + limit * random
  }

  /// The hub has asked to be left alone for a while.
  package mutating func refused(for seconds: Double, at now: Double, random: Double) {
    nextAt = now + seconds * (1 + random)
  }

  /// Something was written here. What is urgent does not wait for a backlog, a failure or a budget.
  package mutating func wrote(isUrgent: Bool, at now: Double) {
    self.isUrgent = self.isUrgent || isUrgent
    guard failures == 0 || isUrgent else { return }
    nextAt = min(nextAt, now + (isUrgent ? 0 : Self.gathering))
  }

  private static let soon: Double = 2

  /// What is written close together goes together.
  private static let gathering: Double = 5

  /// The network has changed: perhaps the link is back.
  package mutating func linkIsBack(at now: Double) {
    failures = 0
    nextAt = min(nextAt, now)
  }

  // MARK: What to do

  package func attempt(at now: Double, minute: Int) -> Attempt {
    guard now >= nextAt else { return .wait(nextAt - now) }
    if let wait = secondsUntilOpen(minute), !isUrgent { return .wait(wait) }
    let room = min(
      settings.bytesPerDay.map { $0 - spending.today } ?? .max,
      settings.bytesPerMonth.map { $0 - spending.thisMonth } ?? .max)
    if room >= 2 * Self.requestBytes { return .everything(bytesMax: room - Self.requestBytes) }
    return isUrgent ? .urgent : .wait(settings.interval)
  }

  /// Nil if attempts are allowed at this minute of the day.
  private func secondsUntilOpen(_ minute: Int) -> Double? {
    if settings.hours.isEmpty || settings.hours.contains(where: { $0.contain(minute) }) {
      return nil
    }
    let day = 24 * 60
    let least = settings.hours.map { ($0.from - minute + day) % day }.min() ?? day
    return Double(least * 60)
  }
}
