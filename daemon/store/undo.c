#include "store/undo.h"
#include "store/accounts.h"
#include "store/post_history.h"
#include "store/traffic.h"

#include <stdlib.h>

enum {
    SQL_POSTS_INSERTED,
    SQL_POSTS_CLAIMED,
    SQL_TRAFFIC_CLAIMED,
    SQL_COVERAGE,
    SQL_ACCOUNTS,
    SQL_SOURCES,
    SQL_NOTES,
    SQL_FINDINGS,
    SQL_EXPERIMENT_LOG,
    SQL_EXPERIMENTS,
    SQL_COUNT
};
/* An experiment about which something was found here since is not the import's any more: what was
 * found is kept. A sample is taken out whole. */
#define TAKEN_OUT \
    " import_id = ?1 AND (region GLOB 'sample-*' OR NOT EXISTS (SELECT 1 FROM findings d" \
    " JOIN imports i ON i.import_id = ?1 WHERE d.experiment_id = experiments.experiment_id" \
    " AND d.found_at >= i.received_at))"
#define OF_IMPORT " experiment_id IN (SELECT experiment_id FROM experiments WHERE" TAKEN_OUT ")"
static const char *const texts[SQL_COUNT] = {
    /* posts has no index by import: the span of ids that the import wrote is short enough */
    [SQL_POSTS_INSERTED] = "SELECT post_id FROM posts WHERE post_id BETWEEN ?2 AND ?3"
                           " AND import_id = ?1 AND spread = 0 LIMIT ?4",
    [SQL_POSTS_CLAIMED] = "SELECT DISTINCT post_id FROM post_claims WHERE import_id = ?1 LIMIT ?4",
    [SQL_TRAFFIC_CLAIMED] = "SELECT DISTINCT traffic_id FROM traffic_claims WHERE import_id = ?1"
                            " LIMIT ?4",
    [SQL_COVERAGE] = "DELETE FROM coverage WHERE import_id = ?1",
    /* those that an import named first, and nobody speaks of any more */
    [SQL_ACCOUNTS] = "DELETE FROM accounts WHERE import_id <> 0 AND NOT EXISTS"
                     " (SELECT 1 FROM posts p WHERE p.account_id = accounts.account_id)"
                     " AND NOT EXISTS (SELECT 1 FROM post_claims c"
                     " WHERE c.account_id = accounts.account_id)"
                     " AND NOT EXISTS (SELECT 1 FROM account_regions r"
                     " WHERE r.account_id = accounts.account_id)",
    [SQL_SOURCES] = "DELETE FROM sources WHERE stated = 0 AND NOT EXISTS"
                    " (SELECT 1 FROM traffic t WHERE t.source = sources.name)",
    [SQL_NOTES] = "DELETE FROM notes WHERE import_id = ?1",
    [SQL_FINDINGS] = "DELETE FROM findings WHERE" OF_IMPORT,
    [SQL_EXPERIMENT_LOG] = "DELETE FROM experiment_log WHERE" OF_IMPORT,
    [SQL_EXPERIMENTS] = "DELETE FROM experiments WHERE" TAKEN_OUT,
};
const struct db_sql undo_sql = {DB_UNDO, SQL_COUNT, texts};

/* Up to n ids that a statement finds; -1 on failure. */
static int64_t collect(struct store *st, int sql, const struct import_row *row, int64_t *ids,
                       int64_t n, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &undo_sql, sql, f);
    enum db_result r = DB_DONE;
    int64_t got = 0;

    if (!s)
        return -1;
    db_bind_int(s, 1, row->import_id);
    if (sql == SQL_POSTS_INSERTED) {
        db_bind_int(s, 2, row->post_min);
        db_bind_int(s, 3, row->post_max);
    }
    db_bind_int(s, 4, n);
    while (got < n && (r = db_step(s, f)) == DB_ROW)
        ids[got++] = db_int(s, 0);
    db_reset(s);
    return r == DB_ERROR ? -1 : got;
}

static bool run(struct store *st, int sql, const struct import_row *row, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &undo_sql, sql, f);

    if (!s)
        return false;
    if (sql != SQL_ACCOUNTS && sql != SQL_SOURCES)
        db_bind_int(s, 1, row->import_id);
    return db_run(s, f);
}

bool undo_slice(struct store *st, struct import_row *row, int64_t limit, bool *done, struct fail *f)
{
    static const int order[] = {SQL_POSTS_INSERTED, SQL_POSTS_CLAIMED, SQL_TRAFFIC_CLAIMED};
    int64_t *ids = malloc((size_t)limit * sizeof *ids);
    bool ok = false;

    *done = false;
    if (!ids)
        return fail_memory(f);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        int64_t n;

        if (order[i] == SQL_POSTS_INSERTED && row->post_min < 0)
            continue;
        n = collect(st, order[i], row, ids, limit, f);
        if (n < 0)
            goto out;
        for (int64_t k = 0; k < n; k++)
            if (order[i] == SQL_TRAFFIC_CLAIMED ? !traffic_unclaim(st, ids[k], row->import_id, f)
                                                : !post_unclaim(st, ids[k], row->import_id, f))
                goto out;
        if (n == limit) { /* there may be more: the next slice */
            if (order[i] == SQL_POSTS_INSERTED)
                row->post_min = ids[n - 1] + 1;
            ok = true;
            goto out;
        }
        if (order[i] == SQL_POSTS_INSERTED)
            row->post_min = row->post_max = COUNT_ABSENT;
    }
    ok = accounts_forget_regions(st, row->import_id, f) && run(st, SQL_COVERAGE, row, f) &&
         run(st, SQL_ACCOUNTS, row, f) && run(st, SQL_SOURCES, row, f) &&
         run(st, SQL_NOTES, row, f) && run(st, SQL_FINDINGS, row, f) &&
         run(st, SQL_EXPERIMENT_LOG, row, f) && run(st, SQL_EXPERIMENTS, row, f);
    account_cache_empty(st->accounts);
    *done = ok;
out:
    free(ids);
    return ok;
}
