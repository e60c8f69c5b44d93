#include "store/traffic_reads.h"
#include "base/day.h"

enum {
    SQL_EACH,
    SQL_LAST_DAY,
    SQL_KNOWS,
    SQL_NAMES,
    SQL_SPAN,
    SQL_SCHEMES,
    SQL_COVERAGE_SPAN,
    SQL_COVERAGE,
    SQL_CAMPAIGNS,
    SQL_NEWEST,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_LAST_DAY] = "SELECT max(day) FROM traffic",
    [SQL_EACH] = "SELECT t.day, t.source, coalesce(s.source, t.source), t.region, t.campaign,"
                 " t.arrived_at, t.sessions, t.users, t.engaged_sessions, t.conversions"
                 " FROM traffic t LEFT JOIN sources s ON s.name = t.source"
                 " WHERE t.day BETWEEN ?1 AND ?2"
                 " AND (t.day, t.source, t.region, t.campaign) > (?3, ?4, ?5, ?6)"
                 " ORDER BY t.day, t.source, t.region, t.campaign",
    [SQL_KNOWS] = "SELECT EXISTS (SELECT 1 FROM sources WHERE source = ?1),"
                  " EXISTS (SELECT 1 FROM sources WHERE name = ?1)",
    [SQL_NAMES] = "SELECT name, source FROM sources",
    /* the index by source, region, campaign and day serves it: one name's rows */
    [SQL_SPAN] = "SELECT region, min(iif(sessions IS NULL, NULL, day)),"
                 " max(iif(sessions IS NULL, NULL, day)), min(iif(users IS NULL, NULL, day)),"
                 " max(iif(users IS NULL, NULL, day)),"
                 " min(iif(engaged_sessions IS NULL, NULL, day)),"
                 " max(iif(engaged_sessions IS NULL, NULL, day)),"
                 " min(iif(conversions IS NULL, NULL, day)),"
                 " max(iif(conversions IS NULL, NULL, day))"
                 " FROM traffic WHERE source = ?1 AND (?2 IS NULL OR campaign = ?2)"
                 " GROUP BY region",
    /* who named the source how, by what each sender said, so that undo is exact */
    [SQL_SCHEMES] = "SELECT DISTINCT t.region, c.scheme FROM traffic t JOIN traffic_claims c"
                    " ON c.traffic_id = t.traffic_id WHERE t.source = ?1 AND c.scheme <> ''",
    [SQL_COVERAGE_SPAN] = "SELECT scheme, region, min(day), max(day) FROM coverage"
                          " WHERE stated >> ?1 & 1 GROUP BY scheme, region",
    [SQL_CAMPAIGNS] = "SELECT campaign, source, count(DISTINCT day), sum(sessions) FROM traffic"
                      " WHERE campaign <> '' AND sessions IS NOT NULL"
                      " AND (?1 IS NULL OR region = ?1) GROUP BY campaign, source",
    /* of what came regularly: rows, or files that say that absent means zero */
    [SQL_NEWEST] = "SELECT coalesce(s.source, t.source), t.region, max(max(t.day),"
                   " coalesce((SELECT max(c.day) FROM coverage c WHERE c.region = t.region), 0))"
                   " FROM traffic t LEFT JOIN sources s ON s.name = t.source WHERE t.day >= ?1"
                   " GROUP BY 1, 2 HAVING count(DISTINCT t.day) >= ?2 ORDER BY 1, 2",
    /* of a day that several files cover, the one that came last first */
    [SQL_COVERAGE] = "SELECT scheme, region, day, arrived_at, stated FROM coverage"
                     " WHERE day BETWEEN ?1 AND ?2 ORDER BY scheme, region, day, arrived_at DESC",
};
const struct db_sql traffic_reads_sql = {DB_TRAFFIC_READS, SQL_COUNT, texts};

bool traffic_each(struct db *db, int32_t from, int32_t to, const struct traffic_cursor *after,
                  traffic_view_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_EACH, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, after && after->day > from ? after->day : from);
    db_bind_int(s, 2, to);
    db_bind_int(s, 3, after ? after->day : INT64_MIN);
    db_bind_text(s, 4, after ? after->name : "");
    db_bind_text(s, 5, after ? after->region : "");
    db_bind_text(s, 6, after ? after->campaign : "");
    while ((r = db_step(s, f)) == DB_ROW) {
        struct traffic_view t = {
            .day = (int32_t)db_int(s, 0),
            .name = db_text(s, 1),
            .source = db_text(s, 2),
            .region = db_text(s, 3),
            .campaign = db_text(s, 4),
            .arrived_at = db_int(s, 5),
        };

        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            t.metric[m] = db_count(s, 6 + m);
        if (!fn(ctx, &t))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_campaigns_each(struct db *db, const char *region, campaign_fn fn, void *ctx,
                            struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_CAMPAIGNS, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, region);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct campaign_view c = {db_text(s, 0), db_text(s, 1), (int)db_int(s, 2), db_int(s, 3)};

        if (!fn(ctx, &c))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_last_day(struct db *db, int32_t *day, struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_LAST_DAY, f);
    enum db_result r;

    *day = DAY_NONE;
    if (!s)
        return false;
    r = db_step(s, f);
    if (r == DB_ROW && db_text(s, 0))
        *day = (int32_t)db_int(s, 0);
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_knows(struct db *db, const char *source, bool *as_source, bool *as_name,
                   struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_KNOWS, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, source);
    r = db_step(s, f);
    if (r == DB_ROW) {
        *as_source = db_int(s, 0) != 0;
        *as_name = db_int(s, 1) != 0;
    }
    db_reset(s);
    return r == DB_ROW;
}

bool traffic_names_each(struct db *db, traffic_name_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_NAMES, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, db_text(s, 0), db_text(s, 1)))
            break;
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_span_each(struct db *db, const char *name, const char *campaign, int metric,
                       traffic_span_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_SPAN, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, name);
    db_bind_text(s, 2, campaign);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct traffic_span span = {db_text(s, 0), (int32_t)db_int(s, 1 + 2 * metric),
                                    (int32_t)db_int(s, 2 + 2 * metric)};

        if (!db_is_null(s, 1 + 2 * metric) && !fn(ctx, &span))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_schemes_each(struct db *db, const char *name, traffic_scheme_fn fn, void *ctx,
                          struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_SCHEMES, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, name);
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, db_text(s, 0), db_text(s, 1)))
            break;
    db_reset(s);
    return r != DB_ERROR;
}

bool coverage_spans_each(struct db *db, int metric, coverage_span_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_COVERAGE_SPAN, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, metric);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct traffic_span span = {db_text(s, 1), (int32_t)db_int(s, 2), (int32_t)db_int(s, 3)};

        if (!fn(ctx, db_text(s, 0), &span))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool coverage_each(struct db *db, int32_t from, int32_t to, coverage_fn fn, void *ctx,
                   struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_COVERAGE, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, from);
    db_bind_int(s, 2, to);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct coverage_view c = {db_text(s, 0), db_text(s, 1), (int32_t)db_int(s, 2), db_int(s, 3),
                                  (uint32_t)db_int(s, 4)};

        if (!fn(ctx, &c))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool traffic_newest_each(struct db *db, int32_t from, int days, traffic_newest_fn fn, void *ctx,
                         struct fail *f)
{
    struct db_stmt *s = db_get(db, &traffic_reads_sql, SQL_NEWEST, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, from);
    db_bind_int(s, 2, days);
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, db_text(s, 0), db_text(s, 1), (int32_t)db_int(s, 2)))
            break;
    db_reset(s);
    return r != DB_ERROR;
}
