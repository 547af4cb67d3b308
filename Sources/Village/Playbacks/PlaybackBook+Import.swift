internal import Causality
internal import Records
package import Replica
internal import Sheets
internal import Wording

extension PlaybackBook {
  /// Takes a sheet of playbacks into the log of `place`; nil for this replica's own at a station.
  /// What was imported before adds nothing; of a row that changed in the sheet since, a correction
  /// is appended.
  ///
  /// The sheet is read twice if the log has playbacks and the sheet has something new: first to
  /// know which playbacks its known ids name and which days it is about, then to write. Memory: some
  /// 100 bytes for each row.
  ///
  /// Throws `place_missing`, `not_owner`, `several_stations`, `rows_refused`, and what `CSVReader`
  /// throws.
  package static func importSheet(
    _ path: String, for place: Place?, _ badRows: BadRows, _ store: Store,
    progress: @escaping ImportProgress = { _ in }
  ) throws -> SheetReport {
    let partition = try log(for: place, store)
    let sheet = PlaybackSheet(
      path: path, zone: try Places.zone(store), isOfOneStation: store.identity.role == .hub)
    var known: KnownPlaybacks?
    let isEmpty = try store.eventCount(in: partition) == 0
    if !isEmpty {
      let survey = try PlaybackSurvey(sheet, partition, store, progress)
      try survey.report.check(badRows)
      guard survey.hasNews else { return survey.report }
      known = try KnownPlaybacks(survey, partition, store)
    }
    var writer = try PlaybackWriter(partition, known, store)
    var report = SheetReport()
    try sheet.walk(store, &report, share: isEmpty ? 0...1 : 0.5...1, progress) { row, report in
      // A sheet that will be refused is only read to its end.
      guard report.refusedCount == 0 || badRows == .leaveOut else { return }
      try writer.take(row, &report)
    }
    try report.check(badRows)
    return report
  }

  private static func log(for place: Place?, _ store: Store) throws -> PartitionID {
    if place == nil, store.identity.role == .hub {
      throw VillageError(
        .placeMissing, "a hub has playbacks of many stations",
        hint: "say with --for CODE whose the sheet is")
    }
    let partition = PartitionID(place?.id ?? store.identity.place, .log)
    try Ownership.check(partition, store, "the playback log")
    return partition
  }
}
