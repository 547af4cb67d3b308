internal import Causality
internal import Records
package import Replica
internal import Sheets
internal import Wording

extension PlanBook {
  /// Takes the programmes of one channel of an XMLTV guide, plain or packed, as plan items. A
  /// programme is known again by channel and start, so that a newer guide edits what changed.
  ///
  /// Throws `rows_refused`, `no_rows`, `place_missing`, `not_owner`, and what `GuideReader` throws;
  /// `xmltv_channel` if the guide has several channels and none was named.
  package static func importGuide(
    _ path: String, _ order: PlanImport, _ store: Store,
    progress: @escaping ImportProgress = { _ in }
  ) throws -> SheetReport {
    if order.place == nil, store.identity.role == .hub {
      throw VillageError(
        .placeMissing, "a guide does not say whose plan it is", hint: "say with --for CODE")
    }
    let place = order.place?.id ?? store.identity.place
    let partition = try Ownership.planPartition(of: place, store)
    var reading = GuideReading(
      order, zone: try Places.zone(store), titles: try TitleFinder(store))
    try reading.read(path, progress)
    var report = reading.report
    let rows = reading.rows(&report)
    try report.check(order.badRows)
    return try write([(partition, rows)], report, store, progress)
  }
}

/// The programmes of one channel, on their way into a plan.
private struct GuideReading {
  private let order: PlanImport
  /// The tree's: days and times of plans are in it.
  private let zone: TimeZoneOffset
  private let titles: TitleFinder
  private(set) var report = SheetReport()
  private var slots: [Slot] = []
  /// In the order of the guide.
  private var channels: [String] = []
  /// Whether a channel is the one that is meant.
  private var isMeant: [String: Bool] = [:]
  private var ids: Set<String> = []
  private var uneven: (line: Int, count: Int)?
  private var ambiguous: Set<String> = []

  private struct Slot {
    let start: Int64
    let stop: Int64?
    let row: PlanRow
  }

  init(_ order: PlanImport, zone: TimeZoneOffset, titles: TitleFinder) {
    self.order = order
    self.zone = zone
    self.titles = titles
  }

  mutating func read(_ path: String, _ progress: @escaping ImportProgress) throws {
    let reader = try GuideReader(path: path)
    var count = 0
    while let entry = try reader.next() {
      for note in reader.takeNotes() { report.warn(note.line, note.what) }
      count += 1
      if count % 1024 == 0 {
        progress(0.5 * Double(reader.bytesRead) / Double(max(reader.bytesTotal, 1)))
      }
      guard isWanted(entry.channel, reader) else { continue }
      report.read += 1
      do throws(VillageError) { try take(entry) } catch { report.refuse(error, line: entry.line) }
    }
    for note in reader.takeNotes() { report.warn(note.line, note.what) }
    try checkChannels(reader)
  }

  /// The rows by their starts; what does not fit together is put down in the report.
  mutating func rows(_ report: inout SheetReport) -> [PlanRow] {
    let sorted = slots.sorted { ($0.start, $0.row.line) < ($1.start, $1.row.line) }
    for (earlier, later) in zip(sorted, sorted.dropFirst()) {
      guard let stop = earlier.stop, stop != later.start else { continue }
      let minutes = (abs(later.start - stop) + 59) / 60
      report.warn(
        later.row.line,
        stop > later.start
          ? "begins \(minutes) min before the programme of line \(earlier.row.line) ends"
          : "\(minutes) min are empty between the programme of line \(earlier.row.line) and this")
    }
    if let uneven {
      report.warn(
        uneven.line,
        "\(uneven.count) programmes, the first here, begin within a minute: plans say the minute")
    }
    return sorted.map(\.row)
  }

  // MARK: Channels

  private mutating func isWanted(_ channel: String, _ reader: GuideReader) -> Bool {
    if let known = isMeant[channel] { return known }
    channels.append(channel)
    let isWanted =
      order.channel.map { wanted in
        channel == wanted || reader.channels.contains { $0.id == channel && $0.name == wanted }
      } ?? (channels.count == 1)
    isMeant[channel] = isWanted
    return isWanted
  }

  private func checkChannels(_ reader: GuideReader) throws(SheetError) {
    let names = Dictionary(
      reader.channels.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    let shown = channels.map { id in
      CellText.shown(names[id].map { $0.isEmpty ? id : "\(id) (\($0))" } ?? id)
    }
    if let wanted = order.channel {
      guard channels.contains(where: { isMeant[$0] ?? false }) else {
        throw .channel(wanted, among: shown)
      }
    } else if channels.count > 1 {
      throw .channel(nil, among: shown)
    }
  }

  // MARK: Programmes

  private mutating func take(_ entry: GuideEntry) throws(VillageError) {
    let start = try instant(entry.start, "start", entry)
    var stop: Int64?
    if let text = entry.stop { stop = try instant(text, "stop", entry) }
    if let stop, stop < start {
      throw VillageError(
        .endsBeforeStart,
        "the programme stops at \(CellText.shown(entry.stop ?? "")), before it "
          + "starts at \(CellText.shown(entry.start))",
        hint: "mend the guide", line: entry.line)
    }
    guard let title = entry.title else {
      throw VillageError(
        .badValue, "the programme has no title", hint: "mend the guide", line: entry.line)
    }
    let local = Instant(seconds: start).text(in: zone)
    let row = try row(entry, title, local, seconds: stop.map { $0 - start })
    if start % 60 != 0 { uneven = (uneven?.line ?? entry.line, (uneven?.count ?? 0) + 1) }
    warnIfAmbiguous(title, entry.line)
    slots.append(Slot(start: start, stop: stop, row: row))
  }

  private func instant(
    _ text: String, _ name: String, _ entry: GuideEntry
  ) throws(VillageError) -> Int64 {
    let minutes = (order.zone ?? zone).minutes
    guard let seconds = XMLTVTime.seconds(text, zoneMinutes: minutes) else {
      throw VillageError(
        .badTime, "\(name) is “\(CellText.shown(text))”, which is no time of XMLTV",
        hint: "times are like 20260305093000 +0800; without an offset --zone counts",
        line: entry.line)
    }
    return seconds
  }

  /// `local` is the start in the tree's zone, as `Instant` writes it.
  private mutating func row(
    _ entry: GuideEntry, _ title: String, _ local: String, seconds: Int64?
  ) throws(VillageError) -> PlanRow {
    guard let date = CivilDate(local.prefix(10)),
      let time = ClockTime(local.dropFirst(11).prefix(5))
    else {
      throw VillageError(
        .badTime, "start is “\(CellText.shown(entry.start))”, which no plan can have",
        line: entry.line)
    }
    let id = "\(entry.channel)@\(local.prefix(19))"
    guard ids.insert(id).inserted else {
      throw VillageError(
        .duplicateRow, "the channel has two programmes that start at \(date) \(time)",
        hint: "keep one of them", line: entry.line)
    }
    let period: Period
    do { period = try PlanRow.period(date, week: order.week, month: order.month) } catch {
      var placed = error
      placed.line = entry.line
      throw placed
    }
    var said: [PlanField: Value] = [
      .date: .text(date.description), .start: .text(time.description), .title: .text(title),
      .programme: .text(titles.code(title)),
    ]
    if let category = entry.category { said[.category] = .text(category) }
    if let seconds { said[.seconds] = .integer(seconds) }
    return PlanRow(
      line: entry.line, sheetID: id, cells: PlanCells(period: period, said: said), period)
  }

  private mutating func warnIfAmbiguous(_ title: String, _ line: Int) {
    guard case .ambiguous(let codes) = titles.match(title), ambiguous.insert(title).inserted
    else { return }
    report.warn(
      line,
      "the title “\(CellText.shown(title))” is that of \(codes.count) programmes "
        + "(\(Message.list(codes.prefix(5)))), so it stands for itself")
  }
}
