package import Causality
internal import Records
package import Replica
package import Trust
internal import Wording

/// Whose keys are whose, as this replica knows it.
///
/// What a hub says of the keys of a place below it, its certificate, stands in the place's record; so it
/// goes wherever the record goes. The keys of the hub above come with the invitation, and with the order
/// when a place is moved.
package enum Keyring {
  /// This replica's own keys, the newest first; none where none were given.
  package static func all(_ store: Store) -> [SecretKeys] {
    if let known = store.ownKeys as? [SecretKeys] { return known }
    let keys = store.secrets.compactMap { SecretKeys($0) }
    store.ownKeys = keys
    return keys
  }

  /// This replica's own keys of today.
  ///
  /// Throws `keys_missing` where none were given.
  package static func own(_ store: Store) throws(VillageError) -> SecretKeys {
    guard let keys = all(store).first else {
      throw VillageError(
        .keysMissing, "there are no keys in this data folder",
        hint:
          "put the file `keys` back from where the folder was copied; or set the place up anew with an invitation that replaces it"
      )
    }
    return keys
  }

  /// Signs with the newest of a replica's secrets; nil where there are none.
  package static func signer(_ secrets: [[UInt8]]) -> (@Sendable ([UInt8]) -> [UInt8])? {
    guard let keys = secrets.first.flatMap({ SecretKeys($0) }) else { return nil }
    return { keys.sign($0) }
  }

  /// What a place signs with, as far as it is known here: of this replica all that it ever had.
  package static func known(of place: PlaceID, _ store: Store) throws -> [PublicKeys] {
    if place == store.identity.place { return all(store).map(\.publicKeys) }
    let isAbove = try place == Places.hub(store)
    // order: each is asked until one is right.
    return try [isAbove ? above(store) : nil, Places.find(store, id: place)?.publicKeys]
      .compactMap { $0 }
  }

  // MARK: At the lower end

  /// The keys of the hub above; nil if none were ever told.
  package static func above(_ store: Store) throws -> PublicKeys? {
    try store.meta(Meta.hubKeys).flatMap(keys)
  }

  package static func setAbove(_ keys: PublicKeys?, _ store: Store) throws {
    try set(Meta.hubKeys, keys, store)
  }

  /// The keys of the hub above that an introduction of its leads to from what is known here: by
  /// signatures of the keys before, or by a later certificate of the hub above it. Nil if it does not.
  package static func above(
    shownIn introduction: Introduction, of hub: Place, _ store: Store
  ) throws -> PublicKeys? {
    guard let known = try above(store) else { return nil }
    if let newest = introduction.succession?.newest(after: known, of: hub.id) { return newest }
    guard let certificate = introduction.certificate, certificate.place == hub.id,
      certificate.serial > hub.certificate?.serial ?? 0, certificate.issuer != hub.id,
      certificate.issuer == hub.hub, let issuer = try Places.find(store, id: certificate.issuer),
      let keys = issuer.publicKeys, certificate.isSigned(by: keys)
    else { return nil }
    return introduction.succession?.newest(after: certificate.publicKeys, of: hub.id)
      ?? certificate.publicKeys
  }

  /// The invitation that this place still shows, since it does not know whether the hub has seen its
  /// keys.
  package static func invitation(_ store: Store) throws -> InvitationSecret? {
    try secret(Meta.invitation, store)
  }

  private static func secret(_ name: String, _ store: Store) throws -> InvitationSecret? {
    try store.meta(name).flatMap { Base64URL.decode($0) }.flatMap { InvitationSecret($0) }
  }

  static func setInvitation(_ secret: InvitationSecret, _ store: Store) throws {
    try store.setMeta(Meta.invitation, Base64URL.encode(secret.bytes))
  }

  /// The hub above has written for these keys of this place's own.
  package static func isKnownAbove(by keys: PublicKeys, _ store: Store) throws {
    if try invitation(store) != nil {
      try store.setMeta(Meta.spentInvitation, try store.meta(Meta.invitation) ?? "")
      try store.setMeta(Meta.invitation, "")
    }
    if try !(store.meta(Meta.doubted) ?? "").isEmpty { try store.setMeta(Meta.doubted, "") }
    try set(Meta.knownAbove, keys, store)
  }

  /// The hub above has said that it does not know this place's keys: it was set back.
  package static func doubt(_ store: Store) throws { try store.setMeta(Meta.doubted, "doubted") }

  /// What is to be shown to the hub above with the next bundle: nothing if it knows. A hub that has not
  /// been heard for `silence` may have been set back, and by stick nobody tells.
  package static func introduction(_ store: Store, isSilent: Bool) throws -> Introduction {
    let newest = try own(store).publicKeys
    let place = store.identity.place
    if let secret = try invitation(store) {
      return introduction(newest, invitedWith: secret, store)
    }
    let isDoubted = try !(store.meta(Meta.doubted) ?? "").isEmpty || isSilent
    let certificate = isDoubted ? try Places.recorded(store, place)?.certificate : nil
    // The hub has forgotten this place before its certificate came here.
    if isDoubted, certificate == nil, let secret = try secret(Meta.spentInvitation, store) {
      return introduction(newest, invitedWith: secret, store)
    }
    let known = try store.meta(Meta.knownAbove).flatMap(keys)
    return Introduction(
      certificate: certificate,
      succession: isDoubted || known != newest ? succession(store) : nil)
  }

  /// The hub may have taken in older keys already, and its answer was lost.
  private static func introduction(
    _ keys: PublicKeys, invitedWith secret: InvitationSecret, _ store: Store
  ) -> Introduction {
    Introduction(
      invited: .init(keys, place: store.identity.place.bits, invited: secret),
      succession: succession(store))
  }

  private static func succession(_ store: Store) -> Succession? {
    all(store).count > 1 ? Succession(all(store), of: store.identity.place) : nil
  }

  // MARK: At the upper end

  /// Takes in keys that an invited place below has shown. What the place's before is revoked, if the
  /// invitation was to replace it.
  ///
  /// Throws `invitation_unknown`, `invitation_expired` and `invitation_used`.
  package static func admit(
    _ invited: Introduction.Invited, of place: Place, _ store: Store
  ) throws(any Error) {
    guard var grant = try store.grant(of: place.id),
      invited.proves(grant.secret, place: place.id.bits)
    else {
      throw VillageError(
        .invitationUnknown,
        "\(place.code) \(place.name) shows an invitation that was not given here",
        hint: "invite the place again with `yizhan hub invite`")
    }
    guard grant.usedBy == nil || grant.usedBy == invited.publicKeys else {
      throw VillageError(
        .invitationUsed, "another machine has joined as \(place.code) \(place.name) before",
        hint: "if this one takes its place, invite it with `yizhan hub invite --replace`")
    }
    guard grant.usedBy != nil || store.now / 1000 <= grant.expires else {
      throw VillageError(
        .invitationExpired, "the invitation of \(place.code) \(place.name) has expired",
        hint: "invite the place again with `yizhan hub invite`")
    }
    // The first invitation of a place that moved here with keys of its own is for no other machine.
    let isRevoked = try place.certificate.map { try Revoking.isRevoked($0, store) } ?? false
    guard
      place.publicKeys == nil || place.publicKeys == invited.publicKeys || grant.replaces
        || isRevoked
    else {
      throw VillageError(
        .invitationUsed, "another machine has joined as \(place.code) \(place.name) before",
        hint: "if this one takes its place, invite it with `yizhan hub invite --replace`")
    }
    grant.usedBy = invited.publicKeys
    try store.setGrant(of: place.id, grant)
    guard place.publicKeys != invited.publicKeys || isRevoked else { return }
    if let before = place.certificate {
      try Revoking.revoke(before, store)
    }
    try certify(place, invited.publicKeys, store)
  }

  /// Issues the next certificate of a place below. It comes after the one that was `shown`, too: this hub may
  /// have issued that and forgotten it, with the list that revokes those before it.
  package static func certify(
    _ place: Place, _ keys: PublicKeys, rights: Rights? = nil, shown: Introduction? = nil,
    _ store: Store
  ) throws {
    let before = place.certificate
    let revoked = try Revoking.serial(of: place.id, store)
    let forgotten = try shown?.certificate.map { certificate in
      try certificate.place == place.id && isBelieved(certificate, store) ? certificate.serial : 0
    }
    let serial =
      max(before?.serial ?? 0, revoked, try issued(place.id, store), forgotten ?? 0) + 1
    try store.keep(Array(String(serial).utf8), issuedKind, place.id.description)
    let certificate = certificate(
      of: place, keys, serial: serial,
      rights: rights ?? before?.rights ?? .all, by: try own(store), store)
    var values: [(name: String, value: Value)] = [("certificate", text(certificate))]
    if let old = before?.publicKeys, old != keys, !place.revokedKeys.contains(old) {
      values.append(("revoked_keys", text(place.revokedKeys + [old])))
    }
    try Membership.update(store, place.id, values)
  }

  /// Issues a certificate with other rights for the keys that a place has.
  ///
  /// Throws `not_below` unless the place is directly below this hub, and `key_unknown` if it has never
  /// shown any keys.
  package static func allow(_ place: Place, _ rights: Rights, _ store: Store) throws {
    guard store.identity.role == .hub, place.hub == store.identity.place else {
      throw VillageError(
        .notBelow, "\(place.name) does not lie directly below this hub",
        hint: "run this at the hub that the place belongs to")
    }
    guard let keys = place.publicKeys else {
      throw VillageError(
        .keyUnknown, "\(place.code) \(place.name) has not shown any keys yet",
        hint: "run this again when it has exchanged with this hub")
    }
    guard place.certificate?.rights != rights else { return }
    try certify(place, keys, rights: rights, store)
  }

  private static let issuedKind = "serial"

  /// The highest serial that was ever issued here for a place, whatever became of its record.
  private static func issued(_ place: PlaceID, _ store: Store) throws -> UInt64 {
    try store.keepsake(issuedKind, place.description).flatMap {
      UInt64(String(decoding: $0, as: UTF8.self))
    } ?? 0
  }

  static func certificate(
    of place: Place, _ keys: PublicKeys, serial: UInt64,
    rights: Rights = .all, by signer: SecretKeys, _ store: Store
  ) -> Certificate {
    Certificate(
      place: place.id, role: place.role, rights: rights, serial: serial, code: place.code.dotted,
      keys: keys, issuer: store.identity.place, signedBy: signer)
  }

  /// The keys that a certificate from here or above and a succession lead to, whatever is known of the
  /// place otherwise: this hub may have been set back to before it issued the certificate, and the one
  /// above to before it moved the place. Nil if the certificate is of somebody else, or outdone.
  package static func certified(
    _ introduction: Introduction, of place: PlaceID, _ store: Store
  ) throws -> PublicKeys? {
    guard let certificate = introduction.certificate, certificate.place == place,
      try isBelieved(certificate, store), try !Revoking.isRevoked(certificate, store),
      try certificate.serial >= issued(place, store),
      try isNoOlder(certificate, than: Places.find(store, id: place)?.certificate)
    else { return nil }
    return introduction.succession?.newest(after: certificate.publicKeys, of: place)
      ?? certificate.publicKeys
  }

  private static func isNoOlder(_ shown: Certificate, than known: Certificate?) -> Bool {
    guard let known else { return true }
    return shown.serial > known.serial
      || shown.serial == known.serial && shown.publicKeys == known.publicKeys
  }

  /// Whether a certificate is of this hub or of one above it.
  private static func isBelieved(_ certificate: Certificate, _ store: Store) throws -> Bool {
    let issuer = certificate.issuer
    guard try issuer == store.identity.place || Places.ancestors(store).contains(issuer) else {
      return false
    }
    return try known(of: issuer, store).contains { certificate.isSigned(by: $0) }
  }

  private static let returningKind = "returning"

  /// A place that is not known here any more, or not yet, as the certificate says that this hub or one
  /// above it has issued.
  package static func place(
    certifiedBy introduction: Introduction, _ id: PlaceID, _ store: Store
  ) throws -> Place? {
    guard let certificate = introduction.certificate, certificate.place == id,
      try isBelieved(certificate, store)
    else { return nil }
    return try place(certificate, store)
  }

  /// A place that is not known here any more has shown itself: it is written for until its record
  /// is back.
  package static func returns(_ place: Place, _ store: Store) throws {
    guard let certificate = place.certificate else { return }
    try store.keep(certificate.bytes, returningKind, place.id.description)
  }

  /// Whether a place has shown itself before its record was known here.
  static func hasReturned(_ place: PlaceID, _ store: Store) throws -> Bool {
    try store.keepsake(returningKind, place.description) != nil
  }

  /// Places that have shown themselves and whose record is not back yet.
  package static func returning(_ store: Store) throws -> [Place] {
    try store.keepsakes(returningKind).compactMap { kept in
      guard let certificate = Certificate(kept.bytes),
        try Places.recorded(store, certificate.place) == nil
      else { return nil }
      return try place(certificate, store)
    }
  }

  private static func place(_ certificate: Certificate, _ store: Store) throws -> Place? {
    guard let code = PlaceCode(certificate.code) else { return nil }
    var place = Place(
      id: certificate.place, code: code, name: code.dotted, zone: try Places.zone(store))
    place.role = certificate.role
    place.hub = store.identity.place
    place.certificate = certificate
    return place
  }

  private static let knownBelowKind = "known below"

  /// A place below has written for these keys of this hub's own.
  package static func isKnown(
    below place: PlaceID, by keys: PublicKeys, _ store: Store
  ) throws {
    guard try knownBelow(place, store) != keys else { return }
    try store.keep(keys.bytes, knownBelowKind, place.description)
  }

  private static func knownBelow(_ place: PlaceID, _ store: Store) throws -> PublicKeys? {
    try store.keepsake(knownBelowKind, place.description).flatMap { PublicKeys($0) }
  }

  /// What is to be shown to a place below with the next bundle: nothing if it writes for the keys of
  /// today, or was invited by them.
  package static func introduction(to place: PlaceID, _ store: Store) throws -> Introduction {
    let known = try knownBelow(place, store)
    if known == (try own(store).publicKeys) { return Introduction() }
    let isNew = try known == nil && store.grant(of: place)?.usedBy == nil
    if isNew, all(store).count == 1 { return Introduction() }
    return try ownIntroduction(store, with: known)
  }

  /// What this hub shows of itself to whoever asks, or knew `known`.
  package static func ownIntroduction(
    _ store: Store, with known: PublicKeys? = nil
  ) throws -> Introduction {
    let isAmongOwn = known.map { known in all(store).contains { $0.publicKeys == known } } ?? false
    let certificate = try Places.recorded(store, store.identity.place)?.certificate
    return Introduction(
      certificate: isAmongOwn ? nil : certificate, succession: succession(store))
  }

  /// Believes the keys of a place below no more.
  ///
  /// Throws `not_below`, and `key_unknown` if the place has never shown any.
  package static func revoke(_ place: Place, _ store: Store) throws {
    guard store.identity.role == .hub, place.id != store.identity.place,
      try Tree(store).lies(place, below: store.identity.place)
    else {
      throw VillageError(
        .notBelow, "\(place.name) does not lie below this hub",
        hint: "run this at the hub that the place belongs to")
    }
    guard let certificate = place.certificate else {
      throw VillageError(
        .keyUnknown, "\(place.code) \(place.name) has not shown any keys yet",
        hint: "an invitation that is not used yet is taken back by `yizhan hub invite --replace`")
    }
    try Revoking.revoke(certificate, store)
  }

  /// What follows from new keys of one's own: the uppermost hub of a tree certifies itself, and lists of
  /// what is revoked are signed anew. Nothing if that was done.
  package static func rotated(_ store: Store) throws {
    guard try isRotationUnfinished(store) else { return }
    if try isCertificateOlder(store) {
      try certify(Places.own(store), own(store).publicKeys, store)
    }
    try Revoking.reissue(store)
  }

  /// Whether this hub has keys of which its database does not know yet: they are in a file of their own, and
  /// the power may have gone in between.
  package static func isRotationUnfinished(_ store: Store) throws -> Bool {
    guard store.identity.role == .hub, !all(store).isEmpty else { return false }
    return try isCertificateOlder(store) || Revoking.isOfOlderKeys(store)
  }

  private static func isCertificateOlder(_ store: Store) throws -> Bool {
    let place = try Places.own(store)
    return try place.hub == nil && place.publicKeys != own(store).publicKeys
  }

  // MARK: Text

  static func text(_ keys: PublicKeys) -> Value { .text(Base64URL.encode(keys.bytes)) }

  /// The serial comes first, so that the greatest text is the latest certificate.
  static func text(_ certificate: Certificate) -> Value {
    let serial = String(certificate.serial, radix: 16)
    let padded = String(repeating: "0", count: max(0, 16 - serial.count)) + serial
    return .text("\(padded) \(Base64URL.encode(certificate.bytes))")
  }

  static func certificate(_ text: String) -> Certificate? {
    text.split(separator: " ").last.flatMap { Base64URL.decode($0) }.flatMap { Certificate($0) }
  }

  /// A line for each.
  private static func text(_ list: [PublicKeys]) -> Value {
    .text(list.map { Base64URL.encode($0.bytes) }.joined(separator: "\n"))
  }

  static func keys(_ text: some StringProtocol) -> PublicKeys? {
    Base64URL.decode(text).flatMap { PublicKeys($0) }
  }

  /// Nothing is written if it stands there already.
  private static func set(_ name: String, _ keys: PublicKeys?, _ store: Store) throws {
    let text = keys.map { Base64URL.encode($0.bytes) } ?? ""
    if try store.meta(name) ?? "" != text { try store.setMeta(name, text) }
  }

  private enum Meta {
    static let hubKeys = "hub_keys"
    static let invitation = "invitation"
    static let spentInvitation = "spent_invitation"
    /// Which of this place's own keys the hub above writes for.
    static let knownAbove = "known_above"
    static let doubted = "doubted"
  }
}
