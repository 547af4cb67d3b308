import Glibc
internal import Wording

/// A file that appears whole or not at all: it is written beside its path and moved there.
package enum SheetOutput {
  /// Throws `sheet_unwritable`.
  package static func write(_ bytes: [UInt8], to path: String) throws(SheetError) {
    let part = path + ".part"
    let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(path) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure(path)
        close(descriptor)
        unlink(part)
        throw error
      }
      done += count
    }
    guard close(descriptor) == 0, rename(part, path) == 0 else {
      let error = failure(path)
      unlink(part)
      throw error
    }
  }

  /// The error of the system call that just failed.
  private static func failure(_ path: String) -> SheetError {
    .unwritable(path, because: Message(told: String(cString: strerror(errno))))
  }
}
