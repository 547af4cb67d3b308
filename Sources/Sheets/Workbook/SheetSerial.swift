/// Days as spreadsheets count them: the number of the day, and the time as a part of it.
package enum SheetSerial {
  /// From which day a workbook counts.
  enum System {
    /// 1 is 1900-01-01, and there is a day 1900-02-29 (60) that never was.
    case from1900
    /// 0 is 1904-01-01: workbooks of old Macintoshes.
    case from1904
  }

  /// The number of 1970-01-01 in the common system.
  package static let epochDays = 25_569
  /// From 1900-03-01 to the end of 9999: what a workbook has a number for, and what it means.
  static let writable: Range<Double> = 61..<2_958_466
  /// 2000-01-01 to 2099-12-31: numbers that are surely meant as days where a day is asked for.
  package static let plausible: Range<Double> = 36_526..<73_051

  /// Seconds since 1970-01-01T00:00:00 of the clock on the wall, rounded; nil for what is no day.
  static func seconds(_ serial: Double, _ system: System) -> Int64? {
    let shifted = system == .from1904 ? serial + 1_462 : serial
    guard writable.contains(shifted) else { return nil }
    return Int64(((shifted - Double(epochDays)) * 86_400).rounded())
  }

  /// The time of day in seconds, rounded, by the part behind the point.
  static func timeOfDay(_ serial: Double) -> Int {
    Int(((serial - serial.rounded(.down)) * 86_400).rounded()) % 86_400
  }
}
