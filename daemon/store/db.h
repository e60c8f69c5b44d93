/*
 * SQLite behind a narrow door: the only pair of files that know sqlite3.h. A
 * handle belongs to one thread at a time. Statements are written once in their
 * module's table, prepared on first use, kept on the handle, always bound.
 */
#pragma once
#include "base/fail.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_stmt;

/* The modules that have a table of statements. */
enum db_module {
    DB_SETTINGS,
    DB_ACCOUNTS,
    DB_POSTS,
    DB_CLAIMS,
    DB_OBSERVATIONS,
    DB_POST_READS,
    DB_TRAFFIC,
    DB_TRAFFIC_READS,
    DB_SOURCES,
    DB_IMPORTS,
    DB_UNDO,
    DB_DEFINITIONS,
    DB_TYPES,
    DB_EXPORT,
    DB_KEEPER,
    DB_NOTES,
    DB_EXPERIMENTS,
    DB_FORGET,
    DB_REACH,
    DB_MODULE_COUNT
};
struct db_sql {
    enum db_module module;
    int n;
    const char *const *text;
};
/* Every module's table, for tests that walk them. */
extern const struct db_sql *const db_all_sql[DB_MODULE_COUNT];

enum db_mode {
    DB_READ,  /* read-only; the file must be there */
    DB_WRITE, /* creates the file when needed; WAL, synchronous=FULL; no automatic checkpoint */
};
/* cache_kib: the page cache. NULL with *f on failure. */
struct db *db_open(const char *path, enum db_mode mode, int cache_kib, struct fail *f);
void db_close(struct db *db);
/* Statements without parameters or rows, several at once. */
bool db_exec(struct db *db, const char *sql, struct fail *f);
/* Past this many ms from now a running statement fails with FAIL_BUSY; 0 ends the watch. */
void db_deadline(struct db *db, int64_t ms);
/* Copies the WAL into the database file as far as readers allow. Write handles only. */
void db_checkpoint(struct db *db);
/* The same, and leaves the WAL without a byte; FAIL_BUSY while a reader is in the way. */
bool db_empty_wal(struct db *db, struct fail *f);
/* Pages in the WAL after the last commit of this handle. */
int db_wal_pages(const struct db *db);
int64_t db_last_rowid(struct db *db);
int db_changes(struct db *db);

/* A statement, reset and unbound; NULL with *f when it cannot be prepared. */
struct db_stmt *db_get(struct db *db, const struct db_sql *sql, int i, struct fail *f);
/* Text a caller has composed is never taken: this is for migrations and tests. */
bool db_query_int(struct db *db, const char *sql, int64_t *value, struct fail *f);

enum db_result { DB_ROW, DB_DONE, DB_ERROR };
void db_bind_int(struct db_stmt *s, int i, int64_t v);
void db_bind_real(struct db_stmt *s, int i, double v);
/* COUNT_ABSENT (-1) and below become NULL. */
void db_bind_count(struct db_stmt *s, int i, int64_t v);
void db_bind_null(struct db_stmt *s, int i);
/* NULL becomes NULL. The text must stay until the statement is stepped to its end or reset. */
void db_bind_text(struct db_stmt *s, int i, const char *text);
enum db_result db_step(struct db_stmt *s, struct fail *f);
/* Steps a statement that returns no rows, and resets it. */
bool db_run(struct db_stmt *s, struct fail *f);
void db_reset(struct db_stmt *s);
int64_t db_int(struct db_stmt *s, int column);
double db_real(struct db_stmt *s, int column);
/* NULL becomes COUNT_ABSENT. */
int64_t db_count(struct db_stmt *s, int column);
/* NULL stays NULL; valid until the next step or reset. */
const char *db_text(struct db_stmt *s, int column);
bool db_is_null(struct db_stmt *s, int column);

/* For tests: whether the plan of a statement sorts its rows, or it cannot be prepared. */
bool db_needs_sorting(struct db *db, const char *sql);
/* For tests: the n-th statement stepped from now on fails as if the disk were full; 0: none. */
void db_fail_after(struct db *db, int n);
