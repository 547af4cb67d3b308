import Causality
import Records
import Testing

@Suite struct DigestTests {
  // python3: the sums, modulo 2**64, of int.from_bytes(h[:8], 'little') and of
  // int.from_bytes(h[8:16], 'little') over h = hashlib.sha256(item).digest(), for the item of
  // CanonicalTests and for b'\0'.
  @Test func `a digest is the sum of its items' hashes`() {
    var digest = Digest()
    digest.add(
      hex(
        """
        09 706c616e5f6974656d 0500000000000000 ac02 05 7469746c65
        0900000000000000 01 4d 02 0261
        """))
    digest.add([0])
    #expect(digest == Digest(low: 0x98CF_E8A5_C57D_64DE, high: 0x9403_C4F7_3EAA_3E69))
    #expect(digest.short == 0x98CF_E8A5_C57D_64DE)
  }

  @Test func `items may come and go in any order`() {
    withEverySeed(0..<200) { random in
      let kept = (0..<random.below(8)).map { _ in random.bytes(random.below(80)) }
      let gone = (0..<random.below(8)).map { _ in random.bytes(random.below(80)) }
      var straight = Digest()
      for item in kept { straight.add(item) }

      var digest = Digest()
      for item in random.shuffled(kept + gone) { digest.add(item) }
      if !gone.isEmpty { try demand(digest != straight, "\(gone) left no trace") }
      for item in random.shuffled(gone) { digest.subtract(item) }
      try demand(digest == straight, "\(kept)")
      for item in random.shuffled(kept) { digest.subtract(item) }
      try demand(digest == Digest(), "\(digest)")
    }
  }

  @Test func `an item counts as often as it is there`() {
    var digest = Digest()
    digest.add([1])
    digest.add([1])
    #expect(digest != Digest())
    digest.subtract([1])
    var once = Digest()
    once.add([1])
    #expect(digest == once)
  }

  @Test func `an item that goes before it came is as good`() {
    var digest = Digest()
    digest.subtract([7, 7])
    digest.add([7, 7])
    #expect(digest == Digest())
  }

  @Test func `any difference of an item shows`() {
    withEverySeed(0..<300) { random in
      let sibling = Sibling(
        dot: random.dot(), time: HybridTime(bits: random.number()), value: random.foreignValue())
      let id = random.dot()
      let other = Sibling(
        dot: Dot(sibling.dot.epoch, sibling.dot.sequence ^ 2 | 1), time: sibling.time,
        value: sibling.value)
      let later = Sibling(
        dot: sibling.dot, time: HybridTime(bits: sibling.time.bits ^ 1), value: sibling.value)
      let changed = Sibling(
        dot: sibling.dot, time: sibling.time, value: Value(bytes: sibling.value.bytes + [0]))
      let items = [
        Canonical.item(collection: "a", id: id, field: "b", sibling: sibling),
        Canonical.item(collection: "ab", id: id, field: "", sibling: sibling),
        Canonical.item(collection: "", id: id, field: "ab", sibling: sibling),
        Canonical.item(collection: "a", id: id, field: "b", sibling: other),
        Canonical.item(collection: "a", id: id, field: "b", sibling: later),
        Canonical.item(collection: "a", id: id, field: "b", sibling: changed),
      ]
      let digests = items.map { item in
        var digest = Digest()
        digest.add(item)
        return digest
      }
      try demand(Set(digests).count == items.count || other == sibling, "\(sibling)")
    }
  }
}
