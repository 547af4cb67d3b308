import Glibc

/// What all runs together have seen: a file with a word and a number on each line.
struct Totals {
  private let path: String?
  private var numbers: [String: UInt64] = [:]

  init(_ path: String?) {
    self.path = path
    guard let path, let file = fopen(path, "r") else { return }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let words = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self
      )
      .split { $0 == " " || $0 == "\n" }
      if words.count == 2, let number = UInt64(words[1]) { numbers[String(words[0])] = number }
    }
  }

  subscript(name: String) -> UInt64 {
    get { numbers[name] ?? 0 }
    set { numbers[name] = newValue }
  }

  /// Whole or not at all, so that a run may be stopped at any moment.
  func save() throws {
    guard let path else { return }
    let temporary = path + ".tmp"
    guard let file = fopen(temporary, "w") else {
      throw Order.Bad(description: "\(temporary) cannot be written")
    }
    for (name, number) in numbers.sorted(by: { $0.key < $1.key }) {
      fputs("\(name) \(number)\n", file)
    }
    guard fclose(file) == 0, rename(temporary, path) == 0 else {
      throw Order.Bad(description: "\(path) cannot be written")
    }
  }
}
