// The disks that a power cut may leave.
//
// Of each file: what was synced last, and every write and truncation since, of which any part may have
// reached the disk in any order. Of each name: what it stood for when the folder was synced last, and
// everything since, of which any may hold.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR 512

typedef struct {
  cd_bytes durable;
  size_t *pending;
  size_t count, capacity;
} cd_file;

typedef struct {
  const char *name;
  /// Numbers of files, -1 for none; the first is durable.
  int *past;
  size_t count, capacity;
} cd_name;

struct cd_replay {
  const cd_record *record;
  cd_honesty honesty;
  size_t done;
  cd_file *files;
  cd_name *names;
  int name_count;
};

static cd_name *name_of(cd_replay *replay, const char *name) {
  for (int i = 0; i < replay->name_count; i++)
    if (!strcmp(replay->names[i].name, name)) return &replay->names[i];
  return NULL;
}

static void add_past(cd_name *name, int node) {
  name->past = cd_grown(name->past, name->count, &name->capacity, sizeof *name->past);
  name->past[name->count++] = node;
}

cd_replay *cd_replay_new(const cd_record *record, cd_honesty honesty) {
  cd_replay *replay = calloc(1, sizeof *replay);
  const cd_disk *base = record->base;
  if (!replay) abort();
  replay->record = record;
  replay->honesty = honesty;
  replay->files = calloc(record->node_count + 1, sizeof *replay->files);
  replay->names = calloc(base->count + record->name_count + 1, sizeof *replay->names);
  if (!replay->files || !replay->names) abort();
  for (int i = 0; i < base->count; i++) {
    cd_bytes_set(&replay->files[i].durable, &base->entries[i].node->content);
    cd_name *name = &replay->names[replay->name_count++];
    name->name = base->entries[i].name;
    add_past(name, i);
  }
  for (int i = 0; i < record->name_count; i++) {
    if (name_of(replay, record->names[i])) continue;
    cd_name *name = &replay->names[replay->name_count++];
    name->name = record->names[i];
    add_past(name, -1);
  }
  return replay;
}

void cd_replay_free(cd_replay *replay) {
  if (!replay) return;
  for (int i = 0; i < replay->record->node_count; i++) {
    free(replay->files[i].durable.bytes);
    free(replay->files[i].pending);
  }
  for (int i = 0; i < replay->name_count; i++) free(replay->names[i].past);
  free(replay->files);
  free(replay->names);
  free(replay);
}

static void put(cd_bytes *content, int64_t offset, const uint8_t *bytes, int64_t count) {
  if (offset + count > content->count) cd_bytes_resize(content, offset + count);
  memcpy(content->bytes + offset, bytes, count);
}

static void sync_file(cd_replay *replay, cd_file *file) {
  for (size_t i = 0; i < file->count; i++) {
    const cd_step *step = &replay->record->steps[file->pending[i]];
    if (step->kind == CD_TRUNCATE) {
      cd_bytes_resize(&file->durable, step->offset);
    } else {
      put(&file->durable, step->offset, step->bytes, step->length);
    }
  }
  file->count = 0;
}

static void sync_names(cd_replay *replay) {
  for (int i = 0; i < replay->name_count; i++) {
    cd_name *name = &replay->names[i];
    name->past[0] = name->past[name->count - 1];
    name->count = 1;
  }
}

void cd_replay_to(cd_replay *replay, size_t count) {
  for (; replay->done < count; replay->done++) {
    const cd_step *step = &replay->record->steps[replay->done];
    cd_file *file = &replay->files[step->node < 0 ? 0 : step->node];
    switch (step->kind) {
    case CD_WRITE:
    case CD_TRUNCATE:
      file->pending = cd_grown(file->pending, file->count, &file->capacity, sizeof *file->pending);
      file->pending[file->count++] = replay->done;
      break;
    case CD_SYNC:
      if (replay->honesty != CD_LIES) sync_file(replay, file);
      break;
    case CD_LINK:
      add_past(name_of(replay, replay->record->names[step->name]), step->node);
      break;
    case CD_UNLINK:
      add_past(name_of(replay, replay->record->names[step->name]), -1);
      break;
    case CD_SYNC_FOLDER:
      if (replay->honesty == CD_HONEST) sync_names(replay);
      break;
    case CD_MARK: break;
    }
  }
}

int cd_replay_is_pending(const cd_replay *replay) {
  for (int i = 0; i < replay->name_count; i++) {
    const cd_name *name = &replay->names[i];
    if (name->count > 1) return 1;
    if (name->past[0] >= 0 && replay->files[name->past[0]].count) return 1;
  }
  return 0;
}

// ---- Cuts

/// The dice of one cut, and how they are loaded: how many of 64 pending sectors are kept, lost and torn
/// in half; the others are garbage.
typedef struct {
  uint64_t state;
  int kept, lost, half;
} cd_dice;

static uint64_t next(cd_dice *dice) {
  uint64_t word = dice->state += 0x9E3779B97F4A7C15u;
  word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
  word = (word ^ word >> 27) * 0x94D049BB133111EBu;
  return word ^ word >> 31;
}

static cd_dice loaded(uint64_t seed) {
  static const int loads[8][3] = {
    {16, 16, 16}, {32, 32, 0}, {60, 2, 1}, {2, 60, 1}, {62, 2, 0}, {2, 62, 0}, {62, 0, 1}, {48, 0, 8},
  };
  cd_dice dice = {seed, 0, 0, 0};
  const int *load = loads[next(&dice) & 7];
  dice.kept = load[0];
  dice.lost = load[1];
  dice.half = load[2];
  return dice;
}

static void spoil(cd_bytes *content, int64_t start, int64_t end, cd_dice *dice) {
  if (end > content->count) cd_bytes_resize(content, end);
  for (int64_t at = start; at < end;) {
    uint64_t word = next(dice);
    for (int i = 0; i < 8 && at < end; i++, at++) content->bytes[at] = (uint8_t)(word >> 8 * i);
  }
}

/// What is left of a write, sector by sector.
static void put_part(cd_bytes *content, const cd_step *step, int nature, cd_dice *dice) {
  int64_t end = step->offset + step->length;
  for (int64_t sector = step->offset / SECTOR * SECTOR; sector < end; sector += SECTOR) {
    int64_t from = sector < step->offset ? step->offset : sector;
    int64_t to = sector + SECTOR < end ? sector + SECTOR : end;
    const uint8_t *bytes = step->bytes + (from - step->offset);
    int fate = (int)(next(dice) & 63);
    if (fate < dice->kept) {
      put(content, from, bytes, to - from);
    } else if (fate < dice->kept + dice->lost) {
      continue;
    } else if (fate < dice->kept + dice->lost + dice->half) {
      int64_t middle = from + (to - from) / 2;
      if (next(dice) & 1) {
        put(content, from, bytes, middle - from);
      } else {
        put(content, middle, bytes + (middle - from), to - middle);
      }
    } else if (nature == CD_POWERSAFE) {
      spoil(content, from, to, dice);
    } else {
      // What was in the sector before is spoilt with it; nothing is added behind the file's end.
      int64_t last = sector + SECTOR < content->count ? sector + SECTOR : content->count;
      spoil(content, sector, last > to ? last : to, dice);
    }
  }
}

static void cut_file(
  const cd_replay *replay, const cd_file *file, cd_bytes *content, cd_luck luck, cd_dice *dice) {
  cd_bytes_set(content, &file->durable);
  if (luck == CD_NOTHING_KEPT) return;
  for (size_t i = 0; i < file->count; i++) {
    const cd_step *step = &replay->record->steps[file->pending[i]];
    if (step->kind == CD_TRUNCATE) {
      if (luck == CD_ALL_KEPT || next(dice) & 1) cd_bytes_resize(content, step->offset);
    } else if (luck == CD_ALL_KEPT) {
      put(content, step->offset, step->bytes, step->length);
    } else {
      put_part(content, step, replay->record->base->nature, dice);
    }
  }
}

cd_disk *cd_replay_cut(const cd_replay *replay, cd_luck luck, uint64_t seed) {
  cd_dice dice = loaded(seed);
  cd_disk *disk = cd_disk_new(replay->record->base->nature);
  for (int i = 0; i < replay->name_count; i++) {
    const cd_name *name = &replay->names[i];
    size_t which = luck == CD_NOTHING_KEPT ? 0
                   : luck == CD_ALL_KEPT   ? name->count - 1
                                           : next(&dice) % name->count;
    if (name->past[which] < 0) continue;
    cd_node *node = cd_node_new(disk);
    cut_file(replay, &replay->files[name->past[which]], &node->content, luck, &dice);
    cd_link(disk, name->name, node);
  }
  return disk;
}
