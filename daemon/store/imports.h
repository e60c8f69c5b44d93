/* The imports: what each file was, how far it has come, and the rows it lost. */
#pragma once
#include "record/reject.h"
#include "store/store.h"

#include <stddef.h>

enum import_state {
    IMPORT_QUEUED,
    IMPORT_RUNNING,
    IMPORT_DONE,
    IMPORT_REFUSED,
    IMPORT_UNDOING,
    IMPORT_UNDONE,
    IMPORT_STATE_COUNT
};
extern const char *const import_state_names[IMPORT_STATE_COUNT];

struct import_counts {
    int64_t received, inserted, updated, unchanged, skipped, rejected;
};

struct import_row {
    int64_t import_id;
    enum import_state state;
    char file[256], content_hash[65], options[1024], profile[64];
    int profile_version;
    enum record_kind kind;
    int64_t bytes;
    char spool[64];                   /* "" when it is gone */
    int64_t received_at, finished_at; /* finished_at COUNT_ABSENT while it runs */
    int64_t rows_total, rows_done;    /* rows_total COUNT_ABSENT until it was surveyed */
    struct import_counts counts;
    char code[48], sentence[600]; /* why it was refused */
    char skipped_columns[4096];
    int64_t post_min, post_max;     /* COUNT_ABSENT when it inserted no post */
    bool dry_run;                   /* nothing was stored */
    char charset[32];               /* as it was read */
    char notes[600];                /* "code rows", one a line */
    char columns[8192];             /* "heading TAB use", one a line */
    int32_t covers_from, covers_to; /* what the file is about; DAY_NONE: it does not say */
    int64_t parent_id;              /* of a part of an export; 0: none */
    int64_t read_at;                /* when its figures were read; COUNT_ABSENT: at its arrival */
};

/* DB_DONE when there is none. */
enum db_result import_load(struct db *db, int64_t import_id, struct import_row *row,
                           struct fail *f);
/* The one that is queued, running or undoing and came first. */
enum db_result import_next(struct db *db, struct import_row *row, struct fail *f);
/* A done or waiting import of the same content, options, profile and version. */
enum db_result import_same(struct db *db, const struct import_row *like, int64_t *import_id,
                           struct fail *f);
bool import_insert(struct db *db, struct import_row *row, struct fail *f);
/* Writes state, counts, progress and words back. */
bool import_update(struct db *db, const struct import_row *row, struct fail *f);
/* Keeps rejected and skipped rows as far as IMPORT_REJECTS_MAX allows. */
bool import_keep_rows(struct db *db, int64_t import_id, const struct reject *items, size_t n,
                      struct fail *f);

typedef bool (*import_fn)(void *ctx, const struct import_row *row);
/* Newest first, those below `before` (0: from the newest), up to `limit`. */
bool imports_each(struct db *db, int64_t before, int64_t limit, import_fn fn, void *ctx,
                  struct fail *f);
typedef bool (*import_reject_fn)(void *ctx, int64_t n, const struct reject *r);
/* Rejected and skipped rows in the file's order, from number `from` on. */
bool import_rows_each(struct db *db, int64_t import_id, int64_t from, int64_t limit,
                      import_reject_fn fn, void *ctx, struct fail *f);
/* How many rows were kept of those that an import lost; IMPORT_REJECTS_MAX at most. */
bool import_rows_kept(struct db *db, int64_t import_id, int64_t *n, struct fail *f);
/* How many imports wait or run. */
bool imports_waiting(struct db *db, int64_t *n, struct fail *f);
/* Whether a spool file belongs to an import that still needs it. */
bool import_spool_is_wanted(struct db *db, const char *spool, bool *wanted, struct fail *f);

/* The rejected rows of an import as CSV, in place of what was there. complete: all of them. */
bool import_keep_rejected(struct db *db, int64_t import_id, const char *csv, bool complete,
                          struct fail *f);
typedef void (*import_rejected_fn)(void *ctx, const char *csv, bool complete);
/* DB_DONE when there are none. */
enum db_result import_rejected(struct db *db, int64_t import_id, import_rejected_fn fn, void *ctx,
                               struct fail *f);
/* Which definition a metric of an import follows. */
bool import_define(struct db *db, int64_t import_id, const char *metric, const char *definition,
                   struct fail *f);
/* The lines of rows that were rejected, in order, those kept. */
typedef bool (*import_line_fn)(void *ctx, int64_t line);
bool import_rejected_lines(struct db *db, int64_t import_id, import_line_fn fn, void *ctx,
                           struct fail *f);
/* The part of an export's import that has a profile; *import_id 0: there is none. */
bool import_child(struct db *db, int64_t parent_id, const char *profile, int64_t *import_id,
                  struct fail *f);
/* Posts of these numbers were made by an import: undo looks among them. */
bool import_span(struct db *db, int64_t import_id, int64_t first, int64_t last, struct fail *f);
/* The parts of an export's import are to be undone with it. */
bool import_undo_children(struct db *db, int64_t parent_id, struct fail *f);
