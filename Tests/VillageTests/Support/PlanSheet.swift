/// A sheet of plan items that tests change row by row.
struct PlanSheet {
  static let head = [
    "id", "station", "date", "start", "programme", "title", "category", "seconds", "required",
    "note",
  ]

  var columns = PlanSheet.head
  var rows: [[String: String]] = []

  init(_ rows: [[String: String]] = []) { self.rows = rows }

  /// A row with the usual cells and those that are given.
  static func row(_ id: String, _ date: String, _ start: String, _ cells: [String: String] = [:])
    -> [String: String]
  {
    [
      "id": id, "station": "S1", "date": date, "start": start, "programme": "P00144",
      "title": "红色影片展播（第40期）", "category": "文化生活", "seconds": "900", "required": "0", "note": "",
    ].merging(cells) { $1 }
  }

  var text: String {
    ([columns] + rows.map { row in columns.map { row[$0] ?? "" } })
      .map { $0.map(Self.quoted).joined(separator: ",") }.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ cell: String) -> String {
    cell.contains { "\",\n\r".contains($0) }
      ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
  }
}

/// Three slots of one month.
let threeSlots = PlanSheet([
  PlanSheet.row("a", "2026-03-01", "09:00"),
  PlanSheet.row("b", "2026-03-02", "10:30", ["programme": "P2", "note": "请公示"]),
  PlanSheet.row("c", "2026-03-03", "19:00", ["programme": "P3", "required": "1"]),
])
