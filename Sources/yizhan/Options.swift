internal import ArgumentParser

/// Where the replica is and how to answer.
struct DataOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The replica's data folder.", valueName: "dir"))
  var data: String

  var folder: DataFolder { DataFolder(path: data) }
}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false
}

/// How to answer with a table.
struct TableOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false
  @Flag(help: "Print CSV.")
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("give either --json or --csv") }
  }
}
