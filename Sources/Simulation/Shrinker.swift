/// Leaves out of a schedule that breaks a promise whatever is not needed to break it.
struct Shrinker {
  private let simulation: Simulation
  private let seed: UInt64
  private let code: String
  private var runs = 0
  private static let runsMax = 400

  init(_ simulation: Simulation, seed: UInt64, code: String) {
    self.simulation = simulation
    self.seed = seed
    self.code = code
  }

  /// The fewest actions that were found, after halves, quarters and single ones were left out.
  mutating func shrink(_ actions: [Action]) throws -> [Action] {
    var actions = actions
    var size = max(1, actions.count / 2)
    while runs < Self.runsMax {
      var isShorter = false
      var start = 0
      while start < actions.count, runs < Self.runsMax {
        let left = Array(actions[..<start] + actions[min(start + size, actions.count)...])
        if try breaks(left) {
          actions = left
          isShorter = true
        } else {
          start += size
        }
      }
      if size == 1, !isShorter { break }
      if !isShorter || size > actions.count { size = max(1, size / 2) }
    }
    return actions
  }

  private mutating func breaks(_ actions: [Action]) throws -> Bool {
    runs += 1
    return try simulation.run(seed: seed, actions).violation?.code == code
  }
}
