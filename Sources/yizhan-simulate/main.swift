internal import Glibc
internal import Simulation

// `yizhan simulate` without the rest of the program, which takes long to build.

guard let command = SimulationCommand(Array(CommandLine.arguments.dropFirst())) else {
  print(SimulationCommand.help)
  exit(64)
}
let simulation = Simulation(folder: "/dev/shm/yizhan-simulation-\(getpid())")
let code = try command.run(simulation) { line in
  print(line)
  fflush(nil)
}
exit(code)
