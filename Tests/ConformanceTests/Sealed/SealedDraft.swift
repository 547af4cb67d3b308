import Bundles
import Causality
import Crypto
import Foundation
import Records
import Trust

/// Keys whose secret half every vector tells.
struct VectorKeys: Sendable {
  let secret: [UInt8]
  let keys: SecretKeys
  var publicKeys: PublicKeys { keys.publicKeys }

  private init(from first: UInt8) {
    secret = (0..<64).map { first &+ $0 }
    guard let keys = SecretKeys(secret) else { preconditionFailure("64 bytes are keys") }
    self.keys = keys
  }

  static let village = VectorKeys(from: 0x10)
  static let town = VectorKeys(from: 0x60)
  /// Who has stolen a machine, or never had one.
  static let thief = VectorKeys(from: 0xB0)

  /// 32 bytes that are an X25519 secret or random, another for each number.
  static func dice(_ number: UInt8) -> [UInt8] {
    Array(SHA256.hash(data: [number]))
  }
}

/// A bundle from the village to the town before it is sealed, by the tables of Protocol/07 alone, so
/// that any part of it can be another than an honest sender's.
struct SealedDraft {
  /// The bytes of the label, without their length.
  var label: [UInt8]
  var introduction: [UInt8] = []
  var manifest: [UInt8]
  var pieces: [[UInt8]]
  var sender = VectorKeys.village
  var reader = VectorKeys.town.publicKeys
  var ephemeralSecret = VectorKeys.dice(1)
  /// The nonce's number of the manifest: of each piece it is one more than of what is before it.
  var firstNumber: UInt64 = 0

  init(_ telling: Telling) throws {
    manifest = telling.manifest.bytes
    pieces = try telling.following
    label = Self.label(
      telling.manifest.sender.bits, telling.manifest.reader.bits, telling.manifest.number,
      telling.manifest.made, pieces.reduce(0) { $0 + UInt64($1.count) + 16 })
  }

  static func label(
    _ sender: UInt64, _ reader: UInt64, _ number: UInt64, _ made: UInt64, _ following: UInt64
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.fixed(sender)
    writer.fixed(reader)
    for number in [number, made, following] { writer.varint(number) }
    return writer.bytes
  }

  func sealed() throws -> SealedParts {
    let secret = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: ephemeralSecret)
    let shared = try secret.sharedSecretFromKeyAgreement(
      with: Curve25519.KeyAgreement.PublicKey(rawRepresentation: reader.sealing))
    return try sealed(
      ephemeral: Array(secret.publicKey.rawRepresentation),
      shared: shared.withUnsafeBytes { Array($0) })
  }

  /// With whatever ephemeral key, and a secret that whoever takes that key shares.
  func sealed(ephemeral: [UInt8], shared: [UInt8]) throws -> SealedParts {
    var parts = SealedParts(label: label, introduction: introduction, ephemeral: ephemeral)
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: shared), salt: ephemeral + reader.sealing,
      info: Array("yizhan seal 2".utf8) + parts.bound + sender.publicKeys.signing,
      outputByteCount: 32)
    func close(_ plain: [UInt8], _ number: UInt64) throws -> [UInt8] {
      var nonce = ByteWriter()
      nonce.fixed(number)
      nonce.bytes += [0, 0, 0, 0]
      let box = try ChaChaPoly.seal(
        plain, using: key, nonce: ChaChaPoly.Nonce(data: nonce.bytes))
      return Array(box.ciphertext) + Array(box.tag)
    }
    parts.manifest = try close(manifest, firstNumber)
    for (index, piece) in pieces.enumerated() {
      parts.pieces.append(try close(piece, firstNumber + 1 + UInt64(index)))
    }
    return parts
  }

  /// All of it as an honest sender signs it.
  func bytes() throws -> [UInt8] { try sealed().bytes(signedBy: sender, for: reader) }
}

/// What is sealed, and not yet signed.
struct SealedParts {
  var label: [UInt8]
  var introduction: [UInt8]
  var ephemeral: [UInt8]
  var manifest: [UInt8] = []
  var pieces: [[UInt8]] = []

  var bound: [UInt8] {
    var writer = ByteWriter()
    writer.bytes = [0x59, 0x5A, 2]
    writer.block(label)
    writer.block(introduction)
    return writer.bytes
  }

  /// The head up to its check.
  var unchecked: [UInt8] {
    var writer = ByteWriter()
    writer.bytes = bound + ephemeral
    writer.block(manifest)
    return writer.bytes
  }

  /// All that is signed: the check is right.
  var signed: [UInt8] { Self.checked(unchecked) }

  static func checked(_ head: [UInt8]) -> [UInt8] { head + SHA256.hash(data: head).prefix(8) }

  static func message(_ signed: [UInt8], for reader: PublicKeys) -> [UInt8] {
    Array("yizhan bundle 2".utf8) + SHA256.hash(data: signed) + reader.bytes
  }

  func signature(by sender: VectorKeys, for reader: PublicKeys) -> [UInt8] {
    sender.keys.sign(Self.message(signed, for: reader))
  }

  func bytes(
    signedBy sender: VectorKeys = .village, for reader: PublicKeys = VectorKeys.town.publicKeys
  ) -> [UInt8] {
    bytes(signature: signature(by: sender, for: reader))
  }

  func bytes(signature: [UInt8]) -> [UInt8] { signed + signature + pieces.joined() }

  /// The same with a change.
  func with(_ change: (inout SealedParts) -> Void) -> SealedParts {
    var parts = self
    change(&parts)
    return parts
  }
}

extension Telling {
  /// The following pieces one by one.
  var following: [[UInt8]] {
    get throws {
      let lengths = manifest.followingPieces.map(\.following)
      var rest = bytes.suffix(lengths.reduce(0, +))
      return lengths.map { length in
        defer { rest = rest.dropFirst(length) }
        return Array(rest.prefix(length))
      }
    }
  }
}
