internal import Causality
internal import Replica
internal import Wording

/// Whose a row is, by its cell `station`: a name or a code of a place at or below this one.
struct StationFinder {
  private let store: Store
  private var places: [Place]?
  private var found: [String: [Place]] = [:]
  /// Cells that do not name one place, each once, in the order of the sheet.
  private var unknown: [String] = []
  private var ambiguous: [String] = []

  init(_ store: Store) { self.store = store }

  /// Throws `unknown_station` and `ambiguous_place`, and notes the cell.
  mutating func place(_ cell: String) throws -> PlaceID {
    let places = try matches(cell)
    guard places.count == 1 else {
      throw places.isEmpty
        ? VillageError(
          .unknownStation, "there is no station “\(CellText.shown(cell))”",
          hint: try knownStations())
        : Places.ambiguous(cell, places)
    }
    return places[0].id
  }

  private mutating func matches(_ cell: String) throws -> [Place] {
    if let known = found[cell] { return known }
    let places = try candidates().filter { $0.code == PlaceCode(cell) || $0.name == cell }
    found[cell] = places
    if places.isEmpty { unknown.append(cell) }
    if places.count > 1 { ambiguous.append(cell) }
    return places
  }

  /// Throws `unknown_station` or else `ambiguous_place`, with the whole report, if a cell did not
  /// name one place.
  func check(_ badRows: BadRows, _ report: SheetReport) throws {
    guard badRows == .refuseSheet else { return }
    try check(.unknownStation, "stations that are not known here", unknown, report)
    try check(.ambiguousPlace, "places by a name that several have", ambiguous, report)
  }

  private func check(
    _ code: VillageError.Code, _ what: Message, _ cells: [String], _ report: SheetReport
  ) throws {
    guard !cells.isEmpty else { return }
    let first = report.refused.first { $0.code == code.rawValue }
    let names = Message.list(cells.map { "“\(CellText.shown($0))”" }, atMost: 20)
    var error = VillageError(
      code, "the sheet names \(what), so nothing was imported: \(names)",
      hint: first?.advice ?? "", line: first?.line, column: first?.column)
    error.report = report
    throw error
  }

  /// The places that a plan can be for.
  private mutating func candidates() throws -> [Place] {
    if let places { return places }
    let above = Set(try Places.ancestors(store))
    let found = try Places.all(store).filter {
      try !above.contains($0.id) && Places.isCurrent($0.id, store)
    }
    places = found
    return found
  }

  private mutating func knownStations() throws -> Message {
    let all = try candidates()
    let names = Message.list(all.map { "\($0.code) \($0.name)" }, atMost: 20)
    return "known are \(names); say with --for whose plan it is, or invite the station first"
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
