internal import ArgumentParser
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension PlanCommand {
  struct Post: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Make the sheet for the wall, and confirm that it hangs there."),
      discussion: said(
        """
        --out writes the sheet: an .html page to print, or a .pdf. --confirm notes that the plan \
        hangs on the wall as it is now; a new version or an edit opens that again. Without either \
        it says what hangs there.

        Example: yizhan plan post --data station --month 2026-09 --out wall.html
                 yizhan plan post --data station --month 2026-09 --confirm --operator 侯勇
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var period: PeriodOptions
    @Option(
      name: .customLong("out"),
      help: ArgumentHelp(said("Write the sheet: .html or .pdf."), valueName: "file"))
    var path: String?
    @Flag(help: ArgumentHelp(said("It hangs on the wall."))) var confirm = false
    @Option(name: .customLong("operator"), help: ArgumentHelp(said("Who posted it."))) var person:
      String?
    @OptionGroup var output: TableOptions

    func run() throws {
      guard let period = try period.period() else {
        throw ValidationError("say which plan: --month 2026-09 or --week 2026-W36")
      }
      if let path {
        let replica = try data.folder.openForReading()
        let view = try replica.read { try WallSheet(period, place.place($0), $0).view }
        try ViewFile(path).write(view)
      }
      let (sheets, zone) = try confirm ? confirmed(period) : held(period)
      try tell(sheets, zone)
    }

    private func confirmed(_ period: Period) throws -> ([WallPlan], TimeZoneOffset) {
      let open = try data.folder.open()
      return try open.replica.write { store in
        let place = try place.place(store) ?? Places.own(store)
        _ = try Postings.confirm(period, at: place, by: person, store)
        try PlanDiff.see(try PlanFilter.holding(at: place, period, store), store)
        return (try WallPlan.list(period, at: place, store), try Places.zone(store))
      }
    }

    private func held(_ period: Period) throws -> ([WallPlan], TimeZoneOffset) {
      let replica = try data.folder.openForReading()
      return try replica.read { store in
        let place = try place.place(store) ?? Places.own(store)
        return (try WallPlan.list(period, at: place, store), try Places.zone(store))
      }
    }

    private func tell(_ sheets: [WallPlan], _ zone: TimeZoneOffset) throws {
      var grid = Grid([
        GridColumn("period", said("period"), .code), GridColumn("of", said("plan of")),
        GridColumn("version", said("version"), .number),
        GridColumn("issued_at", said("issued"), .code),
        GridColumn("state", said("on the wall"), .code),
        GridColumn("posted_version", said("version there"), .number),
        GridColumn("posted_at", said("since"), .code),
        GridColumn("by", said(Message("by", meaning: "poster"))),
      ])
      for sheet in sheets {
        grid.write([
          .text(sheet.period.description), .text(sheet.of?.name ?? ""), .integer(sheet.version),
          sheet.issuedAt?.cell(in: zone) ?? .empty,
          .word(sheet.state.rawValue, said: said(sheet.state.wording)),
          sheet.posting.map { .integer($0.version) } ?? .empty,
          sheet.posting?.at.cell(in: zone) ?? .empty, .text(sheet.posting?.by ?? ""),
        ])
      }
      let view = View(
        title: "", subtitles: path.map { [said("Written to \($0).")] } ?? [], grid: grid,
        json: .list(sheets.map { Self.json($0, zone) }),
        empty: said("No plan was issued for this period."))
      output.show(view)
    }

    private static func json(_ sheet: WallPlan, _ zone: TimeZoneOffset) -> JSON {
      .object([
        ("period", .text(sheet.period.description)), ("of", .optional(sheet.of?.code.dotted)),
        ("version", .number(sheet.version)),
        ("issued_at", .optional(sheet.issuedAt?.text(in: zone))),
        ("state", .text(sheet.state.rawValue)),
        ("posted_version", .optional(sheet.posting?.version)),
        ("posted_at", .optional(sheet.posting?.at.text(in: zone))),
        ("by", .optional(sheet.posting?.by)),
      ])
    }
  }
}

/// The sheet for the wall: in Chinese wherever it is made, since the village reads it.
struct WallSheet {
  private let pages: PlanPages
  private let sheets: [WallPlan]
  private let period: Period

  init(_ period: Period, _ place: Place?, _ store: Store) throws {
    let place = try place ?? Places.own(store)
    let filter = try PlanFilter.holding(at: place, period, store)
    self.period = period
    sheets = try WallPlan.list(period, at: place, store)
    guard !sheets.isEmpty else {
      throw VillageError(
        .unknownPlan, "there is no issued plan for \(period) at \(place.code) \(place.name)",
        hint: "`yizhan plan list` shows the plans")
    }
    pages = PlanPages(
      items: try PlanBook.items(store, filter), place: place, period: period,
      zone: try Places.zone(store), now: Instant(seconds: store.now / 1000))
  }

  private static let weekdays = ["一", "二", "三", "四", "五", "六", "日"]

  var view: View {
    var grid = Grid([
      GridColumn("date", "日期", .code), GridColumn("weekday", "星期", .code),
      GridColumn("start", "时间", .code), GridColumn("title", "节目"),
      GridColumn("category", "类别"), GridColumn("minutes", "时长（分钟）", .number),
      GridColumn("required", "必播", .code), GridColumn("note", "备注"),
    ])
    var dayBefore: CivilDate?
    for (item, slot) in rows {
      let day = slot?.day
      let isNew = day != dayBefore || day == nil
      grid.write([
        isNew ? day.map { .date(days: $0.days) } ?? .text("本周") : .empty,
        isNew ? .text(day.map { Self.weekdays[$0.weekday - 1] } ?? "") : .empty,
        .text(slot?.time ?? ""), .text(slot?.title ?? item.title ?? item.programme ?? ""),
        .text((slot?.category ?? item.category) ?? ""),
        (slot?.seconds ?? item.seconds).map { .integer(($0 + 30) / 60) } ?? .empty,
        .text(item.isRequired ? "★" : ""), .text(note(item)),
      ])
      dayBefore = day
    }
    return View(title: title, subtitles: subtitles, grid: grid, notes: notes)
  }

  /// By day and time as they are played here; what counts for the whole week comes first.
  private var rows: [(item: PlanItemView, slot: ShownSlot?)] {
    pages.items.map { ($0, ShownSlot($0, pages.zone)) }.sorted {
      ($0.1?.start ?? .min, $0.0.dot) < ($1.1?.start ?? .min, $1.0.dot)
    }
  }

  private var title: String {
    let name: String
    switch period {
    case .month(let month): name = "\(month.year)年\(month.number)月播放计划"
    case .week(let week):
      let last = CivilDate(days: week.monday.days + 6)
      name = "\(week.year)年第\(week.number)周播放推荐（\(week.monday) 至 \(last)）"
    }
    return "\(pages.place.name) \(name)"
  }

  private var subtitles: [String] {
    sheets.map { sheet in
      let issued = sheet.issuedAt.map { "，\($0.shortText(in: pages.zone)) 发布" } ?? ""
      return "\(sheet.of?.name ?? "")计划第 \(sheet.version) 版\(issued)"
    }
  }

  private func note(_ item: PlanItemView) -> String {
    var words = [item.note].compactMap { $0 }
    if let adjustment = item.adjustment {
      let what =
        switch adjustment.kind {
        case .moved: "本站改期"
        case .replaced: "本站换片"
        case .skipped: "本站不播"
        }
      words.append("\(what)：\(adjustment.reason)")
    }
    return words.joined(separator: "；")
  }

  private var notes: [String] {
    [
      "★ 为必播节目。如有变动，以最新版本为准。",
      "打印时间：\(pages.now.shortText(in: pages.zone))　　张贴人（签字）：＿＿＿＿＿＿　　张贴日期：＿＿＿＿＿＿",
    ]
  }
}
