import CCrashDisk

/// A disk in memory whose power can be cut (`Sources/CCrashDisk`).
final class CrashDisk {
  /// What the disk promises to SQLite.
  enum Nature: Int32, CaseIterable {
    /// Nothing: a torn write may spoil all of a sector.
    case plain = 0
    /// What SQLite believes of disks under Linux: a write changes no byte beside it.
    case powersafe = 1
  }

  enum Fault: UInt32, CaseIterable {
    case error = 0
    case full = 1
  }

  let nature: Nature
  fileprivate let pointer: OpaquePointer

  init(_ nature: Nature) {
    self.nature = nature
    precondition(cd_register() == 0, "SQLite takes no file system")
    pointer = cd_disk_new(nature.rawValue)
  }

  fileprivate init(_ nature: Nature, _ pointer: OpaquePointer) {
    self.nature = nature
    self.pointer = pointer
  }

  deinit { cd_disk_free(pointer) }

  func copy() -> CrashDisk { CrashDisk(nature, cd_disk_copy(pointer)) }

  func path(_ name: String) -> String { String(cString: cd_disk_path(pointer)) + name }

  var size: Int { Int(cd_disk_size(pointer)) }
  var hash: UInt64 { cd_disk_hash(pointer) }

  // MARK: Faults

  /// The call number `first` fails, and the one that is `second` after it; all from `first` on if
  /// `isSticky`.
  func fail(_ fault: Fault, at first: Int, then second: Int = 0, isSticky: Bool = false) {
    cd_fail(
      pointer, cd_fault(rawValue: fault.rawValue), Int64(first), Int64(second), isSticky ? 1 : 0)
  }

  /// Counts calls that a fault could strike, and lets all of them succeed.
  func count(_ fault: Fault) { fail(fault, at: .max / 2) }

  func mend() { fail(.error, at: 0) }

  var calls: Int { Int(cd_calls(pointer)) }
  var failed: Int { Int(cd_failed(pointer)) }

  // MARK: Records

  func beginRecord() { cd_record_begin(pointer) }
  func mark(_ value: Int) { cd_mark(pointer, UInt64(value)) }
  /// How much was noted until now.
  var recorded: Int { Int(cd_recorded(pointer)) }
  func endRecord() -> CrashRecord { CrashRecord(nature, cd_record_end(pointer)) }
}

/// What was done to a disk.
final class CrashRecord {
  fileprivate let pointer: OpaquePointer

  fileprivate let nature: CrashDisk.Nature

  fileprivate init(_ nature: CrashDisk.Nature, _ pointer: OpaquePointer) {
    self.nature = nature
    self.pointer = pointer
  }

  deinit { cd_record_free(pointer) }

  var count: Int { cd_record_count(pointer) }

  func kind(_ step: Int) -> cd_kind { cd_record_kind(pointer, step) }

  /// What was noted at a step; nil where the disk was asked to do something.
  func mark(_ step: Int) -> Int? {
    kind(step) == CD_MARK ? Int(cd_record_value(pointer, step)) : nil
  }
}

/// Goes through a record and cuts the power.
final class CrashReplay {
  /// How far a disk keeps its word when it is told to sync.
  enum Honesty: UInt32 {
    case honest = 0
    case liesAboutFiles = 1
    case liesAboutFolders = 2
  }

  enum Luck: Equatable {
    case nothingKept
    case allKept
    case any(UInt64)
  }

  let record: CrashRecord
  private let pointer: OpaquePointer

  init(_ record: CrashRecord, _ honesty: Honesty = .honest) {
    self.record = record
    pointer = cd_replay_new(record.pointer, cd_honesty(rawValue: honesty.rawValue))
  }

  deinit { cd_replay_free(pointer) }

  func go(to count: Int) { cd_replay_to(pointer, count) }

  var isPending: Bool { cd_replay_is_pending(pointer) != 0 }

  func cut(_ luck: Luck) -> CrashDisk {
    let disk: OpaquePointer =
      switch luck {
      case .nothingKept: cd_replay_cut(pointer, CD_NOTHING_KEPT, 0)
      case .allKept: cd_replay_cut(pointer, CD_ALL_KEPT, 0)
      case .any(let seed): cd_replay_cut(pointer, CD_ANY, seed)
      }
    return CrashDisk(record.nature, disk)
  }
}
