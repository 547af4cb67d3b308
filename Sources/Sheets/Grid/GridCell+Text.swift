extension GridCell {
  /// The cell as plain text: `2026-03-05`, `09:30`, `2026-03-05 09:30:00`, `97.5%`. The same in
  /// every format that is text.
  package var text: String {
    switch self {
    case .empty: ""
    case .text(let text): text
    case .word(_, let said): said
    case .integer(let number): String(number)
    case .decimal(let number): Self.decimal(number)
    case .share(let share): Self.decimal(share * 100) + "%"
    case .bar(let share): Self.bar(share)
    case .date(let days): Self.date(days)
    case .time(let minutes): Self.two(minutes / 60) + ":" + Self.two(minutes % 60)
    case .instant(let seconds): Self.instant(seconds)
    }
  }

  /// The same for programs: words by their names.
  package var plain: String {
    if case .word(let name, _) = self { name } else { text }
  }

  /// With one digit behind the point, halves away from zero.
  private static func decimal(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "" }
    let tenths = Int64((number * 10).rounded(.toNearestOrAwayFromZero))
    return (tenths < 0 ? "-" : "") + "\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  /// Ten characters, by eighths.
  private static func bar(_ share: Double) -> String {
    guard share.isFinite else { return "" }
    let eighths = Int((min(max(share, 0), 1) * 80).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let full = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    return full + String(repeating: "·", count: 10 - eighths / 8 - (eighths % 8 > 0 ? 1 : 0))
  }

  private static func instant(_ seconds: Int64) -> String {
    let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    let rest = Int(seconds - Int64(day) * 86_400)
    return date(day) + " "
      + [rest / 3600, rest / 60 % 60, rest % 60].map(two).joined(separator: ":")
  }

  /// The Gregorian day (Howard Hinnant, chrono-compatible low-level date algorithms).
  private static func date(_ days: Int) -> String {
    let shifted = days + 719_468
    let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let day = shifted - cycle * 146_097
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let civilMonth = month < 10 ? month + 3 : month - 9
    let civilYear = year + cycle * 400 + (civilMonth <= 2 ? 1 : 0)
    let padding = String(repeating: "0", count: max(0, 4 - String(civilYear).utf8.count))
    return "\(padding)\(civilYear)-\(two(civilMonth))-\(two(dayOfYear - (153 * month + 2) / 5 + 1))"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
