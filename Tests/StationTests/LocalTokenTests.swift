import Foundation
import HTTPTypes
import Testing

@testable import Station

@Suite struct LocalTokenTests {
  private func request(_ shown: String?) -> HTTPRequest {
    var request = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
    request.headerFields[.authorization] = shown
    return request
  }

  private let token = LocalToken(text: "0123456789abcdef")

  @Test(arguments: ["Bearer 0123456789abcdef", "bearer  0123456789abcdef"])
  func `the token opens`(_ shown: String) throws { try token.check(request(shown)) }

  @Test(arguments: [
    nil, "", "Bearer", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0",
    "Bearer 0123456789ABCDEF", "Basic 0123456789abcdef", "0123456789abcdef",
    "Bearer 0123456789abcdeg", "Bearer 0123456789abcdef x",
  ])
  func `nothing else does`(_ shown: String?) {
    #expect(throws: LocalRefusal(.tokenWrong, "")) { try token.check(request(shown)) }
  }

  @Test func `the first start makes a token, and the next has the same`() throws {
    let folder = NSTemporaryDirectory() + "/token-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try LocalToken(folder: folder)
    let path = folder + "/" + LocalToken.fileName
    let text = try String(contentsOfFile: path, encoding: .utf8).dropLast()
    #expect(text.utf8.count == 32 && text.allSatisfy { $0.isHexDigit })
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try first.check(request("Bearer \(text)"))
    try LocalToken(folder: folder).check(request("Bearer \(text)"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [LocalToken.fileName])
    try "short".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: LocalToken.Unusable.self) { try LocalToken(folder: folder) }
    #expect(throws: LocalToken.Unusable.self) { try LocalToken(folder: folder + "/none") }
  }
}
