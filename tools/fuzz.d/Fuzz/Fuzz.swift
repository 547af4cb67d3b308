// What libFuzzer is given. One program for all targets, so that it is built and linked once; the
// environment says which of them this run is.
//
// A target reads the bytes as the program would, and asserts what must hold of whatever could be
// read. What a reader throws is an answer like any other.

import Foundation

/// What is done with the bytes of one run.
typealias Target = @Sendable ([UInt8]) throws -> Void

private let targets: [String: Target] = [
  "bundle": fuzzBundle,
  "manifest": fuzzManifest,
  "proto": fuzzProto,
  "vectors": fuzzVectors,
  "invitation": fuzzInvitation,
  "envelope": fuzzEnvelope,
  "sealed": fuzzSealed,
  "catalogue": fuzzCatalogue,
  "canonical": fuzzCanonical,
  "csv": fuzzCSV,
  "xmltv": fuzzXMLTV,
  "xlsx": fuzzXLSX,
]

private let target: Target = {
  let name = ProcessInfo.processInfo.environment["YIZHAN_FUZZ"] ?? ""
  guard let target = targets[name] else {
    fatalError("YIZHAN_FUZZ is one of \(targets.keys.sorted().joined(separator: ", "))")
  }
  return target
}()

private typealias Input = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// libFuzzer as a library: it reads the options and calls `input` until it is done.
@_silgen_name("LLVMFuzzerRunDriver")
private func drive(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>, _ input: Input
) -> CInt

@main
struct Fuzz {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    let status = drive(&count, &arguments) { data, size in
      try? target(Array(UnsafeBufferPointer(start: data, count: size)))
      return 0
    }
    exit(status)
  }
}

/// Stops the run: `what` is not as it must be.
func hold(_ isSo: Bool, _ what: @autoclosure () -> String) {
  precondition(isSo, what())
}
