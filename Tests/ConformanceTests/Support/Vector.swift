import Bundles

/// One conformance vector: a file, and what every reader must make of it.
struct Vector: Sendable {
  enum Kind: String, Sendable {
    case bundle, catalogue, canonical, chain, digest, sealed
  }

  enum Outcome: Sendable {
    /// It is read. A bundle or a catalogue then says this.
    case says(JSON?)
    case refused(BundleError.Code)
  }

  let name: String
  let kind: Kind
  /// One sentence.
  let about: String
  let bytes: [UInt8]
  let outcome: Outcome
  /// The vector with the catalogue that the reader holds.
  var catalogue: String?

  /// A bundle that is read.
  static func valid(
    _ name: String, _ about: String, _ bundle: Telling, catalogue: String? = nil
  ) -> Vector {
    Vector(
      name: name, kind: .bundle, about: about, bytes: bundle.bytes,
      outcome: .says(bundle.saying), catalogue: catalogue)
  }

  /// A bundle that is refused.
  static func invalid(
    _ name: String, _ code: BundleError.Code, _ about: String, _ bytes: [UInt8],
    catalogue: String? = nil
  ) -> Vector {
    Vector(
      name: name, kind: .bundle, about: about, bytes: bytes, outcome: .refused(code),
      catalogue: catalogue)
  }

  /// A vector whose file says itself what is right.
  static func example(_ kind: Kind, _ name: String, _ about: String, _ json: JSON) -> Vector {
    Vector(
      name: "\(kind.rawValue)-\(name)", kind: kind, about: about, bytes: json.bytes,
      outcome: .says(nil))
  }

  // MARK: In the folder

  /// Below Protocol/vectors.
  var path: String {
    switch (kind, outcome) {
    case (.bundle, .says): "valid/\(name).yz"
    case (.bundle, .refused): "invalid/\(name).yz"
    case (.catalogue, _): "catalogue/\(name).bin"
    default: "\(kind.rawValue)/\(name).json"
    }
  }

  private var expectPath: String {
    kind == .catalogue ? "catalogue/\(name).json" : "valid/\(name).json"
  }

  /// The files of the vector: itself, and what it says.
  var files: [(path: String, bytes: [UInt8])] {
    guard case .says(let saying?) = outcome else { return [(path, bytes)] }
    return [(path, bytes), (expectPath, saying.bytes)]
  }

  /// Its entry in the index.
  var listed: JSON {
    var code = JSON.null
    var expect = JSON.null
    switch outcome {
    case .says(nil): break
    case .says: expect = .text(expectPath)
    case .refused(let refusal): code = .text(refusal.rawValue)
    }
    var isValid = true
    if case .refused = outcome { isValid = false }
    return .object([
      ("name", .text(name)), ("file", .text(path)), ("kind", .text(kind.rawValue)),
      ("valid", .bool(isValid)), ("error", code),
      ("catalogue", catalogue.map { .text("catalogue/\($0).bin") } ?? .null),
      ("expect", expect), ("about", .text(about)),
    ])
  }
}
