internal import Crypto
internal import FoundationEssentials

/// What an invitation carries beside names, and whoever holds the line holds: the inviting hub seals for
/// it until the invited place has told its own keys, and the place proves by it that it was invited.
package struct InvitationSecret: Equatable, Sendable {
  package static let bytesCount = 16
  package let bytes: [UInt8]

  /// Nil if these are not 16 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.bytesCount else { return nil }
    self.bytes = Array(bytes)
  }

  /// What opens bundles that were written before the hub knew better keys.
  package var secretKeys: SecretKeys {
    let bytes = derive("yizhan invited 2", SecretKeys.secretBytes).withUnsafeBytes { Array($0) }
    guard let keys = SecretKeys(bytes) else { preconditionFailure("64 bytes are keys") }
    return keys
  }

  private func derive(_ what: String, _ count: Int) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: bytes), info: Array(what.utf8), outputByteCount: count)
  }

  /// The first 16 bytes of an HMAC-SHA256 over who shows which keys.
  fileprivate func proof(of keys: PublicKeys, place: UInt64) -> [UInt8] {
    let place = (0..<8).map { UInt8(truncatingIfNeeded: place >> (8 * UInt64($0))) }
    let code = HMAC<SHA256>.authenticationCode(
      for: place + keys.bytes, using: derive("yizhan introduction 2", 32))
    return Array(code.prefix(Introduction.proofBytes))
  }
}

/// The keys of a place that was invited, as it shows them to the hub that may not know them yet:
/// byte 1, 64 bytes of keys, 16 of proof.
package struct Introduction: Equatable, Sendable {
  static let proofBytes = 16
  private static let kind: UInt8 = 1

  package let publicKeys: PublicKeys
  private let proof: [UInt8]

  /// `place` is the id of the place that shows its keys.
  package init(_ keys: PublicKeys, place: UInt64, invited secret: InvitationSecret) {
    publicKeys = keys
    proof = secret.proof(of: keys, place: place)
  }

  package var bytes: [UInt8] { [Self.kind] + publicKeys.bytes + proof }

  /// Nil if it is none that this version knows.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 1 + PublicKeys.bytesCount + Self.proofBytes, bytes[0] == Self.kind,
      let keys = PublicKeys(bytes[1..<(1 + PublicKeys.bytesCount)])
    else { return nil }
    publicKeys = keys
    proof = Array(bytes.suffix(Self.proofBytes))
  }

  /// Whether whoever made it held the invitation.
  package func proves(_ secret: InvitationSecret, place: UInt64) -> Bool {
    let right = secret.proof(of: publicKeys, place: place)
    // As long as it takes, wherever they differ.
    return zip(proof, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
