package import Bundles
internal import Causality
package import Replica
internal import Sync
package import Trust
internal import Village
internal import Wording

/// Closes bundles for a neighbour and opens those of one: by whose keys, as this replica knows it.
package enum Sealing {
  /// Milliseconds without a word from above after which a bundle shows the certificate again.
  private static let silenceMax: Int64 = 7 * 86_400_000

  /// The head of a bundle for a neighbour, and the seal of the pieces that follow it.
  ///
  /// Who has not shown its keys yet reads it with what its invitation carries. Throws `key_unknown` if
  /// there is neither.
  package static func close(
    _ manifest: Manifest, to neighbour: Neighbour, _ store: Store
  ) throws -> (bytes: [UInt8], seal: Seal) {
    guard let reader = try reader(neighbour, store) else {
      if neighbour.place.publicKeys != nil { throw keyRevoked(neighbour.place) }
      throw SyncError(
        .keyUnknown,
        "the keys of \(neighbour.place.code) \(neighbour.place.name) are not known here")
    }
    return try SealedHead.close(
      manifest, introduction: introduction(to: neighbour, store).bytes,
      from: Keyring.own(store), to: reader, random: store.randomBytes(32))
  }

  private static func introduction(
    to neighbour: Neighbour, _ store: Store
  ) throws -> Introduction {
    guard neighbour.isAbove else {
      return try Keyring.introduction(to: neighbour.place.id, store)
    }
    let heard = try store.contact(neighbour.place.id).heard
    let isSilent = heard.map { abs(store.now - $0) > silenceMax } ?? false
    return try Keyring.introduction(store, isSilent: isSilent)
  }

  /// What this hub shows of its keys to whoever asks.
  package static func introduction(_ store: Store) throws -> [UInt8] {
    try Keyring.ownIntroduction(store).bytes
  }

  /// The hub above did not know this place by its keys, or not for whom it wrote: what it shows of its
  /// own is taken in as far as signatures lead there, and the next bundle shows what there is.
  package static func reintroduce(shownAbove bytes: [UInt8], _ store: Store) throws {
    if let hub = try Neighbours.above(store), let shown = Introduction(bytes),
      let keys = try Keyring.above(shownIn: shown, of: hub.place, store)
    {
      try Keyring.setAbove(keys, store)
    }
    try Keyring.doubt(store)
  }

  /// Whose keys a bundle for the neighbour is sealed for; nil if it can read nothing from here yet, or shall
  /// not any more.
  package static func reader(_ neighbour: Neighbour, _ store: Store) throws -> PublicKeys? {
    if neighbour.isAbove { return try Keyring.above(store) }
    let grant = try store.grant(of: neighbour.place.id)
    // Who is to be replaced is lost, as somebody has said.
    if let grant, grant.awaitsAnother(than: neighbour.place.publicKeys) {
      return grant.secret.secretKeys.publicKeys
    }
    if let certificate = neighbour.place.certificate, try Revoking.isRevoked(certificate, store) {
      return nil
    }
    return neighbour.place.publicKeys ?? grant?.secret.secretKeys.publicKeys
  }

  package typealias Opened = (manifest: Manifest, seal: Seal)

  /// How a bundle is opened.
  package enum Purpose: Sendable {
    /// To be merged: what the sender shows of its keys is taken in.
    case taking
    /// To look into it: nothing is changed.
    case looking
    /// To be merged since a person has looked at it: keys that are not believed any more are.
    case accepting
  }

  /// The manifest of a bundle from a neighbour, and the seal of its pieces.
  ///
  /// Throws `key_unknown`, `key_revoked`, what `Keyring.admit` throws, and what is wrong with the
  /// bundle itself: `signature_wrong`, `seal_wrong`, `manifest_malformed`.
  package static func open(
    _ envelope: Envelope, from neighbour: Neighbour, for purpose: Purpose = .taking, _ store: Store
  ) throws -> Opened {
    _ = try Keyring.own(store)
    let own = Keyring.all(store)
    return neighbour.isAbove
      ? try openFromAbove(envelope, neighbour.place, own, purpose, store)
      : try openFromBelow(envelope, neighbour.place, own, purpose, store)
  }

  /// Which of one's own keys a bundle was sealed for, if it is signed by these.
  private static func reader(
    of envelope: Envelope, signedBy sender: PublicKeys, among own: [SecretKeys]
  ) -> SecretKeys? {
    own.first { SealedHead.isSigned(envelope, by: sender, to: $0.publicKeys) }
  }

  // MARK: From below

  private static func openFromBelow(
    _ envelope: Envelope, _ place: Place, _ own: [SecretKeys], _ purpose: Purpose, _ store: Store
  ) throws -> Opened {
    func opened(_ sender: PublicKeys, _ reader: SecretKeys) throws -> Opened {
      let opened = try SealedHead.open(envelope, from: sender, with: reader)
      if purpose == .taking {
        try Keyring.isKnown(below: place.id, by: reader.publicKeys, store)
        if try Places.recorded(store, place.id) == nil { try Keyring.returns(place, store) }
      }
      return opened
    }
    let isRevoked = try place.certificate.map { try Revoking.isRevoked($0, store) } ?? false
    if let keys = place.publicKeys, let reader = reader(of: envelope, signedBy: keys, among: own),
      try !isRevoked || purpose == .accepting || !isInvitedAnew(envelope, place, store)
    {
      guard !isRevoked || purpose == .accepting else { throw keyRevoked(place) }
      return try opened(keys, reader)
    }
    for keys in place.revokedKeys {
      guard let reader = reader(of: envelope, signedBy: keys, among: own) else { continue }
      guard purpose == .accepting else { throw keyRevoked(place) }
      return try opened(keys, reader)
    }
    guard let introduction = Introduction(envelope.introduction), !envelope.introduction.isEmpty
    else {
      guard place.publicKeys == nil else { throw signatureWrong }
      throw SyncError(
        .keyUnknown, "the keys of \(place.code) \(place.name) are not known here")
    }
    if let keys = try shown(introduction, by: place, isRevoked: isRevoked, store),
      let reader = reader(of: envelope, signedBy: keys, among: own)
    {
      let result = try opened(keys, reader)
      // A place that is not known here any more comes with its record; it shows its keys until then.
      if purpose == .taking, try Places.recorded(store, place.id) != nil,
        try Moving.isOrderKnownAbove(place.id, store)
      {
        try Keyring.certify(place, keys, shown: introduction, store)
      }
      return result
    }
    guard let invited = introduction.invited,
      let reader = reader(of: envelope, signedBy: invited.publicKeys, among: own)
    else { throw signatureWrong }
    let result = try opened(invited.publicKeys, reader)
    if purpose == .taking { try Keyring.admit(invited, of: place, store) }
    return result
  }

  /// Whether a place whose keys were revoked shows an invitation that was given out after that.
  private static func isInvitedAnew(
    _ envelope: Envelope, _ place: Place, _ store: Store
  ) throws -> Bool {
    guard let invited = Introduction(envelope.introduction)?.invited,
      let grant = try store.grant(of: place.id), grant.usedBy == nil
    else { return false }
    return invited.proves(grant.secret, place: place.id.bits)
  }

  /// The keys that an introduction leads to from what is known here.
  private static func shown(
    _ introduction: Introduction, by place: Place, isRevoked: Bool, _ store: Store
  ) throws -> PublicKeys? {
    if !isRevoked, let known = place.publicKeys,
      let newest = introduction.succession?.newest(after: known, of: place.id)
    {
      return newest
    }
    return try Keyring.certified(introduction, of: place.id, store)
  }

  private static func keyRevoked(_ place: Place) -> SyncError {
    SyncError(
      .keyRevoked, "the bundle is signed by keys of \(place.name) that are not believed any more")
  }

  // MARK: From above

  private static func openFromAbove(
    _ envelope: Envelope, _ hub: Place, _ own: [SecretKeys], _ purpose: Purpose, _ store: Store
  ) throws -> Opened {
    guard let known = try Keyring.above(store) else {
      throw SyncError(.keyUnknown, "the keys of the hub above are not known here")
    }
    var candidates = [known]
    if let introduction = Introduction(envelope.introduction),
      let shown = try Keyring.above(shownIn: introduction, of: hub, store), shown != known
    {
      candidates.insert(shown, at: 0)
    }
    let invited = try Keyring.invitation(store)?.secretKeys
    for keys in candidates {
      guard
        let reader = reader(
          of: envelope, signedBy: keys, among: own + [invited].compactMap { $0 })
      else { continue }
      let opened = try SealedHead.open(envelope, from: keys, with: reader)
      guard purpose == .taking else { return opened }
      if keys != known { try Keyring.setAbove(keys, store) }
      if reader.publicKeys != invited?.publicKeys {
        try Keyring.isKnownAbove(by: reader.publicKeys, store)
      }
      return opened
    }
    throw signatureWrong
  }

  private static var signatureWrong: BundleError {
    BundleError(.signatureWrong, "the bundle is not signed by the sender's key")
  }
}
