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
