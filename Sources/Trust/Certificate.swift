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
  /// The sections of its own place, and of those below a hub, that it may write in.
  package let writes: Set<Section>
  /// Counts the certificates of this place, from 1.
  package let serial: UInt64
  package let code: String
  package let name: String
  package let publicKeys: PublicKeys
  private let signature: [UInt8]

  package init(
    place: PlaceID, role: Role, writes: Set<Section> = Self.writesAll, serial: UInt64, code: String,
    name: String, keys: PublicKeys, issuer: PlaceID, signedBy signer: SecretKeys
  ) {
    self.place = place
    self.issuer = issuer
    self.role = role
    self.writes = writes
    self.serial = serial
    self.code = code
    self.name = name
    publicKeys = keys
    let body = Self.body(place, issuer, role, writes, serial, code, name, keys)
    signature = signer.sign(Self.message(body))
  }

  package static let writesAll = Set(Section.allCases)
  private static let signatureBytes = 64

  private static func body(
    _ place: PlaceID, _ issuer: PlaceID, _ role: Role, _ writes: Set<Section>, _ serial: UInt64,
    _ code: String, _ name: String, _ keys: PublicKeys
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 160)
    writer.fixed(place.bits)
    writer.fixed(issuer.bits)
    writer.bytes.append(role.rawValue)
    writer.bytes.append(
      Section.allCases.filter(writes.contains).reduce(0) { $0 | 1 << $1.rawValue })
    writer.varint(serial)
    writer.block(code.utf8)
    writer.block(name.utf8)
    writer.bytes += keys.bytes
    return writer.bytes
  }

  private static func message(_ body: [UInt8]) -> [UInt8] {
    Array("yizhan certificate 2".utf8) + body
  }

  private var body: [UInt8] {
    Self.body(place, issuer, role, writes, serial, code, name, publicKeys)
  }

  package var bytes: [UInt8] { body + signature }

  /// Nil if these are not exactly the bytes of a certificate; whose it is is not looked at.
  package init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do {
      place = PlaceID(bits: try reader.fixed())
      issuer = PlaceID(bits: try reader.fixed())
      let role = Role(rawValue: try reader.byte())
      let mask = try reader.byte()
      serial = try reader.varint()
      let code = String(validating: try reader.block(), as: UTF8.self)
      let name = String(validating: try reader.block(), as: UTF8.self)
      let keys = PublicKeys(try reader.take(PublicKeys.bytesCount))
      signature = Array(try reader.take(Self.signatureBytes))
      guard let role, let code, let name, let keys, serial > 0, reader.isAtEnd,
        mask < 1 << Section.allCases.count
      else { return nil }
      self.role = role
      self.code = code
      self.name = name
      publicKeys = keys
      writes = Set(Section.allCases.filter { mask & 1 << $0.rawValue != 0 })
    } catch { return nil }
  }

  package func isSigned(by issuer: PublicKeys) -> Bool {
    issuer.verifies(signature, of: Self.message(body))
  }
}
