package import Causality
internal import Records

/// The code path of a place, such as 34.01.23.109.207: province, city, county, town, village.
/// Codes compare by segment; mainland codes may be written without dots, two, two, two, three and
/// three digits, with zeros for what is left open at the end.
package struct PlaceCode: Hashable, Comparable, Sendable, CustomStringConvertible {
  private static let widths = [2, 2, 2, 3, 3]
  private static let segmentsMax = 12

  package let segments: [String]

  /// Nil unless `text` is digits and dots in such a form.
  package init?(_ text: some StringProtocol) {
    let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
    guard isPlain, !text.isEmpty else { return nil }
    if text.contains(".") {
      let parts = String(text).split(separator: ".", omittingEmptySubsequences: false)
        .map { String($0) }
      guard parts.count <= Self.segmentsMax, parts.allSatisfy({ (1...9).contains($0.utf8.count) })
      else { return nil }
      segments = parts
    } else {
      guard let parts = Self.split(String(text)) else { return nil }
      segments = parts
    }
  }

  private static func split(_ digits: String) -> [String]? {
    var rest = digits[...]
    var parts: [String] = []
    for width in widths where !rest.isEmpty {
      guard rest.utf8.count >= width else { return nil }
      parts.append(String(rest.prefix(width)))
      rest = rest.dropFirst(width)
    }
    while parts.count > 1, let last = parts.last, last.utf8.allSatisfy({ $0 == 0x30 }) {
      parts.removeLast()
    }
    return rest.isEmpty ? parts : nil
  }

  package var dotted: String { segments.joined(separator: ".") }
  package var description: String { dotted }

  /// Whether `other` lies below this place.
  package func isAbove(_ other: PlaceCode) -> Bool {
    other.segments.count > segments.count && other.segments.starts(with: segments)
  }

  package static func < (left: PlaceCode, right: PlaceCode) -> Bool {
    left.segments.lexicographicallyPrecedes(right.segments)
  }

  /// The permanent identity of the place that is founded under this code. Derived, so that a
  /// township and the county above it agree without having met; later renames change nothing.
  package var foundingID: PlaceID {
    let value = ChainValue(hashing: Array("yizhan place \(dotted)".utf8))
    return PlaceID(bits: value.low == 0 ? 1 : value.low)
  }
}

/// How far a place's clocks are ahead of UTC. One for a whole tree; never the machine's own.
package struct TimeZoneOffset: Hashable, Sendable, CustomStringConvertible {
  package static let china = TimeZoneOffset(minutes: 480)

  package let minutes: Int

  package init(minutes: Int) { self.minutes = minutes }

  /// Reads `+08:00` or `-03:30`.
  package init?(_ text: some StringProtocol) {
    let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
    guard text.utf8.count == 6, let sign = text.first, sign == "+" || sign == "-",
      parts.count == 2, let hours = Int(parts[0]), let rest = Int(parts[1]), hours <= 14,
      (0..<60).contains(rest), hours >= 0
    else { return nil }
    minutes = (sign == "-" ? -1 : 1) * (hours * 60 + rest)
  }

  package var description: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let size = abs(minutes)
    return (minutes < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60)
  }
}
