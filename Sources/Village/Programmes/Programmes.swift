package import Causality
internal import Records
package import Replica

/// A programme as its place describes it.
package struct ProgrammeView: Equatable, Sendable {
  package let dot: Dot
  package let place: PlaceID
  package let code: String
  package let title: String?
  package let category: String?
  package let seconds: Int64?
  package let hasConflict: Bool

  init?(_ record: RecordView) {
    guard let code = record.text("code") else { return nil }
    dot = record.id
    place = record.partition.place
    self.code = code
    title = record.text("title")
    category = record.text("category")
    seconds = record.integer("seconds")
    hasConflict = record.hasConflict
  }
}

/// The catalogue: what is known of programmes. Plans and playbacks may name codes that nobody has
/// described.
package enum Programmes {
  /// Every programme described in this place or above it: by place, the own one first, then by
  /// code.
  package static func list(_ store: Store) throws -> [ProgrammeView] {
    var list: [ProgrammeView] = []
    for place in [store.identity.place] + (try Places.ancestors(store)) {
      let here = try described(in: PartitionID(place, .public), store)
      list += here.sorted { ($0.code, $0.dot) < ($1.code, $1.dot) }
    }
    return list
  }

  /// What each code means here: the nearest place's description, the oldest of equals.
  static func byCode(_ store: Store) throws -> [String: ProgrammeView] {
    Dictionary(try list(store).map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
  }

  static func described(in partition: PartitionID, _ store: Store) throws -> [ProgrammeView] {
    try store.records(Village.programme, in: partition).compactMap { ProgrammeView($0) }
  }
}
