package import Bundles
package import Replica
internal import Sync
package import Trust
internal import Village
internal import Wording

/// Closes bundles for a neighbour and opens those of one: by whose keys, as this replica knows it.
package enum Sealing {
  /// The head of a bundle for a neighbour, and the seal of the pieces that follow it.
  ///
  /// Who has not shown its keys yet reads it with what its invitation carries. Throws `key_unknown` if
  /// there is neither.
  package static func close(
    _ manifest: Manifest, to neighbour: Neighbour, _ store: Store
  ) throws -> (bytes: [UInt8], seal: Seal) {
    guard let reader = try reader(neighbour, store) else {
      throw SyncError(
        .keyUnknown,
        "the keys of \(neighbour.place.code) \(neighbour.place.name) are not known here")
    }
    return try SealedHead.close(
      manifest, introduction: neighbour.isAbove ? Keyring.introduction(store) : [],
      from: Keyring.own(store), to: reader, random: store.randomBytes(32))
  }

  /// Whose keys a bundle for the neighbour is sealed for; nil if it can read nothing from here yet.
  package static func reader(_ neighbour: Neighbour, _ store: Store) throws -> PublicKeys? {
    if neighbour.isAbove { return try Keyring.above(store) }
    let grant = try store.grant(of: neighbour.place.id)
    // Who is to be replaced is lost, as somebody has said.
    if let grant, grant.replaces, grant.usedBy == nil { return grant.secret.secretKeys.publicKeys }
    return neighbour.place.publicKeys ?? grant?.secret.secretKeys.publicKeys
  }

  /// The manifest of a bundle from a neighbour, and the seal of its pieces. Keys that the neighbour
  /// shows for the first time are taken in if it was invited.
  ///
  /// Throws `key_unknown`, `key_revoked`, what `Keyring.admit` throws, and what is wrong with the
  /// bundle itself: `signature_wrong`, `seal_wrong`, `manifest_malformed`. Who only `looks` takes nothing
  /// in.
  package static func open(
    _ envelope: Envelope, from neighbour: Neighbour, looks: Bool = false, _ store: Store
  ) throws -> (manifest: Manifest, seal: Seal) {
    let own = try Keyring.own(store)
    if neighbour.isAbove { return try openFromAbove(envelope, own, looks: looks, store) }
    let place = neighbour.place
    if let keys = place.publicKeys, SealedHead.isSigned(envelope, by: keys, to: own.publicKeys) {
      return try SealedHead.open(envelope, from: keys, with: own)
    }
    if place.revokedKeys.contains(where: {
      SealedHead.isSigned(envelope, by: $0, to: own.publicKeys)
    }) {
      throw SyncError(
        .keyRevoked, "the bundle is of a machine that another has replaced at \(place.name)")
    }
    guard let shown = Introduction(envelope.introduction) else {
      guard place.publicKeys == nil else { throw signatureWrong }
      throw SyncError(
        .keyUnknown, "the keys of \(place.code) \(place.name) are not known here")
    }
    let opened = try SealedHead.open(envelope, from: shown.publicKeys, with: own)
    if !looks { try Keyring.admit(shown, of: place, store) }
    return opened
  }

  private static func openFromAbove(
    _ envelope: Envelope, _ own: SecretKeys, looks: Bool, _ store: Store
  ) throws -> (manifest: Manifest, seal: Seal) {
    guard let hub = try Keyring.above(store) else {
      throw SyncError(.keyUnknown, "the keys of the hub above are not known here")
    }
    if SealedHead.isSigned(envelope, by: hub, to: own.publicKeys) {
      let opened = try SealedHead.open(envelope, from: hub, with: own)
      if !looks { try Keyring.isKnownAbove(store) }
      return opened
    }
    guard let invited = try Keyring.invitation(store)?.secretKeys else { throw signatureWrong }
    return try SealedHead.open(envelope, from: hub, with: invited)
  }

  private static var signatureWrong: BundleError {
    BundleError(.signatureWrong, "the bundle is not signed by the sender's key")
  }
}
