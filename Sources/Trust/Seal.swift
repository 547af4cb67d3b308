internal import Crypto
internal import FoundationEssentials

/// The secret that one bundle is sealed with, known to its sender while it writes and to its reader.
///
/// What is sealed is numbered: the manifest is 0, the following pieces are 1 and on. The number is the
/// nonce, so the key must never seal two different texts: it comes from an ephemeral key of this
/// bundle alone (Protocol/07-trust.md). There is no mark for the end: the manifest lists all pieces.
package struct Seal: Sendable {
  private let key: SymmetricKey

  package struct Broken: Error {}

  /// By the sender: from the ephemeral key's secret half.
  init(ephemeral: Curve25519.KeyAgreement.PrivateKey, to reader: [UInt8], bound: [UInt8]) throws {
    let reader = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: reader)
    key = try Self.key(
      try ephemeral.sharedSecretFromKeyAgreement(with: reader),
      ephemeral.publicKey, reader, bound)
  }

  /// By the reader: from its own secret half.
  init(ephemeral: [UInt8], for reader: Curve25519.KeyAgreement.PrivateKey, bound: [UInt8]) throws {
    let ephemeral = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: ephemeral)
    key = try Self.key(
      try reader.sharedSecretFromKeyAgreement(with: ephemeral), ephemeral, reader.publicKey, bound)
  }

  /// HKDF-SHA256. What is bound in, and by whom the bundle is signed, cannot be exchanged without
  /// breaking every seal. Throws for a point of low order, with which anybody shares the secret zero
  /// (RFC 7748 section 6.1).
  private static func key(
    _ shared: SharedSecret, _ ephemeral: Curve25519.KeyAgreement.PublicKey,
    _ reader: Curve25519.KeyAgreement.PublicKey, _ bound: [UInt8]
  ) throws(Broken) -> SymmetricKey {
    guard shared.withUnsafeBytes({ $0.contains { $0 != 0 } }) else { throw Broken() }
    return shared.hkdfDerivedSymmetricKey(
      using: SHA256.self, salt: ephemeral.rawRepresentation + reader.rawRepresentation,
      sharedInfo: Array("yizhan seal 2".utf8) + bound, outputByteCount: 32)
  }

  private func nonce(_ number: UInt64) -> ChaChaPoly.Nonce {
    let bytes = (0..<12).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) : 0 }
    do { return try ChaChaPoly.Nonce(data: bytes) } catch {
      preconditionFailure("12 bytes are a nonce: \(error)")
    }
  }

  /// The same with 16 bytes more.
  package func close(_ bytes: [UInt8], number: UInt64) -> [UInt8] {
    do {
      let box = try ChaChaPoly.seal(bytes, using: key, nonce: nonce(number))
      return Array(box.ciphertext) + Array(box.tag)
    } catch {
      preconditionFailure("anything up to 256 GiB can be sealed: \(error)")
    }
  }

  /// Throws `Broken` if these are not the bytes that were sealed under this number.
  package func open(_ bytes: [UInt8], number: UInt64) throws(Broken) -> [UInt8] {
    guard bytes.count >= 16 else { throw Broken() }
    do {
      let box = try ChaChaPoly.SealedBox(
        nonce: nonce(number), ciphertext: bytes.dropLast(16), tag: bytes.suffix(16))
      return Array(try ChaChaPoly.open(box, using: key))
    } catch { throw Broken() }
  }
}
