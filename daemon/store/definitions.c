#include "store/definitions.h"
#include "base/text.h"

enum { SQL_DIFFER, SQL_POST, SQL_TRAFFIC, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    /* of all imports: what is seen may have come by one that is not */
    [SQL_DIFFER] = "SELECT count(DISTINCT d.definition) > 1 FROM import_definitions d"
                   " JOIN main.imports i ON i.import_id = d.import_id"
                   " WHERE d.metric = ?1 AND i.dry_run = 0 AND i.state <> 'undone'",
    /* the latest lifetime reading that states it, else the latest of a period, else its row */
    [SQL_POST] = "SELECT d.definition FROM import_definitions d WHERE d.metric = ?3"
                 " AND d.import_id = coalesce((SELECT o.import_id FROM observations o"
                 " WHERE o.post_id = ?1 AND o.stated >> ?2 & 1"
                 " ORDER BY o.kind <> 0, o.observed_at DESC LIMIT 1),"
                 " (SELECT import_id FROM posts WHERE post_id = ?1))",
    [SQL_TRAFFIC] = "SELECT coalesce(d.definition, ''), min(t.day), max(t.day) FROM traffic t"
                    " LEFT JOIN import_definitions d ON d.metric = ?4 AND d.import_id ="
                    " (SELECT c.import_id FROM traffic_claims c WHERE c.traffic_id = t.traffic_id"
                    " AND c.stated >> ?5 & 1 ORDER BY c.claim_id DESC LIMIT 1)"
                    " WHERE t.source = ?1 AND t.day BETWEEN ?2 AND ?3 GROUP BY 1",
};
const struct db_sql definitions_sql = {DB_DEFINITIONS, SQL_COUNT, texts};

bool definitions_differ(struct db *db, const char *metric, bool *differ, struct fail *f)
{
    struct db_stmt *s = db_get(db, &definitions_sql, SQL_DIFFER, f);
    enum db_result r;

    *differ = false;
    if (!s)
        return false;
    db_bind_text(s, 1, metric);
    r = db_step(s, f);
    if (r == DB_ROW)
        *differ = db_int(s, 0) != 0;
    db_reset(s);
    return r != DB_ERROR;
}

bool post_definition(struct db *db, int64_t post_id, int metric, char out[DEFINITION_TEXT],
                     struct fail *f)
{
    struct db_stmt *s = db_get(db, &definitions_sql, SQL_POST, f);
    enum db_result r;

    out[0] = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, metric);
    db_bind_text(s, 3, post_metric_names[metric]);
    r = db_step(s, f);
    if (r == DB_ROW)
        text_copy(out, DEFINITION_TEXT, db_text(s, 0));
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_definitions_each(struct db *db, const char *name, int metric, int32_t from, int32_t to,
                              definition_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &definitions_sql, SQL_TRAFFIC, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, name);
    db_bind_int(s, 2, from);
    db_bind_int(s, 3, to);
    db_bind_text(s, 4, traffic_metric_names[metric]);
    db_bind_int(s, 5, metric);
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, db_text(s, 0), (int32_t)db_int(s, 1), (int32_t)db_int(s, 2)))
            break;
    db_reset(s);
    return r != DB_ERROR;
}
