#ifndef CCRASHDISK_H
#define CCRASHDISK_H

#include <stddef.h>
#include <stdint.h>

/// Disks in memory whose power can be cut, for tests only (docs/survival.md).
///
/// A disk is a set of files that SQLite opens by names below `cd_disk_path`. What SQLite does to it can
/// be recorded; from a record every disk can be made that a power cut may leave. All other names go to
/// the system's own files, so that tests beside this one notice nothing.
///
/// A disk is used by one thread at a time, and by one connection: locks are always given.
typedef struct cd_disk cd_disk;
typedef struct cd_record cd_record;
typedef struct cd_replay cd_replay;

/// What the disk promises to SQLite (sqlite.org/c3ref/c_iocap_atomic.html).
enum {
  /// Nothing: a torn write may spoil all of a sector that it touches.
  CD_PLAIN = 0,
  /// What SQLite believes of disks under Linux: a write changes no byte beside it.
  CD_POWERSAFE = 1,
};

/// Makes the file system known to SQLite, as the one by default. Returns 0 if that was possible.
int cd_register(void);

cd_disk *cd_disk_new(int nature);
/// Another with the same files.
cd_disk *cd_disk_copy(const cd_disk *disk);
void cd_disk_free(cd_disk *disk);
/// The folder by which SQLite opens its files, with a slash at its end.
const char *cd_disk_path(const cd_disk *disk);
/// The bytes of all files.
int64_t cd_disk_size(const cd_disk *disk);
/// Equal for disks with the same files, and hardly ever for others.
uint64_t cd_disk_hash(const cd_disk *disk);

// ---- Faults

typedef enum {
  /// The call fails and does nothing.
  CD_ERROR = 0,
  /// Of calls that need room only; others succeed.
  CD_FULL = 1,
} cd_fault;

/// From now on the `first` call that a fault of this kind can strike fails (counted from 1), and then
/// the one that is `second` after it; all that follow it if `sticky`. 0 for none.
void cd_fail(cd_disk *disk, cd_fault fault, int64_t first, int64_t second, int sticky);
/// How many calls that the fault can strike there were since `cd_fail`.
int64_t cd_calls(const cd_disk *disk);
/// How many of them failed.
int64_t cd_failed(const cd_disk *disk);

// ---- Records

/// Notes from now on what is done to the disk. What is on it is durable.
void cd_record_begin(cd_disk *disk);
/// Notes that something has happened outside of the disk, as a write that was acknowledged.
void cd_mark(cd_disk *disk, uint64_t value);
/// How many steps were noted until now.
size_t cd_recorded(const cd_disk *disk);
/// Ends it. The record outlives the disk.
cd_record *cd_record_end(cd_disk *disk);
void cd_record_free(cd_record *record);
size_t cd_record_count(const cd_record *record);

typedef enum {
  CD_WRITE,
  CD_TRUNCATE,
  CD_SYNC,
  CD_LINK,
  CD_UNLINK,
  CD_SYNC_FOLDER,
  CD_MARK,
} cd_kind;

cd_kind cd_record_kind(const cd_record *record, size_t step);
/// Of a mark.
uint64_t cd_record_value(const cd_record *record, size_t step);

// ---- Power cuts

typedef enum {
  CD_HONEST = 0,
  /// Files are never synced, whatever is said.
  CD_LIES = 1,
  /// Folders are never synced.
  CD_FORGETS_NAMES = 2,
} cd_honesty;

cd_replay *cd_replay_new(const cd_record *record, cd_honesty honesty);
void cd_replay_free(cd_replay *replay);
/// Goes on until `count` steps of the record are done; never back.
void cd_replay_to(cd_replay *replay, size_t count);
/// Whether anything of what was done is not durable yet.
int cd_replay_is_pending(const cd_replay *replay);

typedef enum {
  CD_NOTHING_KEPT,
  CD_ALL_KEPT,
  /// By the seed: each pending sector is kept, lost, half or garbage, each name old or new.
  CD_ANY,
} cd_luck;

/// The disk that a power cut leaves now.
cd_disk *cd_replay_cut(const cd_replay *replay, cd_luck luck, uint64_t seed);

// ---- Content

/// A hash over all rows of all tables, in the order of their keys; 0 if reading fails. `connection` is
/// a `sqlite3 *`.
uint64_t cd_rows_hash(void *connection);

/// Takes the authorizer from a connection: GRDB has one to know which tables a statement reads, at more
/// cost than all else that is done to a disk that is only looked at.
void cd_unwatch(void *connection);

/// Makes SQLite's own dice show the same from now on.
void cd_seed(uint32_t seed);

#endif
