import Bundles
import Causality
import Foundation
import Records
import Testing
import Trust

/// Every vector in Protocol is read as the index says, by the files alone.
@Suite struct VectorReadingTests {
  struct Entry: Decodable, Sendable {
    let name: String
    let file: String
    let kind: String
    let valid: Bool
    let error: String?
    let catalogue: String?
    let expect: String?
    let about: String
  }

  private static func index() throws -> [Entry] {
    try decode([Entry].self, VectorFolder.indexPath)
  }

  private static func decode<Content: Decodable>(
    _ type: Content.Type, _ file: String
  ) throws -> Content {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(try VectorFolder.read(file)))
  }

  private static func entries(_ kind: String) throws -> [Entry] {
    let entries = try index().filter { $0.kind == kind }
    #expect(!entries.isEmpty)
    return entries
  }

  // MARK: Bundles

  /// What the reader makes of a bundle: what it says, or the code that it is refused with.
  private static func outcome(_ entry: Entry) throws -> Result<[UInt8], BundleError> {
    let catalogue = try entry.catalogue.map { try Catalogue(bytes: VectorFolder.read($0)) }
    let bytes = try VectorFolder.read(entry.file)
    do throws(BundleError) {
      return .success(try BundleReading.read(bytes, catalogue: catalogue).saying.bytes)
    } catch { return .failure(error) }
  }

  @Test func `valid bundles say what is expected`() throws {
    for entry in try Self.entries("bundle") where entry.valid {
      switch try Self.outcome(entry) {
      case .success(let saying):
        let expected = try VectorFolder.read(try #require(entry.expect))
        #expect(saying == expected, "\(entry.name) says something else")
      case .failure(let error): Issue.record("\(entry.name): \(error)")
      }
    }
  }

  @Test func `invalid bundles are refused with their code`() throws {
    for entry in try Self.entries("bundle") where !entry.valid {
      switch try Self.outcome(entry) {
      case .success: Issue.record("\(entry.name) was read")
      case .failure(let error):
        #expect(error.code.rawValue == entry.error, "\(entry.name): \(error)")
      }
    }
  }

  // MARK: Catalogues

  private struct Attribute: Decodable {
    let null: Bool?
    let integer: Int64?
    let text: String?
    let dot: String?
    let bytes: String?

    func value() throws -> Value {
      if null == true { return .null }
      if let integer { return .integer(integer) }
      if let text { return .text(text) }
      if let dot { return .dot(try #require(Dot(dot))) }
      return Value(bytes: try #require(bytes.flatMap { unhex($0) }))
    }
  }

  private struct ExpectedCatalogue: Decodable {
    struct Entry: Decodable {
      let key: String
      let attributes: [Attribute]
    }

    let identity: String
    let entries: [Entry]
  }

  @Test func `catalogues have the expected entries and identity`() throws {
    for entry in try Self.entries("catalogue") {
      let expected = try Self.decode(ExpectedCatalogue.self, try #require(entry.expect))
      let entries = try expected.entries.map { entry in
        (key: Array(entry.key.utf8), attributes: try entry.attributes.map { try $0.value() })
      }
      let read = try Catalogue(bytes: VectorFolder.read(entry.file))
      #expect(read.bytes == Catalogue(entries).bytes, "\(entry.name)")
      #expect(hex(number: read.identity) == expected.identity, "\(entry.name)")
    }
  }

  // MARK: Canonical bytes, chains, digests

  private struct ExpectedEvent: Decodable {
    let hex: String
    let collection: String
    let cells: [Attribute]
  }

  @Test func `events have their canonical bytes and are read from them`() throws {
    for entry in try Self.entries("canonical") {
      let expected = try Self.decode(ExpectedEvent.self, entry.file)
      var cells = try expected.cells.map { try $0.value() }
      let bytes = Canonical.event(collection: expected.collection, cells: cells)
      #expect(hex(bytes) == expected.hex, "\(entry.name)")
      let parsed = try Canonical.parse(event: bytes)
      while cells.last?.isNull == true { cells.removeLast() }
      #expect(parsed.collection == expected.collection && parsed.cells == cells, "\(entry.name)")
    }
  }

  private struct ExpectedChain: Decodable {
    struct Parent: Decodable {
      let dot: String
      let value: String
    }

    let partition: String
    let epoch: String
    let place: String
    let role: String
    let parents: [Parent]
    let writes: [String]
    let values: [String]
  }

  @Test func `chains have the expected values`() throws {
    for entry in try Self.entries("chain") {
      let expected = try Self.decode(ExpectedChain.self, entry.file)
      let halves = expected.partition.split(separator: "/")
      let partition = PartitionID(
        try Self.place(halves[0]), try #require(Section(name: halves[1])))
      let dots = try expected.parents.map { try #require(Dot($0.dot)) }
      let birth = Birth(
        epoch: try #require(Epoch(expected.epoch)),
        author: Author(
          place: try Self.place(expected.place), role: expected.role == "hub" ? .hub : .station),
        parents: VersionVector(dots.map { VersionVector.Entry($0.epoch, $0.sequence) }))
      let parents = try expected.parents.map { parent in
        var reader = ByteReader(try #require(unhex(parent.value)))
        return ChainValue(low: try reader.fixed(), high: try reader.fixed())
      }
      var chain = Chain(partition: partition, birth: birth, parents: parents)
      var values = [hex(chain.value.inOrder)]
      for write in expected.writes {
        chain.absorb(try #require(unhex(write)))
        values.append(hex(chain.value.inOrder))
      }
      #expect(values == expected.values, "\(entry.name)")
    }
  }

  private static func place(_ text: some StringProtocol) throws -> PlaceID {
    PlaceID(bits: try #require(Epoch(text)).bits)
  }

  private struct ExpectedDigest: Decodable {
    let items: [String]
    let low: String
    let high: String
  }

  @Test func `digests have the expected sums`() throws {
    for entry in try Self.entries("digest") {
      let expected = try Self.decode(ExpectedDigest.self, entry.file)
      var digest = Digest()
      for item in expected.items { digest.add(try #require(unhex(item))) }
      #expect(hex(number: digest.low) == expected.low, "\(entry.name)")
      #expect(hex(number: digest.high) == expected.high, "\(entry.name)")
    }
  }

  // MARK: Sealed bundles

  private struct Sealed: Decodable {
    let senderSecret: String
    let senderPublic: String
    let readerSecret: String
    let readerPublic: String
    let outcome: String?
    let introduction: String?
    let manifest: String?
    let pieces: [String]?
    let bundle: String

    func keys(_ secret: String) throws -> SecretKeys {
      try #require(unhex(secret).flatMap { SecretKeys($0) })
    }

    func read() throws -> Result<SealedReading.Content, BundleError> {
      let sender = try #require(unhex(senderPublic).flatMap { PublicKeys($0) })
      let reader = try keys(readerSecret)
      #expect(try keys(senderSecret).publicKeys == sender)
      #expect(hex(reader.publicKeys.bytes) == readerPublic)
      let bytes = try #require(unhex(bundle))
      do throws(BundleError) {
        return .success(try SealedReading.read(bytes, from: sender, with: reader))
      } catch { return .failure(error) }
    }
  }

  @Test func `sealed bundles are opened, or refused with their code`() throws {
    for entry in try Self.entries("sealed") {
      let vector = try Self.decode(Sealed.self, entry.file)
      #expect(vector.outcome == entry.error, "\(entry.name)")
      switch try vector.read() {
      case .success(let content):
        #expect(entry.valid, "\(entry.name) was read")
        #expect(hex(content.introduction) == vector.introduction, "\(entry.name)")
        #expect(hex(content.manifest) == vector.manifest, "\(entry.name)")
        #expect(content.pieces.map { hex($0) } == vector.pieces, "\(entry.name)")
      case .failure(let error):
        #expect(error.code.rawValue == entry.error, "\(entry.name): \(error)")
      }
    }
  }
}
