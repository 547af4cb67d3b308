internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension PlanCommand {
  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff",
      abstract: said("What changed in plans since they were seen last, item by item."),
      discussion: said(
        """
        --seen notes that they were seen as they are now, so that the next time begins there; \
        `plan post --confirm` does that too. What was seen is kept here and never sent.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var period: PeriodOptions
    @Flag(help: ArgumentHelp(said("Note them as seen."))) var seen = false
    @OptionGroup var file: FileOptions
    @OptionGroup var output: TableOptions

    func run() throws {
      let period = try period.period()
      func list(_ store: Store) throws -> [PlanDiff] {
        let filter = PlanFilter(place: try place.place(store)?.id, period: period)
        let diffs = try PlanDiff.list(filter, store)
        if seen { try PlanDiff.see(filter, store) }
        return diffs
      }
      let diffs: [PlanDiff]
      if seen {
        let open = try data.folder.open()
        diffs = try open.replica.write(list)
      } else {
        diffs = try data.folder.openForReading().read(list)
      }
      try file.write(view(diffs), output)
    }

    private func view(_ diffs: [PlanDiff]) -> View {
      var grid = Grid([
        GridColumn("plan", said("plan"), .code), GridColumn("place", said("place"), .code),
        GridColumn("change", said("change"), .code), GridColumn("date", said("date"), .code),
        GridColumn("start", said("start"), .code),
        GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
        GridColumn("what", said("what"), .words), GridColumn("item", said("item"), .code),
      ])
      for diff in diffs {
        for entry in diff.entries {
          grid.write([
            .text(diff.period.description), .text(diff.place?.code.dotted ?? ""),
            .text(said(entry.change.wording)), .text(entry.date ?? ""), .text(entry.start ?? ""),
            .text(entry.programme ?? ""), .text(entry.title ?? ""), .text(what(entry.change)),
            .text(entry.item.description),
          ])
        }
      }
      let versions = diffs.filter { $0.seen != $0.version }.map { diff in
        // A place may have a plan of its township, of its county and of its own for one period.
        let plan = [diff.place?.name, diff.period.description].compactMap { $0 }
          .joined(separator: " ")
        return diff.seen.map {
          said("\(plan): version \($0) was seen, now it is version \(diff.version)")
        } ?? said("\(plan): version \(diff.version), not seen before")
      }
      return View(
        title: "", subtitles: versions, grid: grid, json: json(diffs),
        empty: said("Nothing has changed."))
    }

    private func what(_ change: PlanDiff.Change) -> String {
      switch change {
      case .added: ""
      case .cancelled(let reason): reason ?? ""
      case .changed(let fields):
        fields.map { "\(said($0.wording)): \($0.before ?? "–") → \($0.after ?? "–")" }
          .joined(separator: "; ")
      }
    }

    private func json(_ diffs: [PlanDiff]) -> JSON {
      .list(
        diffs.map { diff in
          .object([
            ("period", .text(diff.period.description)),
            ("place", .optional(diff.place?.code.dotted)), ("seen", .optional(diff.seen)),
            ("version", .number(diff.version)), ("changes", .list(diff.entries.map(json))),
          ])
        })
    }

    private func json(_ entry: PlanDiff.Entry) -> JSON {
      var members: [(String, JSON)] = [
        ("item", .text(entry.item.description)), ("date", .optional(entry.date)),
        ("start", .optional(entry.start)), ("programme", .optional(entry.programme)),
        ("title", .optional(entry.title)),
      ]
      switch entry.change {
      case .added: members.append(("change", .text("added")))
      case .cancelled(let reason):
        members += [("change", .text("cancelled")), ("reason", .optional(reason))]
      case .changed(let fields):
        members += [
          ("change", .text("changed")),
          (
            "fields",
            .list(
              fields.map {
                .object([
                  ("field", .text($0.field)), ("before", .optional($0.before)),
                  ("after", .optional($0.after)),
                ])
              })
          ),
        ]
      }
      return .object(members)
    }
  }
}

extension PlanDiff.Change {
  fileprivate var wording: Message {
    switch self {
    case .added: "new"
    case .cancelled: "cancelled"
    case .changed: "changed"
    }
  }
}

extension PlanDiff.FieldChange {
  fileprivate var wording: Message {
    PlanField(rawValue: field)?.wording ?? Message(verbatim: field)
  }
}

extension PlanField {
  var wording: Message {
    switch self {
    case .date: "date"
    case .start: "start"
    case .programme: "programme"
    case .title: "title"
    case .category: "category"
    case .seconds: "seconds"
    case .required: "required"
    case .note: "note"
    }
  }
}
