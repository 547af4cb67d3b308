internal import ArgumentParser
internal import Sheets
internal import Village
internal import Wording

extension PlanCommand {
  struct Template: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Write an empty month sheet for a clerk to fill in."),
      discussion: said(
        """
        A workbook if the name ends with .xlsx, with a second sheet that explains the columns; CSV \
        if it ends with .csv. `plan import` takes the filled sheet. With --month the title names \
        the month, so that days may be written without a year: 3月5日.
        """))

    @Option(help: ArgumentHelp(said("Where to write it: .xlsx or .csv."), valueName: "file"))
    var to: String
    @Option(help: ArgumentHelp(said("The month of the plan."), valueName: "2026-03"))
    var month: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let month = try PlanCommand.month(month)
      switch to.lowercased() {
      case let name where name.hasSuffix(".xlsx"):
        try PlanForm.workbook(month).write(to: to)
      case let name where name.hasSuffix(".csv"):
        var writer = CSVWriter(lineEnd: .crlf, opening: .byteOrderMark)
        for row in PlanForm.csv(month) { writer.write(row) }
        try SheetOutput.write(writer.bytes, to: to)
      default:
        throw ValidationError("--to must end with .xlsx or .csv")
      }
      Console.print(
        json: output.json, .object([("file", .text(to))]),
        said("Wrote \(to). Fill it in and take it with `yizhan plan import`."))
    }
  }

  static func month(_ text: String?) throws -> Month? {
    try text.map { text in
      guard let month = Month(text) else {
        throw VillageError(
          .badPeriod, "'\(text)' is no month", hint: "write --month as 2026-03")
      }
      return month
    }
  }
}
