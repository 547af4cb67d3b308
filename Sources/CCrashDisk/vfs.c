// The disks as SQLite sees them (sqlite.org/vfs.html).
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  sqlite3_file base;
  cd_disk *disk;
  cd_node *node;
  /// SQLite's files under Linux sync the folder with the first sync of a new log or journal.
  int syncs_folder, is_database;
  char *delete_on_close;
} cd_handle;

static sqlite3_vfs *real;

/// Whether a call that needs room, or does not, is to fail.
static int fails(cd_disk *disk, int needs_room) {
  if (!disk->first || (disk->fault == CD_FULL && !needs_room)) return 0;
  disk->calls++;
  int64_t after = disk->calls - disk->first;
  if (after == 0 || (after > 0 && disk->sticky) || (disk->second && after == disk->second)) {
    disk->failed++;
    return 1;
  }
  return 0;
}

static int failure(const cd_disk *disk, int error) {
  return disk->fault == CD_FULL ? SQLITE_FULL : error;
}

void cd_fail(cd_disk *disk, cd_fault fault, int64_t first, int64_t second, int sticky) {
  disk->fault = fault;
  disk->first = first;
  disk->second = second;
  disk->sticky = sticky;
  disk->calls = disk->failed = 0;
}

int64_t cd_calls(const cd_disk *disk) { return disk->calls; }
int64_t cd_failed(const cd_disk *disk) { return disk->failed; }

// ---- Files

static int file_close(sqlite3_file *file) {
  cd_handle *handle = (cd_handle *)file;
  if (handle->is_database) handle->node->connections--;
  cd_release(handle->node);
  if (handle->delete_on_close) cd_unlink(handle->disk, handle->delete_on_close);
  free(handle->delete_on_close);
  if (--handle->disk->handles == 0 && handle->disk->is_gone) cd_discard(handle->disk);
  return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *into, int count, sqlite3_int64 offset) {
  cd_handle *handle = (cd_handle *)file;
  const cd_bytes *content = &handle->node->content;
  if (fails(handle->disk, 0)) return SQLITE_IOERR_READ;
  int64_t there = content->count - offset;
  if (there < 0) there = 0;
  if (there > count) there = count;
  if (there) memcpy(into, content->bytes + offset, there);
  if (there == count) return SQLITE_OK;
  memset((char *)into + there, 0, count - there);
  return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  cd_handle *handle = (cd_handle *)file;
  cd_bytes *content = &handle->node->content;
  if (fails(handle->disk, 1)) return failure(handle->disk, SQLITE_IOERR_WRITE);
  if (offset + count > content->count) cd_bytes_resize(content, offset + count);
  memcpy(content->bytes + offset, bytes, count);
  cd_note_bytes(handle->disk, CD_WRITE, handle->node->number, offset, count, bytes);
  return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  cd_handle *handle = (cd_handle *)file;
  if (fails(handle->disk, 0)) return SQLITE_IOERR_TRUNCATE;
  cd_bytes_resize(&handle->node->content, size);
  cd_note_bytes(handle->disk, CD_TRUNCATE, handle->node->number, size, 0, NULL);
  return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags) {
  (void)flags;
  cd_handle *handle = (cd_handle *)file;
  if (fails(handle->disk, 0)) return SQLITE_IOERR_FSYNC;
  cd_note_bytes(handle->disk, CD_SYNC, handle->node->number, 0, 0, NULL);
  if (handle->syncs_folder) {
    cd_note_name(handle->disk, CD_SYNC_FOLDER, NULL, -1);
    handle->syncs_folder = 0;
  }
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  cd_handle *handle = (cd_handle *)file;
  if (fails(handle->disk, 0)) return SQLITE_IOERR_FSTAT;
  *size = handle->node->content.count;
  return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level) {
  (void)level;
  return fails(((cd_handle *)file)->disk, 0) ? SQLITE_IOERR_LOCK : SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level) {
  (void)file;
  (void)level;
  return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *file, int *answer) {
  (void)file;
  *answer = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  (void)file;
  (void)operation;
  (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file) {
  (void)file;
  return 512;
}

static int file_promises(sqlite3_file *file) {
  return ((cd_handle *)file)->disk->nature == CD_POWERSAFE ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static int shared_map(sqlite3_file *file, int region, int size, int extend, void volatile **at) {
  cd_handle *handle = (cd_handle *)file;
  cd_node *node = handle->node;
  *at = NULL;
  if (region < node->shared_count) {
    *at = node->shared[region];
    return SQLITE_OK;
  }
  if (!extend) return SQLITE_OK;
  if (fails(handle->disk, 1)) return failure(handle->disk, SQLITE_IOERR_SHMSIZE);
  node->shared = realloc(node->shared, (region + 1) * sizeof *node->shared);
  if (!node->shared) abort();
  while (node->shared_count <= region) {
    node->shared[node->shared_count] = calloc(1, size);
    if (!node->shared[node->shared_count++]) abort();
  }
  *at = node->shared[region];
  return SQLITE_OK;
}

static int shared_lock(sqlite3_file *file, int offset, int count, int flags) {
  (void)file;
  (void)offset;
  (void)count;
  (void)flags;
  return SQLITE_OK;
}

static void shared_barrier(sqlite3_file *file) { (void)file; }

static int shared_unmap(sqlite3_file *file, int forget) {
  cd_node *node = ((cd_handle *)file)->node;
  // The last connection takes the log's index with it, and there is but one.
  (void)forget;
  for (int i = 0; i < node->shared_count; i++) free(node->shared[i]);
  free(node->shared);
  node->shared = NULL;
  node->shared_count = 0;
  return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
  2,           file_close,   file_read,        file_write,   file_truncate, file_sync,  file_size,
  file_lock,   file_unlock,  file_is_reserved, file_control, file_sector,   file_promises,
  shared_map,  shared_lock,  shared_barrier,   shared_unmap, NULL,          NULL,
};

// ---- Names

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  const char *name;
  cd_disk *disk = cd_disk_of(path, &name);
  if (!disk) return real->xOpen(real, path, file, flags, out);
  cd_handle *handle = (cd_handle *)file;
  memset(handle, 0, sizeof *handle);
  cd_entry *entry = cd_find(disk, name);
  int creates = !entry && flags & SQLITE_OPEN_CREATE;
  if (fails(disk, creates)) return failure(disk, SQLITE_CANTOPEN);
  if (!entry && !creates) return SQLITE_CANTOPEN;
  cd_node *node = entry ? entry->node : cd_node_new(disk);
  if (creates) {
    cd_link(disk, name, node);
    cd_note_name(disk, CD_LINK, name, node->number);
    handle->syncs_folder =
      !!(flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL));
  }
  if (flags & SQLITE_OPEN_MAIN_DB) {
    if (node->connections++) {
      fprintf(stderr, "%s is open already: a crash disk has one connection\n", path);
      abort();
    }
    handle->is_database = 1;
  }
  node->references++;
  disk->handles++;
  handle->disk = disk;
  handle->node = node;
  if (flags & SQLITE_OPEN_DELETEONCLOSE) handle->delete_on_close = strdup(name);
  handle->base.pMethods = &methods;
  if (out) *out = flags;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
  (void)vfs;
  const char *name;
  cd_disk *disk = cd_disk_of(path, &name);
  if (!disk) return real->xDelete(real, path, syncs_folder);
  if (fails(disk, 0)) return SQLITE_IOERR_DELETE;
  if (!cd_find(disk, name)) return SQLITE_IOERR_DELETE_NOENT;
  cd_unlink(disk, name);
  cd_note_name(disk, CD_UNLINK, name, -1);
  if (syncs_folder) cd_note_name(disk, CD_SYNC_FOLDER, NULL, -1);
  return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
  (void)vfs;
  const char *name;
  cd_disk *disk = cd_disk_of(path, &name);
  if (!disk) return real->xAccess(real, path, flags, answer);
  if (fails(disk, 0)) return SQLITE_IOERR_ACCESS;
  const cd_entry *entry = cd_find(disk, name);
  // As under Linux, a file without bytes is none where SQLite asks whether there is one.
  *answer = entry && (flags != SQLITE_ACCESS_EXISTS || entry->node->content.count > 0);
  return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int count, char *out) {
  (void)vfs;
  const char *name;
  if (!cd_disk_of(path, &name)) return real->xFullPathname(real, path, count, out);
  if ((int)strlen(path) >= count) return SQLITE_CANTOPEN;
  strcpy(out, path);
  return SQLITE_OK;
}

int cd_register(void) {
  static sqlite3_vfs vfs;
  // SQLite has each file system once, however often it is told of it.
  if (sqlite3_initialize() != SQLITE_OK) return 1;
  if (real) return 0;
  sqlite3_vfs *before = sqlite3_vfs_find(NULL);
  if (!before) return 1;
  vfs = *before;
  vfs.pNext = NULL;
  vfs.zName = "yizhan-crash-disk";
  if (vfs.szOsFile < (int)sizeof(cd_handle)) vfs.szOsFile = sizeof(cd_handle);
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  real = before;
  return sqlite3_vfs_register(&vfs, 1);
}

void cd_seed(uint32_t seed) { sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)seed, NULL); }
