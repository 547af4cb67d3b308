internal import Glibc
internal import Wording

/// The machine's own file systems.
struct SystemFiles: FileSystem {
  private final class Handle: OpenFile {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], to path: String) throws {
      var done = 0
      while done < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
          Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw SystemFiles.error("write", path) }
        done += count
      }
    }

    func read(at offset: UInt64, count: Int, of path: String) throws -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      var done = 0
      while done < count {
        let got = bytes.withUnsafeMutableBytes { buffer in
          pread(
            descriptor, buffer.baseAddress?.advanced(by: done), count - done,
            off_t(offset) + off_t(done))
        }
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw SystemFiles.error("read", path) }
        if got == 0 { break }
        done += got
      }
      bytes.removeLast(count - done)
      return bytes
    }

    func cut(to size: UInt64, _ path: String) throws {
      guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
        throw SystemFiles.error("write", path)
      }
    }

    func sync(_ path: String) throws {
      guard fsync(descriptor) == 0 else { throw SystemFiles.error("write", path) }
    }
  }

  func open(_ path: String) throws -> any OpenFile { try opened(path) }

  private func opened(_ path: String) throws -> Handle {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.error("open", path) }
    let handle = Handle(descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      errno = EINVAL
      throw Self.error("open", path)
    }
    return handle
  }

  func create(_ path: String) throws -> any OpenFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.error("create", path) }
    return Handle(descriptor)
  }

  func rename(_ from: String, _ to: String) throws {
    guard Glibc.rename(from, to) == 0 else { throw Self.error("rename", to) }
  }

  func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw Self.error("remove", path) }
  }

  func syncFolder(_ path: String) throws {
    let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Self.error("open", path) }
    defer { close(folder) }
    // Some file systems cannot sync a folder and say EINVAL; there is nothing better to do then.
    guard fsync(folder) == 0 || errno == EINVAL else { throw Self.error("write", path) }
  }

  func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.error("create", path) }
  }

  func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  func isFile(_ path: String) throws -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.error("read", path) }
    return status.st_mode & S_IFMT == S_IFREG
  }

  func forget(_ path: String) throws {
    let file = try opened(path)
    _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  func names(in folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw Self.error("read", folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func size(_ path: String) throws -> UInt64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.error("read", path) }
    return UInt64(status.st_size)
  }

  func freeBytes(_ folder: String) throws -> UInt64 {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { throw Self.error("read", folder) }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }

  /// What an error number of the system means to a person.
  static func error(
    _ what: Message, _ path: String, number: Int32 = errno
  ) -> MailbagError {
    let message = Message(told: String(cString: strerror(number)))
    switch number {
    case ENOSPC, EDQUOT:
      return MailbagError(
        .stickFull, "there is no space left (\(path))",
        hint: "free some space, or use another stick")
    case EROFS, EACCES, EPERM:
      return MailbagError(
        .stickReadOnly, "cannot \(what) \(path): \(message)",
        hint: "check the stick's lock and the permissions")
    case ENOENT, ENOTDIR, ENODEV, ENXIO:
      return MailbagError(
        .stickMissing, "cannot \(what) \(path): \(message)",
        hint: "check that the stick is plugged in and the folder exists")
    default:
      return MailbagError(
        .stickFailed, "cannot \(what) \(path): \(message)",
        hint: "plug the stick in again and repeat; nothing is lost")
    }
  }
}
