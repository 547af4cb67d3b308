/// Documents of Office in the old container (MS-CFB): of Office 97 to 2003, and those with a
/// password.
enum OfficeDocument {
  static let mark: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

  /// What is wrong with such a document. A locked one has a stream of this name; where in the file
  /// names lie, its tables tell, but no old document has these bytes.
  static func fault(in file: borrowing SheetFile) throws(SheetError) -> SheetError {
    let name: [UInt8] = Array("EncryptedPackage".utf16.flatMap { [UInt8($0), 0] })
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var offset = 0
    while offset < min(file.size, bytesSearched) {
      let count = try file.read(into: &buffer, from: 0, at: offset)
      if count == 0 { break }
      if find(name, in: buffer[..<count]) { return .workbookEncrypted() }
      // Half a name at the end comes again.
      offset += max(count - name.count, 1)
      if count < buffer.count { break }
    }
    return .workbookOld()
  }

  private static let bytesSearched = 256 << 20

  private static func find(_ name: [UInt8], in bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = name.first, bytes.count >= name.count else { return false }
    for start in bytes.startIndex...(bytes.endIndex - name.count) where bytes[start] == first {
      if bytes[start...].starts(with: name) { return true }
    }
    return false
  }
}
