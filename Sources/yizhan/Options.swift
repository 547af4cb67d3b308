internal import ArgumentParser
internal import Wording

/// Where the replica is and how to answer.
struct DataOptions: ParsableArguments {
  @Option(help: ArgumentHelp(said("The replica's data folder."), valueName: "dir"))
  var data: String

  var folder: DataFolder { DataFolder(path: data) }
}

struct OutputOptions: ParsableArguments {
  @Flag(help: ArgumentHelp(said("Print JSON.")))
  var json = false
}

/// How to answer with a table.
struct TableOptions: ParsableArguments {
  @Flag(help: ArgumentHelp(said("Print JSON.")))
  var json = false
  @Flag(help: ArgumentHelp(said("Print CSV.")))
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("give either --json or --csv") }
  }
}
