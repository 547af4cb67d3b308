/// What stands around the table of a page.
package struct HTMLPage: Equatable, Sendable {
  package var title: String
  /// Lines below the title: whose table it is, of which period, when it was made.
  package var subtitles: [String]
  /// Lines below the table: what marks mean, who signs.
  package var notes: [String]
  package var orientation: Orientation

  package enum Orientation: Equatable, Sendable {
    case portrait
    case landscape
  }

  package init(
    title: String, subtitles: [String] = [], notes: [String] = [],
    orientation: Orientation = .portrait
  ) {
    self.title = title
    self.subtitles = subtitles
    self.notes = notes
    self.orientation = orientation
  }
}

/// A table as a page that a browser shows and prints, on A4 with the head of the table on each
/// sheet of paper. The page needs nothing but itself, and runs no script.
package struct HTMLGrid: GridSink {
  private let kinds: [GridColumn.Kind]
  private let page: HTMLPage
  private let put: ([UInt8]) throws -> Void
  private var text = ""

  private static let bytesPerPut = 64 << 10

  /// `put` is called with the bytes of the page, in UTF-8, piece by piece.
  package init(_ columns: [GridColumn], page: HTMLPage, put: @escaping ([UInt8]) throws -> Void) {
    kinds = columns.map(\.kind)
    self.page = page
    self.put = put
    text = Self.head(page)
    text += columns.count > 9 ? "<table class=\"wide\">" : "<table>"
    text += "\n<thead><tr>"
    for column in columns {
      text += "<th\(Self.mark(column.kind)) scope=\"col\">\(XMLText.escaped(column.title))</th>"
    }
    text += "</tr></thead>\n<tbody>\n"
  }

  package mutating func write(_ row: [GridCell]) throws {
    text += "<tr>"
    for (cell, kind) in zip(row, kinds) {
      if case .bar(let share) = cell {
        text += "<td class=\"bar\"><i style=\"width:\(GridCell.share(share).text)\"></i></td>"
      } else {
        text += "<td\(Self.mark(kind))>\(XMLText.escaped(cell.text))</td>"
      }
    }
    text += "</tr>\n"
    if text.utf8.count >= Self.bytesPerPut { try take() }
  }

  package mutating func finish() throws {
    text += "</tbody>\n</table>\n"
    for note in page.notes { text += "<p class=\"note\">\(XMLText.escaped(note))</p>\n" }
    text += "</body>\n</html>\n"
    try take()
  }

  private mutating func take() throws {
    try put(Array(text.utf8))
    text = ""
  }

  private static func mark(_ kind: GridColumn.Kind) -> String {
    switch kind {
    case .words: " class=\"words\""
    case .code: " class=\"code\""
    case .number: " class=\"number\""
    }
  }

  private static func head(_ page: HTMLPage) -> String {
    let title = XMLText.escaped(page.title)
    let size = page.orientation == .portrait ? "A4" : "A4 landscape"
    return """
      <!DOCTYPE html>
      <html lang="zh-CN">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      @page { size: \(size); margin: 15mm 12mm; }
      body { font: 10.5pt/1.45 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", \
      "PingFang SC", SimSun, sans-serif; color: #000; margin: 1.5em; }
      h1 { font-size: 16pt; text-align: center; margin: 0 0 .3em; }
      p { margin: .2em 0; }
      p.subtitle { text-align: center; }
      p.note { color: #333; }
      table { border-collapse: collapse; width: 100%; margin: .8em 0; }
      thead { display: table-header-group; }
      tr { break-inside: avoid; }
      th, td { border: 1px solid #777; padding: .2em .45em; text-align: left; \
      vertical-align: top; overflow-wrap: anywhere; }
      th { background: #eef2f6; print-color-adjust: exact; }
      .words { min-width: 4.5em; }
      .bar { min-width: 5em; padding: .2em 0; }
      .bar i { display: block; height: .8em; margin-top: .25em; background: #567; print-color-adjust: exact; }
      .wide { font-size: 8.5pt; }
      .wide th, .wide td { padding: .15em .3em; }
      .code { white-space: nowrap; overflow-wrap: normal; }
      .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
      @media print { body { margin: 0; } }
      </style>
      </head>
      <body>
      <h1>\(title)</h1>

      """ + page.subtitles.map { "<p class=\"subtitle\">\(XMLText.escaped($0))</p>\n" }.joined()
  }
}
