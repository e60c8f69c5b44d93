#include "store/post_history.h"
#include "store/accounts.h"

#include <stdlib.h>
#include <string.h>

#define METRICS \
    "likes, comments, shares, saves, follows, reach, impressions, views, clicks, sessions, users," \
    " conversions"
#define CLAIM \
    "claim_id, import_id, observed_at, timed, stated, account_id, type, posted_at, tags, text," \
    " url, campaign, kind, covers_from, covers_to, " METRICS
#define OBSERVATION \
    "kind, covers_from, covers_to, observed_at, last_seen_at, stated, import_id, " METRICS

enum {
    SQL_CLAIM_INSERT,
    SQL_CLAIMS,
    SQL_CLAIM_OF_SENDER,
    SQL_CLAIM_LAST,
    SQL_CLAIMS_DELETE,
    SQL_OBSERVATION_WRITE,
    SQL_OBSERVATION_LATEST,
    SQL_OBSERVATIONS,
    SQL_OBSERVATIONS_DELETE,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_CLAIM_INSERT] =
        "INSERT INTO post_claims (post_id, import_id, observed_at, timed, stated, account_id, type,"
        " posted_at, tags, text, url, campaign, kind, covers_from, covers_to, " METRICS ")"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        " ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)",
    [SQL_CLAIMS] = "SELECT " CLAIM " FROM post_claims WHERE post_id = ?1 ORDER BY claim_id",
    [SQL_CLAIM_OF_SENDER] = "SELECT " CLAIM " FROM post_claims WHERE post_id = ?1"
                            " AND import_id = ?2 ORDER BY claim_id DESC LIMIT 1",
    [SQL_CLAIM_LAST] = "SELECT " CLAIM " FROM post_claims WHERE post_id = ?1"
                       " ORDER BY claim_id DESC LIMIT 1",
    [SQL_CLAIMS_DELETE] = "DELETE FROM post_claims WHERE import_id = ?2 AND post_id = ?1",
    [SQL_OBSERVATION_WRITE] =
        "INSERT OR REPLACE INTO observations (post_id, " OBSERVATION ") VALUES (?1, ?2, ?3, ?4,"
        " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    [SQL_OBSERVATION_LATEST] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1"
                               " AND kind = 0 AND covers_from = 0 AND covers_to = 0"
                               " ORDER BY observed_at DESC LIMIT 1",
    [SQL_OBSERVATIONS] = "SELECT " OBSERVATION " FROM observations WHERE post_id = ?1"
                         " ORDER BY kind, covers_from, covers_to, observed_at",
    [SQL_OBSERVATIONS_DELETE] = "DELETE FROM observations WHERE post_id = ?1",
};
const struct db_sql post_history_sql = {DB_POST_HISTORY, SQL_COUNT, texts};

static bool no_memory(struct fail *f)
{
    return fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
}

static uint32_t metrics_of(uint32_t stated)
{
    return stated >> CLAIM_METRIC_BIT;
}

static bool states(const struct claim *c, int attribute)
{
    return (c->stated >> attribute & 1u) != 0;
}

/* ---- claims ---- */

/* Borrowed text where a struct's member is owned elsewhere: never freed through it. */
static char *borrowed(const char *text)
{
    return text && *text ? (char *)(uintptr_t)text : NULL;
}

void claim_of_record(const struct record *r, int64_t account_id, const struct sender *from,
                     int64_t observed_at, bool timed, struct claim *c)
{
    static const int field[ATTR_COUNT] = {
        [ATTR_ACCOUNT] = POST_ACCOUNT,   [ATTR_TYPE] = POST_TYPE, [ATTR_POSTED_AT] = POST_POSTED_AT,
        [ATTR_TAGS] = POST_TAGS,         [ATTR_TEXT] = POST_TEXT, [ATTR_URL] = POST_URL,
        [ATTR_CAMPAIGN] = POST_CAMPAIGN,
    };

    memset(c, 0, sizeof *c);
    c->import_id = from->import_id;
    c->observed_at = observed_at;
    c->timed = timed;
    for (int a = 0; a < ATTR_COUNT; a++)
        if (record_states(r, field[a]))
            c->stated |= 1u << a;
    c->stated |= (r->stated >> POST_FIRST_METRIC & ((1u << POST_METRIC_COUNT) - 1))
                 << CLAIM_METRIC_BIT;
    c->account_id = account_id;
    c->posted_at = r->post.posted_at_ms;
    c->type = borrowed(r->post.type);
    c->tags = borrowed(r->post.tags);
    c->text = borrowed(r->post.text);
    c->url = borrowed(r->post.url);
    c->campaign = borrowed(r->post.campaign);
    c->kind = r->post.reading;
    if (c->kind != READING_LIFETIME) {
        c->covers_from = r->post.covers_from;
        c->covers_to = r->post.covers_to;
    }
    memcpy(c->metric, r->post.metric, sizeof c->metric);
}

void claim_of_row(const struct post_row *p, struct claim *c)
{
    memset(c, 0, sizeof *c);
    c->import_id = p->import_id;
    c->observed_at = p->observed_at;
    c->timed = true; /* the first word: it makes no difference */
    c->account_id = p->account_id;
    c->posted_at = p->posted_at;
    c->type = p->type;
    c->tags = p->tags;
    c->text = p->text;
    c->url = p->url;
    c->campaign = p->campaign;
    c->stated = 1u << ATTR_ACCOUNT | 1u << ATTR_TYPE | 1u << ATTR_POSTED_AT |
                (p->tags ? 1u << ATTR_TAGS : 0) | (p->text ? 1u << ATTR_TEXT : 0) |
                (p->url ? 1u << ATTR_URL : 0) | (p->campaign ? 1u << ATTR_CAMPAIGN : 0);
    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        c->metric[m] = p->metric[m];
        if (p->metric[m] != COUNT_ABSENT)
            c->stated |= 1u << (CLAIM_METRIC_BIT + m);
    }
}

static bool text_same(const char *a, const char *b)
{
    return (!a || !*a) ? (!b || !*b) : (b && strcmp(a, b) == 0);
}

/* Whether c says nothing of an attribute, or the same as `said` does. */
static bool attribute_same(const struct claim *c, const struct claim *said, int attribute)
{
    if (!states(c, attribute))
        return true;
    switch ((enum post_attribute)attribute) {
    case ATTR_ACCOUNT: return states(said, attribute) && c->account_id == said->account_id;
    case ATTR_POSTED_AT: return states(said, attribute) && c->posted_at == said->posted_at;
    case ATTR_TYPE: return text_same(c->type, said->type);
    case ATTR_TAGS: return text_same(c->tags, said->tags);
    case ATTR_TEXT: return text_same(c->text, said->text);
    case ATTR_URL: return text_same(c->url, said->url);
    case ATTR_CAMPAIGN: return text_same(c->campaign, said->campaign);
    case ATTR_COUNT: break;
    }
    return false;
}

bool claim_repeats(const struct claim *c, const struct claim *said)
{
    uint32_t metrics = metrics_of(c->stated);

    if ((c->timed && c->observed_at != said->observed_at) ||
        (metrics && (c->kind != said->kind || c->covers_from != said->covers_from ||
                     c->covers_to != said->covers_to)))
        return false;
    for (int a = 0; a < ATTR_COUNT; a++)
        if (!attribute_same(c, said, a) || (states(c, a) && !states(said, a)))
            return false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if ((metrics >> m & 1u) &&
            (!(metrics_of(said->stated) >> m & 1u) || c->metric[m] != said->metric[m]))
            return false;
    return true;
}

static void claim_clear(struct claim *c)
{
    free(c->type);
    free(c->tags);
    free(c->text);
    free(c->url);
    free(c->campaign);
}

static void claims_free(struct claim *claims, size_t n)
{
    for (size_t i = 0; i < n; i++)
        claim_clear(&claims[i]);
    free(claims);
}

static bool copy_text(struct db_stmt *s, int column, char **text)
{
    const char *have = db_text(s, column);

    *text = have ? strdup(have) : NULL;
    return !have || *text;
}

static bool claim_read(struct db_stmt *s, struct claim *c)
{
    bool ok;

    memset(c, 0, sizeof *c);
    c->claim_id = db_int(s, 0);
    c->import_id = db_int(s, 1);
    c->observed_at = db_int(s, 2);
    c->timed = db_int(s, 3) != 0;
    c->stated = (uint32_t)db_int(s, 4);
    c->account_id = db_int(s, 5);
    c->posted_at = db_int(s, 7);
    ok = copy_text(s, 6, &c->type) && copy_text(s, 8, &c->tags) && copy_text(s, 9, &c->text) &&
         copy_text(s, 10, &c->url) && copy_text(s, 11, &c->campaign);
    c->kind = (enum reading_kind)db_int(s, 12);
    c->covers_from = (int32_t)db_int(s, 13);
    c->covers_to = (int32_t)db_int(s, 14);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        c->metric[m] = db_count(s, 15 + m);
    return ok;
}

static bool claim_insert(struct store *st, int64_t post_id, const struct claim *c, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_CLAIM_INSERT, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, c->import_id);
    db_bind_int(s, 3, c->observed_at);
    db_bind_int(s, 4, c->timed);
    db_bind_int(s, 5, c->stated);
    db_bind_null(s, 6);
    if (states(c, ATTR_ACCOUNT))
        db_bind_int(s, 6, c->account_id);
    db_bind_text(s, 7, c->type);
    db_bind_null(s, 8);
    if (states(c, ATTR_POSTED_AT))
        db_bind_int(s, 8, c->posted_at);
    db_bind_text(s, 9, c->tags);
    db_bind_text(s, 10, c->text);
    db_bind_text(s, 11, c->url);
    db_bind_text(s, 12, c->campaign);
    db_bind_int(s, 13, c->kind);
    db_bind_int(s, 14, c->covers_from);
    db_bind_int(s, 15, c->covers_to);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 16 + m, (metrics_of(c->stated) >> m & 1u) ? c->metric[m] : COUNT_ABSENT);
    return db_run(s, f);
}

/* All claims of a post, the caller's; NULL with *n 0 when there are none or on failure. */
static bool claims_load(struct store *st, int64_t post_id, struct claim **claims, size_t *n,
                        struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_CLAIMS, f);
    enum db_result r = DB_ERROR;
    size_t cap = 0;

    *claims = NULL;
    *n = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    while ((r = db_step(s, f)) == DB_ROW) {
        if (*n == cap) {
            struct claim *more = realloc(*claims, (cap = cap ? cap * 2 : 8) * sizeof *more);

            if (!more)
                break;
            *claims = more;
        }
        if (!claim_read(s, &(*claims)[(*n)++]))
            break;
    }
    db_reset(s);
    if (r == DB_DONE)
        return true;
    claims_free(*claims, *n);
    *claims = NULL;
    *n = 0;
    return r == DB_ERROR ? false : no_memory(f);
}

/* ---- the fold ---- */

static bool set_text(char **have, const char *want)
{
    free(*have);
    *have = want && *want ? strdup(want) : NULL;
    return !want || !*want || *have;
}

static bool apply_attributes(const struct claim *c, struct post_row *p)
{
    if (states(c, ATTR_ACCOUNT))
        p->account_id = c->account_id;
    if (states(c, ATTR_POSTED_AT))
        p->posted_at = c->posted_at;
    return (!states(c, ATTR_TYPE) || set_text(&p->type, c->type)) &&
           (!states(c, ATTR_TAGS) || set_text(&p->tags, c->tags)) &&
           (!states(c, ATTR_TEXT) || set_text(&p->text, c->text)) &&
           (!states(c, ATTR_URL) || set_text(&p->url, c->url)) &&
           (!states(c, ATTR_CAMPAIGN) || set_text(&p->campaign, c->campaign));
}

/* What c says of the row's attributes that differs; nothing is changed. */
static bool attributes_differ(const struct claim *c, const struct post_row *p)
{
    struct claim now;

    claim_of_row(p, &now);
    for (int a = 0; a < ATTR_COUNT; a++)
        if (!attribute_same(c, &now, a))
            return true;
    return false;
}

/* A reading: kind and cover, then its moment, then its arrival (by place in the array). */
static int by_time(const void *a, const void *b)
{
    const struct claim *x = *(const struct claim *const *)a, *y = *(const struct claim *const *)b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->covers_from != y->covers_from)
        return x->covers_from < y->covers_from ? -1 : 1;
    if (x->covers_to != y->covers_to)
        return x->covers_to < y->covers_to ? -1 : 1;
    if (x->observed_at != y->observed_at)
        return x->observed_at < y->observed_at ? -1 : 1;
    return x < y ? -1 : x > y;
}

static bool same_cover(const struct observation *o, const struct claim *c)
{
    return o->kind == c->kind && o->covers_from == c->covers_from && o->covers_to == c->covers_to;
}

static bool same_reading(const struct observation *a, const struct observation *b)
{
    return a->stated == b->stated && memcmp(a->metric, b->metric, sizeof a->metric) == 0;
}

static void observation_of(const struct claim *c, struct observation *o)
{
    memset(o, 0, sizeof *o);
    o->kind = c->kind;
    o->covers_from = c->covers_from;
    o->covers_to = c->covers_to;
    o->observed_at = o->last_seen_at = c->observed_at;
    o->stated = metrics_of(c->stated);
    o->import_id = c->import_id;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        o->metric[m] = (o->stated >> m & 1u) ? c->metric[m] : COUNT_ABSENT;
}

/* Whether there is anything in a reading: one that only clears is none without a reading before. */
static bool is_empty(const struct observation *o)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (o->metric[m] != COUNT_ABSENT)
            return false;
    return true;
}

/* Sorted readings → observations; the array has room for all. */
static size_t fold_readings(const struct claim *const *sorted, size_t n, struct observation *out)
{
    size_t k = 0;

    for (size_t i = 0; i < n;) {
        struct observation o;
        bool timed = sorted[i]->timed;
        bool follows;

        observation_of(sorted[i], &o);
        for (i++; i < n && same_cover(&o, sorted[i]) && sorted[i]->observed_at == o.observed_at;
             i++) {
            struct observation same;

            observation_of(sorted[i], &same);
            timed = timed || sorted[i]->timed;
            o.stated |= same.stated;
            for (int m = 0; m < POST_METRIC_COUNT; m++)
                if (same.stated >> m & 1u)
                    o.metric[m] = same.metric[m];
        }
        follows = k > 0 && out[k - 1].kind == o.kind && out[k - 1].covers_from == o.covers_from &&
                  out[k - 1].covers_to == o.covers_to;
        if (follows && same_reading(&out[k - 1], &o)) {
            if (timed)
                out[k - 1].last_seen_at = o.observed_at;
        } else if (follows || !is_empty(&o)) {
            out[k++] = o;
        }
    }
    return k;
}

static void fold_metrics(const struct observation *o, size_t n, struct post_row *p)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        p->metric[m] = COUNT_ABSENT;
    p->first_seen_at = p->last_seen_at = COUNT_ABSENT;
    for (size_t i = 0; i < n && o[i].kind == READING_LIFETIME; i++) {
        for (int m = 0; m < POST_METRIC_COUNT; m++)
            if (o[i].stated >> m & 1u)
                p->metric[m] = o[i].metric[m];
        p->first_seen_at = o[i].observed_at;
        p->last_seen_at = o[i].last_seen_at;
    }
}

/*
 * What holds of each metric while claims go by in order of arrival. A word without a
 * moment comes after all moments before it, so it is news only against these.
 */
struct holding {
    int64_t metric[POST_METRIC_COUNT], at[POST_METRIC_COUNT];
};

static void hold(struct holding *h, const struct claim *c)
{
    for (int m = 0; m < POST_METRIC_COUNT && c->kind == READING_LIFETIME; m++)
        if ((metrics_of(c->stated) >> m & 1u) && c->observed_at >= h->at[m]) {
            h->metric[m] = c->metric[m];
            h->at[m] = c->observed_at;
        }
}

/* Whether a reading without a moment says just what holds: then it is no reading. */
static bool reading_says_nothing(const struct claim *c, const int64_t metric[POST_METRIC_COUNT])
{
    if (c->timed || c->kind != READING_LIFETIME)
        return false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if ((metrics_of(c->stated) >> m & 1u) && c->metric[m] != metric[m])
            return false;
    return true;
}

bool history_fold(const struct claim *claims, size_t n, struct post_row *p,
                  struct observation **observations, size_t *n_observations)
{
    const struct claim **sorted = malloc((n + 1) * sizeof *sorted);
    struct observation *out = malloc((n + 1) * sizeof *out);
    struct holding holding;
    size_t readings = 0;
    bool ok = sorted && out;

    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        holding.metric[m] = COUNT_ABSENT;
        holding.at[m] = INT64_MIN;
    }

    for (size_t i = 0; ok && i < n; i++) {
        const struct claim *c = &claims[i];
        bool mute = reading_says_nothing(c, holding.metric);

        if (i == 0 || (c->observed_at >= p->observed_at && (!mute || attributes_differ(c, p)))) {
            if (i == 0) {
                p->import_id = c->import_id;
                ok = set_text(&p->tags, NULL) && set_text(&p->text, NULL) &&
                     set_text(&p->url, NULL) && set_text(&p->campaign, NULL);
            }
            p->observed_at = c->observed_at;
            ok = ok && apply_attributes(c, p);
        }
        hold(&holding, c);
        if (metrics_of(c->stated) && !mute)
            sorted[readings++] = c;
    }
    if (!ok) {
        free(sorted);
        free(out);
        return false;
    }
    if (readings)
        qsort(sorted, readings, sizeof *sorted, by_time);
    *n_observations = fold_readings(sorted, readings, out);
    *observations = out;
    fold_metrics(out, *n_observations, p);
    p->spread = true;
    free(sorted);
    return true;
}

/* ---- observations ---- */

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

static bool observation_write(struct store *st, int64_t post_id, const struct observation *o,
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
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 9 + m, o->metric[m]);
    return db_run(s, f);
}

static enum db_result observation_latest(struct store *st, int64_t post_id, struct observation *o,
                                         struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_OBSERVATION_LATEST, f);
    enum db_result r;

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, post_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        observation_read(s, o);
    db_reset(s);
    return r;
}

static bool observations_load(struct store *st, int64_t post_id, struct observation **all,
                              size_t *n, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_OBSERVATIONS, f);
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

/* Replaces all observations of a post. */
static bool observations_write(struct store *st, int64_t post_id, const struct observation *o,
                               size_t n, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &post_history_sql, SQL_OBSERVATIONS_DELETE, f);

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

/* ---- adding ---- */

static bool row_same(const struct post_row *a, const struct post_row *b)
{
    return a->account_id == b->account_id && a->posted_at == b->posted_at &&
           text_same(a->type, b->type) && text_same(a->tags, b->tags) &&
           text_same(a->text, b->text) && text_same(a->url, b->url) &&
           text_same(a->campaign, b->campaign);
}

static bool row_copy(const struct post_row *from, struct post_row *to)
{
    *to = *from;
    to->type = to->tags = to->text = to->url = to->campaign = to->platform = NULL;
    return set_text(&to->type, from->type) && set_text(&to->tags, from->tags) &&
           set_text(&to->text, from->text) && set_text(&to->url, from->url) &&
           set_text(&to->campaign, from->campaign);
}

/* Whether a reading says something else than what was known of its metrics at its moment. */
static bool reading_is_news(const struct claim *c, const struct observation *known, size_t n)
{
    uint32_t metrics = metrics_of(c->stated);

    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        int64_t value = COUNT_ABSENT;

        if (!(metrics >> m & 1u))
            continue;
        for (size_t i = 0; i < n; i++)
            if (same_cover(&known[i], c) && known[i].observed_at <= c->observed_at &&
                (known[i].stated >> m & 1u))
                value = known[i].metric[m];
        if (value != c->metric[m])
            return true;
    }
    return false;
}

static bool observations_same(const struct observation *a, size_t n, const struct observation *b,
                              size_t n_b)
{
    if (n != n_b)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!same_reading(&a[i], &b[i]) || a[i].kind != b[i].kind ||
            a[i].covers_from != b[i].covers_from || a[i].covers_to != b[i].covers_to ||
            a[i].observed_at != b[i].observed_at || a[i].last_seen_at != b[i].last_seen_at)
            return false;
    return true;
}

/* The general way: all claims, this one too, folded anew. */
static bool refold(struct store *st, struct post_row *p, const struct claim *c,
                   struct history_effect *e, struct fail *f)
{
    struct observation *before = NULL, *after = NULL;
    size_t n = 0, n_before = 0, n_after = 0;
    struct claim *claims = NULL;
    struct post_row old = {0};
    bool ok = false, said = false;

    if (!claims_load(st, p->post_id, &claims, &n, f) ||
        !observations_load(st, p->post_id, &before, &n_before, f))
        goto out;
    for (size_t i = 0; i < n; i++)
        said = said || (claims[i].import_id == c->import_id && claim_repeats(c, &claims[i]));
    if (said && c->timed) { /* the same sender said it of that moment: it moves nothing at all */
        ok = true;
        goto out;
    }
    ok = claim_insert(st, p->post_id, c, f) && row_copy(p, &old);
    claims_free(claims, n);
    claims = NULL;
    n = 0;
    ok = ok && claims_load(st, p->post_id, &claims, &n, f);
    if (ok && !history_fold(claims, n, p, &after, &n_after))
        ok = no_memory(f);
    if (!ok)
        goto out;
    e->updated = !row_same(&old, p) || memcmp(old.metric, p->metric, sizeof old.metric) != 0 ||
                 reading_is_news(c, before, n_before);
    if (!observations_same(before, n_before, after, n_after)) {
        e->visible = true;
        ok = observations_write(st, p->post_id, after, n_after, f);
    }
    if (ok && (e->updated || old.observed_at != p->observed_at ||
               old.first_seen_at != p->first_seen_at || old.last_seen_at != p->last_seen_at)) {
        e->visible = true;
        ok = post_row_update(st, p, f);
    }
out:
    claims_free(claims, n);
    free(before);
    free(after);
    post_row_clear(&old);
    return ok;
}

/* The quick way, for a record that comes last in time: what the fold would give, by one look. */
static bool append(struct store *st, struct post_row *p, const struct claim *c,
                   struct history_effect *e, struct fail *f)
{
    bool row = !reading_says_nothing(c, p->metric);
    struct observation o, last;

    observation_of(c, &o);
    if (o.stated && row) {
        enum db_result found = observation_latest(st, p->post_id, &last, f);

        if (found == DB_ERROR)
            return false;
        if (found == DB_ROW && same_reading(&last, &o)) {
            if (c->timed) {
                last.last_seen_at = p->last_seen_at = c->observed_at;
                if (!observation_write(st, p->post_id, &last, f))
                    return false;
            }
        } else if (found == DB_ROW || !is_empty(&o)) {
            for (int m = 0; m < POST_METRIC_COUNT; m++)
                if ((o.stated >> m & 1u) && p->metric[m] != c->metric[m]) {
                    p->metric[m] = c->metric[m];
                    e->updated = true;
                }
            p->first_seen_at = p->last_seen_at = c->observed_at;
            if (!observation_write(st, p->post_id, &o, f))
                return false;
        }
    }
    if (attributes_differ(c, p)) {
        if (!apply_attributes(c, p))
            return no_memory(f);
        row = e->updated = true;
    }
    if (row)
        p->observed_at = c->observed_at;
    e->visible = row;
    return claim_insert(st, p->post_id, c, f) && (!row || post_row_update(st, p, f));
}

/* Writes the row's one record out, so that others can stand beside it. */
static bool spread(struct store *st, struct post_row *p, struct fail *f)
{
    struct claim c;
    struct observation o;

    if (p->spread)
        return true;
    claim_of_row(p, &c);
    if (!claim_insert(st, p->post_id, &c, f))
        return false;
    p->spread = true;
    if (metrics_of(c.stated)) {
        observation_of(&c, &o);
        if (!observation_write(st, p->post_id, &o, f))
            return false;
    }
    return post_row_update(st, p, f);
}

/* The last word on a post, of one sender or (import_id -1) of any; DB_DONE when there is none. */
static enum db_result last_word(struct store *st, const struct post_row *p, int64_t import_id,
                                struct claim *c, struct fail *f)
{
    int sql = import_id < 0 ? SQL_CLAIM_LAST : SQL_CLAIM_OF_SENDER;
    struct db_stmt *s = db_get(st->db, &post_history_sql, sql, f);
    enum db_result r;

    memset(c, 0, sizeof *c);
    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, p->post_id);
    if (import_id >= 0)
        db_bind_int(s, 2, import_id);
    r = db_step(s, f);
    if (r == DB_ROW && !claim_read(s, c)) {
        no_memory(f);
        r = DB_ERROR;
    }
    db_reset(s);
    return r;
}

/*
 * Whether the sender has said just this: then it moves nothing at all. A word without a
 * moment means now, so it repeats only what nobody has spoken after.
 */
static bool is_repetition(struct store *st, const struct post_row *p, const struct claim *c,
                          bool *repeats, struct fail *f)
{
    struct claim last;
    enum db_result r;

    *repeats = false;
    if (!p->spread) {
        claim_of_row(p, &last);
        last.stated = UINT32_MAX; /* what the one record left out or cleared is absent alike */
        *repeats = p->import_id == c->import_id && claim_repeats(c, &last);
        return true;
    }
    r = last_word(st, p, c->timed ? c->import_id : -1, &last, f);
    *repeats = r == DB_ROW && last.import_id == c->import_id && claim_repeats(c, &last);
    claim_clear(&last);
    return r != DB_ERROR;
}

bool history_add(struct store *st, struct post_row *p, const struct claim *record,
                 struct history_effect *e, struct fail *f)
{
    struct claim c = *record;
    bool repeats;

    /* A word without a moment is the latest there is, whatever moments others stated. */
    if (!c.timed && c.observed_at < p->observed_at)
        c.observed_at = p->observed_at;
    if (!is_repetition(st, p, &c, &repeats, f))
        return false;
    if (repeats)
        return true;
    if (!spread(st, p, f))
        return false;
    if (c.observed_at >= p->observed_at &&
        (!metrics_of(c.stated) ||
         (c.kind == READING_LIFETIME &&
          (p->last_seen_at == COUNT_ABSENT || c.observed_at > p->last_seen_at))))
        return append(st, p, &c, e, f);
    return refold(st, p, &c, e, f);
}

/* ---- taking out ---- */

static bool fold_remaining(struct store *st, struct post_row *p, const struct claim *claims,
                           size_t n, const char *platform, struct fail *f)
{
    struct observation *o = NULL;
    size_t n_o = 0;
    bool named = false, ok;

    for (size_t i = 0; i < n; i++)
        named = named || states(&claims[i], ATTR_ACCOUNT);
    if (!named) { /* nobody who is left names an account: it is the platform's unnamed one */
        if (!account_resolve(st, platform, "", NULL, claims[0].import_id, &p->account_id, NULL, f))
            return false;
    }
    if (!history_fold(claims, n, p, &o, &n_o))
        return no_memory(f);
    ok = observations_write(st, p->post_id, o, n_o, f) && post_row_update(st, p, f);
    free(o);
    return ok;
}

bool post_unclaim(struct store *st, int64_t post_id, int64_t import_id, struct fail *f)
{
    struct post_row p = {0};
    enum db_result found = post_row_load(st, post_id, &p, f);
    struct db_stmt *s;
    struct claim *claims = NULL;
    size_t n = 0;
    bool ok = false;

    if (found != DB_ROW)
        return found == DB_DONE;
    if (!p.spread) {
        ok = p.import_id != import_id || post_row_delete(st, post_id, f);
        goto out;
    }
    s = db_get(st->db, &post_history_sql, SQL_CLAIMS_DELETE, f);
    if (!s)
        goto out;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, import_id);
    if (!db_run(s, f) || !claims_load(st, post_id, &claims, &n, f))
        goto out;
    ok =
        n == 0 ? post_row_delete(st, post_id, f) : fold_remaining(st, &p, claims, n, p.platform, f);
out:
    claims_free(claims, n);
    post_row_clear(&p);
    return ok;
}

bool history_is_sound(struct store *st, int64_t post_id, bool *sound, struct fail *f)
{
    struct observation *have = NULL, *want = NULL;
    size_t n_have = 0, n_want = 0, n = 0;
    struct post_row p = {0}, folded = {0};
    struct claim *claims = NULL;
    bool ok = post_row_load(st, post_id, &p, f) == DB_ROW;

    *sound = true;
    if (ok && p.spread) {
        ok = claims_load(st, post_id, &claims, &n, f) &&
             observations_load(st, post_id, &have, &n_have, f) && row_copy(&p, &folded) &&
             history_fold(claims, n, &folded, &want, &n_want);
        *sound =
            ok && row_same(&p, &folded) && memcmp(p.metric, folded.metric, sizeof p.metric) == 0 &&
            p.observed_at == folded.observed_at && p.first_seen_at == folded.first_seen_at &&
            p.last_seen_at == folded.last_seen_at && observations_same(have, n_have, want, n_want);
    }
    claims_free(claims, n);
    free(have);
    free(want);
    post_row_clear(&p);
    post_row_clear(&folded);
    return ok;
}
