internal import Wording

/// What ArgumentParser itself says in a help, which it has in English only.
enum HelpText {
  private static let words: [Message] = [
    "OVERVIEW: ", "USAGE: ", "ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:", "Show help information.",
    "Show the version.", "(default:", "(values:",
  ]

  static func retold(_ text: String) -> String {
    var text = words.reduce(text) { $0.replacing($1.text, with: said($1)) }
    text.replace(#/  See '(.+ help) <subcommand>' for detailed help\./#) { found in
      said("  See `\(String(found.1)) SUBCOMMAND` for detailed help.")
    }
    return text
  }
}
