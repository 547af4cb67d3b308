import Glibc

// `tools/crash-long` says what it does.
do {
  let campaign = try Campaign(Order(CommandLine.arguments.dropFirst()))
  exit(try campaign.run() ? 0 : 1)
} catch {
  print("crash: \(error)")
  exit(2)
}
