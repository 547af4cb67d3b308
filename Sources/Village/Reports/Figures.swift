/// What is counted of slots and playbacks.
package struct Figures: Equatable, Sendable {
  private var slots = [Int](repeating: 0, count: SlotState.allCases.count)
  private var plays = [Int](repeating: 0, count: PlayUse.allCases.count)
  /// Seconds of the playbacks that count.
  package private(set) var seconds: Int64 = 0

  package init() {}

  package subscript(state: SlotState) -> Int {
    get { slots[state.index] }
    set { slots[state.index] = newValue }
  }

  package subscript(use: PlayUse) -> Int {
    get { plays[use.index] }
    set { plays[use.index] = newValue }
  }

  package var slotCount: Int { slots.reduce(0, +) }
  package var playCount: Int { plays.reduce(0, +) }
  /// Playbacks that count for something.
  package var countedPlays: Int { self[.planned] + self[.offPlan] }

  /// Slots of which it is known whether they were played.
  package var judged: Int { self[.onTime] + self[.late] + self[.missed] }
  /// The part of these that was; nil if there are none.
  package var playedShare: Double? {
    judged == 0 ? nil : Double(self[.onTime] + self[.late]) / Double(judged)
  }
  package var onTimeShare: Double? {
    judged == 0 ? nil : Double(self[.onTime]) / Double(judged)
  }

  package mutating func add(_ outcome: SlotOutcome) { self[outcome.state] += 1 }

  package mutating func add(_ outcome: PlayOutcome) {
    self[outcome.use] += 1
    if outcome.use == .planned || outcome.use == .offPlan { seconds += outcome.play.seconds ?? 0 }
  }

  package mutating func add(_ other: Figures) {
    for state in SlotState.allCases { self[state] += other[state] }
    for use in PlayUse.allCases { self[use] += other[use] }
    seconds += other.seconds
  }

  // MARK: Text, for reports that stand

  /// `on_time=12 late=1 … seconds=3600`; what is zero is left out.
  package var text: String {
    var words = SlotState.allCases.filter { self[$0] > 0 }.map { "\($0.rawValue)=\(self[$0])" }
    words += PlayUse.allCases.filter { self[$0] > 0 }.map { "\($0.rawValue)=\(self[$0])" }
    if seconds > 0 { words.append("seconds=\(seconds)") }
    return words.joined(separator: " ")
  }

  /// Reads what `text` gave; what it does not know it leaves.
  package init(text: some StringProtocol) {
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=")
      guard parts.count == 2, let count = Int64(parts[1]), count >= 0 else { continue }
      let name = String(parts[0])
      if let state = SlotState(rawValue: name) { self[state] = Int(count) }
      if let use = PlayUse(rawValue: name) { self[use] = Int(count) }
      if name == "seconds" { seconds = count }
    }
  }
}

extension SlotState {
  fileprivate var index: Int {
    switch self {
    case .onTime: 0
    case .late: 1
    case .missed: 2
    case .excused: 3
    case .notKnown: 4
    case .notDue: 5
    }
  }
}

extension PlayUse {
  fileprivate var index: Int {
    switch self {
    case .planned: 0
    case .offPlan: 1
    case .short: 2
    case .repeated: 3
    case .beyondMax: 4
    }
  }
}
