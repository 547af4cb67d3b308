import Bundles
import Foundation
import Testing

/// The folder of vectors and the code that makes them must agree: what was changed in one is
/// changed in the other, on purpose.
@Suite struct VectorFolderTests {
  @Test func `the vectors in Protocol are what the code makes`() throws {
    let files = VectorFolder.files(of: try VectorFactory.all())
    if ProcessInfo.processInfo.environment["YIZHAN_WRITE_VECTORS"] == "1" {
      try VectorFolder.write(files)
    }
    for line in try VectorFolder.differences(from: files) {
      Issue.record("Protocol/vectors/\(line): if that is meant, run tools/generate-vectors")
    }
  }

  @Test func `every code of a bundle has an invalid vector`() throws {
    var codes = Set(BundleError.Code.allCases.map(\.rawValue))
    for vector in try VectorFactory.all() {
      if case .refused(let code) = vector.outcome { codes.remove(code.rawValue) }
    }
    #expect(codes.isEmpty)
  }

  @Test func `names of vectors are names of files and no two are alike`() throws {
    let names = try VectorFactory.all().map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      let isPlain = name.allSatisfy {
        $0 == "-" || ("a"..."z").contains($0) || ("0"..."9").contains($0)
      }
      #expect(isPlain, "\(name)")
    }
  }
}
