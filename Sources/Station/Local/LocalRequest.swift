internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Why a request to the station's own machine was refused before anything was done.
package struct LocalRefusal: Error, Sendable, Equatable {
  package enum Code: String, Sendable {
    /// It is not what this address takes.
    case badRequest = "bad_request"
    /// It comes from a page of elsewhere, or asks for another name than this machine's.
    case notLocal = "not_local"
    /// It does not show the data folder's token.
    case tokenWrong = "token_wrong"
  }

  package let code: Code
  package let reason: String

  init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  package static func == (left: LocalRefusal, right: LocalRefusal) -> Bool {
    left.code == right.code
  }
}

/// Something to be said of a playback: a member of the request's object.
package struct LocalField: Equatable, Sendable {
  package let name: String
  package let text: String
}

/// Reads requests. A browser at the station's machine shows pages of elsewhere, and those can send
/// requests here: so a request must not come from another origin, and must name this machine, or a
/// page could give its own name this machine's address (DNS rebinding). One that changes something
/// must be JSON too, which a page may send nowhere without asking.
package enum LocalRequest {
  private static let bodyBytesMax = 16 << 10

  /// Throws `not_local`.
  static func check(_ head: HTTPRequest) throws(LocalRefusal) {
    guard isLoopback(authority: head.authority ?? "") else {
      throw LocalRefusal(.notLocal, "the request is for another name than this machine's")
    }
    if let origin = head.headerFields[.origin] {
      let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].isEmpty, ["http:", "https:"].contains(parts[0]),
        isLoopback(authority: parts[2])
      else { throw LocalRefusal(.notLocal, "the request comes from a page of elsewhere") }
    }
  }

  /// Whether a server at this host hears this machine only.
  package static func isLoopback(host: String) -> Bool {
    isLoopback(authority: host.contains(":") ? "[\(host)]" : host)
  }

  /// `localhost`, 127.0.0.0/8 or ::1, with or without a port.
  static func isLoopback(authority: some StringProtocol) -> Bool {
    var host = String(authority).lowercased()
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return false }
      return host[..<end] == "[::1" && isPort(host[end...].dropFirst())
    }
    if let colon = host.firstIndex(of: ":") {
      guard isPort(host[colon...]) else { return false }
      host = String(host[..<colon])
    }
    if host == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } && UInt8($0) != nil }
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
  }

  /// The members of the body's object; those that are null are left out.
  ///
  /// Throws `bad_request`.
  static func fields(_ request: Request) async throws -> [LocalField] {
    let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
    guard type.split(separator: " ") == ["application/json"] else {
      throw LocalRefusal(.badRequest, "the Content-Type is not application/json")
    }
    var bytes: [UInt8] = []
    for try await buffer in request.body {
      bytes += buffer.readableBytesView
      guard bytes.count <= bodyBytesMax else {
        throw LocalRefusal(.badRequest, "the body is longer than \(bodyBytesMax) bytes")
      }
    }
    return try fields(bytes)
  }

  static func fields(_ bytes: [UInt8]) throws(LocalRefusal) -> [LocalField] {
    guard case .object(let members)? = JSONValue(bytes) else {
      throw LocalRefusal(.badRequest, "the body is no JSON object")
    }
    var fields: [LocalField] = []
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .null: continue
      case .text(let text), .number(let text): fields.append(LocalField(name: name, text: text))
      case .flag, .list, .object:
        throw LocalRefusal(.badRequest, "a member of the object is neither text nor number")
      }
    }
    return fields
  }
}
