package import Records

/// A description as a database keeps it: the form of a piece.
extension EventCollection {
  package var stored: [UInt8] {
    var writer = ByteWriter()
    Descriptor.write(self, to: &writer)
    return writer.bytes
  }

  /// Nil if `stored` is not such a form.
  package init?(stored: [UInt8]) {
    var reader = ByteReader(stored)
    guard let collection = try? Descriptor.read(&reader), reader.isAtEnd else { return nil }
    self = collection
  }
}
