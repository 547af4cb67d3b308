internal import Causality
internal import Records
internal import Replica

/// A short value that is equal where the same plan is seen: of all items with what they say. What
/// hangs on a wall is compared by it with what holds now.
struct PlanPrint: Equatable {
  let text: String

  /// Of the items of one plan, in any order.
  init(of items: [RecordView]) {
    var writer = ByteWriter()
    for item in items.sorted(by: { $0.id < $1.id }) {
      writer.block(item.id.description.utf8)
      for field in PlanField.allCases {
        writer.block(item.values[field.rawValue]?.bytes ?? [])
      }
    }
    let digits = String(ChainValue(hashing: writer.bytes).low, radix: 16)
    text = String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
