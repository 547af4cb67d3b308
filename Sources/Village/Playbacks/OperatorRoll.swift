internal import Causality
internal import Records
internal import Replica

/// The people who play programmes at one place. Their names stay in the place's `people`
/// partition; playbacks name them by a short code, which tells nothing to whom does not hold it.
struct OperatorRoll {
  private let partition: PartitionID
  private var names: [String: String] = [:]
  private var codes: [String: String] = [:]

  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
  private static let codeLength = 6

  init(_ place: PlaceID, _ store: Store) throws {
    partition = PartitionID(place, .people)
    // Of two records with one name the older is used from now on; both codes keep their name.
    for record in try store.records(Village.operators, in: partition).sorted(by: { $0.id < $1.id })
    {
      guard let code = record.text("code"), let name = record.text("name") else { continue }
      if names[code] == nil { names[code] = name }
      if codes[name] == nil { codes[name] = code }
    }
  }

  /// The name behind a code, or the code if it is not known here.
  func name(of code: String) -> String { names[code] ?? code }

  func knows(name: String) -> Bool { codes[name] != nil }

  /// The code of a person, who is put on the roll if new.
  mutating func code(of name: String, _ store: Store) throws -> String {
    if let known = codes[name] { return known }
    let dot = try store.create(Village.operators, in: partition, [("name", .text(name))])
    var salt = 0
    var code = Self.code(dot, salt)
    while names[code] != nil {
      salt += 1
      code = Self.code(dot, salt)
    }
    // The code follows from the record's dot, which is known only when the record is there.
    try store.update(Village.operators, dot, in: partition, [("code", .text(code))])
    names[code] = name
    codes[name] = code
    return code
  }

  /// Six letters and digits of base 32 (RFC 4648, in small letters).
  private static func code(_ dot: Dot, _ salt: Int) -> String {
    let hash = ChainValue(hashing: Array("yizhan operator \(dot) \(salt)".utf8)).low
    let letters = (0..<codeLength).map { alphabet[Int(hash >> (5 * UInt64($0)) & 31)] }
    return String(decoding: letters, as: UTF8.self)
  }
}
