import Bundles
import Causality
import Foundation
import Records
import Testing
import Trust

/// P14 behind a seal: who may write to a replica, or has stolen the keys of one that may, cannot make
/// it reserve what it was only told of.
@Suite struct BombTests {
  private static let tenGiB: UInt64 = 10 << 30

  /// What the town makes of a plain bundle's manifest and pieces after they were sealed for it.
  private func refusal(of plain: [UInt8]) throws -> BundleError.Code? {
    let head = try BundleHead(parsing: plain)
    return try refusal(
      SealedDraft(Telling(manifest: head.manifest, contents: [], bytes: plain)))
  }

  private func refusal(_ draft: SealedDraft) throws -> BundleError.Code? {
    let bytes = try draft.bytes()
    do throws(BundleError) {
      let content = try SealedReading.read(
        bytes, from: VectorKeys.village.publicKeys, with: VectorKeys.town.keys)
      try decode(content)
      return nil
    } catch { return error.code }
  }

  private func decode(_ content: SealedReading.Content) throws(BundleError) {
    let (manifest, codec) = (try Manifest(unsealed: content.manifest), BundleCodec())
    var following = content.pieces[...]
    for delta in manifest.deltas {
      for piece in delta.pieces {
        let bytes: [UInt8]? =
          if case .inline(let inline) = piece.body { inline } else { following.popFirst() }
        if delta.partition.section.holdsEvents {
          _ = try codec.events(bytes ?? [], of: manifest, catalogue: nil)
        } else {
          _ = try codec.records(bytes ?? [], of: manifest)
        }
      }
    }
  }

  /// One event whose heap says what it likes of itself.
  private func event(
    claiming heap: UInt64? = nil, deflated: [UInt8]? = nil, rows: UInt64 = 1
  ) -> [UInt8] {
    var piece = OpenPiece(
      kind: 1, rows: rows,
      heap: OpenPiece.heap(1, Described.events("x", Described.column("a", .integer)))
    ) { stream in
      stream.run(1)
      stream.raw(2, 2)
    }
    piece.heapClaim = heap
    piece.deflated = deflated
    return piece.bundle(.log, to: 1)
  }

  /// The highest that this process has reserved, whether it was used or not, in bytes.
  private func reserved() throws -> UInt64 {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") })
    return try #require(UInt64(line.filter(\.isNumber))) * 1024
  }

  @Test func `a kilobyte that claims ten gigabytes is refused before anything is reserved`() throws
  {
    let before = try reserved()
    let kilobyte = Array(OpenPiece.deflate(Array(repeating: 0, count: 1 << 20)).prefix(1024))
    for claim in [Self.tenGiB, UInt64.max, UInt64(Limits.heapBytesMax) + 1] {
      #expect(try refusal(of: event(claiming: claim, deflated: kilobyte)) == .pieceTooLarge)
    }
    // Within the limit, and beyond what deflate can do.
    #expect(
      try refusal(of: event(claiming: 1 << 20, deflated: Array(kilobyte.prefix(100))))
        == .pieceTooLarge)
    for rows in [Self.tenGiB, UInt64.max, UInt64(Limits.pieceRowsMax) + 1] {
      #expect(try refusal(of: event(rows: rows)) == .pieceTooLarge)
    }
    #expect(try reserved() < before + 1 << 30)
  }

  @Test func `a bomb is inflated to no more than it claims, and only once`() throws {
    let before = try reserved()
    let zeros = OpenPiece.deflate(Array(repeating: 0, count: 64 << 20))
    #expect(zeros.count < 1 << 17)
    // It claims the most that it may.
    #expect(
      try refusal(of: event(claiming: UInt64(Limits.heapBytesMax), deflated: zeros))
        == .pieceMalformed)
    // A bomb within a bomb is a text like any other, and here not even that.
    let nested = OpenPiece.deflate(zeros)
    #expect(
      try refusal(of: event(claiming: UInt64(zeros.count), deflated: nested)) == .pieceMalformed)
    #expect(
      try refusal(of: event(claiming: UInt64(zeros.count) - 1, deflated: nested))
        == .pieceMalformed)
    #expect(try reserved() < before + 1 << 30)
  }

  @Test func `a manifest that claims ten gigabytes is refused`() throws {
    let before = try reserved()
    let whole = try SealedDraft(
      Telling(
        manifest: VectorFactory.emptyTelling().manifest,
        contents: [], bytes: []))
    var claim = ByteWriter()
    claim.varint(Self.tenGiB)
    // Places, epochs, a delta, a receipt, a catalogue's text: each a block of so much.
    for field in [5, 6, 7, 8, 15] as [UInt8] {
      var draft = whole
      draft.manifest += [field << 3 | 2] + claim.bytes + [1, 2, 3]
      #expect(try refusal(draft) == .manifestMalformed, "field \(field)")
    }
    var parts = whole
    parts.manifest += (0...Limits.manifestPartsMax).flatMap { _ -> [UInt8] in [0x42, 0] }
    #expect(try refusal(parts) == .manifestTooLarge)
    #expect(try reserved() < before + 1 << 30)
  }

  @Test func `pieces of ten gigabytes that are not there are cut off, and reserve nothing`() throws
  {
    let before = try reserved()
    var manifest = VectorFactory.emptyTelling().manifest
    let piece = Piece(
      .following(length: Limits.pieceBytesMax, hash: ChainValue(low: 1, high: 2)))
    manifest.deltas = [
      Delta(
        partition: VectorFactory.log, base: .init(), target: .init(),
        pieces: Array(repeating: piece, count: Int(Self.tenGiB) / Limits.pieceBytesMax))
    ]
    var draft = try SealedDraft(
      Telling(manifest: VectorFactory.emptyTelling().manifest, contents: [], bytes: []))
    draft.manifest = manifest.bytes
    draft.label = SealedDraft.label(
      manifest.sender.bits, manifest.reader.bits, manifest.number, manifest.made,
      manifest.followingPieces.reduce(0) { $0 + UInt64($1.following) + 16 })
    #expect(try refusal(draft) == .truncated)
    #expect(try reserved() < before + 1 << 30)
  }

  @Test func `what is refused in the plain form is refused behind a seal, with the same code`()
    throws
  {
    var codes: [BundleError.Code: Int] = [:]
    for vector in try VectorFactory.all() where vector.kind == .bundle && vector.catalogue == nil {
      guard case .refused(let code) = vector.outcome,
        [.pieceMalformed, .pieceTooLarge].contains(code)
      else { continue }
      #expect(try refusal(of: vector.bytes) == code, "\(vector.name)")
      codes[code, default: 0] += 1
    }
    #expect(codes[.pieceMalformed, default: 0] > 50)
    #expect(codes[.pieceTooLarge, default: 0] > 8)
  }
}
