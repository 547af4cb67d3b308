package import Wording

/// What is wrong with what a person asked of the village's books, or with a row of a sheet.
/// Equality looks at the code only.
package struct VillageError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md.
  package enum Code: String, Sendable, CaseIterable {
    // Places
    /// A text that is no place code.
    case badPlaceCode = "bad_place_code"
    /// A text that is no offset from UTC.
    case badZone = "bad_zone"
    /// A text that is no invitation, or one that does not fit.
    case badInvitation = "bad_invitation"
    /// No invitation of this hub was shown.
    case invitationUnknown = "invitation_unknown"
    case invitationUsed = "invitation_used"
    case invitationExpired = "invitation_expired"
    /// A place that has not shown any keys.
    case keyUnknown = "key_unknown"
    /// The data folder lacks what it would sign and read with.
    case keysMissing = "keys_missing"
    /// No place of that code or name is known here.
    case unknownPlace = "unknown_place"
    /// Several places have that name.
    case ambiguousPlace = "ambiguous_place"
    /// There is a place of that code already, under another name.
    case placeExists = "place_exists"
    /// The place does not lie below this one.
    case notBelow = "not_below"
    /// It must be said which place is meant.
    case placeMissing = "place_missing"
    /// What is to be changed belongs to another place (P18).
    case notOwner = "not_owner"

    // Values
    /// No field of that name can be set.
    case unknownField = "unknown_field"
    /// A value that the field cannot have.
    case badValue = "bad_value"
    /// A text that is no date, or a date that cannot be meant here.
    case badDate = "bad_date"
    /// A text that is no time of day or no instant.
    case badTime = "bad_time"
    /// A text that is no month and no ISO week.
    case badPeriod = "bad_period"
    /// A playback or a programme of a guide that ends before it starts.
    case endsBeforeStart = "ends_before_start"
    /// A playback that lasts longer than a day.
    case tooLong = "too_long"

    // Books
    case unknownItem = "unknown_item"
    case unknownPlan = "unknown_plan"
    case unknownPlayback = "unknown_playback"
    case unknownClosure = "unknown_closure"
    case unknownReport = "unknown_report"
    /// Nothing is under way at the player.
    case nothingPlaying = "nothing_playing"
    /// Every item of the plan has been issued.
    case nothingToIssue = "nothing_to_issue"
    /// The month was reported, and its figures stand.
    case alreadyReported = "already_reported"
    /// Of some stations not all of the month is known.
    case reportIncomplete = "report_incomplete"

    // Conflicts
    /// No open conflict has that id.
    case unknownConflict = "unknown_conflict"
    /// The dot is not one of the conflict's writes.
    case unknownDot = "unknown_dot"

    // Sheets
    /// Rows of more than one station in a sheet that was said to be of one place.
    case severalStations = "several_stations"
    /// A sheet names stations that are not known here.
    case unknownStation = "unknown_station"
    /// An id or a key that stands in the sheet twice.
    case duplicateRow = "duplicate_row"
    /// A sheet of plan items without a row, or a guide without a programme.
    case noRows = "no_rows"
    /// Some rows of a sheet are bad, so none of it was taken.
    case rowsRefused = "rows_refused"
  }

  package let code: Code
  /// What is wrong, and what to do next, in the language of whom it is told.
  package let why: Message
  package let advice: Message
  /// In English, for programs and logs.
  package var reason: String { why.text }
  package var hint: String { advice.text }
  /// The physical line of a sheet, from 1.
  package var line: Int?
  /// The column of a sheet, from 1.
  package var column: Int?
  /// All that was found in the sheet that was refused.
  package var report: SheetReport?

  package init(
    _ code: Code, _ why: Message, hint advice: Message = "", line: Int? = nil, column: Int? = nil
  ) {
    self.code = code
    self.why = why
    self.advice = advice
    self.line = line
    self.column = column
  }

  package static func == (left: VillageError, right: VillageError) -> Bool {
    left.code == right.code
  }
}
