#include "store/export_reads.h"
#include "base/text.h"

#include <string.h>

enum { SQL_TRAFFIC, SQL_COVERAGE, SQL_ZEROS, SQL_PROFILE, SQL_DEFINITIONS, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_TRAFFIC] = "SELECT t.traffic_id, t.day, t.source, t.region, t.campaign, t.arrived_at,"
                    " c.scheme, c.import_id, t.sessions, t.users, t.engaged_sessions,"
                    " t.conversions FROM traffic t JOIN traffic_claims c ON c.claim_id ="
                    " (SELECT max(claim_id) FROM traffic_claims WHERE traffic_id = t.traffic_id)"
                    " WHERE t.traffic_id > ?1 ORDER BY t.traffic_id",
    [SQL_COVERAGE] = "SELECT scheme, region, day, arrived_at, stated, import_id FROM coverage"
                     " ORDER BY scheme, region, day, import_id LIMIT -1 OFFSET ?1",
    [SQL_ZEROS] = "SELECT n.source, v.region, v.day, v.arrived_at, v.stated, v.scheme FROM"
                  " (SELECT DISTINCT t.source, t.region, c.scheme FROM traffic t"
                  " JOIN traffic_claims c ON c.traffic_id = t.traffic_id WHERE c.scheme <> '') n"
                  " JOIN (SELECT scheme, region, day, max(arrived_at) AS arrived_at,"
                  " max(stated) AS stated FROM coverage GROUP BY scheme, region, day) v"
                  " ON v.scheme = n.scheme AND v.region = n.region"
                  " WHERE NOT EXISTS (SELECT 1 FROM traffic t WHERE t.source = n.source"
                  " AND t.region = n.region AND t.day = v.day)"
                  " ORDER BY v.day, n.source, v.region LIMIT -1 OFFSET ?1",
    [SQL_PROFILE] = "SELECT profile FROM imports i WHERE import_id = ?1 AND EXISTS"
                    " (SELECT 1 FROM import_definitions d WHERE d.import_id = i.import_id)",
    [SQL_DEFINITIONS] = "SELECT DISTINCT i.profile, d.metric, d.definition FROM imports i"
                        " JOIN import_definitions d ON d.import_id = i.import_id"
                        " WHERE i.state IN ('done', 'running') AND i.dry_run = 0"
                        " ORDER BY i.profile, d.metric, d.definition",
};
const struct db_sql export_sql = {DB_EXPORT, SQL_COUNT, texts};

bool export_traffic_each(struct db *db, int64_t after, export_traffic_fn fn, void *ctx,
                         struct fail *f)
{
    struct db_stmt *s = db_get(db, &export_sql, SQL_TRAFFIC, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, after);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct export_traffic t = {
            .traffic_id = db_int(s, 0),
            .day = (int32_t)db_int(s, 1),
            .source = db_text(s, 2),
            .region = db_text(s, 3),
            .campaign = db_text(s, 4),
            .arrived_at = db_int(s, 5),
            .scheme = db_text(s, 6),
            .import_id = db_int(s, 7),
        };

        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            t.metric[m] = db_count(s, 8 + m);
        if (!fn(ctx, &t))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool export_coverage_each(struct db *db, int64_t from, export_coverage_fn fn, void *ctx,
                          struct fail *f)
{
    struct db_stmt *s = db_get(db, &export_sql, SQL_COVERAGE, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, from);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct export_coverage c = {db_text(s, 0), db_text(s, 1), (int32_t)db_int(s, 2),
                                    db_int(s, 3),  db_int(s, 5),  (uint32_t)db_int(s, 4)};

        if (!fn(ctx, &c))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool export_zeros_each(struct db *db, int64_t from, export_traffic_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &export_sql, SQL_ZEROS, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, from);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct export_traffic t = {
            .source = db_text(s, 0),
            .region = db_text(s, 1),
            .day = (int32_t)db_int(s, 2),
            .campaign = "",
            .arrived_at = db_int(s, 3),
            .scheme = db_text(s, 5),
        };

        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            t.metric[m] = (db_int(s, 4) >> m & 1) ? 0 : COUNT_ABSENT;
        if (!fn(ctx, &t))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool export_profile(struct db *db, int64_t import_id, char *out, size_t size, struct fail *f)
{
    struct db_stmt *s;
    enum db_result r;

    out[0] = 0;
    if (!import_id)
        return true;
    s = db_get(db, &export_sql, SQL_PROFILE, f);
    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        text_copy(out, size, db_text(s, 0));
    db_reset(s);
    return r != DB_ERROR;
}

bool export_definitions_each(struct db *db, export_definition_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &export_sql, SQL_DEFINITIONS, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, db_text(s, 0), db_text(s, 1), db_text(s, 2)))
            break;
    db_reset(s);
    return r != DB_ERROR;
}
