internal import ArgumentParser
internal import Bundles
internal import Hub
internal import Mailbag
internal import Replica
internal import Sheets
internal import Station
internal import Sync
internal import Village
internal import Wording

/// An error that knows how it is told.
protocol Failing: Error {
  var exitCode: Int32 { get }
  func report(asJSON: Bool)
}

/// The one place where errors of all layers become a stable code, a sentence and a hint.
struct Failure: Failing {
  let code: String
  let why: Message
  let advice: Message
  var line: Int?
  var column: Int?
  var exitCode: Int32 = 1

  /// In English, for programs.
  var reason: String { why.text }
  var hint: String { advice.text }

  init(
    code: String, reason why: Message, hint advice: Message = "", line: Int? = nil,
    column: Int? = nil, exitCode: Int32 = 1
  ) {
    self.code = code
    self.why = why
    self.advice = advice
    self.line = line
    self.column = column
    self.exitCode = exitCode
  }

  /// Nil for what ArgumentParser does by itself: print help or the version, end with an exit code.
  init?(_ error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as ReplicaError:
      self.init(code: error.code.rawValue, reason: error.why, hint: error.advice)
    case let error as VillageError:
      self.init(
        code: error.code.rawValue, reason: error.why, hint: error.advice, line: error.line,
        column: error.column)
    case let error as MailbagError:
      self.init(code: error.code.rawValue, reason: error.why, hint: error.advice)
    case let error as BundleError:
      let why: Message = error.offset.map { "\(error.why) (at byte \($0))" } ?? error.why
      self.init(
        code: error.code.rawValue, reason: why,
        hint: Self.hint(refusal: error.code.rawValue))
    case let error as SyncError:
      self.init(
        code: error.code.rawValue, reason: error.why,
        hint: Self.hint(refusal: error.code.rawValue))
    case let error as SheetError:
      self.init(
        code: error.code.rawValue, reason: error.why, hint: error.advice, line: error.line,
        column: error.column)
    case let error as LocalRefusal:
      self.init(
        code: error.code.rawValue, reason: Message(told: error.reason),
        hint: "see docs/playing.md")
    case let error as LocalToken.Unusable:
      self.init(
        code: "token_unusable", reason: "\(error.path) cannot be read or written, or is too short",
        hint: "delete it, and the next start makes a new one; or look at its permissions")
    case let error as HubTLSError: self.init(error)
    case let error as LinkTrust.Unreadable:
      self.init(
        code: "ca_unreadable", reason: "there is no certificate to be read in \(error.path)",
        hint: "give a file in PEM form")
    // The command has said everything; only its exit code is left.
    case is ExitCode: return nil
    default:
      let status = Yizhan.exitCode(for: error)
      guard status != .success else { return nil }
      guard status == .validationFailure else {
        self.init(code: "internal", reason: Message(told: "\(error)"))
        return
      }
      self.init(
        code: "usage", reason: Message(told: Yizhan.message(for: error)),
        hint: "see `yizhan --help`",
        exitCode: 64)
    }
  }

  private init(_ error: HubTLSError) {
    let (reason, hint): (Message, Message) =
      switch error.code {
      case .certificateUnreadable:
        ("there is no certificate to be read in \(error.path)", "give a file in PEM form")
      case .keyUnreadable:
        (
          "there is no key to be read in \(error.path)",
          "give a file in PEM form, without a password, that this user may read"
        )
      case .keyExposed:
        ("every user of this machine can read the key \(error.path)", "run `chmod 600` on it")
      case .keyMismatched:
        (
          "the key \(error.path) is not that of the certificate",
          "give the two that were made together"
        )
      }
    self.init(code: error.code.rawValue, reason: reason, hint: hint)
  }

  /// What to do about a bundle, or a part of one, that was refused with this code.
  static func hint(refusal code: String) -> Message {
    switch code {
    case "version_unsupported": "update this program; the bundle is good"
    case "gap": "bring the sticks between; or export here, and the next bundle will begin right"
    case "catalogue_unknown": "export here, and the next bundle will do without"
    case "not_for_here": "leave it for that place; or check --data, and that it is the right stick"
    case "unknown_sender": "check the tree of places; at a hub, invite the place first"
    case "key_unknown", "invitation_unknown", "invitation_expired":
      "invite the place again with `yizhan hub invite`"
    case "invitation_used", "signature_wrong", "seal_wrong":
      "if a place was set up anew, invite it with `yizhan hub invite --replace`; else trust nobody who brought this"
    case "key_revoked": "nothing is lost: the file is kept aside for whoever looks into it"
    case "fork": "call somebody: a database was copied or rewritten"
    case "not_a_bundle": "check that it is the right file"
    case "truncated", "check_failed", "trailing_bytes", "piece_damaged":
      "copy it again, or ask the sender for a new one"
    default: "ask the sender for a new one; if it happens again, the sender's program is wrong"
    }
  }

  var json: JSON {
    var object: [(String, JSON)] = [("code", .text(code)), ("reason", .text(reason))]
    if !hint.isEmpty { object.append(("hint", .text(hint))) }
    if let line { object.append(("line", .number(Int64(line)))) }
    if let column { object.append(("column", .number(Int64(column)))) }
    return .object(object)
  }

  func report(asJSON: Bool) {
    guard !asJSON else { return Console.complain(json.text + "\n") }
    var text = "yizhan: \(code): "
    text += said(line.map { "\(Self.place($0, column)): \(why)" } ?? why)
    if !advice.isEmpty { text += " — " + said(advice) }
    Console.complain(text.replacing("\n", with: " ") + "\n")
  }

  /// Where in a sheet.
  static func place(_ line: Int, _ column: Int?) -> Message {
    column.map { "line \(line), column \($0)" } ?? "line \(line)"
  }
}
