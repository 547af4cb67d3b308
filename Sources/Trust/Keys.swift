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
    guard !WeakKeys.contain(signing),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: signing)
    else { return false }
    return key.isValidSignature(signature, for: message)
  }
}

/// Ed25519 keys with which anybody can sign, which the library takes: points of small order, and those in
/// another form than RFC 8032 section 5.1.3 gives them.
private enum WeakKeys {
  static func contain(_ key: [UInt8]) -> Bool {
    var y = Array(key.reversed())
    y[0] &= 0x7F
    return !y.lexicographicallyPrecedes(prime) || smallOrder.contains(y)
  }

  /// 2^255 - 19. All numbers here have their highest byte first.
  private static let prime: [UInt8] =
    [0x7F] + [UInt8](repeating: 0xFF, count: 30) + [0xED]

  /// The y of the points whose order divides 8: 0, 1, -1, and two of order 8.
  private static let smallOrder: Set<[UInt8]> = [
    [UInt8](repeating: 0, count: 32),
    [UInt8](repeating: 0, count: 31) + [1],
    prime.dropLast() + [0xEC],
    [
      0x05, 0xFC, 0x53, 0x6D, 0x88, 0x02, 0x38, 0xB1, 0x39, 0x33, 0xC6, 0xD3, 0x05, 0xAC, 0xDF,
      0xD5,
      0xF0, 0x98, 0xEF, 0xF2, 0x89, 0xF4, 0xC3, 0x45, 0xB0, 0x27, 0xB2, 0xC2, 0x8F, 0x95, 0xE8,
      0x26,
    ],
    [
      0x7A, 0x03, 0xAC, 0x92, 0x77, 0xFD, 0xC7, 0x4E, 0xC6, 0xCC, 0x39, 0x2C, 0xFA, 0x53, 0x20,
      0x2A,
      0x0F, 0x67, 0x10, 0x0D, 0x76, 0x0B, 0x3C, 0xBA, 0x4F, 0xD8, 0x4D, 0x3D, 0x70, 0x6A, 0x17,
      0xC7,
    ],
  ]
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
