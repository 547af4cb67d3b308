package import Bundles
internal import Crypto
internal import FoundationEssentials
internal import Wording

/// Closes and opens the head of a sealed bundle.
package enum SealedHead {
  /// The bytes of the head, and the seal for the following pieces.
  ///
  /// The ephemeral key is made of `random`, the sender's secret and all of the manifest, which names
  /// every piece by its hash: a machine that was set back, whose dice fall the same again, makes the
  /// same key for the same bundle only.
  ///
  /// Throws `seal_wrong` if the reader's key is none.
  package static func close(
    _ manifest: Manifest, introduction: [UInt8] = [], from sender: SecretKeys,
    to reader: PublicKeys,
    random: [UInt8]
  ) throws(BundleError) -> (bytes: [UInt8], seal: Seal) {
    try close(
      manifest, Label(manifest, following: following(manifest)), introduction, from: sender,
      to: reader, random)
  }

  private static func following(_ manifest: Manifest) -> UInt64 {
    manifest.followingPieces.reduce(0) { $0 + UInt64($1.following + Envelope.tagBytes) }
  }

  /// With any label: an honest sender's says what the manifest says.
  static func close(
    _ manifest: Manifest, _ label: Label, _ introduction: [UInt8], from sender: SecretKeys,
    to reader: PublicKeys, _ random: [UInt8]
  ) throws(BundleError) -> (bytes: [UInt8], seal: Seal) {
    let bound = Envelope.bound(label, introduction: introduction)
    let text = manifest.bytes
    do {
      let ephemeral = try Curve25519.KeyAgreement.PrivateKey(
        rawRepresentation: ephemeralSecret(sender, random, bound, text, reader))
      let signer = bound + sender.publicKeys.signing
      let seal = try Seal(ephemeral: ephemeral, to: reader.sealing, bound: signer)
      let signed = Envelope.signed(
        bound: bound, ephemeral: Array(ephemeral.publicKey.rawRepresentation),
        sealedManifest: seal.close(text, number: 0))
      return (signed + sender.sign(message(signed, reader)), seal)
    } catch {
      throw BundleError(.sealWrong, "the reader's key cannot be sealed for")
    }
  }

  private static func ephemeralSecret(
    _ sender: SecretKeys, _ random: [UInt8], _ bound: [UInt8], _ text: [UInt8], _ reader: PublicKeys
  ) -> [UInt8] {
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: sender.signing.rawRepresentation + random),
      salt: Array(SHA256.hash(data: bound + text)),
      info: Array("yizhan ephemeral 2".utf8) + reader.bytes, outputByteCount: 32)
    return key.withUnsafeBytes { Array($0) }
  }

  /// What is signed: all of the head, and for whom it is sealed.
  static func message(_ signed: [UInt8], _ reader: PublicKeys) -> [UInt8] {
    Array("yizhan bundle 2".utf8) + Array(SHA256.hash(data: signed)) + reader.bytes
  }

  /// Whether the head is signed by these keys, for this reader.
  package static func isSigned(
    _ envelope: Envelope, by sender: PublicKeys, to reader: PublicKeys
  ) -> Bool {
    sender.verifies(envelope.signature, of: message(envelope.signed, reader))
  }

  /// The manifest of a head that is signed by these keys, and the seal of its pieces.
  ///
  /// Throws `signature_wrong`, and only then tries to open: `seal_wrong`, and what is wrong with the
  /// manifest.
  package static func open(
    _ envelope: Envelope, from sender: PublicKeys, with reader: SecretKeys
  ) throws(BundleError) -> (manifest: Manifest, seal: Seal) {
    guard isSigned(envelope, by: sender, to: reader.publicKeys) else {
      throw BundleError(.signatureWrong, "the bundle is not signed by the sender's key")
    }
    let seal: Seal
    let text: [UInt8]
    do {
      seal = try Seal(
        ephemeral: envelope.ephemeral, for: reader.sealing, bound: envelope.bound + sender.signing)
      text = try seal.open(envelope.sealedManifest, number: 0)
    } catch {
      throw BundleError(.sealWrong, "the bundle is not sealed for the keys of this place")
    }
    let manifest = try Manifest(unsealed: text)
    guard Label(manifest, following: following(manifest)) == envelope.label else {
      throw BundleError(.manifestMalformed, "the manifest is malformed: its label says otherwise")
    }
    return (manifest, seal)
  }
}
