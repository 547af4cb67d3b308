package import Causality
internal import Records

/// Which certificates a hub believes no more: a numbered list, signed by the hub. A later one has all that
/// those before it had.
package struct Revocations: Equatable, Sendable {
  package let issuer: PlaceID
  /// Counts the lists of this hub, from 1.
  package let number: UInt64
  /// Seconds since 1970 by the hub's clock; for people.
  package let made: UInt64
  /// For each place the serial up to which its certificates are revoked.
  package let serials: [PlaceID: UInt64]
  private let signature: [UInt8]

  package init(
    issuer: PlaceID, number: UInt64, made: UInt64, serials: [PlaceID: UInt64],
    signedBy signer: SecretKeys
  ) {
    self.issuer = issuer
    self.number = number
    self.made = made
    self.serials = serials
    signature = signer.sign(Self.message(Self.body(issuer, number, made, serials)))
  }

  private static let signatureBytes = 64

  private static func body(
    _ issuer: PlaceID, _ number: UInt64, _ made: UInt64, _ serials: [PlaceID: UInt64]
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 40 + 12 * serials.count)
    writer.fixed(issuer.bits)
    writer.varint(number)
    writer.varint(made)
    // order: sorted.
    for (place, serial) in serials.sorted(by: { $0.key < $1.key }) {
      writer.fixed(place.bits)
      writer.varint(serial)
    }
    return writer.bytes
  }

  private static func message(_ body: [UInt8]) -> [UInt8] {
    Array("yizhan revocations 2".utf8) + body
  }

  package var bytes: [UInt8] { Self.body(issuer, number, made, serials) + signature }

  /// Nil if these are not exactly the bytes of a list.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count > Self.signatureBytes else { return nil }
    var reader = ByteReader(bytes.dropLast(Self.signatureBytes))
    signature = Array(bytes.suffix(Self.signatureBytes))
    do {
      issuer = PlaceID(bits: try reader.fixed())
      number = try reader.varint()
      made = try reader.varint()
      var serials: [PlaceID: UInt64] = [:]
      var last: PlaceID?
      while !reader.isAtEnd {
        let place = PlaceID(bits: try reader.fixed())
        let serial = try reader.varint()
        guard last.map({ $0 < place }) ?? true else { return nil }
        serials[place] = serial
        last = place
      }
      self.serials = serials
      guard number > 0 else { return nil }
    } catch { return nil }
  }

  package func isSigned(by issuer: PublicKeys) -> Bool {
    issuer.verifies(
      signature, of: Self.message(Self.body(self.issuer, number, made, serials)))
  }

  package func revokes(_ certificate: Certificate) -> Bool {
    serials[certificate.place].map { certificate.serial <= $0 } ?? false
  }
}
