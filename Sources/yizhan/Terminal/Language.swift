internal import Glibc
internal import Wording

/// The language in which people are spoken to, by the locale (setlocale(7)): Chinese if it says so,
/// English otherwise. What programs read (JSON, CSV, codes) is the same in both.
enum Language {
  static let book: Phrasebook? = isChinese ? Phrasebook.chinese : nil

  private static let isChinese: Bool = {
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
      guard let value = getenv(name), value.pointee != 0 else { continue }
      return String(cString: value).hasPrefix("zh")
    }
    return false
  }()
}

/// What is said to people, in their language.
func said(_ message: Message) -> String { message.text(in: Language.book) }
