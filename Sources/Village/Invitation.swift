package import Causality
internal import Records
package import Trust
internal import Wording

/// What a station or a hub needs to know to begin, as one line of text: `yizhan2` and the bytes in
/// base64url, with a check at the end.
package struct Invitation: Equatable, Sendable {
  package let place: PlaceID
  package let code: PlaceCode
  package let name: String
  package let zone: TimeZoneOffset
  /// The inviting hub and those above it, the nearest first.
  package let ancestors: [PlaceID]
  package let hubName: String
  /// Where the hub listens, if it does.
  package let url: String?
  /// What the place is to be.
  package let role: Role
  package let hubKeys: PublicKeys
  package let secret: InvitationSecret

  /// How every line begins.
  package static let prefix = "yizhan2"

  package init(
    place: PlaceID, code: PlaceCode, name: String, zone: TimeZoneOffset,
    ancestors: [PlaceID], hubName: String, url: String?, role: Role = .station,
    hubKeys: PublicKeys, secret: InvitationSecret
  ) {
    self.place = place
    self.code = code
    self.name = name
    self.zone = zone
    self.ancestors = ancestors
    self.hubName = hubName
    self.url = url
    self.role = role
    self.hubKeys = hubKeys
    self.secret = secret
  }

  package var text: String {
    var writer = ByteWriter()
    writer.fixed(place.bits)
    writer.block(code.dotted.utf8)
    writer.block(name.utf8)
    writer.zigzag(Int64(zone.minutes))
    writer.varint(UInt64(ancestors.count))
    for ancestor in ancestors { writer.fixed(ancestor.bits) }
    writer.block(hubName.utf8)
    writer.block((url ?? "").utf8)
    writer.varint(UInt64(role.rawValue))
    writer.bytes += hubKeys.bytes + secret.bytes
    let check = ChainValue(hashing: writer.bytes).low
    writer.bytes.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: check >> (8 * $0)) })
    return Self.prefix + Base64URL.encode(writer.bytes)
  }

  /// Throws `badInvitation` if `text` is not what `text` gave, whole and unchanged.
  package init(_ text: String) throws(VillageError) {
    let trimmed = text.filter { !$0.isWhitespace }
    guard trimmed.hasPrefix(Self.prefix),
      let bytes = Base64URL.decode(trimmed.dropFirst(Self.prefix.count)), bytes.count > 4
    else { throw Self.bad }
    let body = Array(bytes.dropLast(4))
    let check = ChainValue(hashing: body).low
    guard
      bytes.suffix(4).elementsEqual((0..<4).map { UInt8(truncatingIfNeeded: check >> (8 * $0)) })
    else { throw Self.bad }
    do { try self.init(parsing: ByteReader(body)) } catch { throw Self.bad }
    // Bytes that are no text, or a code in another form, would read as what nobody wrote.
    guard self.text == trimmed else { throw Self.bad }
  }

  private static let bad = VillageError(
    .badInvitation, "the invitation is not whole",
    hint: "copy the whole line that `yizhan hub invite` printed, beginning with \(prefix)")

  private init(parsing reader: ByteReader) throws {
    var reader = reader
    place = PlaceID(bits: try reader.fixed())
    let code = PlaceCode(String(decoding: try reader.block(), as: UTF8.self))
    name = String(decoding: try reader.block(), as: UTF8.self)
    zone = TimeZoneOffset(minutes: Int(clamping: try reader.zigzag()))
    var ancestors: [PlaceID] = []
    for _ in 0..<(try reader.count()) { ancestors.append(PlaceID(bits: try reader.fixed())) }
    self.ancestors = ancestors
    hubName = String(decoding: try reader.block(), as: UTF8.self)
    let url = String(decoding: try reader.block(), as: UTF8.self)
    self.url = url.isEmpty ? nil : url
    let role = Role(rawValue: UInt8(clamping: try reader.varint()))
    let hubKeys = PublicKeys(try reader.take(PublicKeys.bytesCount))
    let secret = InvitationSecret(try reader.take(InvitationSecret.bytesCount))
    guard let code, let role, let hubKeys, let secret, reader.isAtEnd, !ancestors.isEmpty,
      (-14 * 60...14 * 60).contains(zone.minutes)
    else { throw ByteReader.Malformed() }
    self.hubKeys = hubKeys
    self.secret = secret
    self.code = code
    self.role = role
  }
}

/// RFC 4648 section 5, without padding.
enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// For each byte what it stands for; 64 is nothing.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for place in 0...group.count {
        text.append(alphabet[Int(bits >> (18 - 6 * UInt32(place)) & 63)])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let letters = Array(text.utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(letters.count * 3 / 4)
    var bits: UInt32 = 0
    var count: UInt32 = 0
    let isRead = values.withUnsafeBufferPointer { values in
      for letter in letters {
        let value = values[Int(letter)]
        guard value < 64 else { return false }
        bits = bits << 6 | UInt32(value)
        count += 6
        if count >= 8 {
          count -= 8
          bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
      }
      return true
    }
    return isRead && bits & (1 << count - 1) == 0 ? bytes : nil
  }
}
