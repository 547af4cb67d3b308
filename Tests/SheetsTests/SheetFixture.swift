import Glibc
import Testing

@testable import Sheets

/// Puts bytes into a file of its own, gives its path, and removes it.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/sheets-test-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  try #require(descriptor >= 0)
  let path = template.withUnsafeBufferPointer { buffer in
    String(decoding: buffer.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
  defer { unlink(path) }
  let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  close(descriptor)
  try #require(written == bytes.count)
  return try body(path)
}

/// Adds bytes to a file that is there.
func append(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_APPEND)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  try #require(written == bytes.count)
}

/// What a whole file gives: header and rows until the end or the error that ends it.
struct Reading: Equatable {
  var encoding: TextEncoding?
  var rows: [SheetRow] = []
  var refused: [SheetError] = []
  var failure: SheetError?

  var fields: [[String]] { rows.map(\.fields) }

  init(path: String, limits: SheetLimits = SheetLimits(), chunkBytes: Int = 64 << 10) {
    do throws(SheetError) {
      var reader = try CSVReader(path: path, limits: limits, chunkBytes: chunkBytes)
      encoding = reader.encoding
      rows.append(reader.header)
      while let item = try reader.next() {
        switch item {
        case .row(let row): rows.append(row)
        case .refused(let error): refused.append(error)
        }
      }
    } catch {
      failure = error
    }
  }
}

/// Reads bytes as a file.
func reading(
  _ bytes: [UInt8], limits: SheetLimits = SheetLimits(), chunkBytes: Int = 64 << 10
) throws -> Reading {
  try withFile(bytes) { Reading(path: $0, limits: limits, chunkBytes: chunkBytes) }
}

func reading(_ text: String, limits: SheetLimits = SheetLimits()) throws -> Reading {
  try reading(Array(text.utf8), limits: limits)
}

/// The text in GB18030, by the C library's other direction.
func gb18030(_ text: String) -> [UInt8] {
  let handle = iconv_open("GB18030", "UTF-8")
  defer { iconv_close(handle) }
  var input = Array(text.utf8)
  var output = [UInt8](repeating: 0, count: 4 * input.count + 4)
  let count = input.withUnsafeMutableBytes { source in
    output.withUnsafeMutableBytes { target in
      var from = source.bindMemory(to: CChar.self).baseAddress
      var to = target.bindMemory(to: CChar.self).baseAddress
      var fromLeft = source.count
      var toLeft = target.count
      iconv(handle, &from, &fromLeft, &to, &toLeft)
      return target.count - toLeft
    }
  }
  return Array(output[0..<count])
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
