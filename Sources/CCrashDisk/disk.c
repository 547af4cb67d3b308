// Disks, their files and their names.
#include "internal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "/yizhan-crash-disk/"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cd_disk **disks;
static int disk_count;
static int free_numbers[1 << 12], free_count;

void *cd_grown(void *list, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return list;
  *capacity = *capacity ? *capacity * 2 : 64;
  list = realloc(list, *capacity * size);
  if (!list) abort();
  return list;
}

void cd_bytes_resize(cd_bytes *bytes, int64_t count) {
  if (count > bytes->capacity) {
    int64_t capacity = bytes->capacity ? bytes->capacity : 4096;
    while (capacity < count) capacity *= 2;
    bytes->bytes = realloc(bytes->bytes, capacity);
    if (!bytes->bytes) abort();
    bytes->capacity = capacity;
  }
  if (count > bytes->count) memset(bytes->bytes + bytes->count, 0, count - bytes->count);
  bytes->count = count;
}

void cd_bytes_set(cd_bytes *bytes, const cd_bytes *other) {
  bytes->count = 0;
  if (other->count > bytes->capacity) {
    free(bytes->bytes);
    bytes->bytes = malloc(other->count);
    if (!bytes->bytes) abort();
    bytes->capacity = other->count;
  }
  if (other->count) memcpy(bytes->bytes, other->bytes, other->count);
  bytes->count = other->count;
}

cd_disk *cd_disk_new(int nature) {
  cd_disk *disk = calloc(1, sizeof *disk);
  if (!disk) abort();
  disk->nature = nature;
  pthread_mutex_lock(&lock);
  if (free_count) {
    disk->number = free_numbers[--free_count];
  } else {
    disk->number = disk_count++;
    disks = realloc(disks, disk_count * sizeof *disks);
    if (!disks) abort();
  }
  disks[disk->number] = disk;
  pthread_mutex_unlock(&lock);
  snprintf(disk->path, sizeof disk->path, PREFIX "%d/", disk->number);
  return disk;
}

cd_disk *cd_disk_copy(const cd_disk *other) {
  cd_disk *disk = cd_disk_new(other->nature);
  for (int i = 0; i < other->count; i++) {
    cd_node *node = cd_node_new(disk);
    cd_bytes_set(&node->content, &other->entries[i].node->content);
    cd_link(disk, other->entries[i].name, node);
  }
  return disk;
}

void cd_disk_free(cd_disk *disk) {
  if (!disk) return;
  if (disk->record) cd_record_free(cd_record_end(disk));
  pthread_mutex_lock(&lock);
  disks[disk->number] = NULL;
  if (free_count < 1 << 12) free_numbers[free_count++] = disk->number;
  pthread_mutex_unlock(&lock);
  disk->is_gone = 1;
  if (!disk->handles) cd_discard(disk);
}

void cd_discard(cd_disk *disk) {
  while (disk->count) cd_unlink(disk, disk->entries[disk->count - 1].name);
  free(disk->entries);
  free(disk);
}

const char *cd_disk_path(const cd_disk *disk) { return disk->path; }

int64_t cd_disk_size(const cd_disk *disk) {
  int64_t size = 0;
  for (int i = 0; i < disk->count; i++) size += disk->entries[i].node->content.count;
  return size;
}

static uint64_t mixed(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}

uint64_t cd_disk_hash(const cd_disk *disk) {
  // The order of names does not matter.
  uint64_t sum = 0;
  for (int i = 0; i < disk->count; i++) {
    const cd_entry *entry = &disk->entries[i];
    const cd_bytes *content = &entry->node->content;
    uint64_t lanes[4] = {1, 2, 3, (uint64_t)content->count};
    for (const char *letter = entry->name; *letter; letter++)
      lanes[0] = mixed(lanes[0], (uint8_t)*letter);
    int64_t at = 0;
    for (; at + 32 <= content->count; at += 32)
      for (int lane = 0; lane < 4; lane++) {
        uint64_t word;
        memcpy(&word, content->bytes + at + 8 * lane, 8);
        lanes[lane] = mixed(lanes[lane], word);
      }
    for (; at < content->count; at++) lanes[0] = mixed(lanes[0], content->bytes[at]);
    sum += mixed(mixed(mixed(lanes[0], lanes[1]), lanes[2]), lanes[3]);
  }
  return sum;
}

cd_entry *cd_find(const cd_disk *disk, const char *name) {
  for (int i = 0; i < disk->count; i++)
    if (!strcmp(disk->entries[i].name, name)) return &disk->entries[i];
  return NULL;
}

cd_node *cd_node_new(cd_disk *disk) {
  cd_node *node = calloc(1, sizeof *node);
  if (!node) abort();
  node->number = disk->next_node++;
  return node;
}

void cd_release(cd_node *node) {
  if (--node->references > 0) return;
  for (int i = 0; i < node->shared_count; i++) free(node->shared[i]);
  free(node->shared);
  free(node->content.bytes);
  free(node);
}

void cd_link(cd_disk *disk, const char *name, cd_node *node) {
  size_t capacity = disk->capacity;
  disk->entries = cd_grown(disk->entries, disk->count, &capacity, sizeof *disk->entries);
  disk->capacity = (int)capacity;
  disk->entries[disk->count++] = (cd_entry){strdup(name), node};
  node->references++;
}

void cd_unlink(cd_disk *disk, const char *name) {
  cd_entry *entry = cd_find(disk, name);
  if (!entry) return;
  free(entry->name);
  cd_release(entry->node);
  *entry = disk->entries[--disk->count];
}

cd_disk *cd_disk_of(const char *path, const char **name) {
  if (!path || strncmp(path, PREFIX, sizeof PREFIX - 1)) return NULL;
  char *end;
  long number = strtol(path + sizeof PREFIX - 1, &end, 10);
  if (*end != '/') return NULL;
  *name = end + 1;
  pthread_mutex_lock(&lock);
  cd_disk *disk = number >= 0 && number < disk_count ? disks[number] : NULL;
  pthread_mutex_unlock(&lock);
  return disk;
}
