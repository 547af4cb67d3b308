package import Causality
internal import Records

/// A partition of the database as the store has it in memory.
final class LivePartition {
  let number: Int64
  let id: PartitionID
  /// Leaves with the highest sequence held of each.
  var vector: VersionVector
  /// Of the records; a log's digest follows from its chains.
  var digest: Digest
  /// What is in a verified backup.
  var safe: VersionVector
  /// Loaded when a question about births is asked for the first time.
  var ancestry: Ancestry?
  /// Leaves or digest differ from the database.
  var isChanged = false

  init(
    number: Int64, id: PartitionID, vector: VersionVector, digest: Digest, safe: VersionVector
  ) {
    self.number = number
    self.id = id
    self.vector = vector
    self.digest = digest
    self.safe = safe
  }
}

/// An epoch of the database as the store has it in memory.
final class LiveEpoch {
  let number: Int64
  let epoch: Epoch
  /// Nil for an epoch that is only referred to.
  var birth: Birth?
  var partition: Int64?
  /// The highest sequence held.
  var seen: UInt64
  /// At `seen`, where this replica can compute it: its own epochs, and all of logs.
  var chain: Chain?
  /// `seen` or `chain` differ from the database.
  var isChanged = false

  init(number: Int64, epoch: Epoch, seen: UInt64) {
    self.number = number
    self.epoch = epoch
    self.seen = seen
  }
}

/// What others may know of a partition.
package struct PartitionSummary: Equatable, Sendable {
  package let id: PartitionID
  package let vector: VersionVector
  package let digest: UInt64
  /// What is in a verified backup.
  package let safe: VersionVector

  package init(
    id: PartitionID, vector: VersionVector = .init(), digest: UInt64 = 0,
    safe: VersionVector = .init()
  ) {
    self.id = id
    self.vector = vector
    self.digest = digest
    self.safe = safe
  }
}
