import Bundles
import Crypto
import Foundation
import Records
import Trust

/// A head as anybody reads it, without keys: as it is, and with a check that is right. What was read
/// is what a writer writes of it.
func fuzzEnvelope(_ bytes: [UInt8]) throws {
  _ = try? Envelope(parsing: bytes)
  let end = try Envelope.end(prefix: Array(bytes.prefix(Envelope.prefixBytes)))
  guard bytes.count >= end else { throw ByteReader.Malformed() }
  let unchecked = Array(bytes[..<(end - Envelope.signatureBytes - 8)])
  var head = ByteWriter()
  head.bytes = unchecked
  head.fixed(ChainValue(hashing: unchecked).low)
  let mended = head.bytes + bytes[(end - Envelope.signatureBytes)...]
  let envelope = try Envelope(parsing: mended)
  let label = envelope.label
  hold(Envelope.bound(label, introduction: envelope.introduction) == envelope.bound, "other bound")
  let signed = Envelope.signed(
    bound: envelope.bound, ephemeral: envelope.ephemeral,
    sealedManifest: envelope.sealedManifest)
  hold(signed == envelope.signed, "other bytes are signed")
  hold(mended.starts(with: signed + envelope.signature), "another head")
  hold(envelope.length == end, "a head of another length")
  let cut = Array(mended[..<(end - 1)])
  hold((try? Envelope(parsing: cut)) == nil, "a head that was cut is taken")
}

/// A sealed bundle from its parts, sealed and signed here, so that all of them get to the reader:
///
///     how · block introduction · block label · block manifest · place (2 bytes) · bit · pieces
///
/// If `how` is even the label is that of the manifest, if it can be read. What was sealed is what is
/// opened; and with one bit of it flipped, none of it is believed.
func fuzzSealed(_ bytes: [UInt8]) throws {
  var reader = ByteReader(bytes)
  let how = try reader.byte()
  let introduction = Array(try reader.block())
  var label = Array(try reader.block())
  let text = Array(try reader.block())
  let place = Int(try reader.byte()) << 8 + Int(try reader.byte())
  let bit = try reader.byte() & 7
  let pieces = Array(try reader.take(reader.remaining))
  let manifest = try? Manifest(unsealed: text)
  if how & 1 == 0, let manifest { label = try honestLabel(manifest) }
  let writer = Sealer(introduction: introduction, label: label)
  let sealed = writer.head(text) + writer.pieces(pieces, of: manifest)
  let (envelope, opened) = try open(sealed)
  hold(opened.manifest == manifest, "another manifest: \(opened.manifest)")
  holdPieces(sealed, envelope, pieces, opened)
  holdFlip(sealed, place % sealed.count, bit, opened)
}

/// Seal, signature and check are right: all that can be wrong is what the label and the manifest say.
private func open(
  _ sealed: [UInt8]
) throws -> (Envelope, (manifest: Manifest, seal: Seal)) {
  do throws(BundleError) {
    let envelope = try Envelope(parsing: sealed)
    let opened = try SealedHead.open(
      envelope, from: Sealer.sender.publicKeys, with: Sealer.reader)
    return (envelope, opened)
  } catch {
    let codes: [BundleError.Code] = [.manifestMalformed, .manifestTooLarge]
    hold(codes.contains(error.code), "a good seal is refused: \(error)")
    throw error
  }
}

/// The bytes of the label that fits, as a head has them.
private func honestLabel(_ manifest: Manifest) throws -> [UInt8] {
  let following = manifest.followingPieces.reduce(0) {
    $0 + UInt64($1.following + Envelope.tagBytes)
  }
  let bound = Envelope.bound(Label(manifest, following: following), introduction: [])
  var reader = ByteReader(bound[3...])
  return Array(try reader.block())
}

/// Each piece that is there is opened as it was, under its own number only.
private func holdPieces(
  _ sealed: [UInt8], _ envelope: Envelope, _ plain: [UInt8],
  _ opened: (manifest: Manifest, seal: Seal)
) {
  var (offset, at, number) = (envelope.length, 0, UInt64(1))
  for piece in opened.manifest.followingPieces {
    let end = offset + piece.following + Envelope.tagBytes
    guard end <= sealed.count else { return }
    let closed = Array(sealed[offset..<end])
    let content = Array(plain[at..<(at + piece.following)])
    hold((try? opened.seal.open(closed, number: number)) == content, "another piece")
    hold((try? opened.seal.open(closed, number: number + 1)) == nil, "a piece of another number")
    (offset, at, number) = (end, at + piece.following, number + 1)
  }
}

/// With one bit flipped the head is not opened; behind it no piece is another.
private func holdFlip(
  _ sealed: [UInt8], _ place: Int, _ bit: UInt8, _ opened: (manifest: Manifest, seal: Seal)
) {
  var flipped = sealed
  flipped[place] ^= 1 << bit
  guard let envelope = try? Envelope(parsing: flipped),
    let again = try? SealedHead.open(
      envelope, from: Sealer.sender.publicKeys, with: Sealer.reader)
  else { return }
  hold(place >= envelope.length, "byte \(place) of the head was flipped, and it was opened")
  hold(again.manifest == opened.manifest, "another manifest")
  var (offset, number) = (envelope.length, UInt64(1))
  for piece in again.manifest.followingPieces {
    let end = offset + piece.following + Envelope.tagBytes
    guard end <= flipped.count else { return }
    let isBroken = (try? again.seal.open(Array(flipped[offset..<end]), number: number)) == nil
    hold(isBroken == (offset..<end).contains(place), "piece \(number), byte \(place)")
    (offset, number) = (end, number + 1)
  }
}

/// Seals whatever bytes by the table of Protocol/07. Its keys are always the same, and so is the
/// ephemeral one: nothing here is a secret, and an agreement a run is enough.
private struct Sealer {
  static let sender = keys(1)
  static let reader = keys(2)
  private static let ephemeral = Array(agreement(3).publicKey.rawRepresentation)
  private static let shared: [UInt8] = {
    guard
      let point = try? Curve25519.KeyAgreement.PublicKey(
        rawRepresentation: reader.publicKeys.sealing),
      let shared = try? agreement(3).sharedSecretFromKeyAgreement(with: point)
    else { fatalError("two good keys agree") }
    return shared.withUnsafeBytes { Array($0) }
  }()

  private static func keys(_ byte: UInt8) -> SecretKeys {
    guard let keys = SecretKeys(Array(repeating: byte, count: 64)) else {
      fatalError("64 bytes are keys")
    }
    return keys
  }

  private static func agreement(_ byte: UInt8) -> Curve25519.KeyAgreement.PrivateKey {
    guard
      let key = try? Curve25519.KeyAgreement.PrivateKey(
        rawRepresentation: Array(repeating: byte, count: 32))
    else { fatalError("32 bytes are a key") }
    return key
  }

  private let bound: [UInt8]
  private let key: SymmetricKey

  init(introduction: [UInt8], label: [UInt8]) {
    var writer = ByteWriter()
    writer.bytes = [0x59, 0x5A, 2]
    writer.block(label)
    writer.block(introduction)
    bound = writer.bytes
    key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: Self.shared),
      salt: Self.ephemeral + Self.reader.publicKeys.sealing,
      info: Array("yizhan seal 2".utf8) + bound + Self.sender.publicKeys.signing,
      outputByteCount: 32)
  }

  /// The head, signed.
  func head(_ manifest: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes = bound + Self.ephemeral
    writer.block(close(manifest, 0))
    writer.fixed(ChainValue(hashing: writer.bytes).low)
    let message =
      Array("yizhan bundle 2".utf8) + SHA256.hash(data: writer.bytes)
      + Self.reader.publicKeys.bytes
    return writer.bytes + Self.sender.sign(message)
  }

  /// As many of the pieces that the manifest lists as there are bytes for.
  func pieces(_ plain: [UInt8], of manifest: Manifest?) -> [UInt8] {
    var (at, number) = (0, UInt64(1))
    var sealed: [UInt8] = []
    for piece in manifest?.followingPieces ?? [] {
      guard at + piece.following <= plain.count else { break }
      sealed += close(Array(plain[at..<(at + piece.following)]), number)
      (at, number) = (at + piece.following, number + 1)
    }
    return sealed
  }

  private func close(_ plain: [UInt8], _ number: UInt64) -> [UInt8] {
    var nonce = ByteWriter()
    nonce.fixed(number)
    nonce.bytes += [0, 0, 0, 0]
    guard let once = try? ChaChaPoly.Nonce(data: nonce.bytes),
      let box = try? ChaChaPoly.seal(plain, using: key, nonce: once)
    else { fatalError("anything can be sealed") }
    return Array(box.ciphertext) + Array(box.tag)
  }
}
