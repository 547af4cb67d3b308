internal import Replica

/// Codes of programmes by their titles, for sheets and guides that know no codes.
struct TitleFinder {
  private let codes: [String: [String]]

  init(_ store: Store) throws {
    var codes: [String: [String]] = [:]
    for programme in try Programmes.list(store) {
      guard let title = programme.title.map(CellText.trimmed), !title.isEmpty else { continue }
      if codes[title]?.contains(programme.code) ?? false { continue }
      codes[title, default: []].append(programme.code)
    }
    self.codes = codes
  }

  enum Match: Equatable {
    case code(String)
    /// Nobody has described it: the title serves as its code.
    case unknown
    /// Several programmes have the title, so that none is meant: the title serves as the code.
    case ambiguous([String])
  }

  func match(_ title: String) -> Match {
    guard let found = codes[title] else { return .unknown }
    return found.count == 1 ? .code(found[0]) : .ambiguous(found)
  }

  /// The code, or else the title itself.
  func code(_ title: String) -> String {
    let title = CellText.trimmed(title)
    if case .code(let code) = match(title) { return code }
    return title
  }
}
