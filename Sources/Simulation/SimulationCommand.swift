/// `yizhan simulate`: searches seeds for broken promises, or replays one.
package struct SimulationCommand {
  package static let help = """
    usage: simulate [--seed N] [--count N] [--actions N] [--only N,N,...] [--tell] [--twice] [--first]

      --seed N       the first seed; 1 if nothing is said
      --count N      how many seeds; 1
      --actions N    how many things happen in each; 200
      --only N,...   of these only the ones with these numbers, as a shorter schedule names them
      --tell         say each thing that happens
      --twice        run each seed twice: both must go the same way
      --first        end with the first seed that breaks a promise, and make its schedule no shorter

    Prints a line for each seed that breaks a promise, with a shorter schedule that does, and ends with 1.
    """

  private var seed: UInt64 = 1
  private var count: UInt64 = 1
  private var actions = 200
  private var only: Set<Int>?
  private var tells = false
  private var isTwice = false
  private var isFirst = false

  /// Nil if the words are not those of the help.
  package init?(_ words: [String]) {
    var words = words[...]
    while let word = words.popFirst() {
      switch word {
      case "--tell": tells = true
      case "--twice": isTwice = true
      case "--first": isFirst = true
      case "--seed", "--count", "--actions":
        guard let number = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
        if word == "--seed" { seed = number }
        if word == "--count" { count = number }
        if word == "--actions" { actions = Int(clamping: number) }
      case "--only":
        guard let list = words.popFirst() else { return nil }
        guard list.split(separator: ",").allSatisfy({ Int($0) != nil }) else { return nil }
        only = Set(list.split(separator: ",").compactMap { Int($0) })
      default: return nil
      }
    }
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
