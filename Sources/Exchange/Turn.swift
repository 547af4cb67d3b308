package import Bundles
package import Causality
package import Replica
internal import Sync
internal import Wording

/// The two halves of an exchange over a link: the bundle to a neighbour, and what is made of one
/// from a neighbour.
package struct Turn {
  private let codec: BundleCodec

  package init(_ codec: BundleCodec) { self.codec = codec }

  /// What a bundle over a link may have at most: a slow link is not kept busy for long by one.
  package static let bytesMax: UInt64 = 64 << 10

  package struct Sent: Sendable {
    package let bytes: [UInt8]
    /// Deltas it has of partitions, and whether another bundle should follow.
    package let deltas: Int
    package let hasMore: Bool
    /// Events and records in it, if they were to be counted.
    package let content: Int
  }

  package struct Taken: Sendable {
    package let sender: Neighbour
    package let outcomes: [MergeOutcome]
    /// The sender has more for here.
    package let hasMore: Bool

    package var merged: Int { outcomes.reduce(0) { $0 + $1.merged } }
    package var refusals: [MergeOutcome.Refusal] { outcomes.compactMap(\.complaint) }
  }

  /// The next bundle to a neighbour. There always is one, which may say no more than that there is
  /// nothing new; `section` leaves out the partitions of other sections.
  ///
  /// Throws `key_unknown` if the neighbour has never shown its keys and was not invited from here.
  package func write(
    to neighbour: Neighbour, _ store: Store, bytesMax: UInt64 = Turn.bytesMax,
    only section: Section? = nil, counts: Bool = false
  ) throws -> Sent {
    let session = PeerSession(neighbour)
    let whole = try session.outgoing(store)
    let outgoing = whole.only(section)
    let catalogue = try session.catalogue(store)
    func compose(_ bytesMax: UInt64) throws -> (manifest: Manifest, spool: MemorySpool) {
      let spool = MemorySpool()
      let manifest = try session.compose(
        outgoing, catalogue: catalogue, bytesMax: bytesMax, codec: codec, spool: spool, store)
      return (manifest, spool)
    }
    var (manifest, spool) = try compose(bytesMax)
    // Records of a partition go as a whole, however large.
    if manifest.deltas.isEmpty, manifest.hasMore { (manifest, spool) = try compose(.max) }
    let hasMore = manifest.hasMore
    // Whoever reads it must not take what was held back for what is not there.
    manifest.hasMore = hasMore || outgoing.parts.count < whole.parts.count
    let (head, seal) = try Sealing.close(manifest, to: neighbour, store)
    return Sent(
      bytes: head + spool.sealed(seal), deltas: manifest.deltas.count, hasMore: hasMore,
      content: counts
        ? try content(of: BundleHead.serialized(manifest) + spool.bytes, store) : 0)
  }

  /// How many events and records a bundle of one's own holds.
  private func content(of bytes: [UInt8], _ store: Store) throws -> Int {
    let bundle = try MemoryBundle(plain: bytes)
    let manifest = bundle.manifest
    let catalogue = try manifest.catalogue.flatMap { try store.catalogue($0) }
    var count = 0
    for (index, delta) in manifest.deltas.enumerated() {
      for number in delta.pieces.indices {
        let piece = try bundle.bytes(delta: index, piece: number)
        if delta.partition.section.holdsEvents {
          count += try codec.events(piece, of: manifest, catalogue: catalogue).rows
        } else {
          count += try codec.records(piece, of: manifest).records.count
        }
      }
    }
    return count
  }

  /// Opens and merges a bundle in memory, which may be cut short behind its head.
  ///
  /// Throws `SyncError` if it is not for this replica or not from a neighbour, what `Sealing.open`
  /// throws, and what the disk may throw. What is refused of its deltas is in the result.
  package func take(_ bundle: SealedBytes, _ store: Store) throws -> Taken {
    let label = bundle.envelope.label
    guard label.reader == store.identity.place else {
      throw SyncError(.notForHere, "the bundle is for another place")
    }
    guard let known = try Neighbours.find(store, bundle.envelope) else {
      throw SyncError(.unknownSender, "the bundle is from a place that is not a neighbour")
    }
    let opened = try Sealing.open(bundle.envelope, from: known, store)
    // Its keys may have been taken in just now, and the answer is sealed for them.
    let neighbour = try Neighbours.find(store, label.sender) ?? known
    let content = MemoryBundle(bundle, opened)
    let outcomes = try PeerSession(neighbour).merge(
      opened.manifest, content, by: .network, codec: codec, store)
    return Taken(
      sender: neighbour, outcomes: outcomes, hasMore: opened.manifest.hasMore)
  }
}
