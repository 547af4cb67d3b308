import Causality
import Testing

@testable import Trust

/// What vouches for keys: certificates, successions and lists of what is revoked (P16, P17).
@Suite struct CertificateTests {
  private func keys(_ seed: UInt8) throws -> SecretKeys {
    try #require(SecretKeys((0..<64).map { seed &* 31 &+ $0 &* 7 }))
  }

  private func certificate(serial: UInt64 = 3) throws -> (Certificate, issuer: PublicKeys) {
    let issuer = try keys(1)
    return (
      Certificate(
        place: PlaceID(bits: 7), role: .station,
        rights: try #require(Rights(reads: [.public, .work, .log], writes: [.work, .log])),
        serial: serial, code: "34.01.23.109.207", keys: try keys(2).publicKeys,
        issuer: PlaceID(bits: 9), signedBy: issuer), issuer.publicKeys
    )
  }

  @Test func `a certificate is read as it was written, and no other bytes are one of its issuer`()
    throws
  {
    let (certificate, issuer) = try certificate()
    let bytes = certificate.bytes
    let read = try #require(Certificate(bytes))
    #expect(read == certificate)
    #expect(read.isSigned(by: issuer))
    #expect(read.rights.writes == [.work, .log])
    #expect(read.rights.reads == [.public, .work, .log])
    #expect(!read.isSigned(by: try keys(3).publicKeys))
    for bit in 0..<(8 * bytes.count) {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Certificate(other)?.isSigned(by: issuer) != true, "bit \(bit)")
    }
    for count in 0..<bytes.count { #expect(Certificate(Array(bytes.prefix(count))) == nil) }
    #expect(Certificate(bytes + [0]) == nil)
  }

  @Test
  func `whoever knows any of the keys before learns the last, and nobody is believed without`()
    throws
  {
    let place = PlaceID(bits: 7)
    let line = try (1...6).map { try keys(UInt8($0)) }
    let succession = Succession(Array(line.reversed()), of: place)
    let read = try #require(Succession(succession.bytes))
    #expect(read == succession)
    for known in line {
      #expect(read.newest(after: known.publicKeys, of: place) == line[5].publicKeys)
    }
    #expect(read.newest(after: try keys(9).publicKeys, of: place) == nil)
    #expect(read.newest(after: line[0].publicKeys, of: PlaceID(bits: 8)) == nil, "another place's")
    let bytes = succession.bytes
    for bit in stride(from: 0, to: 8 * bytes.count, by: 7) {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      let newest = Succession(other)?.newest(after: line[0].publicKeys, of: place)
      #expect(newest == nil, "bit \(bit)")
    }
    // A step that somebody else signed.
    let thief = Succession([try keys(9), line[4]], of: place)
    let forged = bytes.dropLast(128) + thief.bytes.suffix(128)
    #expect(
      Succession(Array(forged))?.newest(after: line[4].publicKeys, of: place)
        == (try keys(9).publicKeys), "signed by the keys before")
    let stranger = Succession([try keys(9), try keys(8)], of: place)
    let wrong = bytes.dropLast(128) + stranger.bytes.suffix(128)
    #expect(Succession(Array(wrong))?.newest(after: line[3].publicKeys, of: place) == nil)
    #expect(Succession(Array(bytes.prefix(64))) == nil, "no step")
    #expect(Succession(Array(bytes.dropLast())) == nil)
  }

  @Test func `a list revokes the serials up to its own, and nobody else can write it`() throws {
    let issuer = try keys(1)
    let list = Revocations(
      issuer: PlaceID(bits: 9), number: 4, made: 1_767_225_600,
      serials: [PlaceID(bits: 7): 3, PlaceID(bits: 5): 1], signedBy: issuer)
    let read = try #require(Revocations(list.bytes))
    #expect(read == list)
    #expect(read.isSigned(by: issuer.publicKeys))
    #expect(read.revokes(try certificate(serial: 3).0))
    #expect(!read.revokes(try certificate(serial: 4).0))
    for bit in 0..<(8 * list.bytes.count) {
      var other = list.bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Revocations(other)?.isSigned(by: issuer.publicKeys) != true, "bit \(bit)")
    }
    for count in 0..<list.bytes.count {
      let cut = Revocations(Array(list.bytes.prefix(count)))
      #expect(cut?.isSigned(by: issuer.publicKeys) != true)
    }
  }

  @Test func `an introduction shows what is in it, and passes over what is not known`() throws {
    let (certificate, _) = try certificate()
    let secret = try #require(InvitationSecret([UInt8](repeating: 3, count: 16)))
    let keys = try [keys(4), keys(5)]
    let whole = Introduction(
      invited: .init(keys[0].publicKeys, place: 7, invited: secret), certificate: certificate,
      succession: Succession(keys, of: PlaceID(bits: 7)))
    #expect(Introduction(whole.bytes) == whole)
    #expect(Introduction(Introduction().bytes) == Introduction())
    #expect(Introduction().bytes.isEmpty)
    #expect(whole.bytes.count < 4096)
    #expect(Introduction(whole.bytes + [9, 2, 1, 1]) == whole, "a kind of a later version")
    #expect(Introduction(whole.bytes + [2, 0]) == nil, "out of order")
    for count in 1..<whole.bytes.count {
      let cut = Introduction(Array(whole.bytes.prefix(count)))
      #expect(cut == nil || cut != whole)
    }
    let longest = Introduction(
      certificate: certificate,
      succession: Succession(
        try (0...Succession.stepsMax).map { try self.keys(UInt8($0)) }, of: PlaceID(bits: 7)))
    #expect(longest.bytes.count <= 4096, "the longest has room in a head")
  }
}
