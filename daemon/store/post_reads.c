#include "store/post_reads.h"
#include "base/day.h"
#include "store/store.h"

#include <string.h>

#define SLIM \
    "p.post_id, p.posted_at, p.posted_day, p.platform, a.handle, a.region," \
    " coalesce(p.set_type, p.type)," \
    " iif(p.set_tags IS NULL, p.tags, coalesce(p.tags || ' ', '') || p.set_tags)," \
    " p.campaign, p.first_seen_at, p.last_seen_at, p.spread, " POST_METRIC_COLUMNS
enum { SLIM_METRICS = 12, FULL_REST = SLIM_METRICS + POST_METRIC_COUNT };
#define FULL SLIM ", p.id, p.text, p.url, p.observed_at, p.import_id, p.set_by, p.type, p.tags"
/* Without account, tags and campaign, and with few metrics or none. */
#define LEAN(metrics) \
    "SELECT p.post_id, p.posted_at, p.posted_day, p.platform," \
    " coalesce(p.set_type, p.type), p.first_seen_at, p.last_seen_at, p.spread" metrics \
    " FROM posts p"
enum { LEAN_METRICS = 8 };
#define LEAN_TIMED(metrics) LEAN(metrics) " WHERE p.posted_at BETWEEN ?1 AND ?2"
#define FROM " FROM posts p JOIN accounts a ON a.account_id = p.account_id"

/* The kinds of lean scans: none, engagement, and one a metric. */
enum { LEAN_NONE, LEAN_ENGAGEMENT, LEAN_ONE, LEAN_COUNT = LEAN_ONE + POST_METRIC_COUNT };
enum {
    SQL_FIND,
    SQL_NUMBERED,
    SQL_PAGE,
    SQL_BY_NUMBER,
    SQL_SCAN,
    SQL_SCAN_PLATFORM,
    SQL_SCAN_TIME,
    SQL_OBSERVATIONS,
    SQL_SAMPLES,
    SQL_KNOWN_AFTER,
    SQL_LEAN,
    SQL_LEAN_TIMED = SQL_LEAN + LEAN_COUNT,
    SQL_COUNT = SQL_LEAN_TIMED + LEAN_COUNT
};
#define LEAN_BOTH(i, metrics) \
    [SQL_LEAN + (i)] = LEAN(metrics), [SQL_LEAN_TIMED + (i)] = LEAN_TIMED(metrics)
#define LEAN_OF(field, name) LEAN_BOTH(LEAN_ONE + (field)-POST_FIRST_METRIC, ", p." name)
static const char *const texts[SQL_COUNT] = {
    [SQL_FIND] = "SELECT " FULL FROM " WHERE p.platform = ?1 AND p.id = ?2",
    [SQL_NUMBERED] = "SELECT " FULL FROM " WHERE p.post_id = ?1",
    /* the index by time ends in the rowid, so both orders come from it */
    [SQL_PAGE] = "SELECT " FULL FROM " WHERE (p.posted_at, p.post_id) < (?1, ?2)"
                 " AND p.posted_at <= ?1 ORDER BY p.posted_at DESC, p.post_id DESC",
    [SQL_BY_NUMBER] = "SELECT " FULL FROM " WHERE p.post_id > ?1 ORDER BY p.post_id",
    [SQL_SCAN] = "SELECT " SLIM FROM,
    [SQL_SCAN_PLATFORM] = "SELECT " SLIM FROM " WHERE p.platform = ?1",
    [SQL_SCAN_TIME] = "SELECT " SLIM FROM " WHERE p.posted_at BETWEEN ?1 AND ?2",
    [SQL_OBSERVATIONS] = "SELECT kind, covers_from, covers_to, observed_at, last_seen_at, stated,"
                         " import_id, " POST_METRIC_COLUMNS " FROM observations WHERE post_id = ?1"
                         " ORDER BY kind, covers_from, covers_to, observed_at",
    [SQL_SAMPLES] = "SELECT EXISTS (SELECT 1 FROM accounts WHERE region GLOB 'sample-*')",
    [SQL_KNOWN_AFTER] = "SELECT EXISTS (SELECT 1 FROM posts WHERE posted_at >= ?1)"
                        " OR EXISTS (SELECT 1 FROM imports WHERE received_at >= ?1"
                        " AND state = 'done' AND record = 'post')",
    LEAN_BOTH(LEAN_NONE, ""),
    LEAN_BOTH(LEAN_ENGAGEMENT, ", p.likes, p.comments, p.shares, p.saves, p.clicks"),
    LEAN_OF(POST_LIKES, "likes"),
    LEAN_OF(POST_COMMENTS, "comments"),
    LEAN_OF(POST_SHARES, "shares"),
    LEAN_OF(POST_SAVES, "saves"),
    LEAN_OF(POST_FOLLOWS, "follows"),
    LEAN_OF(POST_REACH, "reach"),
    LEAN_OF(POST_IMPRESSIONS, "impressions"),
    LEAN_OF(POST_VIEWS, "views"),
    LEAN_OF(POST_CLICKS, "clicks"),
    LEAN_OF(POST_SESSIONS, "sessions"),
    LEAN_OF(POST_USERS, "users"),
    LEAN_OF(POST_CONVERSIONS, "conversions"),
};
const struct db_sql post_reads_sql = {DB_POST_READS, SQL_COUNT, texts};

static void read_slim(struct db_stmt *s, struct post_view *p)
{
    p->post_id = db_int(s, 0);
    p->posted_at = db_int(s, 1);
    p->posted_day = (int32_t)db_int(s, 2);
    p->platform = db_text(s, 3);
    p->account = db_text(s, 4);
    p->region = db_text(s, 5);
    p->type = db_text(s, 6);
    p->tags = db_text(s, 7);
    p->campaign = db_text(s, 8);
    p->first_seen_at = db_count(s, 9);
    p->last_seen_at = db_count(s, 10);
    p->spread = db_int(s, 11) == 1; /* 2: its one record stated no moment */
}

static void read_metrics(struct db_stmt *s, struct post_view *p)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        p->metric[m] = db_count(s, SLIM_METRICS + m);
}

static void read_full(struct db_stmt *s, struct post_view *p)
{
    read_metrics(s, p);
    p->id = db_text(s, FULL_REST);
    p->text = db_text(s, FULL_REST + 1);
    p->url = db_text(s, FULL_REST + 2);
    p->observed_at = db_int(s, FULL_REST + 3);
    p->import_id = db_int(s, FULL_REST + 4);
    p->type_set_by = db_is_null(s, FULL_REST + 5) ? 0 : (int)db_int(s, FULL_REST + 5);
    p->type_stated = db_text(s, FULL_REST + 6);
    p->tags_stated = db_text(s, FULL_REST + 7);
}

struct filter_subject post_view_subject(const struct post_view *p)
{
    struct filter_subject s = {.day = p->posted_day};

    s.value[FILTER_PLATFORM] = p->platform;
    s.value[FILTER_ACCOUNT] = p->account;
    s.value[FILTER_REGION] = p->region;
    s.value[FILTER_TYPE] = p->type;
    s.value[FILTER_TAG] = p->tags ? p->tags : "";
    s.value[FILTER_CAMPAIGN] = p->campaign ? p->campaign : "";
    return s;
}

static bool matches(const struct filter *filter, const struct post_view *p)
{
    struct filter_subject s = post_view_subject(p);

    return filter_matches(filter, &s);
}

static enum db_result show_one(struct db_stmt *s, post_view_fn fn, void *ctx, struct fail *f)
{
    enum db_result r = db_step(s, f);

    if (r == DB_ROW) {
        struct post_view p = {0};

        read_slim(s, &p);
        read_full(s, &p);
        fn(ctx, &p);
    }
    db_reset(s);
    return r;
}

enum db_result post_view_find(struct db *db, const char *platform, const char *id, post_view_fn fn,
                              void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &post_reads_sql, SQL_FIND, f);

    if (!s)
        return DB_ERROR;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, id);
    return show_one(s, fn, ctx, f);
}

enum db_result post_view_numbered(struct db *db, int64_t post_id, post_view_fn fn, void *ctx,
                                  struct fail *f)
{
    struct db_stmt *s = db_get(db, &post_reads_sql, SQL_NUMBERED, f);

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, post_id);
    return show_one(s, fn, ctx, f);
}

/* Steps through whole posts that match. newest_first: past the first day of the filter nothing
 * follows, since a post's day moves with its time. */
static bool walk(struct db_stmt *s, const struct filter *filter, bool newest_first, post_view_fn fn,
                 void *ctx, struct fail *f)
{
    enum db_result r;

    while ((r = db_step(s, f)) == DB_ROW) {
        struct post_view p = {0};

        read_slim(s, &p);
        if (newest_first && filter->from != DAY_NONE && p.posted_day < filter->from)
            break;
        if (!matches(filter, &p))
            continue;
        read_full(s, &p);
        if (!fn(ctx, &p))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool posts_each(struct db *db, const struct filter *filter, const struct post_cursor *after,
                post_view_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &post_reads_sql, SQL_PAGE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, after ? after->posted_at : INT64_MAX);
    db_bind_int(s, 2, after ? after->post_id : INT64_MAX);
    return walk(s, filter, true, fn, ctx, f);
}

bool posts_by_number(struct db *db, const struct filter *filter, int64_t after, post_view_fn fn,
                     void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &post_reads_sql, SQL_BY_NUMBER, f);

    if (!s)
        return false;
    db_bind_int(s, 1, after);
    return walk(s, filter, false, fn, ctx, f);
}

/* The one platform that a filter admits, if there is just one. */
static const char *only_platform(const struct filter *filter)
{
    const char *only = NULL;

    for (int i = 0; i < filter->n; i++) {
        if (filter->values[i].key != FILTER_PLATFORM || filter->values[i].negated)
            continue;
        if (only)
            return NULL;
        only = filter->values[i].text;
    }
    return only;
}

/* A day of any zone begins and ends within this of the same day in UTC. */
#define ZONE_REACH_MS (15 * 3600000ll)

bool post_filter_is_lean(const struct filter *filter)
{
    for (int i = 0; i < filter->n; i++)
        if (filter->values[i].key != FILTER_PLATFORM && filter->values[i].key != FILTER_TYPE)
            return false;
    return true;
}

/* The statement that reads the fewest rows: by time where the days are bounded, else by platform.
 */
static struct db_stmt *scan_of(struct db *db, const struct filter *filter, bool lean, int kind,
                               struct fail *f)
{
    const char *platform = lean ? NULL : only_platform(filter);
    bool timed = filter->from != DAY_NONE;
    int which = lean       ? (timed ? SQL_LEAN_TIMED : SQL_LEAN) + kind
                : timed    ? (int)SQL_SCAN_TIME
                : platform ? (int)SQL_SCAN_PLATFORM
                           : (int)SQL_SCAN;
    struct db_stmt *s = db_get(db, &post_reads_sql, which, f);

    if (s && timed) {
        db_bind_int(s, 1, filter->from * MS_PER_DAY - ZONE_REACH_MS);
        db_bind_int(s, 2,
                    filter->to == DAY_NONE ? INT64_MAX
                                           : (filter->to + 1) * MS_PER_DAY + ZONE_REACH_MS);
    } else if (s && platform) {
        db_bind_text(s, 1, platform);
    }
    return s;
}

static void read_lean(struct db_stmt *s, struct post_view *p)
{
    p->post_id = db_int(s, 0);
    p->posted_at = db_int(s, 1);
    p->posted_day = (int32_t)db_int(s, 2);
    p->platform = db_text(s, 3);
    p->type = db_text(s, 4);
    p->first_seen_at = db_count(s, 5);
    p->last_seen_at = db_count(s, 6);
    p->spread = db_int(s, 7) == 1;
}

static void read_lean_metrics(struct db_stmt *s, int kind, struct post_view *p)
{
    static const int parts[] = {POST_LIKES, POST_COMMENTS, POST_SHARES, POST_SAVES, POST_CLICKS};

    for (int m = 0; m < POST_METRIC_COUNT; m++)
        p->metric[m] = COUNT_ABSENT;
    if (kind >= LEAN_ONE)
        p->metric[kind - LEAN_ONE] = db_count(s, LEAN_METRICS);
    else if (kind == LEAN_ENGAGEMENT)
        for (int i = 0; i < 5; i++)
            p->metric[parts[i] - POST_FIRST_METRIC] = db_count(s, LEAN_METRICS + i);
}

/* Whether there are posts of sample studies, which only a filter that names their region finds. */
static bool have_samples(struct db *db, const struct filter *filter, bool *have, struct fail *f)
{
    struct db_stmt *s;
    enum db_result r;

    *have = false;
    if (filter->names_region)
        return true;
    s = db_get(db, &post_reads_sql, SQL_SAMPLES, f);
    if (!s)
        return false;
    r = db_step(s, f);
    *have = r == DB_ROW && db_int(s, 0);
    db_reset(s);
    return r == DB_ROW;
}

bool posts_scan(struct db *db, const struct filter *filter, int scan, post_view_fn fn, void *ctx,
                struct fail *f)
{
    bool samples, known = have_samples(db, filter, &samples, f);
    bool lean = scan != POSTS_ALL && !samples && post_filter_is_lean(filter);
    int kind = scan == POSTS_DAYS         ? (int)LEAN_NONE
               : scan == POSTS_ENGAGEMENT ? (int)LEAN_ENGAGEMENT
                                          : LEAN_ONE + scan - POSTS_ONE;
    struct db_stmt *s = known ? scan_of(db, filter, lean, kind, f) : NULL;
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW) {
        struct post_view p = {0};

        if (lean)
            read_lean(s, &p);
        else
            read_slim(s, &p);
        if ((samples && region_is_sample(p.region)) || !matches(filter, &p))
            continue;
        if (lean)
            read_lean_metrics(s, kind, &p);
        else
            read_metrics(s, &p);
        if (!fn(ctx, &p))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool posts_known_after(struct db *db, int64_t at_ms, bool *known, struct fail *f)
{
    struct db_stmt *s = db_get(db, &post_reads_sql, SQL_KNOWN_AFTER, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, at_ms);
    r = db_step(s, f);
    *known = r == DB_ROW && db_int(s, 0);
    db_reset(s);
    return r == DB_ROW;
}

bool post_observations_each(struct db *db, int64_t post_id, observation_view_fn fn, void *ctx,
                            struct fail *f)
{
    struct db_stmt *s = db_get(db, &post_reads_sql, SQL_OBSERVATIONS, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct observation_view o;

        o.kind = (enum reading_kind)db_int(s, 0);
        o.covers_from = o.kind == READING_LIFETIME ? DAY_NONE : (int32_t)db_int(s, 1);
        o.covers_to = o.kind == READING_LIFETIME ? DAY_NONE : (int32_t)db_int(s, 2);
        o.first_seen_at = db_int(s, 3);
        o.last_seen_at = db_int(s, 4);
        o.stated = (uint32_t)db_int(s, 5);
        o.import_id = db_int(s, 6);
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            o.metric[m] = db_count(s, 7 + m);
        if (!fn(ctx, &o))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}
