internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension PlaybackCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Write playbacks to a file: .csv, .xlsx, .html or .pdf."),
      discussion: said(
        """
        With the columns that `playback import` reads, and what is known beside them. Names of \
        persons are in it: keep the file as you keep the log.

        Example: yizhan playback export --data hub --month 2026-09 --out plays.xlsx
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @Option(help: ArgumentHelp(said("Of this month only."), valueName: "2026-09")) var month:
      String?
    @Option(name: .customLong("out"), help: ArgumentHelp(said("The file."), valueName: "file"))
    var path: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let file = try ViewFile(path)
      let month = try month.map { try ReportCommand.ScopeOptions.month($0) }
      let replica = try data.folder.openForReading()
      let count = try replica.read { store in
        let zone = try Places.zone(store)
        let filter = PlaybackFilter(
          place: try place.place(store)?.id,
          from: month.map { Instant(startOf: $0.firstDay, in: zone) },
          to: month.map { Instant(startOf: $0.next.firstDay, in: zone) })
        let rows = PlaybackSheetRows(zone: zone)
        var count = 0
        try file.write(rows.columns, title: said("Playbacks")) { sink in
          try PlaybackBook.list(store, filter) { view in
            try sink.write(rows.cells(view))
            count += 1
          }
        }
        return count
      }
      Console.print(
        json: output.json,
        .object([("file", .text(path)), ("rows", .number(Int64(count)))]),
        said("Written to \(path): \(count) playbacks."))
    }
  }
}

/// Playbacks as lists show them.
struct PlaybackRows {
  let zone: TimeZoneOffset
  let showsPlace: Bool

  var columns: [GridColumn] {
    [
      GridColumn("dot", said("dot"), .code), GridColumn("started_at", said("started"), .code),
      GridColumn("seconds", said("seconds"), .number),
      GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
      GridColumn("audience", said("audience"), .number), GridColumn("operator", said("by")),
      GridColumn("occasion", said("occasion")), GridColumn("outcome", said("outcome")),
      GridColumn("note", said("note")),
    ] + (showsPlace ? [GridColumn("station", said("station"))] : [])
  }

  func cells(_ view: PlaybackView) -> [GridCell] {
    let seconds = view.endedAt.map { $0.seconds &- view.startedAt.seconds }
    let note = (view.isCorrected ? said("(corrected)") + " " : "") + (view.note ?? "")
    let cells: [GridCell] = [
      .text(view.dot.description), view.startedAt.cell(in: zone),
      seconds.map { .integer($0) } ?? .empty, .text(view.programme), .text(view.title ?? ""),
      view.audience.map { .integer($0) } ?? .empty, .text(view.operatorName ?? ""),
      .text(view.occasion ?? ""), .text(view.outcome ?? ""), .text(note),
    ]
    return cells + (showsPlace ? [.text(view.station?.name ?? view.place.description)] : [])
  }
}

/// Playbacks as sheets have them, so that an import reads what an export wrote.
private struct PlaybackSheetRows {
  let zone: TimeZoneOffset

  var columns: [GridColumn] {
    [
      GridColumn("id", "id", .code), GridColumn("station", said("station"), .code),
      GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
      GridColumn("started_at", said("started"), .code),
      GridColumn("ended_at", said("ended"), .code),
      GridColumn("audience", said("audience"), .number), GridColumn("operator", said("by")),
      GridColumn("occasion", said("occasion")), GridColumn("outcome", said("outcome")),
      GridColumn("note", said("note")), GridColumn("clock", said("clock"), .code),
      GridColumn("dot", said("dot"), .code),
    ]
  }

  func cells(_ view: PlaybackView) -> [GridCell] {
    [
      view.sheetID.map { .text($0) } ?? .empty,
      .text(view.station?.code.dotted ?? view.place.description), .text(view.programme),
      .text(view.title ?? ""), view.startedAt.cell(in: zone),
      view.endedAt?.cell(in: zone) ?? .empty, view.audience.map { .integer($0) } ?? .empty,
      .text(view.operatorName ?? ""), .text(view.occasion ?? ""), .text(view.outcome ?? ""),
      .text(view.note ?? ""), .text(view.clock ?? ""), .text(view.dot.description),
    ]
  }
}
