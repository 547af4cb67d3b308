/// Caps that a reader enforces before it allocates, and a writer keeps (P14).
package enum Limits {
  package static let manifestBytesMax = 1 << 20
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
  package static let sequenceMax: UInt64 = (1 << 31) - 1
  package static let fieldsMax = 256
  package static let siblingsMax = 4096
  /// What `pieceRowsMax` events may cost as columns and cells; bounds a reader's memory.
  package static let cellsMax = 16_384 * 31
}
