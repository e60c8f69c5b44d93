/* The rows themselves: posts and traffic. */
#include "base/ceilings.h"
#include "base/text.h"
#include "base/day.h"
#include "http/api.h"
#include "render/json.h"
#include "render/json_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const post_columns[] = {
    "platform",      "id",           "type",     "posted_at", "account",     "region",
    "tags",          "text",         "url",      "campaign",  "observed_at", "likes",
    "comments",      "shares",       "saves",    "follows",   "reach",       "impressions",
    "views",         "clicks",       "sessions", "users",     "conversions", "engagement",
    "first_seen_at", "last_seen_at", NULL};
static const char *const traffic_columns[] = {
    "date",  "source",           "source_group", "region",   "campaign", "sessions",
    "users", "engaged_sessions", "conversions",  "complete", NULL};

static bool bad_cursor(struct fail *f)
{
    return fail_set(f, FAIL_UNPROCESSABLE, "bad-cursor", "cursor",
                    "\"cursor\" is none that an answer gave.");
}

/* The end of an answer that is written straight: the cursor, if there is more, and the revision. */
static void text_ending(struct json_text *t, const char *next_cursor, int64_t revision)
{
    json_text_key(t, "next_cursor");
    json_text_string(t, next_cursor);
    json_text_key(t, "revision");
    json_text_int(t, revision);
    json_text_close(t, '}');
}

/* A page of posts while it fills. */
struct post_page {
    struct json_text text;
    int64_t n, limit;
    bool more;
    struct post_cursor last;
};

static bool page_post(void *ctx, const struct post_view *v)
{
    struct post_page *p = ctx;

    if (p->n >= p->limit || p->text.out->len >= LIST_BYTES_MAX) {
        p->more = true;
        return false;
    }
    json_text_open(&p->text, '{');
    json_text_post(&p->text, v);
    json_text_close(&p->text, '}');
    p->n++;
    p->last = (struct post_cursor){v->posted_at, v->post_id};
    return !p->text.out->over;
}

void api_posts(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"limit", "cursor", "format", "bom", NULL};
    struct post_page page = {.text = {&rp->body, false}, .limit = LIST_LIMIT_DEFAULT};
    const char *cursor = params_get(&rq->params, "cursor");
    struct post_cursor after = {0, 0};
    struct filter filter;
    struct fail f = {0};
    struct db *db = NULL;
    char next[48] = "";
    int used = 0;

    filter_init(&filter);
    if (!params_check(&rq->params, known, true, false, &f) ||
        !params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &page.limit, &f) ||
        !params_filter(&rq->params, "", &filter, &f))
        goto fail;
    if (cursor && (sscanf(cursor, "%" SCNd64 ".%" SCNd64 "%n", &after.posted_at, &after.post_id,
                          &used) != 2 ||
                   cursor[used] || strlen(cursor) > 40)) {
        bad_cursor(&f);
        goto fail;
    }
    after.post_id = veil_asked(&rq->veil, after.post_id);
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    json_text_open(&page.text, '{');
    json_text_key(&page.text, "posts");
    json_text_open(&page.text, '[');
    if (!db || !posts_each(db, &filter, cursor ? &after : NULL, page_post, &page, &f))
        goto fail;
    json_text_close(&page.text, ']');
    if (page.more)
        snprintf(next, sizeof next, "%" PRId64 ".%" PRId64, page.last.posted_at,
                 veil_shown(&rq->veil, page.last.post_id));
    text_ending(&page.text, next[0] ? next : NULL, rp->revision);
    if (next[0])
        reply_next(rp, rq, next);
    rp->tag = TAG_REVISION;
    rp->rows = page.n;
    reply_text(rp, rq, "posts", post_columns);
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    filter_clear(&filter);
}

/* One post, with a page of its observations by their number in the list. */
struct one_post {
    const struct request *rq;
    struct json_text text;
    int64_t post_id;
    bool spread; /* else the row is its one reading */
    bool has_reading;
    struct observation_view sole; /* of a post that is not spread */
    int64_t from, limit, n, written;
};

static bool take_post(void *ctx, const struct post_view *v)
{
    struct one_post *p = ctx;

    json_text_open(&p->text, '{');
    json_text_post(&p->text, v);
    json_text_post_alone(&p->text, v);
    p->post_id = v->post_id;
    p->spread = v->spread;
    p->has_reading = v->first_seen_at != COUNT_ABSENT;
    p->sole = (struct observation_view){READING_LIFETIME, DAY_NONE, DAY_NONE, v->first_seen_at,
                                        v->last_seen_at,  0,        {0},      v->import_id};
    memcpy(p->sole.metric, v->metric, sizeof p->sole.metric);
    return true;
}

static bool take_observation(void *ctx, const struct observation_view *o)
{
    struct one_post *p = ctx;
    struct observation_view told;

    if (p->n++ < p->from)
        return true;
    if (p->written == p->limit)
        return false;
    told = *o;
    if (o->import_id)
        told.import_id = veil_shown(&p->rq->veil, o->import_id);
    json_text_observation(&p->text, &told);
    p->written++;
    return !p->text.out->over;
}

void api_post(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"limit", "cursor", "format", "bom", NULL};
    static const char *const columns[] = {
        "kind",     "covers_from", "covers_to", "first_seen_at", "last_seen_at", "likes",
        "comments", "shares",      "saves",     "follows",       "reach",        "impressions",
        "views",    "clicks",      "sessions",  "users",         "conversions",  NULL};
    struct one_post p = {.rq = rq, .text = {&rp->body, false}, .limit = LIST_LIMIT_MAX};
    struct fail f = {0};
    char platform[SLUG_MAX + 1], next[24] = "";
    struct db *db = NULL;
    enum db_result r;

    if (!params_check(&rq->params, known, false, false, &f) ||
        !params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &p.limit, &f) ||
        !params_int(&rq->params, "cursor", 0, INT64_MAX / 2, &p.from, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db)
        goto fail;
    if (!platform_make(rq->segment[0], strlen(rq->segment[0]), platform))
        text_copy(platform, sizeof platform, "-");
    r = post_view_find(db, platform, rq->segment[1], take_post, &p, &f);
    if (r == DB_DONE)
        fail_set(&f, FAIL_NOT_FOUND, "no-post", NULL, "There is no post \"%.200s\" of %s.",
                 rq->segment[1], platform);
    if (r != DB_ROW)
        goto fail;
    json_text_key(&p.text, "observations");
    json_text_open(&p.text, '[');
    if (!p.spread && p.has_reading)
        take_observation(&p, &p.sole);
    if (p.spread && !post_observations_each(db, p.post_id, take_observation, &p, &f))
        goto fail;
    json_text_close(&p.text, ']');
    if (p.n > p.from + p.limit)
        snprintf(next, sizeof next, "%" PRId64, p.from + p.limit);
    text_ending(&p.text, next[0] ? next : NULL, rp->revision);
    if (next[0])
        reply_next(rp, rq, next);
    rp->tag = TAG_REVISION;
    rp->rows = 1;
    reply_text(rp, rq, "observations", columns);
    goto out;
fail:
    reply_fail(rp, &f);
out:
    snapshot_end(db);
}

/* A page of traffic while it fills. */
struct traffic_page {
    json_t *rows;
    int64_t limit;
    bool more;
    struct traffic_cursor last;
    struct zone *zone;
    const char *source, *region, *campaign;
};

static bool page_traffic(void *ctx, const struct traffic_view *t)
{
    struct traffic_page *p = ctx;

    if ((p->source && strcmp(p->source, t->name) != 0 && strcmp(p->source, t->source) != 0) ||
        (p->region && strcmp(p->region, t->region) != 0) ||
        (p->campaign && strcmp(p->campaign, t->campaign) != 0))
        return true;
    if ((int64_t)json_array_size(p->rows) >= p->limit) {
        p->more = true;
        return false;
    }
    json_append(&p->rows,
                json_of_traffic(t, t->arrived_at >= zone_day_start_ms(p->zone, t->day + 1)));
    p->last.day = t->day;
    snprintf(p->last.name, sizeof p->last.name, "%s", t->name);
    snprintf(p->last.region, sizeof p->last.region, "%s", t->region);
    snprintf(p->last.campaign, sizeof p->last.campaign, "%s", t->campaign);
    return p->rows != NULL;
}

/* The cursor names the last row: its day, name, region and campaign, parted by tabs, in hex. */
static json_t *traffic_cursor_write(const struct traffic_cursor *c)
{
    char text[3 * NAME_MAX_BYTES], hex[2 * sizeof text + 1];
    int n = snprintf(text, sizeof text, "%d\t%s\t%s\t%s", c->day, c->name, c->region, c->campaign);

    for (int i = 0; i < n && i < (int)sizeof text; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
    return json_text(hex);
}

static bool traffic_cursor_read(const char *hex, struct traffic_cursor *c)
{
    char text[3 * NAME_MAX_BYTES + 1], *name, *region, *campaign;
    size_t n = strlen(hex) / 2;

    if (strlen(hex) % 2 || n >= sizeof text)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;

        if (!strchr("0123456789abcdef", hex[2 * i]) || sscanf(hex + 2 * i, "%2x", &byte) != 1 ||
            byte == 0)
            return false;
        text[i] = (char)byte;
    }
    text[n] = 0;
    name = strchr(text, '\t');
    region = name ? strchr(name + 1, '\t') : NULL;
    campaign = region ? strchr(region + 1, '\t') : NULL;
    if (!campaign)
        return false;
    *name++ = *region++ = *campaign++ = 0;
    c->day = (int32_t)strtol(text, NULL, 10);
    return snprintf(c->name, sizeof c->name, "%s", name) < (int)sizeof c->name &&
           snprintf(c->region, sizeof c->region, "%s", region) < (int)sizeof c->region &&
           snprintf(c->campaign, sizeof c->campaign, "%s", campaign) < (int)sizeof c->campaign;
}

/*
 * To who sees no campaigns they are numbers of rows, and where that is somebody of some regions
 * they are told veiled, and asked so. False for one that none is told as.
 */
static bool veil_campaign(const struct request *rq, struct traffic_cursor *c, bool asked)
{
    int64_t n = strtoll(c->campaign, NULL, 10);

    if (!rq->veil.on || rq->depth != REACH_PLAIN || !c->campaign[0])
        return true;
    n = asked ? veil_asked(&rq->veil, n) : veil_shown(&rq->veil, n);
    snprintf(c->campaign, sizeof c->campaign, "%015" PRId64, n);
    return n >= 0;
}

void api_traffic(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"from",  "to",     "source", "region", "campaign",
                                        "limit", "cursor", "format", "bom",    NULL};
    struct traffic_page page = {
        .rows = json_array(), .limit = LIST_LIMIT_DEFAULT, .zone = app->zone};
    const char *cursor = params_get(&rq->params, "cursor");
    int32_t from = INT32_MIN / 2, to = INT32_MAX / 2;
    struct traffic_cursor after;
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    page.source = params_get(&rq->params, "source");
    page.region = params_get(&rq->params, "region");
    page.campaign = params_get(&rq->params, "campaign");
    if (!params_check(&rq->params, known, false, false, &f) ||
        !params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &page.limit, &f) ||
        !params_day(&rq->params, "from", &from, &f) || !params_day(&rq->params, "to", &to, &f))
        goto fail;
    if (from > to) {
        fail_set(&f, FAIL_UNPROCESSABLE, "empty-range", "from", "\"from\" lies after \"to\".");
        goto fail;
    }
    if (cursor && !(traffic_cursor_read(cursor, &after) && veil_campaign(rq, &after, true))) {
        bad_cursor(&f);
        goto fail;
    }
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !traffic_each(db, from, to, cursor ? &after : NULL, page_traffic, &page, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_object();
    json_put(&o, "traffic", page.rows);
    veil_campaign(rq, &page.last, false);
    json_put(&o, "next_cursor", page.more ? traffic_cursor_write(&page.last) : json_null());
    json_put(&o, "timezone", json_text(app->timezone));
    json_put(&o, "revision", json_integer(rp->revision));
    if (page.more && o)
        reply_next(rp, rq, json_string_value(json_object_get(o, "next_cursor")));
    reply_table(rp, rq, o, json_object_get(o, "traffic"), traffic_columns);
    goto out;
fail:
    json_decref(page.rows);
    reply_fail(rp, &f);
out:
    snapshot_end(db);
}
