#include "store/traffic.h"
#include "store/accounts.h"
#include "base/text.h"
#include "store/sources.h"

#include <string.h>

#define METRICS "sessions, users, engaged_sessions, conversions"

enum {
    SQL_FIND,
    SQL_INSERT,
    SQL_UPDATE,
    SQL_DELETE,
    SQL_CLAIM_INSERT,
    SQL_CLAIM_LAST,
    SQL_CLAIM_UPDATE,
    SQL_CLAIMS,
    SQL_CLAIMS_DELETE,
    SQL_COVERAGE,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_FIND] = "SELECT traffic_id, arrived_at, " METRICS " FROM traffic"
                 " WHERE source = ?1 AND region = ?2 AND campaign = ?3 AND day = ?4",
    [SQL_INSERT] = "INSERT INTO traffic (source, region, campaign, day, arrived_at, " METRICS ")"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_UPDATE] = "UPDATE traffic SET arrived_at = ?2, sessions = ?3, users = ?4,"
                   " engaged_sessions = ?5, conversions = ?6 WHERE traffic_id = ?1",
    [SQL_DELETE] = "DELETE FROM traffic WHERE traffic_id = ?1",
    [SQL_CLAIM_INSERT] = "INSERT INTO traffic_claims (traffic_id, import_id, arrived_at, scheme,"
                         " stated, " METRICS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_CLAIM_LAST] = "SELECT claim_id, import_id, arrived_at, scheme, stated, " METRICS
                       " FROM traffic_claims WHERE traffic_id = ?1 ORDER BY claim_id DESC LIMIT 1",
    [SQL_CLAIM_UPDATE] = "UPDATE traffic_claims SET arrived_at = ?2, stated = ?3, sessions = ?4,"
                         " users = ?5, engaged_sessions = ?6, conversions = ?7"
                         " WHERE claim_id = ?1",
    [SQL_CLAIMS] = "SELECT claim_id, import_id, arrived_at, scheme, stated, " METRICS
                   " FROM traffic_claims WHERE traffic_id = ?1 ORDER BY claim_id",
    [SQL_CLAIMS_DELETE] = "DELETE FROM traffic_claims WHERE import_id = ?2 AND traffic_id = ?1",
    [SQL_COVERAGE] = "INSERT INTO coverage (scheme, region, day, import_id, arrived_at, stated)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                     /* said twice by one sender, as by an export of what several had said: the
                      * later moment holds for what it was said of alone */
                     " ON CONFLICT DO UPDATE SET stated = stated | excluded.stated,"
                     " arrived_at = CASE"
                     " WHEN excluded.arrived_at >= arrived_at AND stated & ~excluded.stated = 0"
                     " THEN excluded.arrived_at"
                     " WHEN excluded.arrived_at < arrived_at AND excluded.stated & ~stated = 0"
                     " THEN arrived_at ELSE min(arrived_at, excluded.arrived_at) END",
};
const struct db_sql traffic_sql = {DB_TRAFFIC, SQL_COUNT, texts};

struct row {
    int64_t traffic_id, arrived_at;
    int64_t metric[TRAFFIC_METRIC_COUNT];
};

static bool row_update(struct store *st, const struct row *row, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &traffic_sql, SQL_UPDATE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, row->traffic_id);
    db_bind_int(s, 2, row->arrived_at);
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        db_bind_count(s, 3 + m, row->metric[m]);
    return db_run(s, f);
}

static uint32_t stated_of(const struct record *r)
{
    return r->stated >> TRAFFIC_FIRST_METRIC & ((1u << TRAFFIC_METRIC_COUNT) - 1);
}

/* When a figure came. */
static int64_t arrived(const struct record *r, const struct sender *from)
{
    return record_states(r, TRAFFIC_ARRIVED_AT) ? r->traffic.arrived_at_ms : from->now_ms;
}

static bool claim_insert(struct store *st, int64_t traffic_id, const struct record *r,
                         const struct sender *from, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &traffic_sql, SQL_CLAIM_INSERT, f);

    if (!s)
        return false;
    db_bind_int(s, 1, traffic_id);
    db_bind_int(s, 2, from->import_id);
    db_bind_int(s, 3, arrived(r, from));
    db_bind_text(s, 4, r->traffic.scheme ? r->traffic.scheme : "");
    db_bind_int(s, 5, stated_of(r));
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        db_bind_count(s, 6 + m, r->traffic.metric[m]);
    return db_run(s, f);
}

/* Adds to the sender's claim if it was the last to speak, else claims anew. */
static bool claim(struct store *st, int64_t traffic_id, const struct record *r,
                  const struct sender *from, bool news, bool completes, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &traffic_sql, SQL_CLAIM_LAST, f);
    uint32_t stated = stated_of(r), had;
    int64_t claim_id, metric[TRAFFIC_METRIC_COUNT], arrived_at;
    enum db_result found;
    bool same_sender;

    if (!s)
        return false;
    db_bind_int(s, 1, traffic_id);
    found = db_step(s, f);
    if (found == DB_ERROR)
        return false;
    same_sender = found == DB_ROW && db_int(s, 1) == from->import_id;
    if (same_sender) {
        claim_id = db_int(s, 0);
        arrived_at = db_int(s, 2);
        had = (uint32_t)db_int(s, 4);
        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            metric[m] = (stated >> m & 1u) ? r->traffic.metric[m] : db_count(s, 5 + m);
    }
    db_reset(s);
    if (!same_sender)
        return claim_insert(st, traffic_id, r, from, f);
    if (!news && !completes && (stated & ~had) == 0)
        return true;
    s = db_get(st->db, &traffic_sql, SQL_CLAIM_UPDATE, f);
    if (!s)
        return false;
    db_bind_int(s, 1, claim_id);
    db_bind_int(s, 2, news || completes ? arrived(r, from) : arrived_at);
    db_bind_int(s, 3, stated | had);
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        db_bind_count(s, 4 + m, metric[m]);
    return db_run(s, f);
}

bool traffic_put(struct store *st, const struct record *r, const struct sender *from,
                 enum put_result *result, bool *changed, struct fail *f)
{
    const struct traffic *t = &r->traffic;
    const char *region = t->region ? t->region : "-";
    const char *campaign = t->campaign ? t->campaign : "";
    struct db_stmt *s = db_get(st->db, &traffic_sql, SQL_FIND, f);
    struct row row = {0};
    enum db_result found;
    bool news = false, completes;
    int64_t day_end;

    if (!s)
        return false;
    if (!stated_of(r)) {
        text_copy(f->place, sizeof f->place, "sessions");
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", "sessions",
                        "A row of traffic needs at least one of sessions, users, engaged_sessions "
                        "and conversions.");
    }
    if (!account_brought(st, from->import_id, 0, region, f))
        return false;
    db_bind_text(s, 1, t->source);
    db_bind_text(s, 2, region);
    db_bind_text(s, 3, campaign);
    db_bind_int(s, 4, t->day);
    found = db_step(s, f);
    if (found == DB_ERROR)
        return false;
    if (found == DB_ROW) {
        row.traffic_id = db_int(s, 0);
        row.arrived_at = db_int(s, 1);
        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            row.metric[m] = db_count(s, 2 + m);
    }
    db_reset(s);
    if (found == DB_DONE) {
        s = db_get(st->db, &traffic_sql, SQL_INSERT, f);
        if (!s || !source_learn(st->db, t->source, f))
            return false;
        db_bind_text(s, 1, t->source);
        db_bind_text(s, 2, region);
        db_bind_text(s, 3, campaign);
        db_bind_int(s, 4, t->day);
        db_bind_int(s, 5, arrived(r, from));
        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            db_bind_count(s, 6 + m, t->metric[m]);
        if (!db_run(s, f) || !claim_insert(st, db_last_rowid(st->db), r, from, f))
            return false;
        *result = PUT_INSERTED;
        *changed = true;
        return true;
    }
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        if ((stated_of(r) >> m & 1u) && row.metric[m] != t->metric[m]) {
            row.metric[m] = t->metric[m];
            news = true;
        }
    day_end = zone_day_start_ms(st->zone, t->day + 1);
    completes = row.arrived_at < day_end && arrived(r, from) >= day_end;
    if (!claim(st, row.traffic_id, r, from, news, completes, f))
        return false;
    *result = news ? PUT_UPDATED : PUT_UNCHANGED;
    if (!news && !completes)
        return true;
    *changed = true;
    if (arrived(r, from) > row.arrived_at)
        row.arrived_at = arrived(r, from);
    return row_update(st, &row, f);
}

bool coverage_put(struct store *st, const char *scheme, const char *region, int32_t day,
                  uint32_t stated, const struct sender *from, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &traffic_sql, SQL_COVERAGE, f);

    if (!s)
        return false;
    db_bind_text(s, 1, scheme);
    db_bind_text(s, 2, region);
    db_bind_int(s, 3, day);
    db_bind_int(s, 4, from->import_id);
    db_bind_int(s, 5, from->now_ms);
    db_bind_int(s, 6, stated);
    return db_run(s, f);
}

bool traffic_unclaim(struct store *st, int64_t traffic_id, int64_t import_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &traffic_sql, SQL_CLAIMS_DELETE, f);
    struct row row = {.traffic_id = traffic_id};
    enum db_result r;
    int n = 0;

    if (!s)
        return false;
    db_bind_int(s, 1, traffic_id);
    db_bind_int(s, 2, import_id);
    if (!db_run(s, f))
        return false;
    for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
        row.metric[m] = COUNT_ABSENT;
    s = db_get(st->db, &traffic_sql, SQL_CLAIMS, f);
    if (!s)
        return false;
    db_bind_int(s, 1, traffic_id);
    while ((r = db_step(s, f)) == DB_ROW) {
        uint32_t stated = (uint32_t)db_int(s, 4);

        n++;
        if (db_int(s, 2) > row.arrived_at)
            row.arrived_at = db_int(s, 2);
        for (int m = 0; m < TRAFFIC_METRIC_COUNT; m++)
            if (stated >> m & 1u)
                row.metric[m] = db_count(s, 5 + m);
    }
    db_reset(s);
    if (r == DB_ERROR)
        return false;
    if (n)
        return row_update(st, &row, f);
    s = db_get(st->db, &traffic_sql, SQL_DELETE, f);
    if (!s)
        return false;
    db_bind_int(s, 1, traffic_id);
    return db_run(s, f);
}
