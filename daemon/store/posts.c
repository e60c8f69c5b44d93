#include "store/posts.h"
#include "base/day.h"
#include "base/text.h"
#include "base/ceilings.h"
#include "store/accounts.h"
#include "store/history_fold.h"
#include "store/post_history.h"
#include "store/types.h"

#include <stdlib.h>
#include <string.h>

#define ROW \
    "post_id, account_id, posted_at, type, tags, text, url, campaign, observed_at, first_seen_at," \
    " last_seen_at, import_id, spread, " POST_METRIC_COLUMNS ", platform, id"

enum { SQL_INSERT, SQL_FIND, SQL_LOAD, SQL_UPDATE, SQL_DELETE, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_INSERT] = "INSERT INTO posts (platform, id, account_id, type, posted_at, posted_day, tags,"
                   " text, url, campaign, observed_at, first_seen_at, last_seen_at, import_id,"
                   " spread, " POST_METRIC_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                   " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,"
                   " ?25, ?26, ?27) ON CONFLICT (platform, id) DO NOTHING",
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
    free(p->platform);
    free(p->id);
    memset(p, 0, sizeof *p);
}

static char *column_copy(struct db_stmt *s, int column)
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
        p->type = column_copy(s, 3);
        p->tags = column_copy(s, 4);
        p->text = column_copy(s, 5);
        p->url = column_copy(s, 6);
        p->campaign = column_copy(s, 7);
        p->observed_at = db_int(s, 8);
        p->first_seen_at = db_count(s, 9);
        p->last_seen_at = db_count(s, 10);
        p->import_id = db_int(s, 11);
        p->spread = db_int(s, 12) == 1;
        p->untimed = db_int(s, 12) == 2;
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            p->metric[m] = db_count(s, 13 + m);
        p->platform = column_copy(s, 13 + POST_METRIC_COUNT);
        p->id = column_copy(s, 14 + POST_METRIC_COUNT);
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

/* Rules may look at what has changed. */
static bool apply_types(struct store *st, const struct post_row *p, struct fail *f)
{
    bool any, changed = false;

    if (!types_any(st, &any, f) || !any)
        return f->code == FAIL_NONE;
    return types_apply(st, p, p->id, &changed, f);
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
    db_bind_int(s, 14, p->spread ? 1 : p->untimed ? 2 : 0);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 15 + m, p->metric[m]);
    return db_run(s, f) && apply_types(st, p, f);
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
                   const struct sender *from, int64_t observed_at, bool timed, bool reading,
                   struct fail *f)
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
    db_bind_int(s, 15, timed ? 0 : 2);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 16 + m, reading ? p->metric[m] : COUNT_ABSENT);
    return db_run(s, f);
}

static bool has_value(const struct record *r)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (r->post.metric[m] != COUNT_ABSENT)
            return true;
    return false;
}

/* The account that the record means, and whether its region may be what the record says. */
static bool put_account(struct store *st, const struct record *r, const struct post_row *known,
                        const struct sender *from, int64_t *account_id, bool *region_set,
                        struct fail *f)
{
    const char *handle = r->post.account ? r->post.account : "";
    bool ok;

    if (known && !record_states(r, POST_ACCOUNT)) {
        *account_id = known->account_id;
        ok = !record_states(r, POST_REGION) ||
             account_state_region(st, known->account_id, r->post.region, from->import_id,
                                  region_set, f);
    } else {
        ok = account_resolve(st, r->post.platform, handle, r->post.region, from->import_id,
                             account_id, region_set, f);
    }
    if (!ok && f->code == FAIL_CONFLICT)
        text_copy(f->place, sizeof f->place, "region");
    return ok;
}

/* A null in the first word of a post clears nothing, but holds against older words. */
static bool has_null(const struct record *r)
{
    const struct post *p = &r->post;

    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (record_states(r, POST_FIRST_METRIC + m) && p->metric[m] == COUNT_ABSENT)
            return true;
    return (record_states(r, POST_TAGS) && !p->tags) || (record_states(r, POST_TEXT) && !p->text) ||
           (record_states(r, POST_URL) && !p->url) ||
           (record_states(r, POST_CAMPAIGN) && !p->campaign);
}

static bool lacks(const struct record *r, struct fail *f)
{
    const char *field = record_states(r, POST_TYPE) ? "posted_at" : "type";

    text_copy(f->place, sizeof f->place, field);
    return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", field,
                    "\"%s\" is missing; a post that is not known yet needs it.", field);
}

/* A moment that was stated, for the record or for its file, cannot lie before the post. */
static bool may_be_observed(const struct record *r, const struct post_row *known,
                            const struct sender *from, int64_t at, struct fail *f)
{
    int64_t posted_at = record_states(r, POST_POSTED_AT) ? r->post.posted_at_ms : known->posted_at;

    if ((!record_states(r, POST_OBSERVED_AT) && !from->observed_at_ms) || at >= posted_at)
        return true;
    text_copy(f->place, sizeof f->place, "observed_at");
    return fail_set(f, FAIL_UNPROCESSABLE, "observed-before-posted", "observed_at",
                    "\"observed_at\" lies before \"posted_at\": a post cannot be read before it is "
                    "published.");
}

/* A post that was just made of one record. */
static bool types_of_new(struct store *st, const struct record *r, int64_t account_id,
                         struct fail *f)
{
    struct post_row p = {.post_id = db_last_rowid(st->db), .account_id = account_id};
    const char *const from[] = {r->post.platform, r->post.type, r->post.tags,
                                r->post.text,     r->post.url,  r->post.campaign};
    char **const to[] = {&p.platform, &p.type, &p.tags, &p.text, &p.url, &p.campaign};
    bool changed = false;

    for (size_t i = 0; i < sizeof from / sizeof *from; i++)
        *to[i] = (char *)(uintptr_t)from[i]; /* borrowed: never freed through it */
    return types_apply(st, &p, r->post.id, &changed, f);
}

/*
 * Two exports of the same days, with other figures: the second was made later, and its moment is
 * that of its arrival, so that what the first said stays.
 */
static bool later_export(struct store *st, const struct post_row *row, struct claim *c,
                         const struct sender *from, struct fail *f)
{
    struct observation o, before;
    enum db_result r = DB_DONE;
    bool same_moment = false;

    if (!claim_metrics(c))
        return true;
    observation_of_claim(c, &o);
    if (row->spread) {
        r = observation_before(st, row->post_id, &o, c->observed_at, &before, f);
        same_moment = r == DB_ROW && before.last_seen_at >= c->observed_at;
    } else if (c->kind == READING_LIFETIME && row->last_seen_at != COUNT_ABSENT) {
        memcpy(before.metric, row->metric, sizeof before.metric);
        before.import_id = row->import_id;
        same_moment = row->observed_at == c->observed_at;
    }
    if (same_moment && before.import_id != from->import_id && !observation_equals(&before, &o))
        c->observed_at = from->now_ms;
    return r != DB_ERROR;
}

/* Whether a time may be meant by a day, of the site or of UTC: files do not tell whose it is. */
static bool is_of_day(struct zone *site, int64_t at_ms, int32_t day)
{
    return zone_day(site, at_ms) == day || at_ms / MS_PER_DAY - (at_ms % MS_PER_DAY < 0) == day;
}

bool post_put(struct store *st, const struct record *r, const struct sender *from,
              enum put_result *result, bool *changed, struct fail *f)
{
    bool timed = record_states(r, POST_OBSERVED_AT) || from->import_id != 0;
    int64_t at = record_states(r, POST_OBSERVED_AT) ? r->post.observed_at_ms
                 : from->observed_at_ms             ? from->observed_at_ms
                                                    : from->now_ms;
    bool complete = record_states(r, POST_TYPE) && record_states(r, POST_POSTED_AT);
    bool lifetime = r->post.reading == READING_LIFETIME, region_set = false;
    struct history_effect e = {0};
    struct post_row row = {0};
    int64_t account_id = 0;
    enum db_result found = DB_DONE;
    struct claim claim;
    bool ok = false, any_types = false;

    *result = PUT_UNCHANGED;
    if (!types_any(st, &any_types, f))
        return false;
    /* what a file says of its days is no word on a post that was published after them */
    if (from->told_by_file && !record_states(r, POST_OBSERVED_AT) && complete &&
        at < r->post.posted_at_ms)
        at = from->now_ms;
    if (complete && !may_be_observed(r, NULL, from, at, f))
        return false;
    /* Only what can become a post may name a new account; a region alone speaks of the account
     * that the post has already; and the unnamed account is made for a new post only. */
    if (!complete ||
        (!record_states(r, POST_ACCOUNT) &&
         (record_states(r, POST_REGION) || !account_is_known(st, r->post.platform, "")))) {
        found = post_row_find(st, r->post.platform, r->post.id, &row, f);
        if (found == DB_DONE && !complete)
            lacks(r, f);
        if (found == DB_ERROR || f->code != FAIL_NONE)
            goto out;
    }
    if (found == DB_ROW && (!account_brought(st, from->import_id, row.account_id, "", f) ||
                            !may_be_observed(r, &row, from, at, f)))
        goto out;
    if (!put_account(st, r, found == DB_ROW ? &row : NULL, from, &account_id, &region_set, f))
        goto out;
    *changed = *changed || region_set;
    if (found == DB_DONE) {
        bool simple = (lifetime || !has_value(r)) && !has_null(r);

        if (!insert(st, r, account_id, from, at, timed, simple && has_value(r), f))
            goto out;
        if (db_changes(st->db)) {
            *result = PUT_INSERTED;
            *changed = true;
            if (simple)
                return account_brought(st, from->import_id, account_id, "", f) &&
                       (!any_types || types_of_new(st, r, account_id, f));
        }
        if (post_row_find(st, r->post.platform, r->post.id, &row, f) != DB_ROW)
            goto out;
    }
    claim_of_record(r, account_id, from, at, timed, &claim);
    if (r->day_alone && *result != PUT_INSERTED &&
        is_of_day(st->zone, row.posted_at, zone_day(st->zone, r->post.posted_at_ms)))
        claim.stated &= ~(1u << ATTR_POSTED_AT); /* the time of day is known already */
    if (r->type_by_default && *result != PUT_INSERTED)
        claim.stated &= ~(1u << ATTR_TYPE);
    if (from->told_by_file && *result != PUT_INSERTED && !record_states(r, POST_OBSERVED_AT) &&
        !later_export(st, &row, &claim, from, f))
        goto out;
    if (!account_brought(st, from->import_id, row.account_id, "", f) ||
        (record_states(r, POST_ACCOUNT) && row.account_id != account_id &&
         !account_brought(st, from->import_id, account_id, "", f)))
        goto out;
    ok = *result == PUT_INSERTED ? history_begin(st, &row, &claim, f)
                                 : history_add(st, &row, &claim, &e, f);
    if (ok && *result != PUT_INSERTED)
        *result = e.updated || region_set ? PUT_UPDATED : PUT_UNCHANGED;
    *changed = *changed || e.visible || *result == PUT_INSERTED;
out:
    post_row_clear(&row);
    return ok;
}
