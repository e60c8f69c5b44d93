#include "store/post_history.h"

#include <stdlib.h>
#include <string.h>

#define METRICS \
    "likes, comments, shares, saves, follows, reach, impressions, views, clicks, sessions, users," \
    " conversions"
#define OBSERVATION \
    "kind, covers_from, covers_to, observed_at, last_seen_at, stated, import_id, last_import_id," \
    " " METRICS

enum {
    SQL_CLAIM_INSERT,
    SQL_CLAIM_LAST,
    SQL_CLAIM_UPDATE,
    SQL_CLAIMS,
    SQL_CLAIMS_DELETE,
    SQL_OBSERVATION_WRITE,
    SQL_OBSERVATION_BEFORE,
    SQL_OBSERVATIONS,
    SQL_OBSERVATIONS_DELETE,
    SQL_OBSERVATIONS_PASS_ON,
    SQL_OBSERVATIONS_SHORTEN,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_CLAIM_INSERT] = "INSERT INTO post_claims (post_id, import_id, observed_at, stated,"
                         " account_id, type, posted_at, tags, text, url, campaign)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [SQL_CLAIM_LAST] = "SELECT claim_id, import_id, observed_at, stated, account_id, type,"
                       " posted_at, tags, text, url, campaign FROM post_claims WHERE post_id = ?1"
                       " ORDER BY claim_id DESC LIMIT 1",
    [SQL_CLAIM_UPDATE] = "UPDATE post_claims SET observed_at = ?2, stated = ?3, account_id = ?4,"
                         " type = ?5, posted_at = ?6, tags = ?7, text = ?8, url = ?9,"
                         " campaign = ?10 WHERE claim_id = ?1",
    [SQL_CLAIMS] = "SELECT claim_id, import_id, observed_at, stated, account_id, type, posted_at,"
                   " tags, text, url, campaign FROM post_claims WHERE post_id = ?1"
                   " ORDER BY observed_at, claim_id",
    [SQL_CLAIMS_DELETE] = "DELETE FROM post_claims WHERE import_id = ?2 AND post_id = ?1",
    [SQL_OBSERVATION_WRITE] =
        "INSERT OR REPLACE INTO observations (post_id, " OBSERVATION ") VALUES (?1, ?2, ?3, ?4,"
        " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
    [SQL_OBSERVATION_BEFORE] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1"
                               " AND kind = ?2 AND covers_from = ?3 AND covers_to = ?4"
                               " AND observed_at <= ?5 ORDER BY observed_at DESC LIMIT 1",
    [SQL_OBSERVATIONS] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1 AND kind = 0"
                         " ORDER BY observed_at",
    [SQL_OBSERVATIONS_DELETE] = "DELETE FROM observations WHERE post_id = ?1 AND import_id = ?2"
                                " AND last_import_id = ?2",
    [SQL_OBSERVATIONS_PASS_ON] = "UPDATE OR REPLACE observations SET observed_at = last_seen_at,"
                                 " import_id = last_import_id WHERE post_id = ?1"
                                 " AND import_id = ?2",
    [SQL_OBSERVATIONS_SHORTEN] = "UPDATE observations SET last_seen_at = observed_at,"
                                 " last_import_id = import_id WHERE post_id = ?1"
                                 " AND last_import_id = ?2",
};
const struct db_sql post_history_sql = {DB_POST_HISTORY, SQL_COUNT, texts};

/* A claim as it is read back; strings are borrowed from the statement. */
struct claim {
    int64_t claim_id, import_id, observed_at;
    uint32_t stated;
    int64_t account_id, posted_at;
    const char *type, *tags, *text, *url, *campaign;
};

static void claim_read(struct db_stmt *s, struct claim *c)
{
    c->claim_id = db_int(s, 0);
    c->import_id = db_int(s, 1);
    c->observed_at = db_int(s, 2);
    c->stated = (uint32_t)db_int(s, 3);
    c->account_id = db_int(s, 4);
    c->type = db_text(s, 5);
    c->posted_at = db_int(s, 6);
    c->tags = db_text(s, 7);
    c->text = db_text(s, 8);
    c->url = db_text(s, 9);
    c->campaign = db_text(s, 10);
}

static void claim_bind(struct db_stmt *s, int i, const struct claim *c)
{
    db_bind_int(s, i, c->observed_at);
    db_bind_int(s, i + 1, c->stated);
    if (c->stated >> ATTR_ACCOUNT & 1u)
        db_bind_int(s, i + 2, c->account_id);
    else
        db_bind_null(s, i + 2);
    db_bind_text(s, i + 3, c->type);
    if (c->stated >> ATTR_POSTED_AT & 1u)
        db_bind_int(s, i + 4, c->posted_at);
    else
        db_bind_null(s, i + 4);
    db_bind_text(s, i + 5, c->tags);
    db_bind_text(s, i + 6, c->text);
    db_bind_text(s, i + 7, c->url);
    db_bind_text(s, i + 8, c->campaign);
}

static bool claim_insert(struct store *st, int64_t post_id, const struct claim *c, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_CLAIM_INSERT, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, c->import_id);
    claim_bind(s, 3, c);
    return db_run(s, f);
}

bool post_spread(struct store *st, struct post_row *p, struct fail *f)
{
    struct claim c = {.import_id = p->import_id,
                      .observed_at = p->observed_at,
                      .account_id = p->account_id,
                      .posted_at = p->posted_at,
                      .type = p->type,
                      .tags = p->tags,
                      .text = p->text,
                      .url = p->url,
                      .campaign = p->campaign};

    if (p->spread)
        return true;
    c.stated = 1u << ATTR_ACCOUNT | 1u << ATTR_TYPE | 1u << ATTR_POSTED_AT |
               (p->tags ? 1u << ATTR_TAGS : 0) | (p->text ? 1u << ATTR_TEXT : 0) |
               (p->url ? 1u << ATTR_URL : 0) | (p->campaign ? 1u << ATTR_CAMPAIGN : 0);
    if (!claim_insert(st, p->post_id, &c, f))
        return false;
    if (p->first_seen_at != COUNT_ABSENT) {
        struct observation o = {.kind = READING_LIFETIME,
                                .observed_at = p->first_seen_at,
                                .last_seen_at = p->last_seen_at,
                                .import_id = p->import_id,
                                .last_import_id = p->import_id};

        for (int m = 0; m < POST_METRIC_COUNT; m++) {
            o.metric[m] = p->metric[m];
            if (p->metric[m] != COUNT_ABSENT)
                o.stated |= 1u << m;
        }
        if (!observation_write(st, p->post_id, &o, f))
            return false;
    }
    p->spread = true;
    return post_row_update(st, p, f);
}

static uint32_t attributes_stated(const struct record *r)
{
    static const int field[ATTR_COUNT] = {
        [ATTR_ACCOUNT] = POST_ACCOUNT,   [ATTR_TYPE] = POST_TYPE, [ATTR_POSTED_AT] = POST_POSTED_AT,
        [ATTR_TAGS] = POST_TAGS,         [ATTR_TEXT] = POST_TEXT, [ATTR_URL] = POST_URL,
        [ATTR_CAMPAIGN] = POST_CAMPAIGN,
    };
    uint32_t stated = 0;

    for (int a = 0; a < ATTR_COUNT; a++)
        if (record_states(r, field[a]))
            stated |= 1u << a;
    return stated;
}

static bool text_same(const char *a, const char *b)
{
    return (!a || !*a) ? (!b || !*b) : (b && strcmp(a, b) == 0);
}

/* Merges `more` into c; false when it says nothing that c does not say already. */
static bool claim_merge(struct claim *c, const struct claim *more)
{
    uint32_t m = more->stated;
    bool news = (m & ~c->stated) != 0;

#define MERGE(attribute, member, same) \
    if (m >> (attribute)&1u) { \
        news = news || !(same); \
        c->member = more->member; \
    }
    MERGE(ATTR_ACCOUNT, account_id, c->account_id == more->account_id)
    MERGE(ATTR_TYPE, type, text_same(c->type, more->type))
    MERGE(ATTR_POSTED_AT, posted_at, c->posted_at == more->posted_at)
    MERGE(ATTR_TAGS, tags, text_same(c->tags, more->tags))
    MERGE(ATTR_TEXT, text, text_same(c->text, more->text))
    MERGE(ATTR_URL, url, text_same(c->url, more->url))
    MERGE(ATTR_CAMPAIGN, campaign, text_same(c->campaign, more->campaign))
#undef MERGE
    c->stated |= m;
    if (news && more->observed_at > c->observed_at)
        c->observed_at = more->observed_at;
    return news;
}

bool post_claim(struct store *st, const struct post_row *p, const struct record *r,
                int64_t account_id, int64_t observed_at, int64_t import_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_CLAIM_LAST, f);
    struct claim last, c = {.import_id = import_id,
                            .observed_at = observed_at,
                            .stated = attributes_stated(r),
                            .account_id = account_id,
                            .posted_at = r->post.posted_at_ms,
                            .type = r->post.type,
                            .tags = r->post.tags,
                            .text = r->post.text,
                            .url = r->post.url,
                            .campaign = r->post.campaign};
    struct db_stmt *update;
    enum db_result found;
    bool ok;

    if (!s)
        return false;
    db_bind_int(s, 1, p->post_id);
    found = db_step(s, f);
    if (found == DB_ERROR)
        return false;
    if (found == DB_ROW)
        claim_read(s, &last);
    if (found == DB_DONE || last.import_id != import_id || observed_at < last.observed_at) {
        db_reset(s);
        return claim_insert(st, p->post_id, &c, f);
    }
    ok = true;
    if (claim_merge(&last, &c)) {
        update = db_get(st->db, &post_history_sql, SQL_CLAIM_UPDATE, f);
        ok = update != NULL;
        if (ok) {
            db_bind_int(update, 1, last.claim_id);
            claim_bind(update, 2, &last);
            ok = db_run(update, f);
        }
    }
    db_reset(s); /* the strings of `last` lived in it until here */
    return ok;
}

static void observation_read(struct db_stmt *s, struct observation *o)
{
    o->kind = (enum reading_kind)db_int(s, 0);
    o->covers_from = db_int(s, 1);
    o->covers_to = db_int(s, 2);
    o->observed_at = db_int(s, 3);
    o->last_seen_at = db_int(s, 4);
    o->stated = (uint32_t)db_int(s, 5);
    o->import_id = db_int(s, 6);
    o->last_import_id = db_int(s, 7);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        o->metric[m] = db_count(s, 8 + m);
}

enum db_result observation_before(struct store *st, int64_t post_id, enum reading_kind kind,
                                  int64_t covers_from, int64_t covers_to, int64_t at_ms,
                                  struct observation *o, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_OBSERVATION_BEFORE, f);
    enum db_result r;

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, kind);
    db_bind_int(s, 3, covers_from);
    db_bind_int(s, 4, covers_to);
    db_bind_int(s, 5, at_ms);
    r = db_step(s, f);
    if (r == DB_ROW)
        observation_read(s, o);
    db_reset(s);
    return r;
}

bool observation_write(struct store *st, int64_t post_id, const struct observation *o,
                       struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_OBSERVATION_WRITE, f);

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
    db_bind_int(s, 9, o->last_import_id);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 10 + m, (o->stated >> m & 1u) ? o->metric[m] : COUNT_ABSENT);
    return db_run(s, f);
}

static bool run_for_import(struct store *st, int sql, int64_t post_id, int64_t import_id,
                           struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, sql, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, import_id);
    return db_run(s, f);
}

static bool set_text(char **have, const char *want)
{
    free(*have);
    *have = want && *want ? strdup(want) : NULL;
    return !want || !*want || *have;
}

/* Attributes from the remaining claims, in order; *n: how many there are. */
static bool replay_claims(struct store *st, struct post_row *p, int *n, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_CLAIMS, f);
    enum db_result r;
    bool ok = true;

    *n = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, p->post_id);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct claim c;

        claim_read(s, &c);
        if (++*n == 1) {
            p->import_id = c.import_id;
            p->observed_at = c.observed_at;
            ok = ok && set_text(&p->tags, NULL) && set_text(&p->text, NULL) &&
                 set_text(&p->url, NULL) && set_text(&p->campaign, NULL);
        }
        if (c.observed_at > p->observed_at)
            p->observed_at = c.observed_at;
        if (c.stated >> ATTR_ACCOUNT & 1u && c.account_id)
            p->account_id = c.account_id;
        if (c.stated >> ATTR_POSTED_AT & 1u)
            p->posted_at = c.posted_at;
        if (c.stated >> ATTR_TYPE & 1u)
            ok = ok && set_text(&p->type, c.type);
        if (c.stated >> ATTR_TAGS & 1u)
            ok = ok && set_text(&p->tags, c.tags);
        if (c.stated >> ATTR_TEXT & 1u)
            ok = ok && set_text(&p->text, c.text);
        if (c.stated >> ATTR_URL & 1u)
            ok = ok && set_text(&p->url, c.url);
        if (c.stated >> ATTR_CAMPAIGN & 1u)
            ok = ok && set_text(&p->campaign, c.campaign);
    }
    db_reset(s);
    if (!ok)
        return fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    return r != DB_ERROR;
}

static bool replay_observations(struct store *st, struct post_row *p, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_OBSERVATIONS, f);
    enum db_result r;

    if (!s)
        return false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        p->metric[m] = COUNT_ABSENT;
    p->first_seen_at = p->last_seen_at = COUNT_ABSENT;
    db_bind_int(s, 1, p->post_id);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct observation o;

        observation_read(s, &o);
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            if (o.stated >> m & 1u)
                p->metric[m] = o.metric[m];
        p->first_seen_at = o.observed_at;
        p->last_seen_at = o.last_seen_at;
        if (o.last_seen_at > p->observed_at)
            p->observed_at = o.last_seen_at;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool post_unclaim(struct store *st, int64_t post_id, int64_t import_id, struct fail *f)
{
    struct post_row p = {0};
    enum db_result found = post_row_load(st, post_id, &p, f);
    int n = 0;
    bool ok = false;

    if (found != DB_ROW)
        return found == DB_DONE;
    if (!p.spread) {
        ok = p.import_id != import_id || post_row_delete(st, post_id, f);
        goto out;
    }
    if (!run_for_import(st, SQL_CLAIMS_DELETE, post_id, import_id, f) ||
        !run_for_import(st, SQL_OBSERVATIONS_DELETE, post_id, import_id, f) ||
        !run_for_import(st, SQL_OBSERVATIONS_PASS_ON, post_id, import_id, f) ||
        !run_for_import(st, SQL_OBSERVATIONS_SHORTEN, post_id, import_id, f) ||
        !replay_claims(st, &p, &n, f))
        goto out;
    if (n == 0)
        ok = post_row_delete(st, post_id, f);
    else
        ok = replay_observations(st, &p, f) && post_row_update(st, &p, f);
out:
    post_row_clear(&p);
    return ok;
}
