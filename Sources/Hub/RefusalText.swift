/// Why a bundle was refused, in the words for whoever sent it. That may be anybody: nothing that
/// somebody wrote, such as the name of a place, stands in them, and nothing that JSON would escape.
enum RefusalText {
  /// The reason as it was given, but where it would name a place.
  static func told(_ code: String, _ reason: String?) -> String {
    ofKeys(code) ?? reason ?? "the hub cannot take this bundle"
  }

  private static func ofKeys(_ code: String) -> String? {
    switch code {
    case "key_unknown": "the sender's keys are not known here"
    case "key_revoked": "another machine has taken the sender's place"
    case "invitation_unknown": "the invitation was not given here"
    case "invitation_used": "another machine has joined by this invitation before"
    case "invitation_expired": "the invitation has expired"
    default: nil
    }
  }
}
