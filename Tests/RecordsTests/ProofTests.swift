import Causality
import Testing

@testable import Records

/// What a hub signs of its own writes (P18). That signatures hold is swift-crypto's, and TrustTests'.
@Suite struct ProofTests {
  private let partition = PartitionID(PlaceID(bits: 5), .public)
  private let birth = Birth(
    epoch: Epoch(bits: 77), author: Author(place: PlaceID(bits: 5), role: .hub),
    parents: VersionVector([.init(Epoch(bits: 70), 4)]))
  private let values = (0..<8).map { ChainValue(hashing: [UInt8($0)]) }

  private func proof(
    _ epoch: UInt64 = 77, _ first: UInt64 = 3, _ last: UInt64 = 6, gone: [ChainValue] = []
  ) -> Proof {
    Proof(
      epoch: Epoch(bits: epoch), first: first, last: last, count: UInt64(values.count),
      signature: [], gone: gone)
  }

  private var signed: [UInt8] {
    Proof.statement(values, of: birth, in: partition, first: 3, last: 6)
  }

  @Test func `the statement has the bytes of the specification`() {
    var writer = ByteWriter()
    writer.bytes += Array("yizhan own writes 3".utf8)
    writer.fixed(5)
    writer.bytes.append(Section.public.rawValue)
    for number: UInt64 in [5, 77, 1, 70, 4, 3, 6] { writer.fixed(number) }
    for value in values.sorted(by: { ($0.low, $0.high) < ($1.low, $1.high) }) {
      writer.fixed(value.low)
      writer.fixed(value.high)
    }
    #expect(signed == writer.bytes)
  }

  @Test func `values in any order are those, with what is gone`() {
    let gone = Array(values.prefix(3))
    #expect(proof().statement(of: birth, in: partition, present: values.reversed()) == signed)
    #expect(
      proof(gone: gone).statement(of: birth, in: partition, present: Array(values.dropFirst(3)))
        == signed)
    #expect(proof(gone: values).statement(of: birth, in: partition, present: []) == signed)
  }

  @Test func `another value, one more and one less are not`() {
    var other = values
    other[4] = ChainValue(hashing: [99])
    for (gone, present) in [
      ([], other), ([], values + [other[4]]), ([], Array(values.dropLast())),
      // What is gone can stand for no value of somebody else's.
      ([values[0]], Array(other.dropFirst())), (values, [other[4]]),
    ] {
      #expect(proof(gone: gone).statement(of: birth, in: partition, present: present) != signed)
    }
  }

  @Test func `a statement is of one partition, range and birth`() {
    for partition in [
      PartitionID(PlaceID(bits: 5), .work), PartitionID(PlaceID(bits: 6), .public),
    ] {
      #expect(proof().statement(of: birth, in: partition, present: values) != signed)
    }
    #expect(proof(77, 2, 6).statement(of: birth, in: partition, present: values) != signed)
    #expect(proof(77, 3, 7).statement(of: birth, in: partition, present: values) != signed)
    #expect(proof(78, 3, 6).statement(of: birth, in: partition, present: values) == nil)
    for parents: [VersionVector.Entry] in [
      [], [.init(Epoch(bits: 70), 5)], [.init(Epoch(bits: 71), 4)],
    ] {
      let other = Birth(
        epoch: birth.epoch, author: birth.author, parents: VersionVector(parents))
      #expect(proof().statement(of: other, in: partition, present: values) != signed)
    }
    let other = Birth(
      epoch: birth.epoch, author: Author(place: PlaceID(bits: 6), role: .hub),
      parents: birth.parents)
    #expect(proof().statement(of: other, in: partition, present: values) != signed)
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
