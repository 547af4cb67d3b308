internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sheets
internal import Village
internal import Wording

extension PlanCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Write plans to a file: .csv, .xlsx, .html, .pdf, .ics or .xml (XMLTV)."),
      discussion: said(
        """
        What went out for a place, by date and time; a station's adjustments are taken in. A .csv \
        or .xlsx has the columns that `plan import` reads. Calendars (.ics) know an item again, so \
        a later export updates the former.

        Example: yizhan plan export --data hub --month 2026-09 --out plan.ics
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var place: ForOptions
    @OptionGroup var period: PeriodOptions
    @Option(name: .customLong("out"), help: ArgumentHelp(said("The file."), valueName: "file"))
    var path: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let period = try period.period()
      let replica = try data.folder.openForReading()
      let count = try replica.read { store in
        let place = try place.place(store) ?? Places.own(store)
        let filter = try PlanFilter.holding(at: place, period, store)
        let book = PlanPages(
          items: try PlanBook.items(store, filter), place: place, period: period,
          zone: try Places.zone(store), now: Instant(seconds: store.now / 1000))
        switch path.lowercased() {
        case let name where name.hasSuffix(".ics"): try book.writeCalendar(path)
        case let name where name.hasSuffix(".xml"): try book.writeGuide(path)
        default: try ViewFile(path).write(book.sheet)
        }
        return book.items.count
      }
      Console.print(
        json: output.json,
        .object([("file", .text(path)), ("rows", .number(Int64(count)))]),
        said("Written to \(path): \(count) items."))
    }
  }
}

/// The items of a plan as they are to be shown at one place.
struct PlanPages {
  let items: [PlanItemView]
  let place: Place
  let period: Period?
  let zone: TimeZoneOffset
  let now: Instant

  /// With the columns that an import reads.
  var sheet: View {
    var grid = Grid([
      GridColumn("id", said("id"), .code), GridColumn("station", said("place"), .code),
      GridColumn("date", said("date"), .code), GridColumn("start", said("start"), .code),
      GridColumn("programme", said("programme"), .code), GridColumn("title", said("title")),
      GridColumn("category", said("category")), GridColumn("seconds", said("seconds"), .number),
      GridColumn("required", said("required"), .number), GridColumn("note", said("note")),
    ])
    for item in items {
      grid.write([
        item.sheetID.map { .text($0) } ?? .empty,
        .text(item.station?.code.dotted ?? item.place.description), Self.date(item.date),
        Self.time(item.start), .text(item.programme ?? ""), .text(item.title ?? ""),
        .text(item.category ?? ""), item.seconds.map { .integer($0) } ?? .empty,
        .integer(item.isRequired ? 1 : 0), .text(item.note ?? ""),
      ])
    }
    return View(title: title(said("Plan")), grid: grid)
  }

  private func title(_ what: String) -> String {
    [place.name, period?.description, what].compactMap { $0 }.joined(separator: " ")
  }

  private static func date(_ text: String?) -> GridCell {
    text.flatMap { CivilDate($0) }.map { .date(days: $0.days) } ?? .text(text ?? "")
  }

  private static func time(_ text: String?) -> GridCell {
    text.flatMap { ClockTime($0) }.map { .time(minutes: $0.minutes) } ?? .text(text ?? "")
  }

  // MARK: Calendars and guides

  /// What is to be played when, with the station's own adjustments; nothing without a day.
  private var shown: [(item: PlanItemView, slot: ShownSlot)] {
    items.compactMap { item in
      ShownSlot(item, zone).map { (item, $0) }
    }.sorted { $0.slot.start < $1.slot.start }
  }

  func writeCalendar(_ path: String) throws {
    try SyncedFile.write(path) { put in
      var writer = ICSWriter(name: title(said("Plan")), put: put)
      for (item, slot) in shown { try writer.write(event(item, slot)) }
      try writer.finish()
    }
  }

  private func event(_ item: PlanItemView, _ slot: ShownSlot) -> CalendarEvent {
    let time: CalendarEvent.Time =
      slot.hasTime
      ? .instants(start: slot.start, end: slot.seconds.map { slot.start + $0 })
      : .days(start: slot.day.days, end: slot.day.days + 1)
    var event = CalendarEvent(
      uid: "\(item.dot)@\(place.id).yizhan", stamp: now.seconds, time: time,
      summary: slot.title)
    event.details = [item.note, item.adjustment?.reason].compactMap { $0 }.joined(separator: "\n")
    event.place = place.name
    event.categories = [slot.category].compactMap { $0 }
    event.sequence = item.version
    event.status = item.adjustment?.kind == .skipped ? .cancelled : .confirmed
    return event
  }

  func writeGuide(_ path: String) throws {
    try SyncedFile.write(path) { put in
      var writer = XMLTVWriter(zoneMinutes: zone.minutes, put: put)
      let channel = place.code.dotted
      try writer.write(GuideChannel(id: channel, name: place.name))
      for (item, slot) in shown where slot.hasTime && item.adjustment?.kind != .skipped {
        try writer.write(
          GuideProgramme(
            channel: channel, start: slot.start, stop: slot.seconds.map { slot.start + $0 },
            title: slot.title, category: slot.category, details: item.note))
      }
      try writer.finish()
    }
  }
}

/// An item on the day and at the time on which it is to be played at one place.
struct ShownSlot {
  let day: CivilDate
  /// Midnight if there is no time.
  let start: Int64
  let hasTime: Bool
  let time: String
  let programme: String
  let title: String
  let category: String?
  let seconds: Int64?

  /// Nil for what has no day.
  init?(_ item: PlanItemView, _ zone: TimeZoneOffset) {
    let adjustment = item.adjustment
    guard let day = adjustment?.date ?? item.date.flatMap({ CivilDate($0) }) else { return nil }
    let time = adjustment?.start ?? item.start.flatMap { ClockTime($0) }
    let isReplaced = adjustment?.kind == .replaced
    let programme = (isReplaced ? adjustment?.programme : item.programme) ?? ""
    self.day = day
    self.programme = programme
    hasTime = time != nil
    self.time = time?.description ?? ""
    start = Instant(startOf: day, in: zone).seconds + Int64(time?.minutes ?? 0) * 60
    title = (isReplaced ? adjustment?.title : item.title) ?? programme
    category = isReplaced ? adjustment?.category : item.category
    seconds = isReplaced ? adjustment?.seconds : item.seconds
  }
}
