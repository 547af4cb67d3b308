#ifndef CCRASHDISK_INTERNAL_H
#define CCRASHDISK_INTERNAL_H

#include "CCrashDisk.h"

#include <sqlite3.h>

/// Bytes that grow.
typedef struct {
  uint8_t *bytes;
  int64_t count, capacity;
} cd_bytes;

void cd_bytes_resize(cd_bytes *bytes, int64_t count);
void cd_bytes_set(cd_bytes *bytes, const cd_bytes *other);

/// A file's content, which names may come and go for.
typedef struct {
  int number, references, connections;
  cd_bytes content;
  uint8_t **shared;
  int shared_count;
} cd_node;

typedef struct {
  char *name;
  cd_node *node;
} cd_entry;

struct cd_disk {
  int number, nature;
  char path[48];
  cd_entry *entries;
  int count, capacity;
  int next_node;
  cd_record *record;
  cd_fault fault;
  int64_t first, second, calls, failed;
  int sticky;
  /// Files that are open; the disk stays until they are closed.
  int handles, is_gone;
};

typedef struct {
  cd_kind kind;
  int node;
  /// Of names: the index in the record's list.
  int name;
  int64_t offset, length;
  uint8_t *bytes;
  uint64_t value;
} cd_step;

struct cd_record {
  cd_disk *base;
  cd_step *steps;
  size_t count, capacity;
  char **names;
  int name_count;
  int node_count;
};

void cd_discard(cd_disk *disk);
void *cd_grown(void *list, size_t count, size_t *capacity, size_t size);
cd_entry *cd_find(const cd_disk *disk, const char *name);
cd_node *cd_node_new(cd_disk *disk);
void cd_release(cd_node *node);
void cd_link(cd_disk *disk, const char *name, cd_node *node);
void cd_unlink(cd_disk *disk, const char *name);
/// The disk on which a file lies, and its name there; NULL if it lies on none.
cd_disk *cd_disk_of(const char *path, const char **name);

void cd_note_bytes(
  cd_disk *disk, cd_kind kind, int node, int64_t offset, int64_t length, const void *bytes);
void cd_note_name(cd_disk *disk, cd_kind kind, const char *name, int node);

#endif
