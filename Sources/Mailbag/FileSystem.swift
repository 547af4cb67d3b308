/// What bundles need of the file system that they lie on: a stick's, which may be pulled out or fail at
/// any call. `SystemFiles` is the real one; tests have a model of FAT that cuts the power.
///
/// All throw `MailbagError`.
package protocol FileSystem: Sendable {
  /// For reading. A pipe that somebody has put on the stick is not waited for.
  func open(_ path: String) throws -> any OpenFile
  /// For writing, and empty.
  func create(_ path: String) throws -> any OpenFile
  func rename(_ from: String, _ to: String) throws
  /// Also if it is not there.
  func remove(_ path: String) throws
  /// Makes durable which files a folder has.
  func syncFolder(_ path: String) throws
  /// Also if it is there.
  func makeFolder(_ path: String) throws
  func isFolder(_ path: String) -> Bool
  /// Whether this is a plain file, which can be opened without waiting for anybody.
  func isFile(_ path: String) throws -> Bool
  /// Lets go of what is remembered of a file, so that the next reading asks the stick.
  func forget(_ path: String) throws
  /// The names in a folder, sorted.
  func names(in folder: String) throws -> [String]
  func size(_ path: String) throws -> UInt64
  /// Bytes that can still be written to the file system of `folder`.
  func freeBytes(_ folder: String) throws -> UInt64
}

/// An open file; closed when it goes away. The paths are for what errors say.
package protocol OpenFile: AnyObject {
  /// Behind what was written before.
  func write(_ bytes: [UInt8], to path: String) throws
  /// Up to `count` bytes from `offset`; fewer only at the end of the file.
  func read(at offset: UInt64, count: Int, of path: String) throws -> [UInt8]
  /// Cuts the file to `size` and goes on writing there.
  func cut(to size: UInt64, _ path: String) throws
  /// Makes durable what was written.
  func sync(_ path: String) throws
}
