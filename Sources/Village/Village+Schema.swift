internal import Causality
package import Records

/// The collections of an education station. Adding one is a declaration here and a migration
/// (docs/collections.md).
package enum Village {
  package static let schema = Schema(
    records: [place, programme, term, plan, planItem, operators], events: [playback])

  /// A place as people know it and where it hangs in the tree: in the place's own `public`
  /// partition. `hub` is the place above it, `reached` the hub that it last reported to (another one
  /// while it moves), `hubs` all that it was ever put under, `hub_url` where a moved place finds its hub.
  package static let place = RecordCollection(
    "place", in: [.public],
    [
      Field("code", .authority), Field("name", .authority), Field("zone", .authority),
      Field("role", .authority), Field("hub", .authority), Field("reached", .authority),
      Field("hubs", .union), Field("hub_url", .authority), Field("retired", .authority),
    ])

  package static let programme = RecordCollection(
    "programme", in: [.public],
    [
      Field("code", .authority), Field("title", .authority), Field("category", .authority),
      Field("seconds", .authority),
    ])

  /// Words that people choose from and may add to: occasions and categories. Other texts are kept.
  package static let term = RecordCollection(
    "term", in: [.public],
    [Field("kind", .authority), Field("text", .authority), Field("label", .authority)])

  /// A month plan (`period` 2026-03) or a week recommendation (2026-W10). `version` counts issues.
  package static let plan = RecordCollection(
    "plan", in: [.public, .work],
    [
      Field("kind", .authority), Field("period", .authority), Field("version", .maximum),
      Field("issued_at", .latest),
    ])

  /// A slot of a plan. `issue` is the version with which it first went out; without one it is a
  /// draft. An item keeps its own title, category and seconds, whatever happens to the programme.
  package static let planItem = RecordCollection(
    "plan_item", in: [.public, .work],
    [
      Field("plan", .authority), Field("date", .authority), Field("start", .authority),
      Field("programme", .authority), Field("title", .authority, follows: "programme"),
      Field("category", .authority, follows: "programme"),
      Field("seconds", .authority, follows: "programme"), Field("required", .authority),
      Field("note", .latest), Field("issue", .minimum),
    ])

  /// A person who plays programmes. Playbacks name the person by `code`.
  package static let operators = RecordCollection(
    "operator", in: [.people], [Field("code", .authority), Field("name", .authority)])

  /// What was really played. A correction is a further event that names the one it `corrects`.
  package static let playback = EventCollection(
    "playback",
    [
      Column("programme", .text, .key), Column("title", .text, .attribute(0, of: "programme")),
      Column("item", .dot), Column("started", .integer, .after(["started", "seconds"])),
      Column("seconds", .integer, .attribute(1, of: "programme")), Column("audience", .integer),
      Column("operator", .text, .previous), Column("occasion", .text),
      Column("outcome", .text, given: "seconds"), Column("note", .text),
      Column("clock", .text, .previous), Column("corrects", .dot),
    ])
}
