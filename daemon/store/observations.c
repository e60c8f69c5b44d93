#include "store/observations.h"

#include <stdlib.h>
#include <string.h>

#define OBSERVATION \
    "kind, covers_from, covers_to, observed_at, last_seen_at, stated, " \
    "import_id, " POST_METRIC_COLUMNS

enum { SQL_WRITE, SQL_BEFORE, SQL_AFTER, SQL_ALL, SQL_DELETE, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_WRITE] =
        "INSERT OR REPLACE INTO observations (post_id, " OBSERVATION ") VALUES (?1, ?2, ?3, ?4,"
        " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    [SQL_BEFORE] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1 AND kind = ?2"
                   " AND covers_from = ?3 AND covers_to = ?4 AND observed_at <= ?5"
                   " ORDER BY observed_at DESC LIMIT 1",
    [SQL_AFTER] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1 AND kind = ?2"
                  " AND covers_from = ?3 AND covers_to = ?4 AND observed_at > ?5"
                  " ORDER BY observed_at LIMIT 1",
    [SQL_ALL] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1"
                " ORDER BY kind, covers_from, covers_to, observed_at",
    [SQL_DELETE] = "DELETE FROM observations WHERE post_id = ?1",
};
const struct db_sql observations_sql = {DB_OBSERVATIONS, SQL_COUNT, texts};

static bool no_memory(struct fail *f)
{
    return fail_memory(f);
}

bool observation_equals(const struct observation *a, const struct observation *b)
{
    return memcmp(a->metric, b->metric, sizeof a->metric) == 0;
}

static void observation_read(struct db_stmt *s, struct observation *o)
{
    memset(o, 0, sizeof *o);
    o->kind = (enum reading_kind)db_int(s, 0);
    o->covers_from = (int32_t)db_int(s, 1);
    o->covers_to = (int32_t)db_int(s, 2);
    o->observed_at = db_int(s, 3);
    o->last_seen_at = db_int(s, 4);
    o->stated = (uint32_t)db_int(s, 5);
    o->import_id = db_int(s, 6);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        o->metric[m] = db_count(s, 7 + m);
}

bool observation_write(struct store *st, int64_t post_id, const struct observation *o,
                       struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &observations_sql, SQL_WRITE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, o->kind);
    db_bind_int(s, 3, o->covers_from);
    db_bind_int(s, 4, o->covers_to);
    db_bind_int(s, 5, o->observed_at);
    db_bind_int(s, 6, o->last_seen_at);
    db_bind_int(s, 7, o->stated);
    db_bind_int(s, 8, o->import_id);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 9 + m, o->metric[m]);
    return db_run(s, f);
}

static enum db_result find(struct store *st, int sql, int64_t post_id, const struct observation *o,
                           int64_t at_ms, struct observation *found, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &observations_sql, sql, f);
    enum db_result r;

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, o->kind);
    db_bind_int(s, 3, o->covers_from);
    db_bind_int(s, 4, o->covers_to);
    db_bind_int(s, 5, at_ms);
    r = db_step(s, f);
    if (r == DB_ROW)
        observation_read(s, found);
    db_reset(s);
    return r;
}

enum db_result observation_before(struct store *st, int64_t post_id, const struct observation *o,
                                  int64_t at_ms, struct observation *found, struct fail *f)
{
    return find(st, SQL_BEFORE, post_id, o, at_ms, found, f);
}

enum db_result observation_after(struct store *st, int64_t post_id, const struct observation *o,
                                 int64_t at_ms, struct observation *found, struct fail *f)
{
    return find(st, SQL_AFTER, post_id, o, at_ms, found, f);
}

bool observations_load(struct store *st, int64_t post_id, struct observation **all, size_t *n,
                       struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &observations_sql, SQL_ALL, f);
    enum db_result r = DB_ERROR;
    size_t cap = 0;

    *all = NULL;
    *n = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    while ((r = db_step(s, f)) == DB_ROW) {
        if (*n == cap) {
            struct observation *more = realloc(*all, (cap = cap ? cap * 2 : 8) * sizeof *more);

            if (!more)
                break;
            *all = more;
        }
        observation_read(s, &(*all)[(*n)++]);
    }
    db_reset(s);
    if (r == DB_DONE)
        return true;
    free(*all);
    *all = NULL;
    *n = 0;
    return r == DB_ERROR ? false : no_memory(f);
}

bool observations_write(struct store *st, int64_t post_id, const struct observation *o, size_t n,
                        struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &observations_sql, SQL_DELETE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    if (!db_run(s, f))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!observation_write(st, post_id, &o[i], f))
            return false;
    return true;
}
