internal import ArgumentParser
internal import Wording

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: said("Check the database file, the chains and the digests."),
    discussion: said(
      """
      Recomputes everything from what is stored, and says of each thing that was found what happened, \
      what is safe, and what to do next. Nothing is changed. Exit code 2 if something is wrong.
      """))

  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let findings = try Findings(data.folder)
    Console.print(
      json: output.json,
      .object([
        ("ok", .flag(findings.isWell)), ("partitions", .number(Int64(findings.partitions))),
        ("complaints", .list(findings.complaints.map(JSON.text))),
        ("findings", .list(findings.list.map(\.json))),
      ]), Self.text(findings))
    if !findings.isWell { throw ExitCode(2) }
  }

  private static func text(_ findings: Findings) -> String {
    let result =
      findings.complaints.isEmpty
      ? findings.isWell
        ? said(
          "All is well: the file, and the chains and digests of \(findings.partitions) partitions.")
        : said("The database is well, but not all is well.")
      : findings.complaints.map { said(Message(told: $0)) }.joined(separator: "\n")
    return ([result] + findings.list.map(\.text)).joined(separator: "\n\n")
  }
}
