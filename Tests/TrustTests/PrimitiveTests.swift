import Crypto
import Foundation
import Testing

@testable import Trust

/// The primitives below the seal, by the published cases in Protocol/primitives.json.
///
/// What swift-crypto (BoringSSL) takes, and what is checked here:
///
/// | | the library | here |
/// |---|---|---|
/// | X25519, a point of low order | gives a secret of zeros, without an error | `Seal` refuses it |
/// | X25519, not reduced, highest bit set, on the twist | takes it (RFC 7748) | nothing: bytes are bound in |
/// | Ed25519, S at or above the order, another form of R | refuses it | nothing more |
/// | Ed25519, a key of small order or in another form | takes it, though RFC 8032 has one form | nothing: a known issue |
/// | ChaCha20-Poly1305, a changed tag | refuses it | nothing more |
/// | ChaCha20-Poly1305, a text shorter than a tag | has no form for it | `Seal.open` refuses it |
/// | HKDF, more than 8,160 bytes | traps | 32 and 64 are all that is asked for |
@Suite struct PrimitiveTests {
  private struct Cases: Decodable { let cases: [Case] }

  /// Texts of hexadecimal digits; which of them are there depends on `of`.
  struct Case: Decodable, Sendable {
    let of: String
    let source: String
    let verdict: String?
    let secret, point, shared: String?
    let key, message, signature: String?
    let nonce, further, plain, sealed: String?
    let salt, info, out: String?
  }

  private static func cases(of primitive: String) throws -> [Case] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: root.appendingPathComponent("Protocol/primitives.json"))
    let cases = try JSONDecoder().decode(Cases.self, from: data).cases.filter {
      $0.of == primitive
    }
    #expect(cases.count > 15)
    return cases
  }

  private func bytes(_ hex: String?) throws -> [UInt8] {
    let digits = Array(try #require(hex).utf8)
    return try stride(from: 0, to: digits.count, by: 2).map {
      try #require(UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16))
    }
  }

  // MARK: X25519

  /// What `Seal` derives from a shared secret, by the table of Protocol/07.
  private func close(
    _ text: [UInt8], shared: [UInt8], ephemeral: [UInt8], reader: [UInt8], bound: [UInt8]
  ) throws -> [UInt8] {
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: shared), salt: ephemeral + reader,
      info: Array("yizhan seal 2".utf8) + bound, outputByteCount: 32)
    let box = try ChaChaPoly.seal(
      text, using: key, nonce: ChaChaPoly.Nonce(data: [3] + Array(repeating: 0, count: 11)))
    return Array(box.ciphertext) + Array(box.tag)
  }

  @Test func `a seal is made of the right shared secret, and never of zeros`() throws {
    let (text, bound) = (Array("驿站".utf8), [UInt8](1...9))
    var zeros = 0
    for each in try Self.cases(of: "x25519") {
      let (point, shared) = (try bytes(each.point), try bytes(each.shared))
      let own = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes(each.secret))
      if shared.allSatisfy({ $0 == 0 }) {
        zeros += 1
        #expect(throws: Seal.Broken.self, "\(each.source)") {
          try Seal(ephemeral: point, for: own, bound: bound)
        }
        #expect(throws: Seal.Broken.self, "\(each.source)") {
          try Seal(ephemeral: own, to: point, bound: bound)
        }
        continue
      }
      let ownPublic = Array(own.publicKey.rawRepresentation)
      let read = try Seal(ephemeral: point, for: own, bound: bound)
      let reading = try close(
        text, shared: shared, ephemeral: point, reader: ownPublic, bound: bound)
      #expect(try read.open(reading, number: 3) == text, "\(each.source)")
      let written = try Seal(ephemeral: own, to: point, bound: bound)
      let writing = try close(
        text, shared: shared, ephemeral: ownPublic, reader: point, bound: bound)
      #expect(written.close(text, number: 3) == writing, "\(each.source)")
    }
    #expect(zeros == 14)
  }

  @Test func `a key of another length than 32 bytes is none`() throws {
    let own = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: [UInt8](0..<32))
    for count in [0, 31, 33, 64] {
      #expect(throws: (any Error).self) {
        try Seal(ephemeral: Array(repeating: 9, count: count), for: own, bound: [])
      }
    }
  }

  // MARK: Ed25519

  @Test func `signatures are good or wrong as published`() throws {
    for each in try Self.cases(of: "ed25519") {
      let key = try #require(PublicKeys(bytes(each.key) + Array(repeating: 0, count: 32)))
      let isTaken = key.verifies(try bytes(each.signature), of: try bytes(each.message))
      switch each.verdict {
      case "good": #expect(isTaken, "\(each.source)")
      case "wrong": #expect(!isTaken, "\(each.source)")
      default:
        // The library takes such keys, with which anybody can sign; we do not.
        #expect(!isTaken, "\(each.source)")
      }
    }
  }

  @Test func `no signature has a second form`() throws {
    let keys = try #require(SecretKeys([UInt8](0..<64)))
    let message = Array("yizhan".utf8)
    let signature = keys.sign(message)
    #expect(keys.publicKeys.verifies(signature, of: message))
    for bit in 0..<512 {
      var flipped = signature
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!keys.publicKeys.verifies(flipped, of: message), "bit \(bit)")
    }
    for count in 0..<64 {
      #expect(!keys.publicKeys.verifies(Array(signature.prefix(count)), of: message))
    }
    #expect(!keys.publicKeys.verifies(signature + [0], of: message))
    #expect(!keys.publicKeys.verifies(signature, of: message + [0]))
  }

  // MARK: ChaCha20-Poly1305

  @Test func `the cipher seals and opens as published`() throws {
    for each in try Self.cases(of: "chacha20_poly1305") {
      let sealed = try bytes(each.sealed)
      let (key, further) = (SymmetricKey(data: try bytes(each.key)), try bytes(each.further))
      let box = try ChaChaPoly.SealedBox(
        nonce: ChaChaPoly.Nonce(data: bytes(each.nonce)), ciphertext: sealed.dropLast(16),
        tag: sealed.suffix(16))
      if each.verdict == "good" {
        let opened = try ChaChaPoly.open(box, using: key, authenticating: further)
        #expect(try Array(opened) == bytes(each.plain), "\(each.source)")
      } else {
        #expect(throws: (any Error).self, "\(each.source)") {
          try ChaChaPoly.open(box, using: key, authenticating: further)
        }
      }
    }
  }

  @Test func `a seal opens with all of its tag, and with no other`() throws {
    let own = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: [UInt8](0..<32))
    let seal = try Seal(
      ephemeral: own, to: [UInt8](9..<41), bound: [])
    for text: [UInt8] in [[], [7], [UInt8](0..<100)] {
      let sealed = seal.close(text, number: 1)
      #expect(sealed.count == text.count + 16)
      #expect(try seal.open(sealed, number: 1) == text)
      let tag = sealed.count - 16
      for count in sealed.indices {
        #expect(throws: Seal.Broken.self) { try seal.open(Array(sealed[..<count]), number: 1) }
      }
      for bit in 0..<128 {
        var flipped = sealed
        flipped[tag + bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(throws: Seal.Broken.self) { try seal.open(flipped, number: 1) }
      }
      for filler in [UInt8(0), 0xFF] {
        let filled = sealed[..<tag] + Array(repeating: filler, count: 16)
        #expect(throws: Seal.Broken.self) { try seal.open(Array(filled), number: 1) }
      }
      #expect(throws: Seal.Broken.self) { try seal.open(sealed + [0], number: 1) }
      // Beside the highest numbers, too: the nonce holds all 64 bits of it.
      for number: UInt64 in [0, 2, 1 << 32 + 1, .max] {
        #expect(throws: Seal.Broken.self) { try seal.open(sealed, number: number) }
      }
    }
  }

  // MARK: HKDF

  @Test func `keys are derived as published, and a shorter one begins a longer`() throws {
    for each in try Self.cases(of: "hkdf") {
      let out = try bytes(each.out)
      let secret = SymmetricKey(data: try bytes(each.secret))
      let (salt, info) = (try bytes(each.salt), try bytes(each.info))
      for count in Set([1, 31, 32, 33, 63, 64, out.count]).filter({ $0 <= out.count }) {
        let found = HKDF<SHA256>.deriveKey(
          inputKeyMaterial: secret, salt: salt, info: info, outputByteCount: count)
        #expect(found.withUnsafeBytes { Array($0) } == Array(out.prefix(count)), "\(each.source)")
      }
    }
  }
}
