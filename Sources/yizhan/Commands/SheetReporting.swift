internal import ArgumentParser
internal import Village
internal import Wording

/// Options of every command that takes a sheet.
struct SheetOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(said("The sheet: .xlsx, or CSV in UTF-8 or GB18030."), valueName: "file"))
  var file: String
  @Flag(help: ArgumentHelp(said("Take the good rows although others are bad."))) var partial = false

  var badRows: BadRows { partial ? .leaveOut : .refuseSheet }
}

/// Runs an import with a bar, and tells what became of the rows. Bad rows are listed one by one.
enum SheetReporting {
  static func run(
    _ output: OutputOptions, remark: (SheetReport) -> String? = { _ in nil },
    _ body: (@escaping (Double) -> Void) throws -> SheetReport
  ) throws {
    let bar = ProgressBox(Progress(said("importing")))
    let report: SheetReport
    do {
      report = try body { bar.progress.show(Int($0 * 1000), of: 1000) }
    } catch let error as VillageError {
      bar.progress.end()
      // What the error itself says of the sheet's rows is not said of each again.
      let refused = error.report?.refused.filter { $0.code != error.code.rawValue } ?? []
      for refusal in refused.prefix(shownMax) { complain(refusal, output) }
      throw error
    }
    bar.progress.end()
    let lines = [text(report)] + [remark(report)].compactMap { $0 }
    Console.print(json: output.json, json(report), lines.joined(separator: "\n"))
    if !output.json { for refusal in report.refused.prefix(shownMax) { complain(refusal, output) } }
    if report.refusedCount > 0 { throw ExitCode(2) }
  }

  private static let shownMax = 20

  /// `ImportProgress` is a plain closure, so what it changes lives in a class.
  private final class ProgressBox {
    var progress: Progress
    init(_ progress: Progress) { self.progress = progress }
  }

  private static func complain(_ refusal: SheetReport.Refusal, _ output: OutputOptions) {
    guard !output.json else { return }
    let text = said("\(Failure.place(refusal.line, refusal.column)): \(refusal.why)")
    let hint = refusal.advice.isEmpty ? "" : " — " + said(refusal.advice)
    Console.complain("yizhan: \(refusal.code): \(text)\(hint)\n")
  }

  private static func text(_ report: SheetReport) -> String {
    var counts: Message =
      "\(report.read) rows: \(report.added) new, \(report.changed) changed, \(report.unchanged) known"
    if report.refusedCount > 0 { counts = "\(counts), \(report.refusedCount) refused" }
    var lines = [said(counts)]
    if report.missing > 0 {
      lines.append(
        said(
          "\(report.missing) items of an earlier sheet are not in this one; they stay as they are.")
      )
    }
    for warning in report.warnings.prefix(shownMax) {
      lines.append(said("warning: line \(warning.line): \(warning.what)"))
    }
    if report.warningCount > shownMax {
      lines.append(said("and \(report.warningCount - shownMax) more warnings"))
    }
    return lines.joined(separator: "\n")
  }

  static func json(_ report: SheetReport) -> JSON {
    .object([
      ("read", .number(Int64(report.read))), ("added", .number(Int64(report.added))),
      ("changed", .number(Int64(report.changed))),
      ("unchanged", .number(Int64(report.unchanged))),
      ("missing", .number(Int64(report.missing))),
      (
        "warnings",
        .list(
          report.warnings.map {
            .object([("line", .number(Int64($0.line))), ("text", .text($0.text))])
          })
      ),
      (
        "refused",
        .list(
          report.refused.map { refusal in
            .object([
              ("line", .number(Int64(refusal.line))),
              ("column", .optional(refusal.column.map(Int64.init))),
              ("code", .text(refusal.code)), ("reason", .text(refusal.reason)),
            ])
          })
      ),
    ])
  }
}
