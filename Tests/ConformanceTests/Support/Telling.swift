import Bundles
import Causality
import Records

/// A whole bundle, and what it says.
struct Telling {
  var manifest: Manifest
  /// For each delta what its pieces hold.
  var contents: [[Content]]
  var bytes: [UInt8]

  enum Content {
    case events(EventList)
    case records(RecordPiece)
  }
}

/// What a reader learns from a bundle, as an `expect` file tells it.
extension Telling {
  var saying: JSON {
    .object([
      ("sender", .text("\(manifest.sender)")), ("reader", .text("\(manifest.reader)")),
      ("number", .number(manifest.number)), ("made", .number(manifest.made)),
      ("deltas", .list(zip(manifest.deltas, contents).map { Self.saying($0, $1) })),
      (
        "receipts",
        .list(
          manifest.receipts.map { receipt in
            .object([
              ("partition", .text("\(receipt.partition)")),
              ("received", Self.saying(receipt.received)), ("safe", Self.saying(receipt.safe)),
            ])
          })
      ),
    ])
  }

  private static func saying(_ vector: VersionVector) -> JSON {
    .texts(vector.entries.map { "\($0.dot)" })
  }

  private static func saying(_ delta: Delta, _ contents: [Content]) -> JSON {
    var records: [JSON] = []
    var events: [JSON] = []
    for content in contents {
      switch content {
      case .events(let list): events += list.events.map { saying($0, list) }
      case .records(let piece): records += piece.records.map { saying($0, piece) }
      }
    }
    return .object([
      ("partition", .text("\(delta.partition)")), ("base", saying(delta.base)),
      ("target", saying(delta.target)), ("digest", .text(hex(number: delta.digest))),
      ("births", .list(delta.births.map(saying))), ("records", .list(records)),
      ("events", .list(events)),
    ])
  }

  private static func saying(_ birth: Birth) -> JSON {
    .object([
      ("epoch", .text("\(birth.epoch)")), ("place", .text("\(birth.author.place)")),
      ("role", .text("\(birth.author.role)")), ("parents", saying(birth.parents)),
    ])
  }

  private static func saying(_ record: WireRecord, _ piece: RecordPiece) -> JSON {
    let layout = piece.layouts[record.layout]
    return .object([
      ("collection", .text(layout.collection)), ("id", .text("\(record.id)")),
      ("vector", saying(record.vector)),
      (
        "fields",
        .object(
          record.fields.map { field in
            (layout.fields[field.name].name, .list(field.siblings.map(saying)))
          })
      ),
    ])
  }

  private static func saying(_ sibling: Sibling) -> JSON {
    .object([
      ("dot", .text("\(sibling.dot)")), ("time", .number(sibling.time.bits)),
      ("value", sibling.value.saying),
    ])
  }

  private static func saying(_ event: EventList.Event, _ list: EventList) -> JSON {
    let collection = list.collections[event.collection]
    return .object([
      ("collection", .text(collection.name)), ("dot", .text("\(event.dot)")),
      (
        "cells",
        .object(
          zip(collection.columns, event.cells).filter { !$1.isNull }
            .map { ($0.name, $1.saying) })
      ),
    ])
  }
}

extension Value {
  /// As the vectors write values: by kind where the bytes are in that kind's one form.
  var saying: JSON {
    if isNull { return .object([("null", .bool(true))]) }
    if let integer { return .object([("integer", .number(integer))]) }
    if let text { return .object([("text", .text(text))]) }
    if let dot { return .object([("dot", .text("\(dot)"))]) }
    return .object([("bytes", .text(hex(bytes)))])
  }
}
