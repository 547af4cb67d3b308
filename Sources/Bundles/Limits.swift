/// Caps that a reader enforces before it allocates, and a writer keeps (P14).
package enum Limits {
  /// Room for half a million births.
  package static let manifestBytesMax = 1 << 23
  package static let numberMax: UInt64 = 1 << 62
  /// Bytes of all following pieces.
  package static let followingMax: UInt64 = 1 << 40
  /// Who the sender is.
  package static let introductionBytesMax = 4096
  /// Seconds since 1970: what hybrid time can tell.
  package static let madeMax: UInt64 = (1 << 48) / 1000 - 1
  /// Deltas, pieces and receipts of a manifest: empty ones cost two bytes, but memory each.
  package static let manifestPartsMax = 1 << 16
  /// Epochs that a manifest lists.
  package static let epochsMax = 1 << 19
  /// A piece as it travels.
  package static let pieceBytesMax = 1 << 18
  /// Pieces up to this size travel inside the manifest.
  package static let inlineBytesMax = 1024
  package static let pieceRowsMax = 16_384
  /// The strings of a piece, inflated.
  package static let heapBytesMax = 1 << 20
  /// Deflate cannot exceed 1032 to 1; what claims more is lying.
  package static let heapRatioMax = 1032
  package static let textBytesMax = 1 << 16
  /// The texts of all cells or values of a piece, each counted as often as it is named: naming
  /// costs almost nothing on the wire.
  package static let namedBytesMax = 1 << 24
  /// One event, or the values of one record.
  package static let rowBytesMax = 1 << 17
  /// Names of collections, columns and fields: of lower-case letters, digits and underscores.
  package static let nameBytesMax = 63
  package static let sequenceMax: UInt64 = (1 << 31) - 1
  /// Values that the writes of one proof set.
  package static let proofValuesMax: UInt64 = 1 << 32
  package static let fieldsMax = 256
  package static let siblingsMax = 4096
  /// Values of all records of a piece: foretold ones cost almost no bytes, but memory each.
  package static let pieceValuesMax = 1 << 18
  /// Fields of all collections of a piece of records: each brings models of some 11 KB.
  package static let pieceFieldsMax = 1024
}
