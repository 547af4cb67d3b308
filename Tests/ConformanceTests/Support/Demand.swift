/// A story that did not turn out as it was meant.
struct Unmeant: Error, CustomStringConvertible {
  let description: String
}

/// Checks that a story is what its vector says. Not an expectation of one test: the vectors are
/// made once, and whoever asks for them must learn that they were not.
func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
  if !holds { throw Unmeant(description: "not so: \(what())") }
}

func demanded<Wrapped>(_ value: Wrapped?, _ what: @autoclosure () -> String) throws -> Wrapped {
  guard let value else { throw Unmeant(description: "not there: \(what())") }
  return value
}
