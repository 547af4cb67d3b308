/// Searches seeds for broken promises, or replays one.
package struct Search {
  /// The first seed, and how many.
  package var seed: UInt64 = 1
  package var count: UInt64 = 1
  /// How many things happen in each.
  package var actions = 200
  /// Of these only the ones with these numbers.
  package var only: Set<Int>?
  /// Says each thing that happens.
  package var tells = false
  /// Runs each seed twice: both must go the same way.
  package var isTwice = false
  /// Ends with the first seed that breaks a promise, and makes its schedule no shorter.
  package var isFirst = false

  package init() {}

  /// Numbers with commas between; nil if they are none.
  package static func numbers(_ text: String) -> Set<Int>? {
    let numbers = text.split(separator: ",").map { Int($0) }
    return numbers.contains(nil) ? nil : Set(numbers.compactMap { $0 })
  }

  /// The exit code: 0, or 1 if a promise was broken.
  package func run(_ simulation: Simulation, say: @escaping (String) -> Void) throws -> Int32 {
    var broken = 0
    var counts: [String: Int] = [:]
    for seed in seed..<seed + count {
      let schedule = Schedule.make(seed: seed, count: actions).filter {
        only?.contains($0.number) ?? true
      }
      let outcome = try simulation.run(
        seed: seed, schedule, tell: tells ? { say("  " + $0) } : nil)
      counts.merge(outcome.counts, uniquingKeysWith: +)
      if isTwice, try simulation.run(seed: seed, schedule).trace != outcome.trace {
        say("seed \(seed): went another way the second time")
        broken += 1
      }
      guard let violation = outcome.violation else { continue }
      broken += 1
      say("seed \(seed): \(violation)")
      if isFirst { return 1 }
      guard only == nil else { continue }
      let short = try simulation.shrink(outcome)
      let numbers = short.actions.map { "\($0.number)" }.joined(separator: ",")
      say("  shorter: \(short.actions.map { $0.kind.rawValue }.joined(separator: " "))")
      say("  simulate --seed \(seed) --actions \(actions) --only \(numbers)")
    }
    for what in counts.keys.sorted() { say("\(what): \(counts[what] ?? 0)") }
    say("\(count) schedules, \(broken) broke a promise")
    return broken == 0 ? 0 : 1
  }
}
