import Bundles
import Causality
import Records

/// A catalogue: what is read is in order, and made again of its entries it is the same.
func fuzzCatalogue(_ bytes: [UInt8]) throws {
  let catalogue = try Catalogue(bytes: bytes)
  hold(catalogue.bytes == bytes, "other bytes")
  hold(catalogue.attributes.allSatisfy { $0.count == catalogue.entries }, "a gap")
  var reader = ByteReader(bytes)
  let (count, width) = (try reader.count(), try reader.count())
  let entries = try (0..<count).map { _ in
    (
      key: Array(try reader.block()),
      attributes: try (0..<width).map { _ in Value(bytes: Array(try reader.block())) }
    )
  }
  for given in [entries, entries.reversed(), entries + entries] {
    let again = Catalogue(given)
    hold(again.bytes == bytes && again.identity == catalogue.identity, "another catalogue")
    hold(again.attributes == catalogue.attributes, "other attributes")
  }
}

/// Canonical events, values and the forms that they are made of: each has one form, so what is read
/// is written as the same bytes.
func fuzzCanonical(_ bytes: [UInt8]) throws {
  fuzzValue(bytes)
  for form in forms { try? form(bytes) }
  let (collection, cells) = try Canonical.parse(event: bytes)
  hold(Canonical.event(collection: collection, cells: cells) == bytes, "another event")
  hold(cells.last?.isNull != true, "an empty cell at the end")
}

private func fuzzValue(_ bytes: [UInt8]) {
  let value = Value(bytes: bytes)
  if let integer = value.integer { hold(Value.integer(integer) == value, "another integer") }
  if let text = value.text { hold(Value.text(text) == value, "another text") }
  if let dot = value.dot { hold(Value.dot(dot) == value, "another dot") }
  hold(value.isNull == (value == .null), "another null")
  hold(!value.description.contains("\n"), "more than a line")
}

private typealias Form = @Sendable ([UInt8]) throws -> Void

/// Each reads one thing and holds it against what is written of it.
private let forms: [Form] = [
  { try holdForm($0, { try $0.varint() }, { $0.varint($1) }) },
  { try holdForm($0, { try $0.zigzag() }, { $0.zigzag($1) }) },
  { try holdForm($0, { try $0.fixed() }, { $0.fixed($1) }) },
  { try holdForm($0, { try $0.block() }, { $0.block($1) }) },
  { try holdForm($0, { try $0.dot() }, { $0.dot($1) }) },
  { try holdForm($0, { try $0.vector() }, { $0.vector($1) }) },
]

private func holdForm<Content>(
  _ bytes: [UInt8], _ read: (inout ByteReader) throws -> Content,
  _ write: (inout ByteWriter, Content) -> Void
) throws {
  var reader = ByteReader(bytes)
  let content = try read(&reader)
  var writer = ByteWriter()
  write(&writer, content)
  let taken = bytes.dropLast(reader.remaining)
  hold(writer.bytes.elementsEqual(taken), "another form of \(content)")
  hold(reader.offset == taken.count, "another end")
  // One byte less is not enough for it.
  var short = ByteReader(Array(taken.dropLast()))
  hold((try? read(&short)) == nil, "a cut one is read as \(content)")
}
