internal import CZlib

/// Raw deflate and inflate with the preset dictionary of this format version.
///
/// One of each is kept per reader or writer: setting zlib up costs more than a small heap.
final class Deflater {
  private var stream = z_stream()

  init() {
    let status = yz_deflate_init(&stream, 9)
    precondition(status == Z_OK, "zlib refuses constant parameters only when out of memory")
  }

  deinit { deflateEnd(&stream) }

  func deflate(_ bytes: [UInt8]) -> [UInt8] {
    deflateReset(&stream)
    PresetDictionary.bytes.withUnsafeBufferPointer {
      _ = deflateSetDictionary(&stream, $0.baseAddress, UInt32($0.count))
    }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    var input = bytes
    return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(bound)
        let status = CZlib.deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "deflateBound is zlib's promise")
      }
      count = bound - Int(stream.avail_out)
    }
  }
}

final class Inflater {
  private var stream = z_stream()

  init() {
    let status = yz_inflate_init(&stream)
    precondition(status == Z_OK, "zlib refuses constant parameters only when out of memory")
  }

  deinit { inflateEnd(&stream) }

  /// Inflates to exactly `length` bytes, or nil. Never produces more.
  func inflate(_ bytes: UnsafeBufferPointer<UInt8>, length: Int) -> [UInt8]? {
    inflateReset(&stream)
    PresetDictionary.bytes.withUnsafeBufferPointer {
      _ = inflateSetDictionary(&stream, $0.baseAddress, UInt32($0.count))
    }
    var isWhole = false
    // One byte more than announced shows a heap that is longer than it says.
    let result = [UInt8](unsafeUninitializedCapacity: length + 1) { output, count in
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      stream.avail_in = UInt32(bytes.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(length + 1)
      let status = CZlib.inflate(&stream, Z_FINISH)
      count = length + 1 - Int(stream.avail_out)
      isWhole = status == Z_STREAM_END && stream.avail_in == 0 && count == length
    }
    return isWhole ? result : nil
  }
}
