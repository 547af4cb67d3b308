internal import Causality

/// The canonical text of a partition, read as anybody could (Protocol/02-canonical.md).
struct PartitionDump {
  /// A value of a record's field.
  struct Line: Hashable, CustomStringConvertible {
    let record: String
    let field: String
    let dot: Dot
    let content: String

    var description: String { "\(record) \(field) \(dot) \(content)" }
  }

  struct Event {
    let dot: Dot
    let content: String
  }

  let partition: PartitionID
  let text: [String]
  private(set) var values: [Line] = []
  private(set) var events: [Event] = []

  init(_ partition: PartitionID, _ text: [String]) throws(Violation) {
    self.partition = partition
    self.text = text
    var record = ""
    for line in text.dropFirst(2) {
      // Texts may have line feeds in them, which a dump shows escaped.
      let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      if words[0] == "record", words.count >= 3 {
        record = "\(words[1]) \(words[2])"
      } else if words[0] == "event", words.count == 4, let dot = Dot(words[2]) {
        events.append(Event(dot: dot, content: "\(words[1]) \(words[3])"))
      } else if let line = Self.value(line, of: record) {
        values.append(line)
      } else {
        throw Violation("dump_unread", "\(partition): \(line)")
      }
    }
  }

  private static func value(_ line: String, of record: String) -> Line? {
    guard line.hasPrefix("  ") else { return nil }
    let words = line.dropFirst(2).split(
      separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, let dot = Dot(words[1]) else { return nil }
    return Line(record: record, field: String(words[0]), dot: dot, content: String(words[2]))
  }
}
