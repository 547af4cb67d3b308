internal import ArgumentParser
internal import Bundles
internal import Mailbag
internal import Replica
internal import Sheets
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

  /// Nil for what ArgumentParser prints by itself: help, version.
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
        hint: "ask the sender for a new bundle; nothing was changed")
    case let error as SyncError:
      self.init(code: error.code.rawValue, reason: error.reason)
    case let error as SheetError:
      self.init(
        code: error.code.rawValue, reason: error.reason, hint: error.hint, line: error.line,
        column: error.column)
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

  func report(asJSON: Bool) {
    var text: String
    if asJSON {
      var object: [(String, JSON)] = [("code", .text(code)), ("reason", .text(reason))]
      if !hint.isEmpty { object.append(("hint", .text(hint))) }
      if let line { object.append(("line", .number(Int64(line)))) }
      if let column { object.append(("column", .number(Int64(column)))) }
      text = JSON.object(object).text
    } else {
      let place = line.map { "line \($0)\(column.map { ", column \($0)" } ?? ""): " } ?? ""
      text = "yizhan: \(code): \(place)\(reason)\(hint.isEmpty ? "" : " — \(hint)")"
      text = text.replacing("\n", with: " ")
    }
    Console.complain(text + "\n")
  }
}
