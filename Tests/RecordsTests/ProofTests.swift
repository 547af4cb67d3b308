import Causality
import Testing

@testable import Records

/// That a hub's writes are its own (P18).
@Suite struct ProofTests {
  private let partition = PartitionID(PlaceID(bits: 5), .work)
  private let epoch = Epoch(bits: 77)
  private let key = ProofKey(secret: [UInt8](repeating: 9, count: 64))
  private let values = (0..<8).map { ChainValue(hashing: [UInt8($0)]) }

  private func proof(gone: [ChainValue] = []) -> Proof {
    Proof(
      epoch: epoch, first: 3, last: 6, count: UInt64(values.count),
      tag: key.tag(values, in: partition, of: epoch, first: 3, last: 6), gone: gone)
  }

  @Test func `the hash is HMAC-SHA256`() {
    // RFC 4231, test cases 1, 2 and 6: a short key, a shorter one, one longer than a block.
    func hex(_ bytes: [UInt8]) -> String {
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    #expect(
      hex(keyedHash(of: Array("Hi There".utf8), by: [UInt8](repeating: 0x0b, count: 20)))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      hex(keyedHash(of: Array("what do ya want for nothing?".utf8), by: Array("Jefe".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      hex(
        keyedHash(
          of: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
          by: [UInt8](repeating: 0xaa, count: 131)))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test func `values in any order are confirmed, with those that are gone`() {
    #expect(key.confirms(proof(), in: partition, present: values.reversed()))
    let gone = Array(values.prefix(3))
    #expect(key.confirms(proof(gone: gone), in: partition, present: Array(values.dropFirst(3))))
    #expect(key.confirms(proof(gone: values), in: partition, present: []))
  }

  @Test func `another value, one more and one less are not`() {
    var other = values
    other[4] = ChainValue(hashing: [99])
    #expect(!key.confirms(proof(), in: partition, present: other))
    #expect(!key.confirms(proof(), in: partition, present: values + [other[4]]))
    #expect(!key.confirms(proof(), in: partition, present: Array(values.dropLast())))
    // What is gone can stand for no value of somebody else's.
    #expect(
      !key.confirms(proof(gone: [values[0]]), in: partition, present: other.dropFirst().map { $0 }))
    #expect(!key.confirms(proof(gone: values), in: partition, present: [other[4]]))
  }

  @Test func `a proof is of one place, epoch and range, and of one key`() {
    let proof = proof()
    #expect(!key.confirms(proof, in: PartitionID(PlaceID(bits: 5), .public), present: values))
    #expect(!key.confirms(proof, in: PartitionID(PlaceID(bits: 6), .work), present: values))
    for moved in [
      Proof(epoch: Epoch(bits: 78), first: 3, last: 6, count: 8, tag: proof.tag),
      Proof(epoch: epoch, first: 2, last: 6, count: 8, tag: proof.tag),
      Proof(epoch: epoch, first: 3, last: 7, count: 8, tag: proof.tag),
    ] {
      #expect(!key.confirms(moved, in: partition, present: values))
    }
    let other = ProofKey(secret: [UInt8](repeating: 8, count: 64))
    #expect(!other.confirms(proof, in: partition, present: values))
  }

  @Test func `a proof is spent when all its values are gone, each counted once`() {
    var proof = proof()
    proof.forget([values[1], values[1], values[0]])
    #expect(proof.gone.count == 2)
    #expect(!proof.isSpent)
    proof.forget(values)
    #expect(proof.isSpent)
  }
}
