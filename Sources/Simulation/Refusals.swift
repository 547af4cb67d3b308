internal import Bundles
internal import Replica
internal import Sync
internal import Village

/// Errors that are answers: input was refused, and nothing has changed.
enum Refusals {
  /// The code of what was thrown on purpose to end a transaction.
  struct Planned: Error {}

  private static let ofReplica: Set<ReplicaError.Code> = [
    .gap, .outOfScope, .unknownRecord, .recordDeleted, .valueTooLarge,
  ]

  /// Nil if the error is none of them.
  static func code(_ error: any Error) -> String? {
    switch error {
    case is Planned: "planned"
    case let error as VillageError: error.code.rawValue
    case let error as SyncError: error.code.rawValue
    case let error as BundleError: error.code.rawValue
    case let error as ReplicaError where ofReplica.contains(error.code): error.code.rawValue
    default: nil
    }
  }
}
