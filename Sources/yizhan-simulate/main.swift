internal import Glibc
internal import Simulation

// `yizhan simulate` without the rest of the program, which takes long to build; with the same options.
var search = Search()
var words = CommandLine.arguments.dropFirst()
func fail(_ word: String) -> Never {
  print("yizhan-simulate: what is \(word)? See `yizhan help simulate`.")
  exit(64)
}
while let word = words.popFirst() {
  switch word {
  case "--tell": search.tells = true
  case "--twice": search.isTwice = true
  case "--first": search.isFirst = true
  case "--seed", "--count", "--actions":
    guard let number = words.popFirst().flatMap({ UInt64($0) }) else { fail(word) }
    if word == "--seed" { search.seed = number }
    if word == "--count" { search.count = number }
    if word == "--actions" { search.actions = Int(clamping: number) }
  case "--only":
    guard let numbers = words.popFirst().flatMap(Search.numbers) else { fail(word) }
    search.only = numbers
  default: fail(word)
  }
}
let simulation = Simulation(folder: "/dev/shm/yizhan-simulation-\(getpid())")
let code = try search.run(simulation) { line in
  print(line)
  fflush(nil)
}
exit(code)
