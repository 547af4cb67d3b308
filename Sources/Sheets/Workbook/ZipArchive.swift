internal import CZip
internal import Wording

/// A ZIP file (libzip), whose parts are read as streams. However small the file and whatever it
/// claims of itself, what it unpacks to is bounded while it is read.
final class ZipArchive {
  private let archive: OpaquePointer
  private var bytesUnpacked = 0
  private let limits: Limits

  struct Limits {
    var parts = 10_000
    /// Of all reading from the archive together.
    var bytes = 1 << 30
    /// How many bytes one packed byte of a part may become, beyond `bytesFree` of that part.
    var ratio = 250
    var bytesFree = 16 << 20
  }

  /// Throws `xlsx_damaged` or `archive_bomb`.
  init(path: String, limits: Limits = Limits()) throws(SheetError) {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      throw .workbookDamaged(Message(told: Self.reason(code)))
    }
    self.archive = archive
    self.limits = limits
    guard zip_get_num_entries(archive, 0) <= limits.parts else {
      zip_discard(archive)
      throw .bomb(limits.bytes)
    }
  }

  deinit { zip_discard(archive) }

  func has(_ name: String) -> Bool { zip_name_locate(archive, name, 0) >= 0 }

  /// What the archive says that a part unpacks to; for a progress bar.
  func bytesClaimed(_ name: String) -> Int { Int(truncatingIfNeeded: status(name)?.size ?? 0) }

  /// Opens a part. Throws `xlsx_damaged`, `xlsx_encrypted`.
  func open(_ name: String) throws(SheetError) -> ZipPart {
    guard let status = status(name) else { throw .workbookDamaged("it has no part \(name)") }
    guard status.encryption_method == UInt16(ZIP_EM_NONE) else { throw .workbookEncrypted() }
    guard let file = zip_fopen_index(archive, status.index, 0) else {
      throw .workbookDamaged(Message(told: Self.reason(of: archive)))
    }
    let packed = Int(clamping: status.comp_size)
    let (most, overflow) = packed.multipliedReportingOverflow(by: limits.ratio)
    return ZipPart(
      name, file, in: self,
      bytesMax: overflow ? limits.bytes : min(limits.bytes, most + limits.bytesFree)
    )
  }

  fileprivate func count(_ bytes: Int) throws(SheetError) {
    bytesUnpacked += bytes
    if bytesUnpacked > limits.bytes { throw .bomb(limits.bytes) }
  }

  private func status(_ name: String) -> zip_stat_t? {
    var status = zip_stat_t()
    zip_stat_init(&status)
    return zip_stat(archive, name, 0, &status) == 0 ? status : nil
  }

  private static func reason(_ code: Int32) -> String {
    var error = zip_error_t()
    zip_error_init_with_code(&error, code)
    defer { zip_error_fini(&error) }
    return zip_error_strerror(&error).map { String(cString: $0) } ?? "error \(code)"
  }

  private static func reason(of archive: OpaquePointer) -> String {
    zip_strerror(archive).map { String(cString: $0) } ?? "it cannot be read"
  }
}

/// A part of an archive, as a stream of bytes.
final class ZipPart {
  private let name: String
  private let file: OpaquePointer
  /// The archive closes its parts when it goes.
  private let archive: ZipArchive
  private let bytesMax: Int
  private(set) var bytesRead = 0
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  fileprivate init(
    _ name: String, _ file: OpaquePointer, in archive: ZipArchive, bytesMax: Int
  ) {
    self.name = name
    self.file = file
    self.archive = archive
    self.bytesMax = bytesMax
  }

  deinit { zip_fclose(file) }

  /// Hands the next bytes to the parser; false if the part had ended before.
  ///
  /// Throws `xlsx_damaged` (the check sum is looked at, too), `archive_bomb`, and what the parser
  /// throws.
  func feed(_ parser: XMLParser) throws(SheetError) -> Bool {
    let count = buffer.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, UInt64($0.count)) }
    guard count >= 0 else {
      let reason = zip_file_strerror(file).map { String(cString: $0) } ?? "it cannot be unpacked"
      throw .workbookDamaged(Message(told: reason))
    }
    bytesRead += Int(count)
    guard bytesRead <= bytesMax else { throw .bomb(bytesMax) }
    try archive.count(Int(count))
    do throws(SheetError) {
      try hand(Int(count), to: parser)
    } catch {
      guard error.code == .xmlMalformed else { throw error }
      throw .workbookDamaged("its part \(name) is no XML at line \(error.line ?? 0)")
    }
    return count > 0
  }

  private func hand(_ count: Int, to parser: XMLParser) throws(SheetError) {
    try buffer.withUnsafeBufferPointer { bytes throws(SheetError) in
      try parser.feed(UnsafeBufferPointer(rebasing: bytes[..<count]), isLast: count == 0)
    }
  }
}
