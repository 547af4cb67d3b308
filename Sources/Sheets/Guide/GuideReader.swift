internal import Wording

/// A programme as a guide's file says it. Times are texts: `XMLTVTime` reads them.
package struct GuideEntry: Equatable, Sendable {
  package let line: Int
  package let channel: String
  package let start: String
  package let stop: String?
  /// In Chinese, if the guide has it in several languages.
  package let title: String?
  package let category: String?
}

/// Reads the programmes of an XMLTV file, plain or packed by gzip, one after the other.
///
///     let reader = try GuideReader(path: path)
///     while let entry = try reader.next() { use(entry) }
package final class GuideReader {
  private let stream: GuideStream
  private let handler = GuideHandler()
  private let parser: XMLParser
  private var isAtEnd = false
  private var position = 0
  private var failure: SheetError?

  /// Throws `csv_not_found` or `csv_unreadable`.
  package init(path: String) throws(SheetError) {
    stream = try GuideStream(path: path)
    parser = try XMLParser(handler)
  }

  /// Whether the file begins like XML, or is packed by gzip.
  ///
  /// Throws `csv_not_found` or `csv_unreadable`.
  package static func isGuide(_ path: String) throws(SheetError) -> Bool {
    let file = try SheetFile(path: path)
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = try file.read(into: &bytes, from: 0, at: 0)
    let start = bytes[..<count]
    if start.starts(with: GuideStream.gzipMark) { return true }
    // XML in UTF-16 too; such a CSV file begins otherwise.
    if start.starts(with: [0xFF, 0xFE, 0x3C, 0]) || start.starts(with: [0xFE, 0xFF, 0, 0x3C]) {
      return true
    }
    let text = start.starts(with: TextSource.mark) ? start.dropFirst(3) : start
    return text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x3C
  }

  /// For a progress bar.
  package var bytesRead: Int { stream.bytesRead }
  package var bytesTotal: Int { stream.bytesTotal }

  /// The channels that have been declared so far.
  package var channels: [GuideChannel] { handler.channels }

  /// Channels that have been declared again, and have not been taken.
  package func takeNotes() -> [SheetNote] {
    guard !handler.notes.isEmpty else { return [] }
    defer { handler.notes = [] }
    return handler.notes
  }

  /// The next programme; nil when there are no more.
  ///
  /// Throws what ends the file: the codes of XML and of packed files, `xmltv_missing`,
  /// `csv_changed` and `csv_unreadable`; and the same again for ever.
  package func next() throws(SheetError) -> GuideEntry? {
    if let failure { throw failure }
    do throws(SheetError) {
      while position == handler.entries.count {
        handler.entries.removeAll(keepingCapacity: true)
        position = 0
        if isAtEnd { return nil }
        isAtEnd = try !stream.feed(parser)
      }
    } catch {
      failure = error
      throw error
    }
    position += 1
    return handler.entries[position - 1]
  }
}

/// Takes programmes and channels out of the XML.
private final class GuideHandler: XMLHandler {
  var entries: [GuideEntry] = []
  var notes: [SheetNote] = []
  private(set) var channels: [GuideChannel] = []
  private var known: Set<String> = []
  private var depth = 0
  private var open: Open?
  /// The text that is being read, and its language; nil outside of such.
  private var text: [UInt8]?
  private var language = ""

  private static let textBytesMax = 64 << 10
  private static let channelsMax = 100_000

  /// A programme or a channel whose end has not come.
  private struct Open {
    let line: Int
    let isChannel: Bool
    let id: String
    var start = ""
    var stop: String?
    var title = Words()
    var category = Words()
  }

  /// The best of several texts: the first in Chinese, else the first.
  private struct Words {
    private(set) var text: String?
    private var isChinese = false

    mutating func offer(_ other: String, in language: String) {
      let otherIsChinese = language.lowercased().hasPrefix("zh")
      guard !other.isEmpty, text == nil || otherIsChinese && !isChinese else { return }
      text = other
      isChinese = otherIsChinese
    }
  }

  func start(_ element: XMLElement) throws(SheetError) {
    depth += 1
    switch (depth, element.name) {
    case (1, "tv"): break
    case (1, _): throw .notGuide(element.name, line: element.line)
    case (2, "channel"):
      open = Open(line: element.line, isChannel: true, id: element["id"] ?? "")
    case (2, "programme"):
      var programme = Open(line: element.line, isChannel: false, id: element["channel"] ?? "")
      programme.start = element["start"] ?? ""
      programme.stop = element["stop"]
      open = programme
    case (3, "title"), (3, "category"), (3, "display-name"):
      text = []
      language = element["lang"] ?? ""
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SheetError) {
    guard text != nil else { return }
    text?.append(contentsOf: bytes)
    guard (text?.count ?? 0) <= Self.textBytesMax else {
      throw .xmlLimit(
        "has a text of more than \(Self.textBytesMax) bytes", line: open?.line ?? 0)
    }
  }

  func end(_ name: String) throws(SheetError) {
    depth -= 1
    if depth == 2, let bytes = text {
      take(String(decoding: bytes, as: UTF8.self), name)
      text = nil
    }
    if depth == 1, let done = open {
      if done.isChannel { try declare(done) } else { entries.append(Self.entry(done)) }
      open = nil
    }
  }

  private func take(_ text: String, _ name: String) {
    let trimmed = HeaderName.trimmed(text)
    if name == "category" {
      open?.category.offer(trimmed, in: language)
    } else {
      open?.title.offer(trimmed, in: language)
    }
  }

  private func declare(_ channel: Open) throws(SheetError) {
    guard known.insert(channel.id).inserted else {
      notes.append(
        SheetNote(
          line: channel.line,
          what: "the channel \(CellShown.quoted(channel.id, 60)) is declared twice"))
      return
    }
    guard channels.count < Self.channelsMax else {
      throw .xmlLimit("has more than \(Self.channelsMax) channels", line: channel.line)
    }
    channels.append(GuideChannel(id: channel.id, name: channel.title.text ?? ""))
  }

  private static func entry(_ programme: Open) -> GuideEntry {
    GuideEntry(
      line: programme.line, channel: programme.id, start: programme.start, stop: programme.stop,
      title: programme.title.text, category: programme.category.text)
  }
}
