internal import Causality
internal import Records
internal import Replica

/// The columns of playbacks, in the order of their declaration.
enum PlaybackColumn: String, CaseIterable {
  case programme, title, item, started, seconds, audience
  case `operator`, occasion, outcome, note, clock, corrects, boot, booted, prelude

  var index: Int {
    switch self {
    case .programme: 0
    case .title: 1
    case .item: 2
    case .started: 3
    case .seconds: 4
    case .audience: 5
    case .operator: 6
    case .occasion: 7
    case .outcome: 8
    case .note: 9
    case .clock: 10
    case .corrects: 11
    case .boot: 12
    case .booted: 13
    case .prelude: 14
    }
  }
}

/// How far the machine's clock could be believed when a playback began.
package enum ClockConfidence: String, CaseIterable, Sendable {
  case trusted
  case unknown
}

/// What is known of one playback.
struct PlaybackFacts: Equatable {
  var programme: String
  var title: String?
  var item: Dot?
  var started: Instant
  var seconds: Int64?
  var audience: Int64?
  /// By name; the event says a code.
  var operatorName: String?
  var occasion: String?
  var outcome: String?
  var note: String?
  var clock: String?
  /// The number of the machine's start, and the second in which that was by the clock that dated the
  /// playback. Nil for what people entered afterwards.
  var boot: Int64?
  var booted: Int64?
  /// The playback of the short programme before a meeting.
  var prelude: Dot?

  init(programme: String, started: Instant) {
    self.programme = programme
    self.started = started
  }

  var ended: Instant? { seconds.map { Instant(seconds: started.seconds &+ $0) } }

  // MARK: Events

  /// Nil if the cells do not say when the playback began.
  init?(_ cells: [EventCell], _ operators: OperatorRoll) {
    func text(_ column: PlaybackColumn) -> String? {
      if case .text(let text) = cells[column.index] { text } else { nil }
    }
    func integer(_ column: PlaybackColumn) -> Int64? {
      if case .integer(let number) = cells[column.index] { number } else { nil }
    }
    guard let started = integer(.started) else { return nil }
    programme = text(.programme) ?? ""
    title = text(.title)
    if case .dot(let dot) = cells[PlaybackColumn.item.index] { item = dot }
    self.started = Instant(seconds: started)
    seconds = integer(.seconds)
    audience = integer(.audience)
    operatorName = text(.operator).map { operators.name(of: $0) }
    occasion = text(.occasion)
    outcome = text(.outcome)
    note = text(.note)
    clock = text(.clock)
    boot = integer(.boot)
    booted = integer(.booted)
    if case .dot(let dot) = cells[PlaybackColumn.prelude.index] { prelude = dot }
  }

  /// The cells of the event, in the order of the declaration.
  func cells(operatorCode: String?, corrects: Dot? = nil) -> [EventCell] {
    [
      .text(programme), cell(title), cell(item), .integer(started.seconds), cell(seconds),
      cell(audience), cell(operatorCode), cell(occasion), cell(outcome), cell(note), cell(clock),
      cell(corrects), cell(boot), cell(booted), cell(prelude),
    ]
  }

  private func cell(_ text: String?) -> EventCell { text.map { .text($0) } ?? .null }
  private func cell(_ number: Int64?) -> EventCell { number.map { .integer($0) } ?? .null }
  private func cell(_ dot: Dot?) -> EventCell { dot.map { .dot($0) } ?? .null }

  // MARK: The natural key

  /// What sheets say of a playback, as one short value: equal for equal rows.
  var naturalKey: ChainValue {
    var writer = ByteWriter(reserving: 160)
    Self.put(programme, &writer)
    writer.zigzag(started.seconds)
    writer.zigzag(seconds ?? -1)
    writer.zigzag(audience ?? -1)
    for text in [operatorName, occasion, outcome, note] { Self.put(text, &writer) }
    return ChainValue(hashing: writer.bytes)
  }

  private static func put(_ text: String?, _ writer: inout ByteWriter) {
    guard let text else { return writer.varint(0) }
    writer.varint(UInt64(text.utf8.count) + 1)
    writer.bytes.append(contentsOf: text.utf8)
  }
}
