/// What a sheet may cost: memory is bounded by these, whatever the file.
package struct SheetLimits: Equatable, Sendable {
  /// Bytes of one field's text, as UTF-8.
  package var fieldBytesMax: Int
  /// Bytes of one row without its line end, quotes and commas included, as UTF-8; a physical line
  /// must keep to it as it stands in the file, too.
  package var rowBytesMax: Int
  /// Fields of the header, and so of every row.
  package var columnsMax: Int

  package init(
    fieldBytesMax: Int = 64 << 10, rowBytesMax: Int = 1 << 20, columnsMax: Int = 256
  ) {
    precondition(fieldBytesMax > 0 && rowBytesMax > 0 && columnsMax > 0, "a limit is positive")
    self.fieldBytesMax = fieldBytesMax
    self.rowBytesMax = rowBytesMax
    self.columnsMax = columnsMax
  }
}
