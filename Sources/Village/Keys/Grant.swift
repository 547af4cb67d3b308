package import Causality
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

  package init(
    secret: InvitationSecret, expires: Int64, usedBy: PublicKeys? = nil, replaces: Bool = false
  ) {
    self.secret = secret
    self.expires = expires
    self.usedBy = usedBy
    self.replaces = replaces
  }

  /// A courier may take a season.
  package static let daysDefault: Int64 = 90

  fileprivate var bytes: [UInt8] {
    let text = "\(expires) \(replaces ? 1 : 0)\n"
    return secret.bytes + (usedBy?.bytes ?? []) + Array(text.utf8)
  }

  fileprivate init?(_ bytes: [UInt8]) {
    guard let secret = InvitationSecret(bytes.prefix(InvitationSecret.bytesCount)) else {
      return nil
    }
    let rest = bytes.dropFirst(InvitationSecret.bytesCount)
    let keys = PublicKeys(rest.prefix(PublicKeys.bytesCount))
    let hasKeys = keys != nil && rest.count > PublicKeys.bytesCount
    let text = String(
      decoding: hasKeys ? rest.dropFirst(PublicKeys.bytesCount) : rest, as: UTF8.self)
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let expires = Int64(words[0]) else { return nil }
    self.init(
      secret: secret, expires: expires, usedBy: hasKeys ? keys : nil, replaces: words[1] == "1")
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
