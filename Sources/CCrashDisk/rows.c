// What a database holds, as one number.
#include "internal.h"

#include <stdio.h>
#include <string.h>

static uint64_t absorbed(uint64_t hash, const void *bytes, int count) {
  const uint8_t *at = bytes;
  for (; count >= 8; count -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  for (; count > 0; count--, at++) hash = (hash ^ *at) * 0x100000001B3u;
  return hash ^ hash >> 32;
}

static uint64_t row_hash(sqlite3_stmt *row, uint64_t hash) {
  int columns = sqlite3_column_count(row);
  for (int i = 0; i < columns; i++) {
    int type = sqlite3_column_type(row, i);
    hash = absorbed(hash, &type, sizeof type);
    if (type == SQLITE_INTEGER) {
      sqlite3_int64 value = sqlite3_column_int64(row, i);
      hash = absorbed(hash, &value, sizeof value);
    } else if (type != SQLITE_NULL) {
      int count = sqlite3_column_bytes(row, i);
      hash = absorbed(hash, &count, sizeof count);
      hash = absorbed(hash, sqlite3_column_blob(row, i), count);
    }
  }
  return hash;
}

static int absorb_table(sqlite3 *db, const char *table, uint64_t *hash) {
  char sql[256];
  sqlite3_stmt *rows;
  int code;
  snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
  if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK) return 0;
  while ((code = sqlite3_step(rows)) == SQLITE_ROW) *hash = row_hash(rows, *hash);
  sqlite3_finalize(rows);
  return code == SQLITE_DONE;
}

uint64_t cd_rows_hash(void *connection) {
  sqlite3 *db = connection;
  sqlite3_stmt *tables;
  uint64_t hash = 1;
  int code, is_whole = 1;
  const char *sql = "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name";
  if (sqlite3_prepare_v2(db, sql, -1, &tables, NULL) != SQLITE_OK) return 0;
  while (is_whole && (code = sqlite3_step(tables)) == SQLITE_ROW) {
    hash = row_hash(tables, hash);
    is_whole = absorb_table(db, (const char *)sqlite3_column_text(tables, 0), &hash);
  }
  sqlite3_finalize(tables);
  return is_whole && code == SQLITE_DONE ? (hash ? hash : 1) : 0;
}

void cd_unwatch(void *connection) { sqlite3_set_authorizer(connection, NULL, NULL); }
