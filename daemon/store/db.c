#include "store/db.h"
#include "base/buf.h"
#include "base/words.h"
#include "base/clock.h"
#include "base/log.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct db {
    sqlite3 *handle;
    struct db_stmt **prepared[DB_MODULE_COUNT];
    int n_prepared[DB_MODULE_COUNT];
    int64_t deadline_ms; /* 0: none */
    int wal_pages;
    int fail_after;
};

struct db_stmt {
    sqlite3_stmt *stmt;
    struct db *db;
};

/* What SQLite says → what the caller can do about it. */
static bool db_fail(struct db *db, int rc, struct fail *f)
{
    const char *message = db && db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);

    switch (rc & 0xff) {
    case SQLITE_FULL:
        return fail_set(f, FAIL_NO_SPACE, "no-space", NULL,
                        "The disk is full; nothing was stored.");
    case SQLITE_INTERRUPT:
        return fail_set(f, FAIL_BUSY, "too-slow", NULL,
                        "The question took longer than it may; ask for a shorter range.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
        return fail_set(f, FAIL_BUSY, "busy", NULL, "The database is busy (%s); try again.",
                        message);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return fail_set(f, FAIL_INTERNAL, "corrupt", NULL,
                        "The database file is damaged or no database (%s).", message);
    default:
        return fail_set(f, FAIL_INTERNAL, "database", NULL, "The database failed: %s.", message);
    }
}

static int on_progress(void *arg)
{
    struct db *db = arg;

    return db->deadline_ms && clock_steady_ms() > db->deadline_ms;
}

static int on_wal(void *arg, sqlite3 *handle, const char *name, int pages)
{
    struct db *db = arg;

    (void)handle;
    (void)name;
    db->wal_pages = pages;
    return SQLITE_OK;
}

/* without_name(text, name, instead, is_json): see base/words.h. */
static void without_name(sqlite3_context *context, int n, sqlite3_value **v)
{
    const char *text = (const char *)sqlite3_value_text(v[0]);
    const char *name = (const char *)sqlite3_value_text(v[1]);
    const char *instead = (const char *)sqlite3_value_text(v[2]);
    struct buf out;

    (void)n;
    if (!text || !name || !instead)
        return;
    buf_init(&out, INT32_MAX);
    if (words_replace(&out, text, name, instead, sqlite3_value_int(v[3]) != 0))
        sqlite3_result_text(context, buf_text(&out), (int)out.len, SQLITE_TRANSIENT);
    else
        sqlite3_result_error_nomem(context);
    buf_clear(&out);
}

struct db *db_open(const char *path, enum db_mode mode, int cache_kib, struct fail *f)
{
    static const char write_pragmas[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                        "PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=ON;"
                                        "PRAGMA journal_size_limit=67108864;";
    static const char pragmas[] = "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON;"
                                  "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;";
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
        (mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    struct db *db = calloc(1, sizeof *db);
    char *cache;
    int rc;

    if (!db) {
        fail_memory(f);
        return NULL;
    }
    rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (rc != SQLITE_OK) {
        fail_set(f, FAIL_INTERNAL, "database", NULL, "The database %s cannot be opened: %s.", path,
                 db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
        goto fail;
    }
    sqlite3_busy_timeout(db->handle, 2000);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_progress_handler(db->handle, 20000, on_progress, db);
    sqlite3_create_function(db->handle, "without_name", 4,
                            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                            without_name, NULL, NULL);
    if (mode == DB_WRITE) {
        if (!db_exec(db, write_pragmas, f))
            goto fail;
        sqlite3_wal_hook(db->handle, on_wal, db);
    }
    if (!db_exec(db, pragmas, f))
        goto fail;
    cache = sqlite3_mprintf("PRAGMA cache_size=-%d", cache_kib);
    if (!cache || !db_exec(db, cache, f)) {
        sqlite3_free(cache);
        goto fail;
    }
    sqlite3_free(cache);
    return db;
fail:
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (int m = 0; m < DB_MODULE_COUNT; m++) {
        for (int i = 0; i < db->n_prepared[m]; i++)
            if (db->prepared[m][i]) {
                sqlite3_finalize(db->prepared[m][i]->stmt);
                free(db->prepared[m][i]);
            }
        free(db->prepared[m]);
    }
    sqlite3_close(db->handle);
    free(db);
}

bool db_exec(struct db *db, const char *sql, struct fail *f)
{
    int rc;

    if (db->fail_after && --db->fail_after == 0)
        return db_fail(db, SQLITE_FULL, f);
    rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || db_fail(db, rc, f);
}

void db_deadline(struct db *db, int64_t ms)
{
    db->deadline_ms = ms ? clock_steady_ms() + ms : 0;
}

void db_checkpoint(struct db *db)
{
    int log = 0, done = 0;
    int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &done);

    if (rc != SQLITE_OK)
        log_line(LOG_LEVEL_WARNING, "checkpoint: %s", sqlite3_errmsg(db->handle));
    else if (log == done)
        db->wal_pages = 0;
}

bool db_empty_wal(struct db *db, struct fail *f)
{
    int log = 0, done = 0;
    int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, &log, &done);

    if (rc != SQLITE_OK)
        return db_fail(db, rc, f);
    db->wal_pages = 0;
    return true;
}

int db_wal_pages(const struct db *db)
{
    return db->wal_pages;
}

int64_t db_last_rowid(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int db_changes(struct db *db)
{
    return sqlite3_changes(db->handle);
}

struct db_stmt *db_get(struct db *db, const struct db_sql *sql, int i, struct fail *f)
{
    struct db_stmt *s;
    int rc;

    if (!db->prepared[sql->module]) {
        db->prepared[sql->module] = calloc((size_t)sql->n, sizeof(struct db_stmt *));
        if (!db->prepared[sql->module])
            goto memory;
        db->n_prepared[sql->module] = sql->n;
    }
    s = db->prepared[sql->module][i];
    if (s) {
        sqlite3_reset(s->stmt);
        return s;
    }
    s = calloc(1, sizeof *s);
    if (!s)
        goto memory;
    s->db = db;
    rc =
        sqlite3_prepare_v3(db->handle, sql->text[i], -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
    if (rc != SQLITE_OK) {
        free(s);
        db_fail(db, rc, f);
        return NULL;
    }
    db->prepared[sql->module][i] = s;
    return s;
memory:
    fail_memory(f);
    return NULL;
}

bool db_query_int(struct db *db, const char *sql, int64_t *value, struct fail *f)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW || db_fail(db, rc, f);
}

void db_bind_int(struct db_stmt *s, int i, int64_t v)
{
    sqlite3_bind_int64(s->stmt, i, v);
}

void db_bind_real(struct db_stmt *s, int i, double v)
{
    sqlite3_bind_double(s->stmt, i, v);
}

void db_bind_count(struct db_stmt *s, int i, int64_t v)
{
    if (v < 0)
        sqlite3_bind_null(s->stmt, i);
    else
        sqlite3_bind_int64(s->stmt, i, v);
}

void db_bind_null(struct db_stmt *s, int i)
{
    sqlite3_bind_null(s->stmt, i);
}

void db_bind_text(struct db_stmt *s, int i, const char *text)
{
    sqlite3_bind_text(s->stmt, i, text, -1, SQLITE_STATIC);
}

enum db_result db_step(struct db_stmt *s, struct fail *f)
{
    int rc;

    if (s->db->fail_after && --s->db->fail_after == 0) {
        db_fail(s->db, SQLITE_FULL, f);
        return DB_ERROR;
    }
    rc = sqlite3_step(s->stmt);
    if (rc == SQLITE_ROW)
        return DB_ROW;
    if (rc == SQLITE_DONE)
        return DB_DONE;
    db_fail(s->db, rc, f);
    sqlite3_reset(s->stmt);
    return DB_ERROR;
}

bool db_run(struct db_stmt *s, struct fail *f)
{
    enum db_result r = db_step(s, f);

    sqlite3_reset(s->stmt);
    return r != DB_ERROR;
}

void db_reset(struct db_stmt *s)
{
    sqlite3_reset(s->stmt);
}

int64_t db_int(struct db_stmt *s, int column)
{
    return sqlite3_column_int64(s->stmt, column);
}

double db_real(struct db_stmt *s, int column)
{
    return sqlite3_column_double(s->stmt, column);
}

int64_t db_count(struct db_stmt *s, int column)
{
    int64_t v = sqlite3_column_int64(s->stmt, column);

    /* NULL reads as 0: only a 0 needs the second look */
    return v == 0 && sqlite3_column_type(s->stmt, column) == SQLITE_NULL ? -1 : v;
}

const char *db_text(struct db_stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s->stmt, column);
}

bool db_is_null(struct db_stmt *s, int column)
{
    return sqlite3_column_type(s->stmt, column) == SQLITE_NULL;
}

void db_fail_after(struct db *db, int n)
{
    db->fail_after = n;
}

bool db_needs_sorting(struct db *db, const char *sql)
{
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    sqlite3_stmt *stmt = NULL;
    bool sorts = !explain || sqlite3_prepare_v2(db->handle, explain, -1, &stmt, NULL) != SQLITE_OK;

    while (!sorts && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(stmt, 3);

        sorts = detail && strstr(detail, "TEMP B-TREE") != NULL;
    }
    sqlite3_finalize(stmt);
    sqlite3_free(explain);
    return sorts;
}
