internal import Causality
internal import Records
package import Replica
package import Trust
internal import Wording

/// Whose keys are whose, as this replica knows it.
///
/// The keys of a place stand in its record, written by the hub that it has shown them to; so they go
/// wherever the record goes. Those of the hub above come with the invitation, and with the order when a
/// place is moved.
package enum Keyring {
  /// This replica's own keys.
  ///
  /// Throws `keys_missing` where none were given.
  package static func own(_ store: Store) throws(VillageError) -> SecretKeys {
    guard let keys = SecretKeys(store.secret) else {
      throw VillageError(
        .keysMissing, "there are no keys in this data folder",
        hint:
          "put the file `keys` back from where the folder was copied; or set the place up anew with an invitation that replaces it"
      )
    }
    return keys
  }

  // MARK: At the lower end

  /// The keys of the hub above; nil if none were ever told.
  package static func above(_ store: Store) throws -> PublicKeys? {
    try store.meta(Meta.hubKeys).flatMap(keys)
  }

  static func setAbove(_ keys: PublicKeys?, _ store: Store) throws {
    try store.setMeta(Meta.hubKeys, keys.map { Base64URL.encode($0.bytes) } ?? "")
  }

  /// The invitation that this place still shows, since it does not know whether the hub has seen its
  /// keys.
  package static func invitation(_ store: Store) throws -> InvitationSecret? {
    try store.meta(Meta.invitation).flatMap { Base64URL.decode($0) }.flatMap {
      InvitationSecret($0)
    }
  }

  static func setInvitation(_ secret: InvitationSecret, _ store: Store) throws {
    try store.setMeta(Meta.invitation, Base64URL.encode(secret.bytes))
  }

  /// The hub has written for this place's own keys.
  package static func isKnownAbove(_ store: Store) throws {
    if try invitation(store) != nil { try store.setMeta(Meta.invitation, "") }
  }

  /// What is to be shown to the hub above with the next bundle; empty if it knows.
  package static func introduction(_ store: Store) throws -> [UInt8] {
    guard let secret = try invitation(store) else { return [] }
    return Introduction(
      try own(store).publicKeys, place: store.identity.place.bits, invited: secret
    ).bytes
  }

  // MARK: At the upper end

  /// Takes in keys that a place below has shown. What was the place's before is revoked, if the
  /// invitation was to replace it.
  ///
  /// Throws `invitation_unknown`, `invitation_expired` and `invitation_used`.
  package static func admit(
    _ introduction: Introduction, of place: Place, _ store: Store
  ) throws(any Error) {
    guard var grant = try store.grant(of: place.id),
      introduction.proves(grant.secret, place: place.id.bits)
    else {
      throw VillageError(
        .invitationUnknown,
        "\(place.code) \(place.name) shows an invitation that was not given here",
        hint: "invite the place again with `yizhan hub invite`")
    }
    guard grant.usedBy == nil || grant.usedBy == introduction.publicKeys else {
      throw VillageError(
        .invitationUsed, "another machine has joined as \(place.code) \(place.name) before",
        hint: "if this one takes its place, invite it with `yizhan hub invite --replace`")
    }
    guard grant.usedBy != nil || store.now / 1000 <= grant.expires else {
      throw VillageError(
        .invitationExpired, "the invitation of \(place.code) \(place.name) has expired",
        hint: "invite the place again with `yizhan hub invite`")
    }
    grant.usedBy = introduction.publicKeys
    try store.setGrant(of: place.id, grant)
    guard place.publicKeys != introduction.publicKeys else { return }
    var values: [(name: String, value: Value)] = [("keys", text(introduction.publicKeys))]
    if let before = place.publicKeys {
      values.append(("revoked_keys", text(place.revokedKeys + [before])))
    }
    try Membership.update(store, place.id, values)
  }

  // MARK: Text

  static func text(_ keys: PublicKeys) -> Value { .text(Base64URL.encode(keys.bytes)) }

  /// A line for each.
  private static func text(_ list: [PublicKeys]) -> Value {
    .text(list.map { Base64URL.encode($0.bytes) }.joined(separator: "\n"))
  }

  static func keys(_ text: some StringProtocol) -> PublicKeys? {
    Base64URL.decode(text).flatMap { PublicKeys($0) }
  }

  private enum Meta {
    static let hubKeys = "hub_keys"
    static let invitation = "invitation"
  }
}
