internal import ArgumentParser
internal import Bundles
internal import Mailbag
internal import Replica
internal import Sheets
internal import Station
internal import Sync
internal import Village

/// An error that knows how it is told.
protocol Failing: Error {
  var exitCode: Int32 { get }
  func report(asJSON: Bool)
}

/// The one place where errors of all layers become a stable code, a sentence and a hint.
struct Failure: Failing {
  let code: String
  let reason: String
  let hint: String
  var line: Int?
  var column: Int?
  var exitCode: Int32 = 1

  init(
    code: String, reason: String, hint: String = "", line: Int? = nil, column: Int? = nil,
    exitCode: Int32 = 1
  ) {
    self.code = code
    self.reason = reason
    self.hint = hint
    self.line = line
    self.column = column
    self.exitCode = exitCode
  }

  /// Nil for what ArgumentParser does by itself: print help or the version, end with an exit code.
  init?(_ error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as ReplicaError:
      self.init(code: error.code.rawValue, reason: error.reason, hint: error.hint)
    case let error as VillageError:
      self.init(
        code: error.code.rawValue, reason: error.reason, hint: error.hint, line: error.line,
        column: error.column)
    case let error as MailbagError:
      self.init(code: error.code.rawValue, reason: error.reason, hint: error.hint)
    case let error as BundleError:
      let at = error.offset.map { " (at byte \($0))" } ?? ""
      self.init(
        code: error.code.rawValue, reason: error.reason + at,
        hint: Self.hint(refusal: error.code.rawValue))
    case let error as SyncError:
      self.init(
        code: error.code.rawValue, reason: error.reason,
        hint: Self.hint(refusal: error.code.rawValue))
    case let error as SheetError:
      self.init(
        code: error.code.rawValue, reason: error.reason, hint: error.hint, line: error.line,
        column: error.column)
    case let error as LocalRefusal:
      self.init(
        code: error.code.rawValue, reason: error.reason, hint: "see docs/playing.md")
    // The command has said everything; only its exit code is left.
    case is ExitCode: return nil
    default:
      let status = Yizhan.exitCode(for: error)
      guard status != .success else { return nil }
      guard status == .validationFailure else {
        self.init(code: "internal", reason: "\(error)")
        return
      }
      self.init(
        code: "usage", reason: Yizhan.message(for: error), hint: "see `yizhan --help`",
        exitCode: 64)
    }
  }

  /// What to do about a bundle, or a part of one, that was refused with this code.
  static func hint(refusal code: String) -> String {
    switch code {
    case "version_unsupported": "update this program; the bundle is good"
    case "gap": "bring the sticks between; or export here, and the next bundle will begin right"
    case "catalogue_unknown": "export here, and the next bundle will do without"
    case "not_for_here": "leave it for that place; or check --data, and that it is the right stick"
    case "unknown_sender": "check the tree of places; at a hub, invite the place first"
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
    var text: String
    if asJSON {
      text = json.text
    } else {
      let place = line.map { "line \($0)\(column.map { ", column \($0)" } ?? ""): " } ?? ""
      text = "yizhan: \(code): \(place)\(reason)\(hint.isEmpty ? "" : " — \(hint)")"
      text = text.replacing("\n", with: " ")
    }
    Console.complain(text + "\n")
  }
}
