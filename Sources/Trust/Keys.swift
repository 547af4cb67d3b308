internal import Crypto
internal import FoundationEssentials

/// The public half of a replica's keys: Ed25519 to verify what it signs, X25519 to seal what it reads.
package struct PublicKeys: Hashable, Sendable {
  /// 32 bytes each.
  package let signing: [UInt8]
  package let sealing: [UInt8]

  package static let bytesCount = 64

  package var bytes: [UInt8] { signing + sealing }

  /// Nil if these are not 64 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.bytesCount else { return nil }
    signing = Array(bytes.prefix(32))
    sealing = Array(bytes.suffix(32))
  }

  /// A short name for people and logs: 16 hex digits.
  package var name: String {
    SHA256.hash(data: bytes).prefix(8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: signing) else {
      return false
    }
    return key.isValidSignature(signature, for: message)
  }
}

/// A replica's keys. Made of 64 random bytes, which are all that is kept of them.
package struct SecretKeys: Sendable {
  package static let secretBytes = 64

  let signing: Curve25519.Signing.PrivateKey
  let sealing: Curve25519.KeyAgreement.PrivateKey
  package let publicKeys: PublicKeys

  /// Nil if these are not 64 bytes.
  package init?(_ secret: [UInt8]) {
    guard secret.count == Self.secretBytes,
      let signing = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret.prefix(32)),
      let sealing = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret.suffix(32)),
      let publicKeys = PublicKeys(
        Array(signing.publicKey.rawRepresentation) + Array(sealing.publicKey.rawRepresentation))
    else { return nil }
    self.signing = signing
    self.sealing = sealing
    self.publicKeys = publicKeys
  }

  package func sign(_ message: [UInt8]) -> [UInt8] {
    do { return Array(try signing.signature(for: message)) } catch {
      preconditionFailure("Ed25519 signs any message: \(error)")
    }
  }
}
