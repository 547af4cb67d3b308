package import Causality
package import Replica

/// What a hub notes of a station beside how far its log is held: what of it was held then, and the
/// times of which nobody knows what a machine logged that is gone.
package struct ReachMark: Equatable, Sendable {
  /// When the last bundle was made that told all of the log: seconds since 1970.
  package let at: Int64?
  /// What was held of the log then. All of it is the station's own.
  package let log: VersionVector
  /// The station has gone on since without some of that: its disk was replaced or set back.
  package var isSetBack: Bool
  package private(set) var gaps: [ClosedRange<Int64>]

  /// So many are told apart.
  private static let gapsMax = 32

  package init(
    at: Int64? = nil, log: VersionVector = .init(), isSetBack: Bool = false,
    gaps: [ClosedRange<Int64>] = []
  ) {
    self.at = at
    self.log = log
    self.isSetBack = isSetBack
    self.gaps = []
    for gap in gaps { add(gap) }
  }

  /// Adds a time of which nobody knows all that was logged: seconds since 1970. Of too many, those
  /// closest to each other become one, so that nothing unknown is ever taken for known.
  package mutating func add(_ gap: ClosedRange<Int64>) {
    var merged: [ClosedRange<Int64>] = []
    for next in (gaps + [gap]).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, next.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
      } else {
        merged.append(next)
      }
    }
    while merged.count > Self.gapsMax {
      let closest = (1..<merged.count).min {
        merged[$0].lowerBound &- merged[$0 - 1].upperBound
          < merged[$1].lowerBound &- merged[$1 - 1].upperBound
      }
      guard let closest else { break }
      merged[closest - 1] = merged[closest - 1].lowerBound...merged[closest].upperBound
      merged.remove(at: closest)
    }
    gaps = merged
  }

  // MARK: Text

  /// `FROM+SECONDS` by spaces; empty if there are none.
  package static func text(_ gaps: [ClosedRange<Int64>]) -> String {
    gaps.map { "\($0.lowerBound)+\($0.upperBound - $0.lowerBound)" }.joined(separator: " ")
  }

  /// What is no time is left out: a newer version may tell more.
  package static func gaps(_ text: String) -> [ClosedRange<Int64>] {
    text.split(separator: " ").prefix(gapsMax).compactMap { word in
      let numbers = word.split(separator: "+", maxSplits: 1).map { Int64($0) }
      guard numbers.count == 2, let from = numbers[0], let seconds = numbers[1], seconds >= 0,
        case (let to, false) = from.addingReportingOverflow(seconds)
      else { return nil }
      return from...to
    }
  }
}

extension Store {
  private static let reachKind = "reach"

  package func reachMark(of station: PlaceID) throws(ReplicaError) -> ReachMark {
    guard let bytes = try keepsake(Self.reachKind, station.description) else { return ReachMark() }
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 4 else { return ReachMark() }
    return ReachMark(
      at: Int64(lines[0]), log: VersionVector(lines[1]) ?? .init(),
      isSetBack: lines[2] == "set back", gaps: ReachMark.gaps(lines[3]))
  }

  package func setReachMark(of station: PlaceID, _ mark: ReachMark) throws(ReplicaError) {
    let lines = [
      mark.at.map { String($0) } ?? "", mark.log.description, mark.isSetBack ? "set back" : "",
      ReachMark.text(mark.gaps),
    ]
    try keep(Array(lines.joined(separator: "\n").utf8), Self.reachKind, station.description)
  }
}
