/// What the command line asks for.
struct Order {
  enum Work: String {
    /// Power cuts.
    case cuts
    /// A call that fails, at every call.
    case faults
    /// Two calls that fail, at every pair.
    case pairs
    /// A stick that is pulled out, fails or is full, at every call.
    case sticks
  }

  struct Bad: Error, CustomStringConvertible {
    let description: String
  }

  let work: Work
  /// Disks to open and check in this run.
  private(set) var images = 1_000_000
  /// Where to begin; nil to go on where the last run ended.
  private(set) var seed: UInt64?
  /// One operation alone.
  private(set) var only: String?
  /// The first call to fail.
  private(set) var call = 1
  /// Where the totals are kept.
  private(set) var totals: String?

  init(_ arguments: some Sequence<String>) throws {
    var words = Array(arguments)
    guard let work = words.first.flatMap(Work.init) else { throw Bad(description: "what to do?") }
    self.work = work
    words.removeFirst()
    while let option = words.first {
      guard words.count > 1 else { throw Bad(description: "\(option) wants a value") }
      let value = words[1]
      words.removeFirst(2)
      switch option {
      case "--images": images = try Self.number(option, value)
      case "--seed": seed = UInt64(try Self.number(option, value))
      case "--call": call = try Self.number(option, value)
      case "--only": only = value
      case "--totals": totals = value
      default: throw Bad(description: "unknown option \(option)")
      }
    }
  }

  private static func number(_ option: String, _ value: String) throws -> Int {
    guard let number = Int(value), number >= 0 else {
      throw Bad(description: "\(option) wants a number")
    }
    return number
  }
}
