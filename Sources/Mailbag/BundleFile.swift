package import Bundles
internal import Exchange
internal import Replica
package import Trust
internal import Wording

/// A sealed bundle in a file, as far as a courier can read it.
package struct BundleFile {
  package let path: String
  package let envelope: Envelope
  package let size: UInt64
  fileprivate let handle: any OpenFile

  /// Reads and checks the head. Throws `BundleError`, or `MailbagError` if reading fails.
  package init(_ path: String) throws { try self.init(path, in: SystemFiles()) }

  init(_ path: String, in files: any FileSystem) throws {
    self.path = path
    guard try files.isFile(path) else {
      throw BundleError(.notABundle, "this is not a file", offset: 0)
    }
    handle = try files.open(path)
    size = try files.size(path)
    let prefix = try handle.read(at: 0, count: Envelope.prefixBytes, of: path)
    let end = try Envelope.end(prefix: prefix)
    envelope = try Envelope(parsing: handle.read(at: 0, count: end, of: path))
    guard size <= envelope.bundleLength else {
      throw BundleError(
        .trailingBytes, "the bundle goes on behind its end", offset: envelope.bundleLength)
    }
  }

  package var label: Label { envelope.label }

  /// Throws `truncated` if some of it is missing.
  package func requireWhole() throws(BundleError) {
    guard size == envelope.bundleLength else {
      throw BundleError(.truncated, "the bundle ends too early", offset: size)
    }
  }
}

/// A bundle in a file whose head was opened: pieces are read when they are asked for.
package struct OpenBundleFile: BundleContent {
  package let manifest: Manifest
  private let file: BundleFile
  private let pieces: PieceMap
  private let seal: Seal

  package init(_ file: BundleFile, _ opened: (manifest: Manifest, seal: Seal)) {
    self.file = file
    manifest = opened.manifest
    seal = opened.seal
    pieces = PieceMap(manifest, start: file.envelope.length, tag: Envelope.tagBytes)
  }

  package func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
    let listed = manifest.deltas[delta].pieces[piece]
    if case .inline(let bytes) = listed.body { return bytes }
    let place = pieces[delta, piece]
    let bytes: [UInt8]
    do {
      bytes = try file.handle.read(at: place.offset, count: place.length, of: file.path)
    } catch {
      throw BundleError(
        .truncated, "the bundle cannot be read: \(error)", offset: place.offset)
    }
    guard bytes.count == place.length else {
      throw BundleError(.truncated, "the bundle ends too early", offset: file.size)
    }
    return try listed.opened(bytes, place, seal)
  }

  /// Checks every piece. Throws the first `BundleError`.
  package func verify() throws(BundleError) {
    for (index, delta) in manifest.deltas.enumerated() {
      for number in delta.pieces.indices { _ = try bytes(delta: index, piece: number) }
    }
    try file.requireWhole()
  }
}
