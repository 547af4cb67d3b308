internal import Causality
package import Records

/// The collections of an education station. Adding one is a declaration here and a migration
/// (docs/collections.md).
package enum Village {
  package static let schema = Schema(
    records: [
      place, programme, term, plan, planItem, operators, adjustment, closure, posting, setting,
      reach, report, revocation, rejection,
    ], events: [playback])

  /// A place as people know it and where it hangs in the tree: in the place's own `public`
  /// partition. `hub` is the place above it, `reached` the hub that it last reported to (another one
  /// while it moves), `hubs` all that it was ever put under and since when, `hub_url` where a moved place finds its hub.
  package static let place = RecordCollection(
    "place", in: [.public],
    [
      Field("code", .authority), Field("name", .authority), Field("zone", .authority),
      Field("role", .authority), Field("hub", .authority), Field("reached", .authority),
      Field("hubs", .union), Field("hub_url", .authority), Field("retired", .authority),
      Field("certificate", .maximum), Field("hub_keys", .authority),
      Field("revoked_keys", .union),
    ], isOfHubs: true)

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

  /// A month plan (`period` 2026-03) or a week recommendation (2026-W10). `version` counts issues;
  /// `issues` has a line for each, with the second in which it was made, so that nothing is due
  /// before it was known. `content` is the print of what was issued last. `cancelled` says why items
  /// are gone, which their stubs cannot, and what was changed or cancelled after its time.
  package static let plan = RecordCollection(
    "plan", in: [.public, .work],
    [
      Field("kind", .authority), Field("period", .authority), Field("version", .maximum),
      Field("issues", .union), Field("content", .latest), Field("cancelled", .union),
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

  /// What one station makes of an item of a plan: another time, another programme, or nothing, with
  /// its reason. In the station's `work`: the plan itself stays what the township issued.
  package static let adjustment = RecordCollection(
    "adjustment", in: [.work],
    [
      Field("item", .latest), Field("kind", .latest), Field("date", .latest),
      Field("start", .latest), Field("programme", .latest),
      Field("title", .latest, follows: "programme"),
      Field("category", .latest, follows: "programme"),
      Field("seconds", .latest, follows: "programme"), Field("reason", .latest),
      Field("by", .latest),
    ])

  /// Days on which a station cannot play, with the cause: what was planned for them is excused.
  package static let closure = RecordCollection(
    "closure", in: [.work],
    [
      Field("from", .latest), Field("to", .latest), Field("cause", .latest), Field("by", .latest),
    ])

  /// That a plan hangs on the wall: which, and what stood in it then.
  package static let posting = RecordCollection(
    "posting", in: [.work],
    [
      Field("plan", .latest), Field("version", .latest), Field("content", .latest),
      Field("at", .latest), Field("by", .latest),
    ])

  /// What a hub lays down for itself and all below it, by name: how playbacks count.
  package static let setting = RecordCollection(
    "setting", in: [.public], [Field("name", .authority), Field("value", .authority)])

  /// Until when what a station below this hub logged is known here, for the hubs above; `log` is the
  /// vector of its log then, since a log may travel behind this. Of the `gaps` nobody knows all.
  package static let reach = RecordCollection(
    "reach", in: [.work],
    [
      Field("station", .authority), Field("until", .authority), Field("log", .authority),
      Field("gaps", .authority),
    ], isOfHubs: true)

  /// What was reported of a month and stands, whatever is learnt later.
  package static let report = RecordCollection(
    "report", in: [.work],
    [
      Field("month", .authority), Field("at", .authority), Field("rules", .authority),
      Field("lines", .authority),
    ], isOfHubs: true)

  /// Which certificates a hub believes no more: the signed lists that are not outdone by another.
  package static let revocation = RecordCollection(
    "revocation", in: [.public], [Field("lists", .union)], isOfHubs: true)

  /// A write that a hub has taken back since its author had no right to it (P18), in the `work` of the
  /// place that brought it. `content` has a line for each field.
  package static let rejection = RecordCollection(
    "rejection", in: [.work],
    [
      Field("code", .latest), Field("collection", .latest), Field("record", .latest),
      Field("author", .latest), Field("content", .latest), Field("at", .latest),
    ], isOfHubs: true)

  /// What was really played. A correction is a further event that names the one it `corrects`.
  /// `boot` counts the starts of the machine, `booted` is when it started by the clock that dated
  /// the playback, so `started` - `booted` is monotonic time. What people entered afterwards has
  /// neither. `prelude` is the short programme that was shown before a meeting.
  package static let playback = EventCollection(
    "playback",
    [
      Column("programme", .text, .key), Column("title", .text, .attribute(0, of: "programme")),
      Column("item", .dot), Column("started", .integer, .after(["started", "seconds"])),
      Column("seconds", .integer, .attribute(1, of: "programme")), Column("audience", .integer),
      Column("operator", .text, .previous), Column("occasion", .text),
      Column("outcome", .text, given: "seconds"), Column("note", .text),
      Column("clock", .text, .previous), Column("corrects", .dot),
      Column("boot", .integer, .after(["boot"])), Column("booted", .integer, .after(["booted"])),
      Column("prelude", .dot),
    ])
}
