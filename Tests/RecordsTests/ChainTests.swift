import Causality
import Records
import Testing

@Suite struct ChainTests {
  private static let partition = PartitionID(PlaceID(bits: 0x3401_2310_9207), .work)
  private static let birth = Birth(
    epoch: Epoch(bits: 0xABCD_EF01_2345_6789),
    author: Author(place: PlaceID(bits: 0x34_0123_1092), role: .hub),
    parents: VersionVector([.init(Epoch(bits: 5), 300), .init(Epoch(bits: 9), 1)]))
  private static let parents = [
    ChainValue(low: 1, high: 2), ChainValue(low: 3, high: UInt64.max),
  ]

  /// What the chain begins with.
  private static let head = hex(
    """
    0792102301340000 02 8967452301efcdab 9210230134000000 01 02
    0500000000000000 ac02 0100000000000000 0200000000000000
    0900000000000000 01 0300000000000000 ffffffffffffffff
    """)

  private static func chain() -> Chain {
    Chain(partition: partition, birth: birth, parents: parents)
  }

  /// A value from the first 16 bytes of a SHA-256 in hexadecimal.
  private static func value(_ digits: String) -> ChainValue {
    let bytes = hex(digits)
    let word = { (part: ArraySlice<UInt8>) in
      part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    return ChainValue(low: word(bytes[..<8]), high: word(bytes[8...]))
  }

  // python3: hashlib.sha256(bytes(i % 251 for i in range(n))).hexdigest()[:32]
  @Test(arguments: [
    (0, "e3b0c44298fc1c149afbf4c8996fb924"), (3, "ae4b3280e56e2faf83f414a6e3dabe9d"),
    (55, "463eb28e72f82e0a96c0a4cc53690c57"), (56, "da2ae4d6b36748f2a318f23e7ab1dfdf"),
    (64, "fdeab9acf3710362bd2658cdc9a29e8f"), (119, "da18797ed7c3a777f0847f429724a2d8"),
    (1000, "4e4c294b331f7a2099a379bec34b9f9f"),
  ])
  func `a value is the first half of a SHA-256`(count: Int, digits: String) {
    #expect(ChainValue(hashing: (0..<count).map { UInt8($0 % 251) }) == Self.value(digits))
  }

  // python3: hashlib.sha256(head).hexdigest()[:32], then of head + write, where head is as above
  // and write is as in CanonicalTests, both packed with struct.pack and a varint of five lines.
  @Test func `a chain hashes the birth, then each write`() {
    var chain = Self.chain()
    #expect(chain.value == Self.value("66dd2834351d4e5899dcc9418d79e5d3"))
    #expect(chain.value == ChainValue(hashing: Self.head))
    chain.absorb(
      Canonical.write(
        collection: "plan_item", id: Dot(Self.birth.epoch, 1),
        time: HybridTime(milliseconds: 1_763_640_000_000, count: 7),
        values: [("title", .text("春耕")), ("minutes", .integer(45))]))
    #expect(chain.value == Self.value("1b1bd882a7a35ed3e79cfc3862d42026"))
  }

  @Test func `a chain saved and loaded at any length goes on as if never put away`() throws {
    let data = (0..<330).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 5) }
    let whole = ChainValue(hashing: Self.head + data)
    for length in 0...data.count {
      var chain = Self.chain()
      chain.absorb(Array(data[..<length]))
      #expect(chain.value == ChainValue(hashing: Self.head + data[..<length]), "at \(length)")

      let saved = chain.saved
      #expect(saved.count == 40 + (Self.head.count + length) % 64, "at \(length)")
      var loaded = try #require(saved.withUnsafeBytes { Chain(saved: $0) }, "at \(length)")
      #expect(loaded.saved == saved, "at \(length)")
      #expect(loaded.value == chain.value, "at \(length)")
      data[length...].withUnsafeBytes { loaded.absorb($0) }
      #expect(loaded.value == whole, "at \(length)")
      // The one that was saved can go on too.
      for byte in data[length...] { chain.absorb([byte]) }
      #expect(chain.value == whole, "at \(length)")
    }
  }

  @Test func `absorbing nothing changes nothing`() {
    var chain = Self.chain()
    let before = chain.saved
    chain.absorb([UInt8]())
    chain.absorb(UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(chain.saved == before)
  }

  @Test func `a chain stands for its partition, its birth and its parents' chains`() throws {
    let (birth, partition) = (Self.birth, Self.partition)
    let place = PlaceID(bits: 3)
    let variants: [Chain] = [
      Chain(partition: PartitionID(place, .work), birth: birth, parents: Self.parents),
      Chain(
        partition: PartitionID(partition.place, .public), birth: birth, parents: Self.parents),
      Chain(
        partition: partition,
        birth: Birth(epoch: Epoch(bits: 1), author: birth.author, parents: birth.parents),
        parents: Self.parents),
      Chain(
        partition: partition,
        birth: Birth(
          epoch: birth.epoch, author: Author(place: place, role: .hub), parents: birth.parents),
        parents: Self.parents),
      Chain(
        partition: partition,
        birth: Birth(
          epoch: birth.epoch, author: Author(place: birth.author.place, role: .station),
          parents: birth.parents),
        parents: Self.parents),
      Chain(
        partition: partition,
        birth: Birth(
          epoch: birth.epoch, author: birth.author,
          parents: VersionVector([.init(Epoch(bits: 5), 301), .init(Epoch(bits: 9), 1)])),
        parents: Self.parents),
      Chain(
        partition: partition,
        birth: Birth(
          epoch: birth.epoch, author: birth.author, parents: VersionVector(Dot(Epoch(bits: 5), 300))
        ),
        parents: [Self.parents[0]]),
      Chain(partition: partition, birth: birth, parents: Self.parents.reversed()),
      Chain(
        partition: partition, birth: birth,
        parents: [Self.parents[0], ChainValue(low: 3, high: 0)]),
      Self.chain(),
    ]
    #expect(Set(variants.map(\.value)).count == variants.count)
  }

  @Test func `bytes that are no saved chain are refused`() {
    let saved = Self.chain().saved
    for length in 0..<saved.count {
      #expect(saved[..<length].withUnsafeBytes { Chain(saved: $0) } == nil, "\(length) bytes")
    }
    #expect((saved + [0]).withUnsafeBytes { Chain(saved: $0) } == nil)
    #expect(Chain(saved: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
    withEverySeed(0..<500) { random in
      let bytes = random.bytes(random.below(110))
      // Loading must not trap; what it takes, it saves as it was.
      if let chain = bytes.withUnsafeBytes({ Chain(saved: $0) }) {
        try demand(chain.saved == bytes, "\(bytes)")
      }
    }
  }

  @Test func `a chain without a value for each parent is a mistake of ours`() async {
    await #expect(processExitsWith: .failure) {
      let birth = Birth(
        epoch: Epoch(bits: 2), author: Author(place: PlaceID(bits: 1), role: .hub),
        parents: VersionVector(Dot(Epoch(bits: 1), 1)))
      _ = Chain(partition: PartitionID(PlaceID(bits: 1), .work), birth: birth, parents: [])
    }
  }
}
