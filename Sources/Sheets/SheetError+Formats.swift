// The sentences about workbooks, packed files, XML and programme guides.

internal import Wording

extension SheetError {
  private static let saveAgain: Message =
    "Save it again as “Excel workbook (.xlsx)”, or as “CSV UTF-8”."
  private static let copyAgain: Message = "Copy or download it again."

  // MARK: Workbooks

  static func workbookDamaged(_ what: Message, line: Int? = nil) -> SheetError {
    SheetError(
      .workbookDamaged, line: line, reason: "The workbook is cut off or damaged: \(what).",
      hint: "Copy it again, or open it and save it anew.")
  }

  static func workbookEncrypted() -> SheetError {
    SheetError(
      .workbookEncrypted, reason: "The workbook is protected by a password.",
      hint: "Save it without a password for opening.")
  }

  static func workbookOld() -> SheetError {
    SheetError(
      .workbookOld, reason: "This is a document of Office 97 to 2003 (.xls).", hint: saveAgain)
  }

  static func otherWorkbook(_ what: Message) -> SheetError {
    SheetError(.workbook, reason: "This is \(what), not an .xlsx workbook.", hint: saveAgain)
  }

  static func sheetMissing(_ name: String?, among names: [String]) -> SheetError {
    let all: Message =
      names.isEmpty
      ? "no sheet at all" : .list(names.prefix(20).map { CellShown.quoted($0) })
    return SheetError(
      .sheetMissing,
      reason: name.map { "There is no sheet \(CellShown.quoted($0)); the workbook has \(all)." }
        ?? "The workbook has no sheet that can be read; it has \(all).",
      hint: "Check the name after --sheet, and that it is the right file.")
  }

  static func formula(_ place: CellPlace) -> SheetError {
    SheetError(
      .formula, line: place.row, column: place.column,
      reason: "Cell \(place) has a formula whose result is not in the file.",
      hint: "Open the workbook in a spreadsheet program and save it, or write the value instead.")
  }

  static func errorCell(_ text: String, _ place: CellPlace) -> SheetError {
    SheetError(
      .errorCell, line: place.row, column: place.column,
      reason: "Cell \(place) has the error \(CellShown.quoted(text, 20)) instead of a value.",
      hint: "Mend its formula, or write the value instead.")
  }

  static func mangled(_ text: String, _ name: String, _ place: CellPlace) -> SheetError {
    SheetError(
      .mangled, line: place.row, column: place.column,
      reason: "Cell \(place) in the column \(name) is the date or time \(text): the spreadsheet "
        + "changed what was typed.",
      hint: "Format the column as text, and type it again.")
  }

  static func rounded(_ name: String, _ place: CellPlace) -> SheetError {
    SheetError(
      .mangled, line: place.row, column: place.column,
      reason: "Cell \(place) in the column \(name) is a number of more than 15 digits: the "
        + "spreadsheet lost the last ones.",
      hint: "Format the column as text, and type it again.")
  }

  static func tooLarge(line: Int, column: Int, because reason: Message) -> SheetError {
    SheetError(
      .tooLarge, line: line, column: column,
      reason: "The table does not fit into a workbook: \(reason).", hint: "Write it as CSV.")
  }

  // MARK: Packed files and XML

  static func bomb(_ bytes: Int) -> SheetError {
    SheetError(
      .bomb, reason: "The file unpacks to more than \(bytes >> 20) MiB: nobody writes such files.",
      hint: "Check where it comes from.")
  }

  static func gzipDamaged() -> SheetError {
    SheetError(
      .gzipDamaged, reason: "The packed file (.gz) is cut off or damaged.", hint: copyAgain)
  }

  static func xmlMalformed(line: Int, column: Int, because reason: Message) -> SheetError {
    SheetError(
      .xmlMalformed, line: line, column: column, reason: "The XML breaks off here: \(reason).",
      hint: copyAgain)
  }

  static func xmlEntity(_ name: String, line: Int) -> SheetError {
    SheetError(
      .xmlEntity, line: line,
      reason: "The entity \(CellShown.quoted(name, 40)) is none of XML's own; such are not read.",
      hint: "Write the text itself in its place.")
  }

  static func xmlLimit(_ what: Message, line: Int) -> SheetError {
    SheetError(
      .xmlLimit, line: line, reason: "The XML \(what).", hint: "Check that it is the right file.")
  }

  // MARK: Programme guides

  static func notGuide(_ root: String, line: Int) -> SheetError {
    SheetError(
      .notGuide, line: line,
      reason: "The file begins with \(CellShown.quoted(root, 40)) where an XMLTV guide has “tv”.",
      hint: "Check that it is the right file; save a web page or old XML as .xlsx first.")
  }

  /// `channels` are safe to show.
  package static func channel(_ name: String?, among channels: [String]) -> SheetError {
    let all: Message = channels.isEmpty ? "none" : .list(channels, atMost: 20)
    return SheetError(
      .channel,
      reason: name.map {
        "The guide has no programmes of the channel \(CellShown.quoted($0, 60)); it has \(all)."
      } ?? "The guide has programmes of several channels: \(all).",
      hint: "Say with --channel ID whose programmes are meant.")
  }

  // MARK: Writing

  static func unwritable(_ path: String, because reason: Message) -> SheetError {
    SheetError(
      .unwritable, reason: "The file \(CellShown.quoted(path)) cannot be written: \(reason).",
      hint: "Check the folder, the permissions and the room on the disk.")
  }
}
