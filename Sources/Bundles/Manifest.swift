package import Causality
package import Records

/// What a bundle says of itself before any of its content is touched: who wrote it for whom, and
/// for each partition from which vector to which it leads. Pure data; `Manifest+Bytes.swift` has
/// its form on the wire.
package struct Manifest: Equatable, Sendable {
  package var sender: PlaceID
  package var reader: PlaceID
  /// Counts the sender's bundles; for people.
  package var number: UInt64
  /// Seconds since 1970 by the sender's clock; for people.
  package var made: UInt64
  package var deltas: [Delta]
  package var receipts: [Receipt]
  /// The catalogue that event pieces refer to.
  package var catalogue: UInt64?
  /// A catalogue that the reader used and the sender does not hold.
  package var catalogueLacking: UInt64?
  package var part: UInt32
  package var hasMore: Bool
  /// A digest of what the sender believes the reader to hold (Protocol/05-sync.md, Belief).
  package var believed: UInt32
  package init(
    sender: PlaceID, reader: PlaceID, number: UInt64 = 0, made: UInt64 = 0
  ) {
    self.sender = sender
    self.reader = reader
    self.number = number
    self.made = made
    deltas = []
    receipts = []
    part = 0
    hasMore = false
    believed = 0
  }

  /// Every epoch that the manifest or its pieces may name, each once, in order of appearance.
  /// Pieces name epochs by their index here.
  package internal(set) var epochs = EpochTable()
}

/// Epochs by index.
package struct EpochTable: Equatable, Sendable {
  package private(set) var list: [Epoch] = []
  private var indices: [Epoch: Int] = [:]

  package init(_ list: [Epoch] = []) { for epoch in list { _ = index(of: epoch) } }

  /// The index of `epoch`, which is added if it is new.
  package mutating func index(of epoch: Epoch) -> Int {
    if let known = indices[epoch] { return known }
    indices[epoch] = list.count
    list.append(epoch)
    return list.count - 1
  }

  package func known(_ epoch: Epoch) -> Int? { indices[epoch] }
}

/// What a bundle carries of one partition: everything that the sender holds at `target` and a
/// replica at `base` lacks.
package struct Delta: Equatable, Sendable {
  package var partition: PartitionID
  package var base: VersionVector
  package var target: VersionVector
  /// The short chain values at the leaves of `base`, in their order; empty for the log, where
  /// the values at `target` can be recomputed.
  package var baseChains: [UInt64]
  /// The chain values at the leaves of `target`, in their order.
  package var targetChains: [ChainValue]
  /// The digest of the sender's partition, which is at `target` unless the bundle was split.
  package var digest: UInt64
  /// The births of epochs of which a replica at `base` may know nothing; parents first.
  package var births: [Birth]
  /// Of records: that hubs' writes beyond `base` are their own, in ascending order.
  package var proofs: [Proof]
  package var pieces: [Piece]

  package init(
    partition: PartitionID, base: VersionVector, target: VersionVector,
    baseChains: [UInt64] = [], targetChains: [ChainValue] = [], digest: UInt64 = 0,
    births: [Birth] = [], proofs: [Proof] = [], pieces: [Piece] = []
  ) {
    self.partition = partition
    self.base = base
    self.target = target
    self.baseChains = baseChains
    self.targetChains = targetChains
    self.digest = digest
    self.births = births
    self.proofs = proofs
    self.pieces = pieces
  }
}

/// A piece as the manifest lists it.
package struct Piece: Equatable, Sendable {
  package enum Body: Equatable, Sendable {
    case inline([UInt8])
    /// Bytes that follow the manifest; `hash` is the first 128 bits of their SHA-256.
    case following(length: Int, hash: ChainValue)
  }

  package let body: Body

  package init(_ body: Body) { self.body = body }

  /// Bytes after the manifest.
  package var following: Int {
    if case .following(let length, _) = body { length } else { 0 }
  }
}

/// Proof from the bundle's sender of how far it has merged the reader's writes.
package struct Receipt: Equatable, Sendable {
  package var partition: PartitionID
  /// Durably merged.
  package var received: VersionVector
  /// In a verified backup.
  package var safe: VersionVector
  /// Of the sender's partition, which is at `received`; compared by a reader at the same vector
  /// (P6). Zero if it is not told.
  package var digest: UInt64
  /// The code for which the sender refused what the reader sent last of the partition.
  package var refused: String?

  package init(
    partition: PartitionID, received: VersionVector, safe: VersionVector = .init(),
    digest: UInt64 = 0, refused: String? = nil
  ) {
    self.partition = partition
    self.received = received
    self.safe = safe
    self.digest = digest
    self.refused = refused
  }
}
