internal import Causality
internal import Records
internal import Replica

/// A short value that is equal where the same plan is seen: of all items with what they say. What
/// hangs on a wall is compared by it with what holds now.
struct PlanPrint: Equatable {
  let text: String
  private let items: Set<Dot>

  /// Of the items of one plan, in any order.
  init(of items: [RecordView]) {
    var writer = ByteWriter()
    for item in items.sorted(by: { $0.id < $1.id }) {
      writer.block(item.id.description.utf8)
      for field in PlanField.allCases {
        writer.block(item.values[field.rawValue]?.bytes ?? [])
      }
    }
    text = Self.digits(writer.bytes)
    self.items = Set(items.map(\.id))
  }

  /// With what a station made of these items: its wall sheet says that too.
  func text(with adjustments: [Dot: Adjustment]) -> String {
    // order: sorted by item.
    let own = adjustments.values.filter { items.contains($0.item) }.sorted { $0.item < $1.item }
    guard !own.isEmpty else { return text }
    var writer = ByteWriter()
    writer.block(text.utf8)
    for adjustment in own {
      let parts: [String?] = [
        adjustment.item.description, adjustment.kind.rawValue, adjustment.date?.description,
        adjustment.start?.description, adjustment.programme, adjustment.title, adjustment.reason,
      ]
      for part in parts { writer.block((part ?? "").utf8) }
    }
    return Self.digits(writer.bytes)
  }

  private static func digits(_ bytes: [UInt8]) -> String {
    let digits = String(ChainValue(hashing: bytes).low, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
