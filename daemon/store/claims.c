#include "store/claims.h"

#include <stdlib.h>
#include <string.h>

#define CLAIM \
    "import_id, observed_at, timed, stated, account_id, type, posted_at, tags, text," \
    " url, campaign, kind, covers_from, covers_to, " POST_METRIC_COLUMNS

enum {
    SQL_CLAIM_INSERT,
    SQL_CLAIMS,
    SQL_CLAIM_OF_SENDER,
    SQL_CLAIM_LAST,
    SQL_CLAIMS_DELETE,
    SQL_UNTIMED,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_CLAIM_INSERT] =
        "INSERT INTO post_claims (post_id, import_id, observed_at, timed, stated, account_id, type,"
        " posted_at, tags, text, url, campaign, kind, covers_from, covers_to, " POST_METRIC_COLUMNS
        ")"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        " ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)",
    [SQL_CLAIMS] = "SELECT " CLAIM " FROM post_claims WHERE post_id = ?1 ORDER BY claim_id",
    [SQL_CLAIM_OF_SENDER] = "SELECT " CLAIM " FROM post_claims WHERE post_id = ?1"
                            " AND import_id = ?2 ORDER BY claim_id DESC LIMIT 1",
    [SQL_CLAIM_LAST] = "SELECT " CLAIM " FROM post_claims WHERE post_id = ?1"
                       " ORDER BY claim_id DESC LIMIT 1",
    [SQL_CLAIMS_DELETE] = "DELETE FROM post_claims WHERE import_id = ?2 AND post_id = ?1",
    [SQL_UNTIMED] = "SELECT EXISTS (SELECT 1 FROM post_claims WHERE post_id = ?1 AND timed = 0)",
};
const struct db_sql claims_sql = {DB_CLAIMS, SQL_COUNT, texts};

static bool no_memory(struct fail *f)
{
    return fail_memory(f);
}

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
        c->covers_to =
            c->kind == READING_DAY ? r->post.covers_from : r->post.covers_to; /* one day */
    }
    memcpy(c->metric, r->post.metric, sizeof c->metric);
}

void claim_of_row(const struct post_row *p, struct claim *c)
{
    memset(c, 0, sizeof *c);
    c->import_id = p->import_id;
    c->observed_at = p->observed_at;
    c->timed = !p->untimed;
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

bool claim_text_same(const char *a, const char *b)
{
    return (!a || !*a) ? (!b || !*b) : (b && strcmp(a, b) == 0);
}

bool claim_attribute_same(const struct claim *c, const struct claim *said, int attribute)
{
    if (!claim_states(c, attribute))
        return true;
    switch ((enum post_attribute)attribute) {
    case ATTR_ACCOUNT: return claim_states(said, attribute) && c->account_id == said->account_id;
    case ATTR_POSTED_AT: return claim_states(said, attribute) && c->posted_at == said->posted_at;
    case ATTR_TYPE: return claim_text_same(c->type, said->type);
    case ATTR_TAGS: return claim_text_same(c->tags, said->tags);
    case ATTR_TEXT: return claim_text_same(c->text, said->text);
    case ATTR_URL: return claim_text_same(c->url, said->url);
    case ATTR_CAMPAIGN: return claim_text_same(c->campaign, said->campaign);
    case ATTR_COUNT: break;
    }
    return false;
}

bool claim_repeats(const struct claim *c, const struct claim *said)
{
    uint32_t metrics = claim_metrics(c);

    if ((c->timed && c->observed_at != said->observed_at) ||
        (metrics && (c->kind != said->kind || c->covers_from != said->covers_from ||
                     c->covers_to != said->covers_to)))
        return false;
    for (int a = 0; a < ATTR_COUNT; a++)
        if (!claim_attribute_same(c, said, a) || (claim_states(c, a) && !claim_states(said, a)))
            return false;
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if ((metrics >> m & 1u) &&
            (!(claim_metrics(said) >> m & 1u) || c->metric[m] != said->metric[m]))
            return false;
    return true;
}

void claim_clear(struct claim *c)
{
    free(c->type);
    free(c->tags);
    free(c->text);
    free(c->url);
    free(c->campaign);
}

void claims_free(struct claim *claims, size_t n)
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
    c->import_id = db_int(s, 0);
    c->observed_at = db_int(s, 1);
    c->timed = db_int(s, 2) != 0;
    c->stated = (uint32_t)db_int(s, 3);
    c->account_id = db_int(s, 4);
    c->posted_at = db_int(s, 6);
    ok = copy_text(s, 5, &c->type) && copy_text(s, 7, &c->tags) && copy_text(s, 8, &c->text) &&
         copy_text(s, 9, &c->url) && copy_text(s, 10, &c->campaign);
    c->kind = (enum reading_kind)db_int(s, 11);
    c->covers_from = (int32_t)db_int(s, 12);
    c->covers_to = (int32_t)db_int(s, 13);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        c->metric[m] = db_count(s, 14 + m);
    return ok;
}

bool claim_insert(struct store *st, int64_t post_id, const struct claim *c, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &claims_sql, SQL_CLAIM_INSERT, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, c->import_id);
    db_bind_int(s, 3, c->observed_at);
    db_bind_int(s, 4, c->timed);
    db_bind_int(s, 5, c->stated);
    db_bind_null(s, 6);
    if (claim_states(c, ATTR_ACCOUNT))
        db_bind_int(s, 6, c->account_id);
    db_bind_text(s, 7, c->type);
    db_bind_null(s, 8);
    if (claim_states(c, ATTR_POSTED_AT))
        db_bind_int(s, 8, c->posted_at);
    db_bind_text(s, 9, c->tags);
    db_bind_text(s, 10, c->text);
    db_bind_text(s, 11, c->url);
    db_bind_text(s, 12, c->campaign);
    db_bind_int(s, 13, c->kind);
    db_bind_int(s, 14, c->covers_from);
    db_bind_int(s, 15, c->covers_to);
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        db_bind_count(s, 16 + m, (claim_metrics(c) >> m & 1u) ? c->metric[m] : COUNT_ABSENT);
    return db_run(s, f);
}

bool claims_load(struct store *st, int64_t post_id, struct claim **claims, size_t *n,
                 struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &claims_sql, SQL_CLAIMS, f);
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

enum db_result claim_last(struct store *st, int64_t post_id, int64_t import_id, struct claim *c,
                          struct fail *f)
{
    int sql = import_id < 0 ? SQL_CLAIM_LAST : SQL_CLAIM_OF_SENDER;
    struct db_stmt *s = db_get(st->db, &claims_sql, sql, f);
    enum db_result r;

    memset(c, 0, sizeof *c);
    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, post_id);
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

bool claims_delete(struct store *st, int64_t post_id, int64_t import_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &claims_sql, SQL_CLAIMS_DELETE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    db_bind_int(s, 2, import_id);
    return db_run(s, f);
}

bool claims_have_untimed(struct store *st, int64_t post_id, bool *have, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &claims_sql, SQL_UNTIMED, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    r = db_step(s, f);
    *have = r == DB_ROW && db_int(s, 0) != 0;
    db_reset(s);
    return r == DB_ROW;
}
