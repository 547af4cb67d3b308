package import Bundles
internal import Causality
package import Replica
internal import Sync

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
  }

  package struct Taken: Sendable {
    package let sender: Neighbour
    package let outcomes: [MergeOutcome]

    package var merged: Int { outcomes.reduce(0) { $0 + $1.merged } }
    package var refusals: [MergeOutcome.Refusal] { outcomes.compactMap(\.refusal) }
  }

  /// The next bundle to a neighbour. There always is one, which may say no more than that there is
  /// nothing new.
  package func write(
    to neighbour: Neighbour, _ store: Store, bytesMax: UInt64 = Turn.bytesMax
  ) throws -> Sent {
    let session = PeerSession(neighbour)
    let spool = MemorySpool()
    let outgoing = try session.outgoing(store)
    let manifest = try session.compose(
      outgoing, catalogue: try session.catalogue(store), bytesMax: bytesMax, codec: codec,
      spool: spool, store)
    return Sent(
      bytes: BundleHead.serialized(manifest) + spool.bytes, deltas: manifest.deltas.count,
      hasMore: manifest.hasMore)
  }

  /// Merges a bundle in memory, which may be cut short behind its head.
  ///
  /// Throws `SyncError` if it is not for this replica or not from a neighbour, and what the disk
  /// may throw. What is refused of its deltas is in the result.
  package func take(_ bundle: MemoryBundle, _ store: Store) throws -> Taken {
    let manifest = bundle.head.manifest
    guard manifest.reader == store.identity.place else {
      throw SyncError(.notForHere, "the bundle is for another place")
    }
    guard let neighbour = try Neighbours.find(store, manifest.sender) else {
      throw SyncError(.unknownSender, "the bundle is from a place that is not a neighbour")
    }
    let outcomes = try PeerSession(neighbour).merge(manifest, bundle, codec: codec, store)
    return Taken(sender: neighbour, outcomes: outcomes)
  }
}
