#include "store/posts.h"
#include "base/ceilings.h"
#include "store/accounts.h"
#include "store/post_history.h"

#include <stdlib.h>
#include <string.h>

#define METRICS \
    "likes, comments, shares, saves, follows, reach, impressions, views, clicks, sessions, users," \
    " conversions"
#define ROW \
    "post_id, account_id, posted_at, type, tags, text, url, campaign, observed_at, first_seen_at," \
    " last_seen_at, import_id, spread, " METRICS

enum { SQL_INSERT, SQL_FIND, SQL_LOAD, SQL_UPDATE, SQL_DELETE, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_INSERT] = "INSERT INTO posts (platform, id, account_id, type, posted_at, posted_day, tags,"
                   " text, url, campaign, observed_at, first_seen_at, last_seen_at, import_id,"
                   " " METRICS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
                   " ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)"
                   " ON CONFLICT (platform, id) DO NOTHING",
    [SQL_FIND] = "SELECT " ROW " FROM posts WHERE platform = ?1 AND id = ?2",
    [SQL_LOAD] = "SELECT " ROW " FROM posts WHERE post_id = ?1",
    [SQL_UPDATE] = "UPDATE posts SET account_id = ?2, type = ?3, posted_at = ?4, posted_day = ?5,"
                   " tags = ?6, text = ?7, url = ?8, campaign = ?9, observed_at = ?10,"
                   " first_seen_at = ?11, last_seen_at = ?12, import_id = ?13, spread = ?14,"
                   " likes = ?15, comments = ?16, shares = ?17, saves = ?18, follows = ?19,"
                   " reach = ?20, impressions = ?21, views = ?22, clicks = ?23, sessions = ?24,"
                   " users = ?25, conversions = ?26 WHERE post_id = ?1",
    [SQL_DELETE] = "DELETE FROM posts WHERE post_id = ?1",
};
const struct db_sql posts_sql = {DB_POSTS, SQL_COUNT, texts};

void post_row_clear(struct post_row *p)
{
    free(p->type);
    free(p->tags);
    free(p->text);
    free(p->url);
    free(p->campaign);
    memset(p, 0, sizeof *p);
}

static char *text_copy(struct db_stmt *s, int column)
{
    const char *text = db_text(s, column);

    return text ? strdup(text) : NULL;
}

static enum db_result row_read(struct db_stmt *s, struct post_row *p, struct fail *f)
{
    enum db_result r = db_step(s, f);

    memset(p, 0, sizeof *p);
    if (r == DB_ROW) {
        p->post_id = db_int(s, 0);
        p->account_id = db_int(s, 1);
        p->posted_at = db_int(s, 2);
        p->type = text_copy(s, 3);
        p->tags = text_copy(s, 4);
        p->text = text_copy(s, 5);
        p->url = text_copy(s, 6);
        p->campaign = text_copy(s, 7);
        p->observed_at = db_int(s, 8);
        p->first_seen_at = db_count(s, 9);
        p->last_seen_at = db_count(s, 10);
        p->import_id = db_int(s, 11);
        p->spread = db_int(s, 12) != 0;
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            p->metric[m] = db_count(s, 13 + m);
    }
    db_reset(s);
    return r;
}

enum db_result post_row_find(struct store *st, const char *platform, const char *id,
                             struct post_row *p, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &posts_sql, SQL_FIND, f);

    if (!s)
        return DB_ERROR;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, id);
    return row_read(s, p, f);
}

enum db_result post_row_load(struct store *st, int64_t post_id, struct post_row *p, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &posts_sql, SQL_LOAD, f);

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, post_id);
    return row_read(s, p, f);
}

bool post_row_update(struct store *st, const struct post_row *p, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &posts_sql, SQL_UPDATE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, p->post_id);
    db_bind_int(s, 2, p->account_id);
    db_bind_text(s, 3, p->type);
    db_bind_int(s, 4, p->posted_at);
    db_bind_int(s, 5, zone_day(st->zone, p->posted_at));
    db_bind_text(s, 6, p->tags);
    db_bind_text(s, 7, p->text);
    db_bind_text(s, 8, p->url);
    db_bind_text(s, 9, p->campaign);
    db_bind_int(s, 10, p->observed_at);
    db_bind_count(s, 11, p->first_seen_at);
    db_bind_count(s, 12, p->last_seen_at);
    db_bind_int(s, 13, p->import_id);
    db_bind_int(s, 14, p->spread);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 15 + m, p->metric[m]);
    return db_run(s, f);
}

bool post_row_delete(struct store *st, int64_t post_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &posts_sql, SQL_DELETE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    return db_run(s, f);
}

static bool insert(struct store *st, const struct record *r, int64_t account_id,
                   const struct sender *from, int64_t observed_at, bool reading, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &posts_sql, SQL_INSERT, f);
    const struct post *p = &r->post;

    if (!s)
        return false;
    db_bind_text(s, 1, p->platform);
    db_bind_text(s, 2, p->id);
    db_bind_int(s, 3, account_id);
    db_bind_text(s, 4, p->type);
    db_bind_int(s, 5, p->posted_at_ms);
    db_bind_int(s, 6, zone_day(st->zone, p->posted_at_ms));
    db_bind_text(s, 7, p->tags && p->tags[0] ? p->tags : NULL);
    db_bind_text(s, 8, p->text);
    db_bind_text(s, 9, p->url);
    db_bind_text(s, 10, p->campaign);
    db_bind_int(s, 11, observed_at);
    db_bind_count(s, 12, reading ? observed_at : COUNT_ABSENT);
    db_bind_count(s, 13, reading ? observed_at : COUNT_ABSENT);
    db_bind_int(s, 14, from->import_id);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 15 + m, reading ? p->metric[m] : COUNT_ABSENT);
    return db_run(s, f);
}

static uint32_t metrics_stated(const struct record *r)
{
    return r->stated >> POST_FIRST_METRIC & ((1u << POST_METRIC_COUNT) - 1);
}

static bool has_value(const struct record *r)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (r->post.metric[m] != COUNT_ABSENT)
            return true;
    return false;
}

static bool replace_text(char **have, const char *want, bool *differs)
{
    if (want && !*want)
        want = NULL;
    if ((!*have && !want) || (*have && want && strcmp(*have, want) == 0))
        return true;
    free(*have);
    *have = want ? strdup(want) : NULL;
    *differs = true;
    return !want || *have;
}

/* Merges the stated attributes into the row; *differs when one of them did. */
static bool merge_attributes(struct post_row *p, const struct record *r, int64_t account_id,
                             bool *differs)
{
    const struct post *n = &r->post;

    if (record_states(r, POST_ACCOUNT) && account_id != p->account_id) {
        p->account_id = account_id;
        *differs = true;
    }
    if (record_states(r, POST_POSTED_AT) && n->posted_at_ms != p->posted_at) {
        p->posted_at = n->posted_at_ms;
        *differs = true;
    }
    return (!record_states(r, POST_TYPE) || replace_text(&p->type, n->type, differs)) &&
           (!record_states(r, POST_TAGS) || replace_text(&p->tags, n->tags, differs)) &&
           (!record_states(r, POST_TEXT) || replace_text(&p->text, n->text, differs)) &&
           (!record_states(r, POST_URL) || replace_text(&p->url, n->url, differs)) &&
           (!record_states(r, POST_CAMPAIGN) || replace_text(&p->campaign, n->campaign, differs));
}

static bool metrics_equal(const int64_t *have, const struct record *r, uint32_t stated)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if ((stated >> m & 1u) && have[m] != r->post.metric[m])
            return false;
    return true;
}

/* Whether the record speaks of every metric that has a value. */
static bool speaks_of_all(const int64_t *have, uint32_t stated)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (have[m] != COUNT_ABSENT && !(stated >> m & 1u))
            return false;
    return true;
}

static void observation_of(const struct record *r, const struct sender *from, int64_t observed_at,
                           struct observation *o)
{
    memset(o, 0, sizeof *o);
    o->kind = r->post.reading;
    if (o->kind != READING_LIFETIME) {
        o->covers_from = r->post.covers_from;
        o->covers_to = r->post.covers_to;
    }
    o->observed_at = o->last_seen_at = observed_at;
    o->stated = metrics_stated(r);
    memcpy(o->metric, r->post.metric, sizeof o->metric);
    o->import_id = o->last_import_id = from->import_id;
}

/* What a reading did to the post. */
struct reading_effect {
    bool row;     /* the row of posts must be written */
    bool updated; /* counts as updated */
    bool visible; /* an answer may differ */
};

/* A reading that goes to the observations: history, or a kind of its own. */
static bool put_observation(struct store *st, struct post_row *p, const struct record *r,
                            const struct sender *from, int64_t at, bool timed,
                            struct reading_effect *e, struct fail *f)
{
    struct observation o, last;
    enum db_result found;

    if (!post_spread(st, p, f))
        return false;
    observation_of(r, from, at, &o);
    found = observation_before(st, p->post_id, o.kind, o.covers_from, o.covers_to, at, &last, f);
    if (found == DB_ERROR)
        return false;
    if (found == DB_ROW && metrics_equal(last.metric, r, o.stated) &&
        speaks_of_all(last.metric, o.stated)) {
        if (!timed || at <= last.last_seen_at)
            return true;
        last.last_seen_at = at;
        last.last_import_id = from->import_id;
        e->visible = true;
        return observation_write(st, p->post_id, &last, f);
    }
    if (found == DB_ROW && last.observed_at == at) { /* a correction of the same moment */
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            if (!(o.stated >> m & 1u))
                o.metric[m] = last.metric[m];
        o.stated |= last.stated;
        o.last_seen_at = last.last_seen_at > at ? last.last_seen_at : at;
    }
    e->updated = e->visible = true;
    return observation_write(st, p->post_id, &o, f);
}

/* A lifetime reading that is not older than what is known: it is the current one. */
static bool put_current(struct store *st, struct post_row *p, const struct record *r,
                        const struct sender *from, int64_t at, bool timed, struct reading_effect *e,
                        struct fail *f)
{
    uint32_t stated = metrics_stated(r);
    bool first = p->first_seen_at == COUNT_ABSENT;
    bool equal = metrics_equal(p->metric, r, stated);

    if (!first && equal) {
        if (!timed || at <= p->last_seen_at)
            return true; /* the very same again */
        if (!speaks_of_all(p->metric, stated)) {
            struct reading_effect part = {0};

            return put_observation(st, p, r, from, at, timed, &part, f) &&
                   (e->visible = true, true);
        }
        if (p->spread) {
            struct observation last;
            enum db_result found =
                observation_before(st, p->post_id, READING_LIFETIME, 0, 0, INT64_MAX, &last, f);

            if (found == DB_ERROR)
                return false;
            if (found == DB_ROW && speaks_of_all(p->metric, last.stated)) {
                last.last_seen_at = at;
                last.last_import_id = from->import_id;
            } else {
                observation_of(r, from, at, &last);
            }
            if (!observation_write(st, p->post_id, &last, f))
                return false;
        }
        p->last_seen_at = at;
        e->row = e->visible = true;
        return true;
    }
    if (!first && !p->spread && at == p->first_seen_at) {
        ; /* a correction of the sole reading, in place */
    } else if (!first || p->spread) {
        struct observation o, same;
        enum db_result found;

        if (!post_spread(st, p, f))
            return false;
        observation_of(r, from, at, &o);
        found = observation_before(st, p->post_id, READING_LIFETIME, 0, 0, at, &same, f);
        if (found == DB_ERROR)
            return false;
        if (found == DB_ROW && same.observed_at == at) {
            for (int m = 0; m < POST_METRIC_COUNT; m++)
                if (!(o.stated >> m & 1u))
                    o.metric[m] = same.metric[m];
            o.stated |= same.stated;
        }
        if (!observation_write(st, p->post_id, &o, f))
            return false;
    }
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (stated >> m & 1u)
            p->metric[m] = r->post.metric[m];
    p->first_seen_at = p->last_seen_at = at;
    e->row = e->updated = e->visible = true;
    return true;
}

static bool merge(struct store *st, struct post_row *p, const struct record *r, int64_t account_id,
                  const struct sender *from, int64_t at, bool timed, enum put_result *result,
                  bool *changed, struct fail *f)
{
    struct reading_effect e = {0};
    bool attributes = false;
    bool older = at < p->observed_at;
    uint32_t stated = metrics_stated(r);

    if ((p->spread || p->import_id != from->import_id) &&
        (!post_spread(st, p, f) || !post_claim(st, p, r, account_id, at, from->import_id, f)))
        return false;
    if (!older && !merge_attributes(p, r, account_id, &attributes))
        return fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    if (stated) {
        /* By the readings' own order: a remark on the attributes alone makes no reading older. */
        bool passed = p->first_seen_at != COUNT_ABSENT && at < p->last_seen_at;
        bool current = r->post.reading == READING_LIFETIME && !passed;

        if (current && (has_value(r) || p->first_seen_at != COUNT_ABSENT)
                ? !put_current(st, p, r, from, at, timed, &e, f)
            : !current && has_value(r) ? !put_observation(st, p, r, from, at, timed, &e, f)
                                       : false)
            return false;
    }
    if ((attributes || e.row) && !older && at > p->observed_at)
        p->observed_at = at;
    if ((attributes || e.row) && !post_row_update(st, p, f))
        return false;
    *result = attributes || e.updated ? PUT_UPDATED : PUT_UNCHANGED;
    if (attributes || e.visible)
        *changed = true;
    return true;
}

/* The account that the record means, and whether its region may be what the record says. */
static bool put_account(struct store *st, const struct record *r, const struct post_row *known,
                        const struct sender *from, int64_t *account_id, struct fail *f)
{
    const char *handle = r->post.account ? r->post.account : "";
    bool ok;

    if (known && !record_states(r, POST_ACCOUNT)) {
        *account_id = known->account_id;
        ok = !record_states(r, POST_REGION) ||
             account_state_region(st, known->account_id, r->post.region, f);
    } else {
        ok = account_resolve(st, r->post.platform, handle, r->post.region, from->import_id,
                             account_id, f);
    }
    if (!ok && f->code == FAIL_CONFLICT)
        strcpy(f->place, "region");
    return ok;
}

bool post_put(struct store *st, const struct record *r, const struct sender *from,
              enum put_result *result, bool *changed, struct fail *f)
{
    bool timed = record_states(r, POST_OBSERVED_AT) || from->import_id != 0;
    int64_t at = record_states(r, POST_OBSERVED_AT) ? r->post.observed_at_ms
                 : from->observed_at_ms             ? from->observed_at_ms
                                                    : from->now_ms;
    bool complete = record_states(r, POST_TYPE) && record_states(r, POST_POSTED_AT);
    bool lifetime = r->post.reading == READING_LIFETIME;
    struct post_row row = {0};
    int64_t account_id = 0;
    enum db_result found;
    bool ok = false;

    /* Only what can become a post may name a new account, and a region alone speaks of the
     * account that the post has already. */
    found = DB_DONE;
    if (!complete || (record_states(r, POST_REGION) && !record_states(r, POST_ACCOUNT))) {
        found = post_row_find(st, r->post.platform, r->post.id, &row, f);
        if (found == DB_ERROR)
            goto out;
        if (found == DB_DONE && !complete) {
            const char *lacks = record_states(r, POST_TYPE) ? "posted_at" : "type";

            strcpy(f->place, lacks);
            fail_set(f, FAIL_UNPROCESSABLE, "missing-field", lacks,
                     "\"%s\" is missing; a post that is not known yet needs it.", lacks);
            goto out;
        }
    }
    if (!put_account(st, r, found == DB_ROW ? &row : NULL, from, &account_id, f))
        goto out;
    if (found == DB_DONE) {
        if (!insert(st, r, account_id, from, at, lifetime && has_value(r), f))
            goto out;
        if (db_changes(st->db)) {
            *result = PUT_INSERTED;
            *changed = true;
            if (lifetime || !has_value(r))
                return true;
            /* The first day or period of a new post: its own row holds no reading. */
            struct reading_effect e = {0};

            found = post_row_find(st, r->post.platform, r->post.id, &row, f);
            ok = found == DB_ROW && put_observation(st, &row, r, from, at, timed, &e, f) &&
                 post_row_update(st, &row, f);
            goto out;
        }
        if (post_row_find(st, r->post.platform, r->post.id, &row, f) != DB_ROW)
            goto out;
    }
    ok = merge(st, &row, r, account_id, from, at, timed, result, changed, f);
out:
    post_row_clear(&row);
    return ok;
}
