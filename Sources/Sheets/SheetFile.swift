import Glibc
internal import Wording

/// A plain file, open for reading; closed when it goes.
struct SheetFile: ~Copyable {
  /// What tells whether somebody wrote to the file.
  private struct Stamp: Equatable {
    let size: Int
    let seconds: Int
    let nanoseconds: Int
  }

  private let path: String
  private let descriptor: Int32
  private let stamp: Stamp

  /// The size in bytes when it was opened.
  var size: Int { stamp.size }

  /// Throws `csv_not_found` or `csv_unreadable` (a folder, a pipe, a device, no permission).
  init(path: String) throws(SheetError) {
    guard !path.utf8.contains(0) else { throw .notFound(path) }
    // Without O_NONBLOCK the opening of a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path) }
    guard let stamp = Self.stamp(of: descriptor) else {
      close(descriptor)
      throw .unreadable(path, because: "it is not a plain file")
    }
    self.path = path
    self.descriptor = descriptor
    self.stamp = stamp
  }

  deinit { close(descriptor) }

  /// Whether the file is no longer what it was when it was opened.
  var hasChanged: Bool { Self.stamp(of: descriptor) != stamp }

  /// Reads from `offset` into `buffer` from `start` until it is full or the file ends; returns how
  /// many bytes.
  func read(into buffer: inout [UInt8], from start: Int, at offset: Int) throws(SheetError) -> Int {
    var end = start
    while end < buffer.count {
      let count = buffer.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + end }, $0.count - end, offset + end - start)
      }
      if count == 0 { break }
      if count > 0 {
        end += count
      } else if errno != EINTR {
        throw Self.failure(path)
      }
    }
    return end - start
  }

  /// Nil for what is not a plain file.
  private static func stamp(of descriptor: Int32) -> Stamp? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Stamp(
      size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  /// The error of the system call that just failed.
  private static func failure(_ path: String) -> SheetError {
    let number = errno
    if number == ENOENT || number == ENOTDIR { return .notFound(path) }
    return .unreadable(path, because: Message(told: String(cString: strerror(number))))
  }
}
