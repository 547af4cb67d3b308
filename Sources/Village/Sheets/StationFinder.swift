internal import Causality
internal import Replica

/// Whose a row is, by its cell `station`: a name or a code of a place at or below this one.
struct StationFinder {
  private let store: Store
  private var places: [Place]?
  private var known: [String: PlaceID?] = [:]
  /// Cells that name no place, each once, in the order of the sheet.
  private(set) var unknown: [String] = []

  init(_ store: Store) { self.store = store }

  /// Throws `unknown_station`, and notes the cell.
  mutating func place(_ cell: String) throws -> PlaceID {
    if known[cell] == nil {
      let found = try candidates().filter { $0.code == PlaceCode(cell) || $0.name == cell }
      known[cell] = .some(found.count == 1 ? found[0].id : nil)
      if found.count != 1 { unknown.append(cell) }
    }
    guard let place = known[cell] ?? nil else {
      throw VillageError(
        .unknownStation, "there is no one station “\(CellText.shown(cell))”",
        hint: try knownStations())
    }
    return place
  }

  /// Throws `unknown_station`, with the whole report, if a cell named no place.
  func check(_ badRows: BadRows, _ report: SheetReport) throws {
    guard badRows == .refuseSheet, !unknown.isEmpty else { return }
    let first = report.refused.first { $0.code == VillageError.Code.unknownStation.rawValue }
    let names = unknown.prefix(20).map { "“\(CellText.shown($0))”" }.joined(separator: ", ")
    var error = VillageError(
      .unknownStation,
      "the sheet names stations that are not known here, so nothing was imported: \(names)"
        + (unknown.count > 20 ? " and \(unknown.count - 20) more" : ""),
      hint: first?.hint ?? "", line: first?.line, column: first?.column)
    error.report = report
    throw error
  }

  /// The places that a plan can be for.
  private mutating func candidates() throws -> [Place] {
    if let places { return places }
    let above = Set(try Places.ancestors(store))
    let found = try Places.all(store).filter { !above.contains($0.id) }
    places = found
    return found
  }

  private mutating func knownStations() throws -> String {
    let all = try candidates()
    let names = all.prefix(20).map { "\($0.code) \($0.name)" }.joined(separator: ", ")
    return "known are \(names)" + (all.count > 20 ? " and \(all.count - 20) more" : "")
      + "; say with --for whose plan it is, or invite the station first"
  }
}

/// Sees to it that a sheet that was said to be of one place does not name several stations.
struct OneStation {
  private var finder: StationFinder
  private var first: String?
  private var same: Set<String> = []

  init(_ store: Store) { finder = StationFinder(store) }

  /// Throws `several_stations` at the first cell that names another station than those before.
  mutating func check(_ cell: String) throws {
    guard let first else {
      first = cell
      return
    }
    if cell == first || same.contains(cell) { return }
    // One station may stand in a sheet by its name and by its code.
    let here = try? finder.place(cell)
    guard let here, try finder.place(first) == here else {
      throw VillageError(
        .severalStations,
        "the sheet has rows of “\(CellText.shown(first))” and of “\(CellText.shown(cell))”, "
          + "but --for names one place",
        hint: "leave --for out, or import each station's rows as a sheet of its own")
    }
    same.insert(cell)
  }
}
