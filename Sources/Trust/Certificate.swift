package import Causality
internal import Records

/// A hub's word on the keys of a place: the hub above it has issued it, and can know it again by its own
/// signature even if it has lost everything else. The uppermost hub of a tree issues its own.
///
/// A place has one certificate at a time, the one with the highest serial. No clock decides: a
/// certificate is good until a later one or a revocation is known.
package struct Certificate: Equatable, Sendable {
  package let place: PlaceID
  package let issuer: PlaceID
  package let role: Role
  /// What it may do in the sections of its own place, and of those below a hub.
  package let rights: Rights
  /// Counts the certificates of this place, from 1.
  package let serial: UInt64
  package let code: String
  package let publicKeys: PublicKeys
  private let signature: [UInt8]

  package init(
    place: PlaceID, role: Role, rights: Rights = .all, serial: UInt64, code: String,
    keys: PublicKeys, issuer: PlaceID, signedBy signer: SecretKeys
  ) {
    self.place = place
    self.issuer = issuer
    self.role = role
    self.rights = rights
    self.serial = serial
    self.code = code
    publicKeys = keys
    let body = Self.body(place, issuer, role, rights, serial, code, keys)
    signature = signer.sign(Self.message(body))
  }

  private static let signatureBytes = 64

  private static func body(
    _ place: PlaceID, _ issuer: PlaceID, _ role: Role, _ rights: Rights, _ serial: UInt64,
    _ code: String, _ keys: PublicKeys
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 160)
    writer.fixed(place.bits)
    writer.fixed(issuer.bits)
    writer.bytes.append(role.rawValue)
    writer.bytes.append(Rights.mask(rights.reads))
    writer.bytes.append(Rights.mask(rights.writes))
    writer.varint(serial)
    writer.block(code.utf8)
    writer.bytes += keys.bytes
    return writer.bytes
  }

  private static func message(_ body: [UInt8]) -> [UInt8] {
    Array("yizhan certificate 3".utf8) + body
  }

  private var body: [UInt8] {
    Self.body(place, issuer, role, rights, serial, code, publicKeys)
  }

  package var bytes: [UInt8] { body + signature }

  /// Nil if these are not exactly the bytes of a certificate; whose it is is not looked at.
  package init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do {
      place = PlaceID(bits: try reader.fixed())
      issuer = PlaceID(bits: try reader.fixed())
      let role = Role(rawValue: try reader.byte())
      let reads = Rights.sections(try reader.byte())
      let writes = Rights.sections(try reader.byte())
      serial = try reader.varint()
      let code = String(validating: try reader.block(), as: UTF8.self)
      let keys = PublicKeys(try reader.take(PublicKeys.bytesCount))
      signature = Array(try reader.take(Self.signatureBytes))
      guard let role, let code, let keys, let reads, let writes, serial > 0, reader.isAtEnd,
        let rights = Rights(reads: reads, writes: writes)
      else { return nil }
      self.role = role
      self.code = code
      publicKeys = keys
      self.rights = rights
    } catch { return nil }
  }

  package func isSigned(by issuer: PublicKeys) -> Bool {
    issuer.verifies(signature, of: Self.message(body))
  }
}

/// The sections that a place reads, and those of them that it may write in. What is `public` everybody reads:
/// the certificate itself stands there.
package struct Rights: Equatable, Sendable {
  package let reads: Set<Section>
  package let writes: Set<Section>

  package static let all = Rights(all: Set(Section.allCases))

  private init(all: Set<Section>) {
    reads = all
    writes = all
  }

  /// Nil if `public` is not read, or something is written that is not read: who writes must hear what
  /// became of it.
  package init?(reads: Set<Section>, writes: Set<Section>) {
    guard reads.contains(.public), writes.isSubset(of: reads) else { return nil }
    self.reads = reads
    self.writes = writes
  }

  fileprivate static func mask(_ sections: Set<Section>) -> UInt8 {
    sections.reduce(0) { $0 | 1 << $1.rawValue }
  }

  fileprivate static func sections(_ mask: UInt8) -> Set<Section>? {
    guard mask < 1 << Section.allCases.count else { return nil }
    return Set(Section.allCases.filter { mask & 1 << $0.rawValue != 0 })
  }
}
