internal import CXlsxWriter
import Glibc
internal import Wording

/// Where a cell is, from 0.
struct XLSXPlace {
  let row: Int
  let column: Int
}

/// How a cell looks.
enum XLSXStyle: CaseIterable {
  case plain, header, title, guidance
  case integer, decimal, share, date, time, instant
  /// Cells to fill in, which a spreadsheet must not take for dates or numbers.
  case text

  fileprivate var numberFormat: String? {
    switch self {
    case .plain, .header, .title, .guidance: nil
    case .integer: "0"
    case .decimal: "0.0"
    case .share: "0.0%"
    case .date: "yyyy-mm-dd"
    case .time: "hh:mm"
    case .instant: "yyyy-mm-dd hh:mm:ss"
    case .text: "@"
    }
  }
}

/// A workbook that is being written (libxlsxwriter in its mode of constant memory: rows must come in
/// their order). It is written beside its path and moved there when it is whole.
final class XLSXFile {
  private let path: String
  private let workbook: UnsafeMutablePointer<lxw_workbook>
  private var formats: [XLSXStyle: UnsafeMutablePointer<lxw_format>] = [:]
  private var isFinished = false

  private var partPath: String { path + ".part" }

  init(_ path: String) throws(SheetError) {
    // The library tells only at the end that it cannot write.
    let descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .unwritable(path, because: Message(told: String(cString: strerror(errno))))
    }
    close(descriptor)
    guard let workbook = yz_workbook_new(path + ".part") else {
      unlink(path + ".part")
      throw .unwritable(path, because: "there is no memory for it")
    }
    self.path = path
    self.workbook = workbook
    // Without a time of its own each file would have the clock's, and no two were equal.
    var properties = lxw_doc_properties()
    properties.created = 946_684_800
    workbook_set_properties(workbook, &properties)
    for style in XLSXStyle.allCases { formats[style] = makeFormat(style) }
  }

  deinit {
    guard !isFinished else { return }
    lxw_workbook_free(workbook)
    unlink(partPath)
  }

  func add(sheet name: String) throws(SheetError) -> UnsafeMutablePointer<lxw_worksheet> {
    guard let sheet = workbook_add_worksheet(workbook, Self.tab(name)) else {
      throw .unwritable(path, because: "it cannot have a sheet “\(name)”")
    }
    worksheet_set_paper(sheet, 9)
    worksheet_fit_to_pages(sheet, 1, 0)
    return sheet
  }

  func format(_ style: XLSXStyle) -> UnsafeMutablePointer<lxw_format>? { formats[style] }

  /// Throws `sheet_unwritable`.
  func finish() throws(SheetError) {
    isFinished = true
    let error = workbook_close(workbook)
    guard error == LXW_NO_ERROR else {
      let reason = lxw_strerror(error).map { String(cString: $0) } ?? "error \(error.rawValue)"
      unlink(partPath)
      throw .unwritable(path, because: Message(told: reason))
    }
    guard rename(partPath, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(partPath)
      throw .unwritable(path, because: Message(told: reason))
    }
  }

  // MARK: Cells

  /// Throws `xlsx_too_large`.
  func write(
    _ cell: GridCell, to sheet: UnsafeMutablePointer<lxw_worksheet>, _ place: XLSXPlace
  ) throws(SheetError) {
    switch cell {
    case .empty: break
    case .text(let text), .word(_, let text): try write(text, .plain, to: sheet, place)
    case .integer(let number):
      // Spreadsheets keep 15 digits.
      if abs(number) >= 1_000_000_000_000_000 {
        try write(cell.text, .plain, to: sheet, place)
      } else {
        try write(Double(number), .integer, to: sheet, place)
      }
    case .decimal(let number): try write(finite: number, .decimal, to: sheet, place)
    case .share(let share), .bar(let share): try write(finite: share, .share, to: sheet, place)
    case .time(let minutes): try write(Double(minutes) / 1440, .time, to: sheet, place)
    case .date(let days):
      try write(cell, day: Double(days), .date, to: sheet, place)
    case .instant(let seconds):
      try write(cell, day: Double(seconds) / 86_400, .instant, to: sheet, place)
    }
  }

  func write(
    _ text: String, _ style: XLSXStyle, to sheet: UnsafeMutablePointer<lxw_worksheet>,
    _ place: XLSXPlace
  ) throws(SheetError) {
    guard !text.isEmpty else { return }
    let error = worksheet_write_string(
      sheet, UInt32(place.row), UInt16(place.column), CSVWriter.writable(text), formats[style])
    try check(error, place)
  }

  private func write(
    _ number: Double, _ style: XLSXStyle, to sheet: UnsafeMutablePointer<lxw_worksheet>,
    _ place: XLSXPlace
  ) throws(SheetError) {
    try check(
      worksheet_write_number(
        sheet, UInt32(place.row), UInt16(place.column), number, formats[style]), place)
  }

  private func write(
    finite number: Double, _ style: XLSXStyle, to sheet: UnsafeMutablePointer<lxw_worksheet>,
    _ place: XLSXPlace
  ) throws(SheetError) {
    if number.isFinite { try write(number, style, to: sheet, place) }
  }

  /// Days that spreadsheets have no number for, before March 1900, stay texts.
  private func write(
    _ cell: GridCell, day: Double, _ style: XLSXStyle,
    to sheet: UnsafeMutablePointer<lxw_worksheet>, _ place: XLSXPlace
  ) throws(SheetError) {
    let serial = day + Double(SheetSerial.epochDays)
    guard SheetSerial.writable.contains(serial) else {
      return try write(cell.text, .plain, to: sheet, place)
    }
    try write(serial, style, to: sheet, place)
  }

  private func check(_ error: lxw_error, _ place: XLSXPlace) throws(SheetError) {
    guard error != LXW_NO_ERROR else { return }
    let reason = lxw_strerror(error).map { String(cString: $0) } ?? "error \(error.rawValue)"
    throw .tooLarge(line: place.row + 1, column: place.column + 1, because: Message(told: reason))
  }

  // MARK: Looks

  private func makeFormat(_ style: XLSXStyle) -> UnsafeMutablePointer<lxw_format>? {
    guard let format = workbook_add_format(workbook) else { return nil }
    if let pattern = style.numberFormat { format_set_num_format(format, pattern) }
    switch style {
    case .header:
      format_set_bold(format)
      format_set_bg_color(format, 0xE8EEF4)
      format_set_bottom(format, UInt8(LXW_BORDER_THIN.rawValue))
    case .title:
      format_set_bold(format)
      format_set_font_size(format, 16)
      format_set_align(format, UInt8(LXW_ALIGN_CENTER.rawValue))
      format_set_align(format, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
    case .guidance:
      format_set_text_wrap(format)
      format_set_align(format, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
    default: break
    }
    return format
  }

  /// A name that a tab can have: at most 31 characters, none of `[]:*?/\`, no apostrophe at an end.
  private static func tab(_ name: String) -> String {
    let scalars = name.unicodeScalars.filter { scalar in
      !"[]:*?/\\'".unicodeScalars.contains(scalar) && !CellShown.isHidden(scalar)
    }
    var text = String(String.UnicodeScalarView(scalars.prefix(31)))
    while text.utf16.count > 31 { text.removeLast() }
    return text.isEmpty ? "Sheet1" : text
  }
}
