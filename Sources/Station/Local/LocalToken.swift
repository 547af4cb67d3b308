internal import Glibc
internal import HTTPTypes

/// What a program on the station's machine must know to ask there: a line in the data folder that
/// only the folder's owner can read. Another user of the machine, or a page in a browser there,
/// cannot know it.
package struct LocalToken: Sendable {
  package static let fileName = "local-token"

  /// The file is there and is not of use.
  package struct Unusable: Error {
    package let path: String
  }

  private static let lengthMin = 16
  private let text: [UInt8]

  init(text: String) { self.text = Array(text.utf8) }

  /// Reads the token of a data folder, and makes one at the first start. Who wants another one
  /// deletes the file.
  ///
  /// Throws `Unusable` if it cannot be read or written, or is too short to be a secret.
  package init(folder: String) throws(Unusable) {
    let path = folder + "/" + Self.fileName
    if access(path, F_OK) != 0 { try Self.make(path) }
    guard let file = fopen(path, "r") else { throw Unusable(path: path) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = fread(&bytes, 1, bytes.count, file)
    text = bytes[..<count].filter { !Character(Unicode.Scalar($0)).isWhitespace }
    guard text.count >= Self.lengthMin else { throw Unusable(path: path) }
  }

  private static func make(_ path: String) throws(Unusable) {
    var generator = SystemRandomNumberGenerator()
    let words = (0..<2).map { _ in String(generator.next(), radix: 16) }
    let line = words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined() + "\n"
    let temporary = path + ".tmp"
    unlink(temporary)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else { throw Unusable(path: path) }
    let isWritten = write(file, line, line.utf8.count) == line.utf8.count && fsync(file) == 0
    close(file)
    guard isWritten, rename(temporary, path) == 0 else {
      unlink(temporary)
      throw Unusable(path: path)
    }
  }

  /// Throws `token_wrong` unless a request shows the token: `Authorization: Bearer TOKEN`.
  func check(_ head: HTTPRequest) throws(LocalRefusal) {
    let words = (head.headerFields[.authorization] ?? "").split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer", isEqual(Array(words[1].utf8)) else {
      throw LocalRefusal(.tokenWrong, "the request does not show the token of the data folder")
    }
  }

  /// Takes as long whatever is equal.
  private func isEqual(_ other: [UInt8]) -> Bool {
    guard other.count == text.count else { return false }
    return zip(text, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
