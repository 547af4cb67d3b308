import Causality
import Records

/// The collections of these tests, as a new version knows them and as an old one does.
enum Shelf {
  static let note = RecordCollection(
    "note", in: [.public, .work],
    [
      Field("title", .latest), Field("body", .authority, follows: "title"),
      Field("count", .maximum), Field("tags", .union), Field("link", .latest),
    ])
  static let slip = RecordCollection(
    "slip", in: [.public, .work, .people], [Field("text", .keepAll), Field("level", .minimum)])
  static let visit = EventCollection(
    "visit",
    [
      Column("at", .integer, .after(["at", "score"])), Column("who", .text, .previous),
      Column("about", .dot), Column("score", .integer),
    ])
  static let meter = EventCollection(
    "meter", [Column("value", .integer), Column("unit", .text), Column("seal", .dot)])

  static let schema = Schema(records: [note, slip], events: [visit, meter])

  /// Fewer collections, fewer fields, fewer columns.
  static let oldNote = RecordCollection(
    "note", in: [.public, .work], [Field("title", .latest), Field("body", .authority)])
  static let oldVisit = EventCollection(
    "visit", [Column("at", .integer, .after(["at"])), Column("who", .text, .previous)])
  static let oldSchema = Schema(records: [oldNote], events: [oldVisit])

  /// An old version that does not know the collections of these tests at all.
  static let emptySchema = Schema(records: [], events: [])

  static let town = PlaceID(bits: 0x70)
  static let village = PlaceID(bits: 0x71)
  static let otherVillage = PlaceID(bits: 0x72)
  static let stranger = PlaceID(bits: 0x99)

  static let work = PartitionID(village, .work)
  static let people = PartitionID(village, .people)
  static let notices = PartitionID(town, .public)
  static let log = PartitionID(village, .log)
}
