internal import Glibc

/// The pages of a database file that SQLite may be unable to open, with what its log has committed
/// laid over them (sqlite.org/fileformat2.html). Only read from; a page that the disk does not give
/// back is nil.
final class PageFile {
  let pageBytes: Int
  /// Without what an extension may keep at the end of each page, which is nothing here.
  let usableBytes: Int
  let pageCount: UInt32
  /// Pages in the log behind the place where it breaks: nobody knows whether they were committed.
  private(set) var looseFrames: [off_t] = []
  private let main: Int32
  private let log: Int32
  private var frames: [UInt32: off_t] = [:]

  static let magic = Array("SQLite format 3\0".utf8)
  /// What this program's databases have; a header that is lost does not say.
  private static let pageBytesDefault = 4096

  /// Nil if there is no file, or none that can be read.
  init?(_ path: String) {
    main = open(path, O_RDONLY | O_CLOEXEC)
    guard main >= 0 else { return nil }
    log = open(path + "-wal", O_RDONLY | O_CLOEXEC)
    let header = Self.read(main, at: 0, 100) ?? []
    let isMagic = header.count == 100 && header.starts(with: Self.magic)
    let logHeader = log < 0 ? nil : WriteAheadLog(Self.read(log, at: 0, 32) ?? [])
    let told = isMagic ? Int(header.number(at: 16, bytes: 2)) : logHeader?.pageBytes ?? 0
    let size = told == 1 ? 1 << 16 : told
    let isSize = size >= 512 && size <= 1 << 16 && size & (size - 1) == 0
    pageBytes = isSize ? size : Self.pageBytesDefault
    let reserved = isMagic ? Int(header[20]) : 0
    usableBytes = pageBytes - (reserved <= pageBytes - 480 ? reserved : 0)
    var status = stat()
    let bytes = fstat(main, &status) == 0 ? Int(status.st_size) : 0
    var count = UInt32(clamping: (bytes + pageBytes - 1) / pageBytes)
    if var logHeader, logHeader.pageBytes == pageBytes {
      let size = 24 + pageBytes
      var at: off_t = 32
      var pending: [UInt32: off_t] = [:]
      while let frame = Self.read(log, at: at, size), logHeader.accepts(frame) {
        pending[UInt32(frame.number(at: 0, bytes: 4))] = at + 24
        let committed = UInt32(frame.number(at: 4, bytes: 4))
        if committed > 0 {
          frames.merge(pending) { $1 }
          pending = [:]
          count = max(count, committed)
        }
        at += off_t(size)
      }
      while let head = Self.read(log, at: at, 24) {
        if logHeader.isOwn(head) { looseFrames.append(at + 24) }
        at += off_t(size)
      }
    }
    pageCount = count
  }

  deinit {
    close(main)
    if log >= 0 { close(log) }
  }

  /// The bytes of a page, which count from 1. Behind the end of a file that was cut off within it
  /// there are zeros.
  func page(_ number: UInt32) -> [UInt8]? {
    guard number > 0, number <= pageCount else { return nil }
    if let at = frames[number] { return Self.read(log, at: at, pageBytes) }
    let at = off_t(number - 1) * off_t(pageBytes)
    guard let bytes = Self.read(main, at: at, pageBytes, atLeast: 1) else { return nil }
    return bytes + [UInt8](repeating: 0, count: pageBytes - bytes.count)
  }

  func loosePage(_ at: off_t) -> [UInt8]? { Self.read(log, at: at, pageBytes) }

  /// Nil for less than what is asked for, if not less is enough.
  private static func read(
    _ file: Int32, at start: off_t, _ count: Int, atLeast least: Int? = nil
  ) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(file, $0.baseAddress?.advanced(by: done), count - done, start + off_t(done))
      }
      if got < 0, errno == EINTR { continue }
      if got <= 0 { break }
      done += got
    }
    guard done >= least ?? count else { return nil }
    return done == count ? bytes : Array(bytes.prefix(done))
  }
}

/// The running check of a log's frames.
private struct WriteAheadLog {
  let pageBytes: Int
  private let salt: [UInt8]
  private let isBigEndian: Bool
  private var sums: (UInt32, UInt32) = (0, 0)

  /// Nil if this is no header of a log.
  init?(_ header: [UInt8]) {
    guard header.count == 32 else { return nil }
    let magic = header.number(at: 0, bytes: 4)
    guard magic == 0x377F_0682 || magic == 0x377F_0683 else { return nil }
    isBigEndian = magic & 1 == 1
    pageBytes = Int(header.number(at: 8, bytes: 4))
    salt = Array(header[16..<24])
    sums = (0, 0)
    add(header[0..<24])
    guard fits(header, at: 24) else { return nil }
  }

  /// Whether a frame's head has the marks of this log; older frames may lie behind the newest.
  func isOwn(_ head: [UInt8]) -> Bool { head.count >= 24 && Array(head[8..<16]) == salt }

  /// Whether a frame follows those before it. Counts it.
  mutating func accepts(_ frame: [UInt8]) -> Bool {
    guard isOwn(frame), frame.number(at: 0, bytes: 4) > 0 else { return false }
    let before = sums
    add(frame[0..<8])
    add(frame[24...])
    if fits(frame, at: 16) { return true }
    sums = before
    return false
  }

  private func fits(_ bytes: [UInt8], at offset: Int) -> Bool {
    bytes.number(at: offset, bytes: 4) == UInt64(sums.0)
      && bytes.number(at: offset + 4, bytes: 4) == UInt64(sums.1)
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    var (first, second) = sums
    bytes.withUnsafeBytes { raw in
      for at in stride(from: 0, to: raw.count - 7, by: 8) {
        let words = (
          raw.loadUnaligned(fromByteOffset: at, as: UInt32.self),
          raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
        )
        first &+= (isBigEndian ? words.0.bigEndian : words.0.littleEndian) &+ second
        second &+= (isBigEndian ? words.1.bigEndian : words.1.littleEndian) &+ first
      }
    }
    sums = (first, second)
  }
}

extension [UInt8] {
  /// A number of up to eight bytes, the highest first. The caller has looked that they are there.
  func number(at offset: Int, bytes: Int) -> UInt64 {
    self[offset..<offset + bytes].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
