/// A page of a b-tree, as much of it as makes sense: what points out of the page or contradicts itself
/// is left out, and the rest is read (sqlite.org/fileformat2.html#b_tree_pages).
struct DamagedPage {
  enum Kind: UInt8 {
    case innerIndex = 2
    case innerTable = 5
    case index = 10
    case table = 13

    var isInner: Bool { self == .innerIndex || self == .innerTable }
    var isTable: Bool { self == .innerTable || self == .table }
  }

  /// A row: its number, which rows of an index do not have, and its cells.
  struct Row {
    let number: Int64
    let cells: [DamagedCell]
  }

  let kind: Kind
  /// Of an inner page.
  private(set) var children: [UInt32] = []
  private(set) var rows: [Row] = []
  /// Some of its rows cannot be read.
  private(set) var isDamaged = false

  /// Nil if this is no page of a b-tree.
  init?(_ bytes: [UInt8], isFirst: Bool, in file: PageFile) {
    let head = isFirst ? 100 : 0
    guard bytes.count >= head + 12, let kind = Kind(rawValue: bytes[head]) else { return nil }
    self.kind = kind
    let count = Int(bytes.number(at: head + 3, bytes: 2))
    let pointers = head + (kind.isInner ? 12 : 8)
    guard pointers + 2 * count <= file.usableBytes else { return nil }
    for index in 0..<count {
      let at = Int(bytes.number(at: pointers + 2 * index, bytes: 2))
      guard at >= pointers + 2 * count, at < file.usableBytes - 3 else {
        isDamaged = true
        continue
      }
      read(cellAt: at, bytes, file)
    }
    if kind.isInner { children.append(UInt32(bytes.number(at: head + 8, bytes: 4))) }
  }

  private mutating func read(cellAt start: Int, _ bytes: [UInt8], _ file: PageFile) {
    var cursor = ByteCursor(bytes, from: start, to: file.usableBytes)
    if kind.isInner {
      guard let child = cursor.fixed(4) else {
        isDamaged = true
        return
      }
      children.append(UInt32(child))
      if kind.isTable { return }
    }
    guard let size = cursor.varint(), size <= UInt64(Self.rowBytesMax),
      let number = kind.isTable ? cursor.varint() : 0,
      let payload = Payload(size: Int(size), kind.isTable, file).read(&cursor),
      let cells = DamagedCell.cells(payload)
    else {
      isDamaged = true
      return
    }
    rows.append(Row(number: Int64(bitPattern: number), cells: cells))
  }

  /// No row of this program's is larger.
  private static let rowBytesMax = 64 << 20
}

/// The bytes of one row, which go on in other pages where they are many.
private struct Payload {
  let size: Int
  let local: Int
  let file: PageFile

  init(size: Int, _ isTable: Bool, _ file: PageFile) {
    self.size = size
    self.file = file
    let usable = file.usableBytes
    let most = isTable ? usable - 35 : (usable - 12) * 64 / 255 - 23
    let least = (usable - 12) * 32 / 255 - 23
    let even = least + max(0, size - least) % (usable - 4)
    local = size <= most ? size : even <= most ? even : least
  }

  func read(_ cursor: inout ByteCursor) -> [UInt8]? {
    guard var bytes = cursor.take(local) else { return nil }
    guard local < size else { return bytes }
    guard let first = cursor.fixed(4) else { return nil }
    var next = UInt32(first)
    // Each page adds something, so this ends.
    while bytes.count < size {
      guard let page = file.page(next) else { return nil }
      next = UInt32(page.number(at: 0, bytes: 4))
      bytes += page[4..<file.usableBytes].prefix(size - bytes.count)
    }
    return bytes
  }
}

/// A cell of a row.
enum DamagedCell: Equatable {
  case null
  case integer(Int64)
  case text([UInt8])
  case blob([UInt8])

  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  var blob: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }
  var text: String? {
    if case .text(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
  }

  /// The cells of a row, or nil if its bytes do not add up (sqlite.org/fileformat2.html#record_format).
  static func cells(_ payload: [UInt8]) -> [DamagedCell]? {
    var head = ByteCursor(payload, from: 0, to: payload.count)
    guard let size = head.varint(), size <= UInt64(payload.count) else { return nil }
    var body = ByteCursor(payload, from: Int(size), to: payload.count)
    var cells: [DamagedCell] = []
    while head.offset < Int(size) {
      guard let type = head.varint(), let cell = cell(type, &body) else { return nil }
      cells.append(cell)
    }
    return head.offset == Int(size) && body.isAtEnd && !cells.isEmpty ? cells : nil
  }

  private static func cell(_ type: UInt64, _ body: inout ByteCursor) -> DamagedCell? {
    switch type {
    case 0: return .null
    case 1...6:
      let count = type < 5 ? Int(type) : type == 5 ? 6 : 8
      guard let bits = body.fixed(count) else { return nil }
      let shift = UInt64(64 - 8 * count)
      return .integer(Int64(bitPattern: bits << shift) >> Int64(shift))
    case 8, 9: return .integer(Int64(type) - 8)
    case 12...:
      guard let bytes = body.take(Int(clamping: (type - 12) / 2)) else { return nil }
      return type & 1 == 0 ? .blob(bytes) : .text(bytes)
    // This program stores no other numbers.
    default: return nil
    }
  }
}

/// Reads bytes from a place on; nil at the end.
struct ByteCursor {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var offset: Int

  init(_ bytes: [UInt8], from start: Int, to end: Int) {
    self.bytes = bytes
    self.end = min(end, bytes.count)
    offset = start
  }

  var isAtEnd: Bool { offset == end }

  mutating func take(_ count: Int) -> [UInt8]? {
    guard count >= 0, offset <= end, count <= end - offset else { return nil }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  mutating func fixed(_ count: Int) -> UInt64? {
    guard offset <= end, count <= end - offset else { return nil }
    defer { offset += count }
    return bytes.number(at: offset, bytes: count)
  }

  /// SQLite's: the highest bits first, eight bits of a ninth byte.
  mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<9 {
      guard offset < end else { return nil }
      let byte = bytes[offset]
      offset += 1
      if index == 8 { return value << 8 | UInt64(byte) }
      value = value << 7 | UInt64(byte & 0x7F)
      if byte < 0x80 { return value }
    }
    return nil
  }
}
