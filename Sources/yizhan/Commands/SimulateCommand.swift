internal import ArgumentParser
internal import Glibc
internal import Simulation
internal import Wording

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: said("Search for a broken promise in simulated villages; for developers."),
    discussion: said(
      """
      Prints a line for each seed that breaks a promise, with a shorter schedule that does, and \
      ends with 1. The same seed always goes the same way.
      """))

  @Option(help: ArgumentHelp(said("The first seed."), valueName: "number")) var seed: UInt64 = 1
  @Option(help: ArgumentHelp(said("How many seeds."), valueName: "number")) var count: UInt64 = 1
  @Option(help: ArgumentHelp(said("How many things happen in each."), valueName: "number"))
  var actions: UInt64 = 200
  @Option(
    help: ArgumentHelp(
      said(
        "Of these only the ones with these numbers, with commas, as a shorter schedule names them."),
      valueName: "numbers"))
  var only: String?
  @Flag(help: ArgumentHelp(said("Say each thing that happens."))) var tell = false
  @Flag(help: ArgumentHelp(said("Run each seed twice: both must go the same way.")))
  var twice = false
  @Flag(
    help: ArgumentHelp(
      said("End with the first seed that breaks a promise, and make its schedule no shorter.")))
  var first = false

  func run() throws {
    var search = Search()
    (search.seed, search.count, search.actions) = (seed, count, Int(clamping: actions))
    (search.tells, search.isTwice, search.isFirst) = (tell, twice, first)
    if let only {
      guard let numbers = Search.numbers(only) else {
        throw ValidationError("--only is a list of numbers")
      }
      search.only = numbers
    }
    let simulation = Simulation(folder: "/dev/shm/yizhan-simulation-\(getpid())")
    let code = try search.run(simulation) { Console.say($0) }
    guard code == 0 else { throw ExitCode(code) }
  }
}
