internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

/// The items of a report that were changed or cancelled after their time, as they were due before.
struct RewrittenRecords {
  /// For `--list`.
  static let name = "rewritten"

  private let scope: ReportScope
  private var grid = Grid([
    GridColumn("place", said("place"), .code), GridColumn("name", said("name")),
    GridColumn("date", said("date"), .code), GridColumn("start", said("start"), .code),
    GridColumn("programme", said("programme"), .code), GridColumn("change", said("change")),
    GridColumn("at", said("at"), .code), GridColumn("item", said("item"), .code),
  ])

  init(_ scope: ReportScope, _ store: Store) throws {
    self.scope = scope
    let zone = try Places.zone(store)
    for entry in try PlanRewrite.list(scope, store) {
      let rewrite = entry.rewrite
      let (date, start) = rewrite.due.cells
      grid.write([
        .text(entry.place?.code.dotted ?? ""), .text(entry.place?.name ?? ""), date, start,
        .text(rewrite.programme), .word(rewrite.kind.rawValue, said: said(rewrite.kind.wording)),
        rewrite.at.cell(in: zone), .text(rewrite.item.description),
      ])
    }
  }

  var view: View {
    View(
      title: said("Changed after their time") + " " + scope.text, grid: grid, empty: said("None."),
      cellsMax: 140)
  }
}

extension Due {
  /// Its day, or week, and its start.
  var cells: (date: GridCell, start: GridCell) {
    switch self {
    case .at(let day, let time): (.date(days: day.days), .time(minutes: time.minutes))
    case .on(let day): (.date(days: day.days), .empty)
    case .within(let week): (.text(week.description), .empty)
    }
  }
}

extension PlanRewrite.Kind {
  var wording: Message {
    switch self {
    case .changed: "changed"
    case .cancelled: "cancelled"
    }
  }
}
