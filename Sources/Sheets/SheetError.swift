// What is wrong with a sheet: a stable code, where it is, one sentence for the clerk, and what to
// do next. The sentences are in `SheetError+Sentences.swift`. Equality looks at the code only:
// callers and tests compare codes, never sentences.

package import Wording

/// What is wrong with a sheet, said so that the person who has the sheet can mend it.
package struct SheetError: Error, Equatable, Sendable {
  /// A stable name of the fault, for programs and exit codes.
  package enum Code: String, CaseIterable, Sendable {
    /// There is no file at the path.
    case notFound = "csv_not_found"
    /// The file is not a plain file, or the system refuses to read it.
    case unreadable = "csv_unreadable"
    /// The file was written to while it was being read: what was read so far is not one state of
    /// it.
    case changed = "csv_changed"
    /// The file is a workbook of a kind that is not read: OpenDocument, binary, or no workbook.
    case workbook = "csv_workbook"
    /// The file is neither UTF-8 nor GB18030.
    case encoding = "csv_encoding"
    /// A zero byte, which no text has: a damaged file.
    case nul = "csv_nul"
    /// A quotation mark that stands alone or is never closed.
    case quote = "csv_quote"
    /// A row of more bytes than `SheetLimits.rowBytesMax`.
    case rowTooLong = "csv_row_too_long"
    /// A field of more bytes than `SheetLimits.fieldBytesMax`.
    case fieldTooLong = "csv_field_too_long"
    /// A row with more or fewer fields than the header, or a header with too many.
    case columns = "csv_columns"
    /// The file has no rows, not even a header.
    case empty = "csv_empty"
    /// The header lacks columns that are required.
    case headerMissing = "csv_header_missing"
    /// The header has the same column twice.
    case headerDuplicate = "csv_header_duplicate"

    // Workbooks
    /// A workbook that is cut off or damaged, or lacks a part that it names.
    case workbookDamaged = "xlsx_damaged"
    /// A workbook that only opens with a password.
    case workbookEncrypted = "xlsx_encrypted"
    /// A document of Office 97 to 2003 (.xls).
    case workbookOld = "xlsx_old"
    /// No sheet of that name, or none that can be read.
    case sheetMissing = "xlsx_sheet_missing"
    /// A formula whose result the workbook does not have.
    case formula = "xlsx_formula"
    /// A cell with an error instead of a value: `#REF!`.
    case errorCell = "xlsx_error_cell"
    /// A date, or a rounded number, where a text was typed: a spreadsheet's doing.
    case mangled = "xlsx_mangled"
    /// A table that does not fit into a sheet of a workbook.
    case tooLarge = "xlsx_too_large"

    // Packed files and XML
    /// A packed file that would unpack to much more than anybody writes.
    case bomb = "archive_bomb"
    /// A gzip file that is cut off or damaged.
    case gzipDamaged = "gzip_damaged"
    /// XML that breaks the grammar, or bytes that are no text.
    case xmlMalformed = "xml_malformed"
    /// An entity that is declared by the file itself or nowhere.
    case xmlEntity = "xml_entity"
    /// XML that is nested too deeply, or a piece of it that is too long.
    case xmlLimit = "xml_limit"

    // Programme guides
    /// XML that is no XMLTV.
    case notGuide = "xmltv_missing"
    /// It must be said which channel of the guide is meant, or there is none of that name.
    case channel = "xmltv_channel"

    // Writing
    /// A file that cannot be written.
    case unwritable = "sheet_unwritable"
  }

  package let code: Code
  /// The physical line, from 1, as a text editor counts.
  package let line: Int?
  /// The field in its row, from 1: 3 is Excel's column C.
  package let column: Int?
  /// One sentence for a clerk, and what to do next, in the clerk's language.
  package let why: Message
  package let advice: Message
  /// In English, for programs and logs.
  package var reason: String { why.text }
  package var hint: String { advice.text }

  package init(
    _ code: Code, line: Int? = nil, column: Int? = nil, reason why: Message,
    hint advice: Message
  ) {
    self.code = code
    self.line = line
    self.column = column
    self.why = why
    self.advice = advice
  }

  package static func == (left: SheetError, right: SheetError) -> Bool { left.code == right.code }
}

extension SheetError: CustomStringConvertible {
  /// `csv_quote, line 3, column 2: <reason> <hint>`.
  package var description: String {
    let place = (line.map { ", line \($0)" } ?? "") + (column.map { ", column \($0)" } ?? "")
    return "\(code.rawValue)\(place): \(reason) \(hint)"
  }
}
