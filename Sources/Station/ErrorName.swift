internal import Bundles
internal import Mailbag
internal import Replica
internal import Sync
internal import Village

/// What of an error may stand in a log. Sentences are for the person who asked: they may hold what
/// somebody wrote, or what a hub sent. Codes and the words of the system do not.
enum ErrorName {
  static func of(_ error: any Error) -> String {
    switch error {
    case let error as BundleError: error.code.rawValue
    case let error as MailbagError: error.reason
    case let error as ReplicaError: error.reason
    case let error as SyncError: error.code.rawValue
    case let error as VillageError: error.code.rawValue
    case LinkExchange.Failure.refused(let code, _): "refused: \(code.filter(isOfCode))"
    default: "\(error)"
    }
  }

  /// The hub says it, and may be none.
  private static func isOfCode(_ letter: Character) -> Bool {
    letter.isASCII && (letter.isLetter || letter == "_")
  }
}
