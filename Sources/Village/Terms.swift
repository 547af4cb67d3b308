package import Causality
internal import Records
package import Replica
internal import Wording

/// A word that people choose from.
package struct Term: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case occasion
    case category
    case outcome
  }

  package let kind: Kind
  /// What is stored in plans and playbacks.
  package let text: String
  /// What people read where it differs from the text.
  package let label: String?
  /// The record, if it is not one that the program knows by itself.
  package let dot: Dot?
}

/// Of which kind an occasion is, whatever it is called.
package enum OccasionKind: String, CaseIterable, Sendable {
  case routine
  case themeDay = "theme_day"
  /// A short programme before a meeting.
  case beforeMeeting = "before_meeting"
  case meeting
  case training
  /// None was told, or people use a word of their own.
  case other

  /// What is played without any is routine.
  package static let routineWord = "日常播放"

  package init(of occasion: String?) {
    self =
      switch occasion {
      case Self.routineWord: .routine
      case "主题党日": .themeDay
      case "会前播放": .beforeMeeting
      case "党员大会", "支部会议": .meeting
      case "农技培训": .training
      default: .other
      }
  }
}

/// Occasions, categories and outcomes to choose from. A list for forms and reports, not a fence:
/// any other text is kept.
package enum Terms {
  /// What the program knows by itself, in the order of forms.
  package static let builtIn: [Term] =
    ["日常播放", "主题党日", "会前播放", "党员大会", "支部会议", "农技培训"].map { known(.occasion, $0) }
    + ["党建", "农业技术", "法律法规", "政策解读", "卫生健康", "文化生活"].map { known(.category, $0) }
    + [
      known(.outcome, "completed", "播放完毕"), known(.outcome, "stopped", "中途停止"),
      known(.outcome, "power_lost", "停电"), known(.outcome, "no_signal", "无信号"),
      known(.outcome, "unknown", "结束情况不明"),
    ]

  private static func known(_ kind: Term.Kind, _ text: String, _ label: String? = nil) -> Term {
    Term(kind: kind, text: text, label: label, dot: nil)
  }

  /// What may be chosen here: what the program knows, what this place added, what those above it
  /// added. Each text once.
  package static func list(_ store: Store, _ kind: Term.Kind) throws -> [Term] {
    var terms = builtIn.filter { $0.kind == kind }
    for place in [store.identity.place] + (try Places.ancestors(store)) {
      let records = try store.records(Village.term, in: PartitionID(place, .public))
      for record in records.sorted(by: { $0.id < $1.id }) where record.text("kind") == kind.rawValue
      {
        guard let text = record.text("text"), !terms.contains(where: { $0.text == text }) else {
          continue
        }
        terms.append(
          Term(kind: kind, text: text, label: record.text("label"), dot: record.id))
      }
    }
    return terms
  }

  /// Adds a word for this place and all below it. Nothing happens if it is there already.
  ///
  /// Throws `not_owner` at a station, and `bad_value` for a text that is empty.
  package static func add(
    _ store: Store, _ kind: Term.Kind, _ text: String, label: String? = nil
  ) throws {
    let partition = PartitionID(store.identity.place, .public)
    try Ownership.check(partition, store, "the list of words")
    let text = CellText.trimmed(text)
    guard !text.isEmpty else {
      throw VillageError(
        .badValue, "an empty text is no \(Message(told: kind.rawValue))", hint: "give a text")
    }
    guard try !list(store, kind).contains(where: { $0.text == text }) else { return }
    _ = try store.create(
      Village.term, in: partition,
      [("kind", .text(kind.rawValue)), ("text", .text(text))]
        + (label.map { [("label", .text($0))] } ?? []))
  }
}
