import Testing

@testable import Station

@Suite struct LocalRequestTests {
  @Test(arguments: [
    "localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "127.250.3.1", "[::1]",
    "[::1]:8100",
  ])
  func `these name this machine`(_ authority: String) {
    #expect(LocalRequest.isLoopback(authority: authority))
  }

  @Test(arguments: [
    "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0", "128.0.0.1",
    "127.0.0.256", "127.0.0.1:x", "127.0.0.1:80:80", "[::2]", "[::1", "[::1]x", "::1", "0.0.0.0",
    "127.0.0.+1", "localhost@evil.example", "evil.example:127.0.0.1",
  ])
  func `these do not`(_ authority: String) {
    #expect(!LocalRequest.isLoopback(authority: authority))
  }

  private func fields(_ text: String) throws -> [LocalField] {
    try LocalRequest.fields(Array(text.utf8))
  }

  @Test func `texts and numbers become what people could have typed`() throws {
    #expect(
      try fields(#"{"programme":"P1","audience":23,"note":null,"seconds":1.5}"#) == [
        .init(name: "audience", text: "23"), .init(name: "programme", text: "P1"),
        .init(name: "seconds", text: "1.5"),
      ])
    #expect(try fields("{}").isEmpty)
  }

  @Test(arguments: ["", "[]", "{", #"{"a":true}"#, #"{"a":[1]}"#, #"{"a":{}}"#, #"{"a":1}x"#, "7"])
  func `other bodies are refused`(_ text: String) {
    #expect(throws: LocalRefusal(.badRequest, "")) { try self.fields(text) }
  }
}
