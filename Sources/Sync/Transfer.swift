internal import Causality
internal import Records
internal import Wording

/// One bundle up and its answer down, over a link that may break at any byte
/// (Protocol/06-link.md). No I/O: the caller sends `request`, and reports what came of it.
///
///     request           what to send next
///     answered, took    the head of a reply, and the bytes of its body as they come
///     broke             the link broke; where the upload came to is not known then
package struct Transfer: Equatable, Sendable {
  /// A bundle is named by its content, so that sending it again is sending the same.
  package let id: String
  package let bundle: [UInt8]
  package private(set) var answer: [UInt8] = []
  private var answerID = ""
  /// Of the whole answer, once it is known.
  private var answerLength: Int?
  /// How much of the bundle the other side holds; nil if that must be asked for.
  private var uploaded: Int? = 0
  /// What the other side said to hold last, and how often it has said no more than that.
  private var heldLast = -1
  private var standstills = 0

  /// Smaller bundles are sent again as a whole rather than asked about.
  private static let askMin = 512

  package init(_ bundle: [UInt8]) {
    self.bundle = bundle
    id = Self.id(bundle)
  }

  package static func id(_ bytes: [UInt8]) -> String {
    let hash = ChainValue(hashing: bytes)
    return hex(hash.low) + hex(hash.high)
  }

  private static func hex(_ bits: UInt64) -> String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  package struct Request: Equatable, Sendable {
    /// Where `body` begins in the bundle.
    package let offset: Int
    package let body: ArraySlice<UInt8>
    /// How much of which answer is here already.
    package let answerOffset: Int
    package let answerID: String
  }

  package var request: Request {
    let offset = uploaded ?? (bundle.count < Self.askMin ? 0 : bundle.count)
    return Request(
      offset: offset, body: bundle[offset...], answerOffset: answer.count, answerID: answerID)
  }

  /// Whether going on with this later is better than a new bundle.
  package var isWorthKeeping: Bool { bundle.count >= Self.askMin || !answer.isEmpty }

  package var isComplete: Bool { answer.count == answerLength }

  /// Whether the whole answer is the one that was announced.
  package var isAsNamed: Bool { Self.id(answer) == answerID }

  /// The link broke, or the request went wrong without an answer.
  package mutating func broke() { uploaded = isAnswered ? bundle.count : nil }

  private var isAnswered: Bool { answerLength != nil }

  /// The other side holds only so much of the bundle.
  ///
  /// Throws `badReply` if that cannot be, or if it says so again and again.
  package mutating func holds(_ offset: Int) throws(SyncError) {
    standstills = offset > heldLast ? 0 : standstills + 1
    heldLast = offset
    guard (0...bundle.count).contains(offset), standstills < Self.standstillsMax else {
      throw SyncError(.badReply, "the hub claims to hold \(offset) of \(bundle.count) bytes")
    }
    // It has forgotten the bundle, and with it the answer.
    forgetAnswer()
    // One that holds all has lost what it made of it, and must be given something to end.
    uploaded = offset == bundle.count ? 0 : offset
  }

  /// A hub that is ended, and one that sweeps, may each forget a bundle.
  private static let standstillsMax = 4

  /// The head of an answer. Returns what is worth keeping of an earlier one that is not gone on
  /// with.
  ///
  /// Throws `badReply` if it does not fit what was asked for.
  package mutating func answered(
    id: String, length: Int, from offset: Int
  ) throws(SyncError) -> [UInt8] {
    uploaded = bundle.count
    var left: [UInt8] = []
    if id != answerID {
      left = answer
      forgetAnswer()
      answerID = id
    }
    guard offset == answer.count, length >= offset, length <= Self.answerMax else {
      throw SyncError(.badReply, "the answer begins at \(offset) and claims \(length) bytes")
    }
    answerLength = length
    return left
  }

  /// More than any hub sends in one answer.
  package static let answerMax = 16 << 20

  /// What came as the answer is something else: it is asked for again.
  package mutating func answerIsWrong() { forgetAnswer() }

  private mutating func forgetAnswer() {
    answer = []
    answerID = ""
    answerLength = nil
  }

  /// Bytes of the answer. Throws `badReply` if there are more than were announced.
  package mutating func took(_ bytes: some Collection<UInt8>) throws(SyncError) {
    guard let answerLength, answer.count + bytes.count <= answerLength else {
      throw SyncError(.badReply, "the answer is longer than it claimed to be")
    }
    answer += bytes
  }

  // MARK: Kept between attempts

  /// A local form that never travels.
  package var saved: [UInt8] {
    var writer = ByteWriter(reserving: bundle.count + answer.count + 64)
    writer.bytes.append(1)
    writer.block(bundle)
    writer.block(Array(answerID.utf8))
    writer.varint(UInt64((answerLength ?? -1) + 1))
    writer.varint(UInt64((uploaded ?? -1) + 1))
    writer.block(answer)
    return writer.bytes
  }

  /// Nil if the bytes are not what `saved` gave.
  package init?(saved: [UInt8]) {
    var reader = ByteReader(saved)
    guard (try? reader.byte()) == 1, let bundle = try? reader.block(),
      let answerID = try? reader.block(), let length = try? reader.varint(),
      let uploaded = try? reader.varint(), let answer = try? reader.block(), reader.isAtEnd,
      length <= UInt64(Self.answerMax) + 1, uploaded <= UInt64(bundle.count) + 1
    else { return nil }
    self.init(Array(bundle))
    self.answer = Array(answer)
    self.answerID = String(decoding: answerID, as: UTF8.self)
    answerLength = length == 0 ? nil : Int(length) - 1
    // If more has come since than was saved, the other side skips it.
    self.uploaded = uploaded == 0 ? nil : Int(uploaded) - 1
  }
}
