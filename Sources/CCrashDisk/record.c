// What was done to a disk.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

void cd_record_begin(cd_disk *disk) {
  cd_record *record = calloc(1, sizeof *record);
  if (!record) abort();
  // The copy numbers its files as they stand, so these are numbered alike.
  for (int i = 0; i < disk->count; i++) disk->entries[i].node->number = i;
  disk->next_node = disk->count;
  record->base = cd_disk_copy(disk);
  disk->record = record;
}

cd_record *cd_record_end(cd_disk *disk) {
  cd_record *record = disk->record;
  disk->record = NULL;
  record->node_count = disk->next_node;
  return record;
}

void cd_record_free(cd_record *record) {
  if (!record) return;
  cd_disk_free(record->base);
  for (size_t i = 0; i < record->count; i++) free(record->steps[i].bytes);
  for (int i = 0; i < record->name_count; i++) free(record->names[i]);
  free(record->names);
  free(record->steps);
  free(record);
}

static cd_step *added(cd_record *record, cd_kind kind) {
  record->steps =
    cd_grown(record->steps, record->count, &record->capacity, sizeof *record->steps);
  cd_step *step = &record->steps[record->count++];
  memset(step, 0, sizeof *step);
  step->kind = kind;
  return step;
}

void cd_note_bytes(
  cd_disk *disk, cd_kind kind, int node, int64_t offset, int64_t length, const void *bytes) {
  if (!disk->record) return;
  cd_step *step = added(disk->record, kind);
  step->node = node;
  step->offset = offset;
  step->length = length;
  if (!bytes) return;
  step->bytes = malloc(length);
  if (!step->bytes) abort();
  memcpy(step->bytes, bytes, length);
}

static int named(cd_record *record, const char *name) {
  for (int i = 0; i < record->name_count; i++)
    if (!strcmp(record->names[i], name)) return i;
  record->names = realloc(record->names, (record->name_count + 1) * sizeof *record->names);
  if (!record->names) abort();
  record->names[record->name_count] = strdup(name);
  return record->name_count++;
}

void cd_note_name(cd_disk *disk, cd_kind kind, const char *name, int node) {
  if (!disk->record) return;
  cd_step *step = added(disk->record, kind);
  step->name = name ? named(disk->record, name) : -1;
  step->node = node;
}

void cd_mark(cd_disk *disk, uint64_t value) {
  if (disk->record) added(disk->record, CD_MARK)->value = value;
}

size_t cd_recorded(const cd_disk *disk) { return disk->record ? disk->record->count : 0; }

size_t cd_record_count(const cd_record *record) { return record->count; }

cd_kind cd_record_kind(const cd_record *record, size_t step) { return record->steps[step].kind; }

uint64_t cd_record_value(const cd_record *record, size_t step) { return record->steps[step].value; }
