package import Causality
internal import Records
package import Replica
internal import Wording

/// What hubs have taken back since its author had no right to it, so that the author learns of it.
package enum Rejections {
  package struct Rejection: Equatable, Sendable {
    package let place: PlaceID
    package let code: String
    package let collection: String
    package let record: String
    /// A line for each field.
    package let content: String
    /// Seconds since 1970.
    package let at: Int64
  }

  /// Notes what was taken back of a bundle from a place below.
  package static func note(
    _ writes: [RefusedWrite], from place: PlaceID, _ store: Store
  ) throws {
    for write in writes {
      let content = write.fields.map { "\($0.name): \(text($0.value))" }.joined(separator: "\n")
      _ = try store.create(
        Village.rejection, in: PartitionID(place, .work),
        [
          ("code", .text(write.code)), ("collection", .text(write.collection)),
          ("record", .text(write.record.description)),
          ("author", .text(write.author.place.description)),
          ("content", .text(String(content.prefix(contentMax)))),
          ("at", .integer(store.now / 1000)),
        ])
    }
  }

  private static let contentMax = 4000

  private static func text(_ value: Value) -> String {
    value.text ?? value.integer.map(String.init) ?? value.dot?.description ?? "-"
  }

  /// The latest first.
  package static func all(_ store: Store) throws -> [Rejection] {
    var rejections: [Rejection] = []
    for partition in try store.partitionIDs() where partition.section == .work {
      for record in try store.records(Village.rejection, in: partition) {
        rejections.append(
          Rejection(
            place: partition.place, code: record.text("code") ?? "",
            collection: record.text("collection") ?? "", record: record.text("record") ?? "",
            content: record.text("content") ?? "", at: record.integer("at") ?? 0))
      }
    }
    return rejections.sorted { ($0.at, $0.record) > ($1.at, $1.record) }
  }
}
