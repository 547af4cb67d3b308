internal import Records

/// Which pages of a damaged file belong to which table: by the way from its root as far as that can
/// be followed, and by what their rows look like where it is broken.
///
/// Pages that were given back and not written since still hold old rows. They are looked at only if
/// some way is broken, and never where the list of such pages can be read.
final class DamagedTables {
  let file: PageFile
  private let shapes: [String: RowShape]
  private var pages: [String: [UInt32]] = [:]
  private var visited: Set<UInt32> = []
  /// How each table was made, in SQL, where that can be read.
  private(set) var statements: [String: String] = [:]
  /// Pages of which more than one table may be.
  private(set) var unclear: [(page: UInt32, tables: [String])] = []
  /// Something could not be read that should be there.
  private(set) var isBroken = false

  init(_ file: PageFile, _ schema: Schema) {
    self.file = file
    var shapes = RowShape.core
    for collection in schema.records { shapes[collection.name] = .records(collection) }
    for collection in schema.events { shapes[collection.name] = .events(collection) }
    self.shapes = shapes
    follow(readRoots())
    if isBroken { adoptLost() }
  }

  // MARK: Rows

  /// Calls `body` with each row of a table that can be read. A row may come twice: the first is the
  /// one to believe.
  func eachRow(
    of table: String, fitting shape: RowShape? = nil,
    _ body: (DamagedPage.Row) throws(ReplicaError) -> Void
  ) throws(ReplicaError) {
    guard let shape = shape ?? shapes[table] else { return }
    for number in pages[table] ?? [] {
      guard let page = page(number) else { continue }
      for row in page.rows where shape.fits(row) { try body(row) }
    }
  }

  /// Rows of an index, whose last cell is the number of the row that it points at.
  func eachEntry(
    of index: String, _ body: ([DamagedCell]) throws(ReplicaError) -> Void
  ) throws(ReplicaError) {
    for number in pages[index] ?? [] {
      for row in page(number)?.rows ?? [] { try body(row.cells) }
    }
  }

  func rows(of page: UInt32) -> [DamagedPage.Row] { self.page(page)?.rows ?? [] }

  /// The same of what the log holds behind the place where it breaks.
  func eachLooseRow(
    fitting shape: RowShape, _ body: (DamagedPage.Row) throws(ReplicaError) -> Void
  ) throws(ReplicaError) {
    for at in file.looseFrames {
      guard let bytes = file.loosePage(at),
        let page = DamagedPage(bytes, isFirst: false, in: file), page.kind == .table,
        page.rows.allSatisfy(shape.fits)
      else { continue }
      for row in page.rows { try body(row) }
    }
  }

  private func page(_ number: UInt32) -> DamagedPage? {
    file.page(number).flatMap { DamagedPage($0, isFirst: number == 1, in: file) }
  }

  // MARK: From the roots

  /// What SQLite's own table names: tables and indexes with their first pages.
  private func readRoots() -> [(name: String, root: UInt32)] {
    var leaves: [UInt32] = []
    walk(1, wantsTable: true) { leaves.append($0) }
    var roots = leaves.flatMap { rows(of: $0) }.compactMap(root)
    if isBroken {
      // The page in the middle may be gone and those at the ends there.
      for number in 1...max(1, file.pageCount) where !visited.contains(number) {
        guard let page = page(number), page.kind == .table, !page.rows.isEmpty,
          page.rows.allSatisfy({ root($0) != nil })
        else { continue }
        visited.insert(number)
        roots += page.rows.compactMap(root)
      }
    }
    return roots
  }

  private func root(_ row: DamagedPage.Row) -> (name: String, root: UInt32)? {
    guard RowShape.schema.fits(row), let kind = row.cells[0].text,
      kind == "table" || kind == "index", let name = row.cells[1].text,
      let root = row.cells[3].integer, root > 1, root <= UInt32.max
    else { return nil }
    if kind == "table", let sql = row.cells[4].text { statements[name] = sql }
    return (name, UInt32(root))
  }

  private func follow(_ roots: [(name: String, root: UInt32)]) {
    for (name, root) in roots where pages[name] == nil {
      let isTable = statements[name] != nil && shapes[name]?.isNumbered != false
      var found: [UInt32] = []
      walk(root, wantsTable: isTable && !hasNoNumbers(name)) { found.append($0) }
      pages[name] = found
    }
    if shapes.keys.contains(where: { pages[$0] == nil && RowShape.core[$0] != nil }) {
      isBroken = true
    }
  }

  private func hasNoNumbers(_ table: String) -> Bool {
    statements[table]?.uppercased().contains("WITHOUT ROWID") == true
  }

  /// Goes down from a page; `found` is told those with rows. A page is visited once, so this ends.
  private func walk(_ root: UInt32, wantsTable: Bool, _ found: (UInt32) -> Void) {
    var stack = [root]
    while let number = stack.popLast() {
      guard let page = page(number), page.kind.isTable == wantsTable else {
        isBroken = true
        continue
      }
      guard visited.insert(number).inserted else {
        isBroken = true
        continue
      }
      if page.isDamaged { isBroken = true }
      if page.kind != .innerTable { found(number) }
      stack += page.children.reversed()
    }
  }

  // MARK: By their looks

  private func adoptLost() {
    let free = freePages()
    for number in 1...max(1, file.pageCount) where !visited.contains(number) {
      guard !free.contains(number), let page = page(number), !page.rows.isEmpty,
        page.kind == .table || !page.kind.isTable
      else { continue }
      // order: sorted, so that the same is told each time.
      let fitting = shapes.filter { _, shape in
        shape.isNumbered == page.kind.isTable && page.rows.contains(where: shape.fits)
      }
      let most = fitting.mapValues { shape in page.rows.count(where: shape.fits) }
      let best = most.filter { $0.value == most.values.max() }.keys.sorted()
      if best.count == 1 {
        pages[best[0], default: []].append(number)
      } else if !best.isEmpty {
        unclear.append((number, best))
      }
    }
  }

  /// The pages that hold nothing any more, as far as their list can be followed.
  private func freePages() -> Set<UInt32> {
    guard let first = file.page(1), first.starts(with: PageFile.magic) else { return [] }
    var free: Set<UInt32> = []
    var trunk = UInt32(first.number(at: 32, bytes: 4))
    while trunk != 0, free.insert(trunk).inserted, let page = file.page(trunk) {
      let count = min(Int(page.number(at: 4, bytes: 4)), file.usableBytes / 4 - 2)
      for index in 0..<count { free.insert(UInt32(page.number(at: 8 + 4 * index, bytes: 4))) }
      trunk = UInt32(page.number(at: 0, bytes: 4))
    }
    return free
  }
}
