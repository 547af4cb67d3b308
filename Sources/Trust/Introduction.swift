internal import Crypto
internal import FoundationEssentials
internal import Records

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
    return Array(code.prefix(Introduction.Invited.proofBytes))
  }
}

/// What a bundle shows of its sender, for a reader that may not know the sender's keys. Blocks, each a byte
/// for its kind and a varint length, in ascending order of kinds; none where the reader knows.
package struct Introduction: Equatable, Sendable {
  /// The keys of a place that was invited, and that it holds the invitation.
  package var invited: Invited?
  /// What the hub above the sender has said of its keys.
  package var certificate: Certificate?
  /// How the sender came from keys that the reader may know to those of today.
  package var succession: Succession?

  package struct Invited: Equatable, Sendable {
    static let proofBytes = 16

    package let publicKeys: PublicKeys
    fileprivate let proof: [UInt8]

    /// `place` is the id of the place that shows its keys.
    package init(_ keys: PublicKeys, place: UInt64, invited secret: InvitationSecret) {
      publicKeys = keys
      proof = secret.proof(of: keys, place: place)
    }

    fileprivate init?(_ bytes: ArraySlice<UInt8>) {
      guard bytes.count == PublicKeys.bytesCount + Self.proofBytes,
        let keys = PublicKeys(bytes.prefix(PublicKeys.bytesCount))
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

  private enum Kind: UInt8, CaseIterable {
    case invited = 1
    case certificate = 2
    case succession = 3
  }

  package init(
    invited: Invited? = nil, certificate: Certificate? = nil, succession: Succession? = nil
  ) {
    self.invited = invited
    self.certificate = certificate
    self.succession = succession
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    func add(_ kind: Kind, _ bytes: [UInt8]?) {
      guard let bytes else { return }
      writer.bytes.append(kind.rawValue)
      writer.block(bytes)
    }
    add(.invited, invited.map { $0.publicKeys.bytes + $0.proof })
    add(.certificate, certificate?.bytes)
    add(.succession, succession?.bytes)
    return writer.bytes
  }

  /// Blocks of kinds that this version does not know are passed over. Nil if the rest is not what
  /// `bytes` gives.
  package init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    var last: UInt8 = 0
    do {
      while !reader.isAtEnd {
        let kind = try reader.byte()
        let block = try reader.block()
        guard kind > last else { return nil }
        last = kind
        switch Kind(rawValue: kind) {
        case .invited:
          guard let read = Invited(block) else { return nil }
          invited = read
        case .certificate:
          guard let read = Certificate(Array(block)) else { return nil }
          certificate = read
        case .succession:
          guard let read = Succession(Array(block)) else { return nil }
          succession = read
        case nil: break
        }
      }
    } catch { return nil }
  }
}
