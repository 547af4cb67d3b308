internal import Causality

/// Which playback is which slot's. Slots and playbacks by their index in the station's facts.
struct SlotMatch {
  private let facts: StationFacts
  private let judge: SlotJudge
  private(set) var uses: [PlayUse]
  private var plays: [Int?]
  /// By programme, in the order of time.
  private var slotsOf: [String: [Int]] = [:]
  private var playsOf: [String: [Int]] = [:]

  init(_ facts: StationFacts, _ judge: SlotJudge) {
    self.facts = facts
    self.judge = judge
    uses = Array(repeating: .offPlan, count: facts.plays.count)
    plays = Array(repeating: nil, count: facts.slots.count)
    for (index, slot) in facts.slots.enumerated() {
      slotsOf[slot.programme, default: []].append(index)
    }
    let byTime = facts.plays.indices.sorted {
      (facts.plays[$0].started, facts.plays[$0].dot) < (
        facts.plays[$1].started, facts.plays[$1].dot
      )
    }
    for index in byTime { playsOf[facts.plays[index].programme, default: []].append(index) }
  }

  /// The playback that a slot got.
  func play(of slot: Int) -> Int? { plays[slot] }

  mutating func run() {
    // order: each programme is judged by itself; only named items cross, and they go first.
    let programmes = playsOf.keys.sorted()
    for programme in programmes { leaveOutShort(programme) }
    giveNamed()
    for programme in programmes {
      give(programme, judge.window)
      leaveOutRepeated(programme)
      give(programme, judge.lateWindow)
      leaveOutBeyondMax(programme)
    }
  }

  // MARK: What does not count

  private mutating func leaveOutShort(_ programme: String) {
    let length = (slotsOf[programme] ?? []).compactMap { facts.slots[$0].seconds }.max()
    for play in playsOf[programme] ?? []
    where !judge.counts(facts.plays[play], programmeSeconds: length) {
      uses[play] = .short
    }
  }

  private mutating func leaveOutRepeated(_ programme: String) {
    guard judge.rules.onceADay == 1 else { return }
    var room: [CivilDate: Int] = [:]
    for slot in slotsOf[programme] ?? [] { room[facts.slots[slot].due.firstDay, default: 0] += 1 }
    let ofProgramme = playsOf[programme] ?? []
    for play in ofProgramme where uses[play] == .planned {
      room[day(play), default: 1] -= 1
    }
    for play in ofProgramme where uses[play] == .offPlan {
      let left = room[day(play), default: 1]
      if left <= 0 { uses[play] = .repeated } else { room[day(play)] = left - 1 }
    }
  }

  /// What fills a slot is the last to be left out.
  private mutating func leaveOutBeyondMax(_ programme: String) {
    guard judge.rules.countMax > 0 else { return }
    let ofProgramme = playsOf[programme] ?? []
    let most = Int(judge.rules.countMax)
    var counted: [Month: Int] = [:]
    for play in ofProgramme where uses[play] == .planned {
      counted[Month(of: day(play)), default: 0] += 1
    }
    for play in ofProgramme where uses[play] == .offPlan {
      let month = Month(of: day(play))
      if counted[month, default: 0] >= most { uses[play] = .beyondMax }
      counted[month, default: 0] += 1
    }
  }

  private func day(_ play: Int) -> CivilDate { facts.plays[play].started.date(in: judge.zone) }

  // MARK: What fills a slot

  /// A playback says by its item which slot it is. The first of several is taken.
  private mutating func giveNamed() {
    var slots: [Dot: Int] = [:]
    for (index, slot) in facts.slots.enumerated() where slot.skipped == nil {
      slots[slot.item] = index
    }
    guard !slots.isEmpty else { return }
    let named = facts.plays.indices.filter { facts.plays[$0].item != nil && uses[$0] == .offPlan }
      .sorted { facts.plays[$0].started < facts.plays[$1].started }
    for play in named {
      guard let slot = facts.plays[play].item.flatMap({ slots[$0] }), plays[slot] == nil,
        facts.plays[play].isTimed,
        judge.lateWindow(facts.slots[slot].due).contains(facts.plays[play].started.seconds)
      else { continue }
      take(play, slot)
    }
  }

  /// Playbacks in the order of time, each for the slot whose time ends first: no other way fills more
  /// slots (Glover, Maximum matching in a convex bipartite graph, 1967).
  private mutating func give(_ programme: String, _ window: (Due) -> ClosedRange<Int64>) {
    var open = (slotsOf[programme] ?? []).filter {
      plays[$0] == nil && facts.slots[$0].skipped == nil
    }.map { (slot: $0, window: window(facts.slots[$0].due)) }
    guard !open.isEmpty else { return }
    open.sort {
      ($0.window.upperBound, $0.window.lowerBound, $0.slot)
        < ($1.window.upperBound, $1.window.lowerBound, $1.slot)
    }
    for play in playsOf[programme] ?? []
    where uses[play] == .offPlan && facts.plays[play].isTimed {
      let second = facts.plays[play].started.seconds
      guard let found = open.firstIndex(where: { $0.window.contains(second) }) else { continue }
      take(play, open[found].slot)
      open.remove(at: found)
    }
  }

  private mutating func take(_ play: Int, _ slot: Int) {
    plays[slot] = play
    uses[play] = .planned
  }

  // MARK: What nearly filled a slot

  /// A playback of the slot's programme, in its time, that broke off by no fault of the station's.
  func broken(_ slot: Slot) -> Play? {
    near(slot) { play in
      let outcome = facts.plays[play].outcome
      return uses[play] == .short && outcome.map(Outcome.isBroken) ?? false
        && facts.plays[play].isTimed
        && judge.lateWindow(slot.due).contains(facts.plays[play].started.seconds)
    }
  }

  /// A playback of the slot's programme of which nobody knows when it was, and which may have filled it
  /// or excused it.
  func untimed(_ slot: Slot) -> Play? {
    near(slot) { play in
      let isBroken = facts.plays[play].outcome.map(Outcome.isBroken) ?? false
      return !facts.plays[play].isTimed && (uses[play] != .short || isBroken)
    }
  }

  private func near(_ slot: Slot, _ holds: (Int) -> Bool) -> Play? {
    playsOf[slot.programme]?.first(where: holds).map { facts.plays[$0] }
  }
}
