internal import Wording

extension Findings {
  struct Words: Sendable {
    let what: Message
    let safe: Message
    let next: Message
  }

  /// What the alarms of Protocol/04-errors.md mean for whoever looks after a village room.
  static let alarms: [String: Words] = [
    "fork": Words(
      what:
        "two machines have written different things under one name, or a database was changed by hand",
      safe: "nothing was merged that could be wrong, and what was written here is kept",
      next:
        "find out whether a copy of this card runs elsewhere, switch one of the two off, and call somebody"
    ),
    "place_diverged": Words(
      what: "a neighbour goes on from an old copy of its data, or two machines run as that place",
      safe: "nothing is lost: both histories are kept and go on under new epochs",
      next:
        "if a backup was restored or a folder repaired there, nothing; else look which machines run there"
    ),
    "place_ring": Words(
      what: "two hubs were each put below the other",
      safe: "nothing is lost, and both stay where they are",
      next: "move one of the two again with `yizhan hub move`"),
    "events_unproven": Words(
      what:
        "playbacks that are said to have been entered here came back from below after this hub was set back",
      safe: "they are taken in, but nothing proves that they were entered here",
      next: "look at them with `yizhan playback list`"),
    "revocations_set_back": Words(
      what: "a hub's list of keys that are believed no more came back shorter than it was",
      safe: "what was revoked before stays revoked here",
      next: "ask at that hub whether its database was restored from an old backup"),
    "digest_mismatch": Words(
      what:
        "this place and a neighbour hold different content although both have seen the same writes",
      safe: "nothing is overwritten by that; which of the two is right is not known",
      next: "run `yizhan check` at both; the one that is damaged is mended with `yizhan repair`"),
  ]

  static let otherAlarm = Words(
    what: "an alarm that this version does not explain", safe: "what was written here is kept",
    next: "see `yizhan status`, and call somebody")
}
