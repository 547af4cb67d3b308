internal import ArgumentParser
internal import Glibc
internal import Simulation
internal import Wording

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: said("Search for a broken promise in simulated villages; for developers."),
    discussion: SimulationCommand.help)

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden))
  var words: [String] = []

  func run() throws {
    guard let command = SimulationCommand(words) else {
      throw CleanExit.message(SimulationCommand.help)
    }
    let simulation = Simulation(folder: "/dev/shm/yizhan-simulation-\(getpid())")
    let code = try command.run(simulation) { Console.say($0) }
    guard code == 0 else { throw ExitCode(code) }
  }
}
