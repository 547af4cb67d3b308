import CZlib
import Testing

@testable import Sheets

/// What a whole guide gives.
struct GuideReading {
  var entries: [GuideEntry] = []
  var channels: [GuideChannel] = []
  var notes: [SheetNote] = []
  var failure: SheetError?
}

func guideReading(_ bytes: [UInt8]) throws -> GuideReading {
  try withFile(bytes) { path in
    var reading = GuideReading()
    do throws(SheetError) {
      let reader = try GuideReader(path: path)
      while let entry = try reader.next() { reading.entries.append(entry) }
      reading.channels = reader.channels
      reading.notes = reader.takeNotes()
    } catch {
      reading.failure = error
    }
    return reading
  }
}

func guideReading(_ text: String) throws -> GuideReading { try guideReading(Array(text.utf8)) }

/// The bytes packed as gzip does.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  let size = Int32(MemoryLayout<z_stream>.size)
  deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
  defer { deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 100)
  let count = input.withUnsafeMutableBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      deflate(&stream, Z_FINISH)
      return target.count - Int(stream.avail_out)
    }
  }
  return Array(output[..<count])
}
