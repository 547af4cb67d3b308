internal import CZlib

/// The bytes of a guide, unpacked if the file is packed. One buffer of each is in memory.
final class GuideStream {
  private let file: SheetFileBox
  private let inflater: Inflater?
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private(set) var bytesRead = 0
  var bytesTotal: Int { file.file.size }

  static let gzipMark: [UInt8] = [0x1F, 0x8B]

  /// Throws `csv_not_found` or `csv_unreadable`.
  init(path: String) throws(SheetError) {
    file = SheetFileBox(try SheetFile(path: path))
    var start = [UInt8](repeating: 0, count: 2)
    _ = try file.file.read(into: &start, from: 0, at: 0)
    inflater = start == Self.gzipMark ? try Inflater() : nil
  }

  /// Hands the next bytes to the parser; false if there were none.
  ///
  /// Throws `gzip_damaged`, `archive_bomb`, `csv_changed`, `csv_unreadable`, and what the parser
  /// throws.
  func feed(_ parser: XMLParser) throws(SheetError) -> Bool {
    let count = try file.file.read(into: &buffer, from: 0, at: bytesRead)
    bytesRead += count
    if count == 0, file.file.hasChanged { throw .changed() }
    let isLast = count == 0
    try buffer.withUnsafeBufferPointer { bytes throws(SheetError) in
      let fresh = UnsafeBufferPointer(rebasing: bytes[..<count])
      guard let inflater else { return try parser.feed(fresh, isLast: isLast) }
      try inflater.feed(fresh, isLast: isLast, to: parser)
    }
    return !isLast
  }
}

/// A file that a class can hold.
private final class SheetFileBox {
  let file: SheetFile

  init(_ file: consuming SheetFile) { self.file = file }
}

/// Unpacks gzip (RFC 1952), also of several members one after the other.
private final class Inflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 128 << 10)
  private var bytesIn = 0
  private var bytesOut = 0
  private var isBehindMember = false

  /// What one packed byte may become, beyond `bytesFree`: guides reach 30.
  private static let ratio = 250
  private static let bytesFree = 16 << 20
  private static let bytesMax = 1 << 30

  init() throws(SheetError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard yz_gunzip_init(stream) == Z_OK else { throw .gzipDamaged() }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func feed(
    _ packed: UnsafeBufferPointer<UInt8>, isLast: Bool, to parser: XMLParser
  ) throws(SheetError) {
    bytesIn += packed.count
    stream.pointee.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
    stream.pointee.avail_in = UInt32(packed.count)
    while stream.pointee.avail_in > 0 { try step(parser) }
    guard isLast else { return }
    guard isBehindMember else { throw .gzipDamaged() }
    try parser.feed(packed, isLast: true)
  }

  private func step(_ parser: XMLParser) throws(SheetError) {
    if isBehindMember {
      // Zeros behind the end are what some tapes and some programs leave there.
      if stream.pointee.next_in?.pointee == 0 {
        stream.pointee.avail_in = 0
        return
      }
      guard inflateReset(stream) == Z_OK else { throw .gzipDamaged() }
      isBehindMember = false
    }
    let stream = stream
    let (status, count) = output.withUnsafeMutableBufferPointer { buffer in
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = UInt32(buffer.count)
      let status = inflate(stream, Z_NO_FLUSH)
      return (status, buffer.count - Int(stream.pointee.avail_out))
    }
    guard status == Z_OK || status == Z_STREAM_END else { throw .gzipDamaged() }
    isBehindMember = status == Z_STREAM_END
    bytesOut += count
    let most = min(Self.bytesMax, bytesIn * Self.ratio + Self.bytesFree)
    guard bytesOut <= most else { throw .bomb(most) }
    try output.withUnsafeBufferPointer { bytes throws(SheetError) in
      try parser.feed(UnsafeBufferPointer(rebasing: bytes[..<count]), isLast: false)
    }
  }
}
