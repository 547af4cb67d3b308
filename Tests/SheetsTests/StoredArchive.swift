import CZlib

/// A ZIP file whose parts are not packed (APPNOTE 4.3).
func storedArchive(_ parts: [(name: String, bytes: [UInt8])]) -> [UInt8] {
  func number(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var file: [UInt8] = []
  var directory: [UInt8] = []
  for part in parts {
    let name = Array(part.name.utf8)
    let sum = Int(crc32(0, part.bytes, UInt32(part.bytes.count)))
    let common =
      number(20, 2) + number(0x800, 2) + number(0, 2) + number(0, 2) + number(0x5C21, 2)
      + number(sum, 4) + number(part.bytes.count, 4) + number(part.bytes.count, 4)
      + number(name.count, 2) + number(0, 2)
    directory += number(0x0201_4B50, 4) + number(20, 2) + common
    directory += number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(file.count, 4)
    directory += name
    file += number(0x0403_4B50, 4) + common + name + part.bytes
  }
  let start = file.count
  file += directory + number(0x0605_4B50, 4) + number(0, 2) + number(0, 2)
  file += number(parts.count, 2) + number(parts.count, 2) + number(directory.count, 4)
  return file + number(start, 4) + number(0, 2)
}
