/// The permanent identity of a place. Codes and names are attributes that change; this does not.
package struct PlaceID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let bits: UInt64

  package init(bits: UInt64) { self.bits = bits }

  package static func < (left: PlaceID, right: PlaceID) -> Bool { left.bits < right.bits }

  /// Sixteen lower-case hexadecimal digits.
  package var description: String { Epoch(bits: bits).description }
}

/// What a partition is for. The raw value is permanent: it is part of the wire format.
///
/// The order of `allCases` is the order in which partitions travel (P15).
package enum Section: UInt8, CaseIterable, Sendable {
  /// Faults and the like: few, and first.
  case urgent = 0
  /// Plans, programmes, notices: down to all below.
  case `public` = 1
  /// Records between a place and those above it.
  case work = 2
  /// Playbacks and other events, and only events.
  case log = 3
  /// What names persons.
  case people = 4

  package var name: String {
    switch self {
    case .urgent: "urgent"
    case .public: "public"
    case .work: "work"
    case .log: "log"
    case .people: "people"
    }
  }

  package init?(name: some StringProtocol) {
    guard let section = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = section
  }

  /// The one section whose writes are events; the other sections hold records only.
  package var holdsEvents: Bool { self == .log }
}

/// The unit of replication, always whole: one section of one place.
package struct PartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let place: PlaceID
  package let section: Section

  package init(_ place: PlaceID, _ section: Section) {
    self.place = place
    self.section = section
  }

  /// The order of travel: what is urgent first, places in a fixed order.
  package static func < (left: PartitionID, right: PartitionID) -> Bool {
    left.section != right.section
      ? left.section.rawValue < right.section.rawValue : left.place < right.place
  }

  package var description: String { "\(place)/\(section.name)" }
}
