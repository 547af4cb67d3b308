// What libFuzzer calls. One program for all targets, so that it is built and linked once; the
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

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  try? target(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}

/// Stops the run: `what` is not as it must be.
func hold(_ isSo: Bool, _ what: @autoclosure () -> String) {
  precondition(isSo, what())
}
