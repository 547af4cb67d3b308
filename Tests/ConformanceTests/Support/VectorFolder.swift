import Foundation

/// The folder Protocol/vectors.
enum VectorFolder {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Protocol/vectors").path

  static let indexPath = "index.json"

  /// Every file that the folder should hold, by its path within.
  static func files(of vectors: [Vector]) -> [String: [UInt8]] {
    var files = [indexPath: JSON.list(vectors.map(\.listed)).bytes]
    for vector in vectors {
      for file in vector.files {
        precondition(files[file.path] == nil, "two vectors are called \(vector.name)")
        files[file.path] = file.bytes
      }
    }
    return files
  }

  static func read(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)))
  }

  /// The paths of all files in the folder, sorted.
  static func list() -> [String] {
    let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return all.filter { file in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: path + "/" + file, isDirectory: &isFolder)
      return exists && !isFolder.boolValue
    }.sorted()
  }

  /// What is wrong with the folder, a line for each file.
  static func differences(from files: [String: [UInt8]]) throws -> [String] {
    let held = Set(list())
    var lines = held.subtracting(files.keys).map { "\($0) is left over" }
    for (file, bytes) in files {
      if !held.contains(file) {
        lines.append("\(file) is missing")
      } else if try read(file) != bytes {
        lines.append("\(file) is stale")
      }
    }
    return lines.sorted()
  }

  /// Makes the folder hold these files and no others.
  static func write(_ files: [String: [UInt8]]) throws {
    for file in list() where files[file] == nil {
      try FileManager.default.removeItem(atPath: path + "/" + file)
    }
    for (file, bytes) in files {
      let url = URL(fileURLWithPath: path + "/" + file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
  }
}
