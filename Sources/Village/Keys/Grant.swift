package import Causality
internal import Records
package import Replica
package import Trust
internal import Wording

/// An invitation that a hub has given out: for one place, once, until it expires.
package struct Grant: Equatable, Sendable {
  package let secret: InvitationSecret
  /// Seconds since 1970 by the hub's clock.
  package let expires: Int64
  /// Whose keys were taken in by it.
  package var usedBy: PublicKeys?
  /// The keys that the place had before lose their place to those that come.
  package let replaces: Bool
  /// Which those are; nil if the place had none.
  package let replaced: PublicKeys?

  package init(
    secret: InvitationSecret, expires: Int64, usedBy: PublicKeys? = nil, replaces: Bool = false,
    replaced: PublicKeys? = nil
  ) {
    self.secret = secret
    self.expires = expires
    self.usedBy = usedBy
    self.replaces = replaces
    self.replaced = replaced
  }

  /// Whether the machine that had the place before is lost and the one that is to come has not been heard:
  /// a hub that was set back may know its keys from elsewhere.
  package func awaitsAnother(than known: PublicKeys?) -> Bool {
    replaces && usedBy == nil && known == replaced
  }

  /// A courier may take a season.
  package static let daysDefault: Int64 = 90

  /// Expiry, flags, then the keys that the flags say are there.
  fileprivate var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.bytes += secret.bytes
    writer.fixed(UInt64(bitPattern: expires))
    writer.bytes.append(
      (usedBy == nil ? 0 : 1) | (replaced == nil ? 0 : 2) | (replaces ? 4 : 0))
    writer.bytes += (usedBy?.bytes ?? []) + (replaced?.bytes ?? [])
    return writer.bytes
  }

  fileprivate init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do {
      let secret = InvitationSecret(try reader.take(InvitationSecret.bytesCount))
      let expires = Int64(bitPattern: try reader.fixed())
      let flags = try reader.byte()
      func keys(_ bit: UInt8) throws -> PublicKeys? {
        try flags & bit == 0 ? nil : PublicKeys(reader.take(PublicKeys.bytesCount))
      }
      let (usedBy, replaced) = (try keys(1), try keys(2))
      guard let secret else { return nil }
      self.init(
        secret: secret, expires: expires, usedBy: usedBy, replaces: flags & 4 != 0,
        replaced: replaced)
    } catch { return nil }
  }
}

extension Store {
  private static let grantKind = "invitation"

  package func grant(of place: PlaceID) throws(ReplicaError) -> Grant? {
    try keepsake(Self.grantKind, place.description).flatMap { Grant($0) }
  }

  package func setGrant(of place: PlaceID, _ grant: Grant) throws(ReplicaError) {
    try keep(grant.bytes, Self.grantKind, place.description)
  }
}
