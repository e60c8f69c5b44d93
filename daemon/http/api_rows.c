/* The rows themselves: posts and traffic. */
#include "base/ceilings.h"
#include "base/day.h"
#include "http/api.h"
#include "render/json.h"

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

/* A page of a list while it fills. */
struct page {
    json_t *rows;
    int64_t limit;
    size_t bytes; /* of texts so far */
    bool more;
    struct post_cursor last_post;
    struct traffic_cursor last_traffic;
    struct zone *zone;
    /* of traffic, since its filters are not those of posts */
    const char *source, *region, *campaign;
};

static bool page_is_full(struct page *p)
{
    if ((int64_t)json_array_size(p->rows) < p->limit && p->bytes < LIST_BYTES_MAX)
        return false;
    p->more = true;
    return true;
}

static bool page_post(void *ctx, const struct post_view *v)
{
    struct page *p = ctx;

    if (page_is_full(p))
        return false;
    json_append(&p->rows, json_of_post(v));
    p->bytes += (v->text ? strlen(v->text) : 0) + (v->url ? strlen(v->url) : 0);
    p->last_post = (struct post_cursor){v->posted_at, v->post_id};
    return p->rows != NULL;
}

static bool bad_cursor(struct fail *f)
{
    return fail_set(f, FAIL_UNPROCESSABLE, "bad-cursor", "cursor",
                    "\"cursor\" is none that an answer gave.");
}

void api_posts(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"limit", "cursor", "format", "bom", NULL};
    struct page page = {.rows = json_array(), .limit = LIST_LIMIT_DEFAULT};
    const char *cursor = params_get(&rq->params, "cursor");
    struct post_cursor after = {0, 0};
    struct filter filter;
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;
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
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !posts_each(db, &filter, cursor ? &after : NULL, page_post, &page, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_object();
    json_put(&o, "posts", page.rows);
    if (page.more) {
        char next[48];

        snprintf(next, sizeof next, "%" PRId64 ".%" PRId64, page.last_post.posted_at,
                 page.last_post.post_id);
        json_put(&o, "next_cursor", json_text(next));
    } else {
        json_put(&o, "next_cursor", json_null());
    }
    json_put(&o, "revision", json_integer(rp->revision));
    reply_table(rp, rq, o, json_object_get(o, "posts"), post_columns);
    goto out;
fail:
    json_decref(page.rows);
    reply_fail(rp, &f);
out:
    snapshot_end(db);
    filter_clear(&filter);
}

/* One post. The row is copied into JSON at once; its observations need the statement free. */
struct one_post {
    json_t *json;
    int64_t post_id;
    json_t *sole; /* the one reading of a post that was read once; NULL without */
};

static bool take_post(void *ctx, const struct post_view *v)
{
    struct one_post *p = ctx;

    p->json = json_of_post(v);
    p->post_id = v->post_id;
    if (v->first_seen_at != COUNT_ABSENT) {
        struct observation_view o = {READING_LIFETIME, DAY_NONE, DAY_NONE, v->first_seen_at,
                                     v->last_seen_at,  0,        {0},      v->import_id};

        memcpy(o.metric, v->metric, sizeof o.metric);
        p->sole = json_of_observation(&o);
    }
    return true;
}

/* A page of observations, by their number in the list. */
struct observation_page {
    json_t *rows;
    int64_t from, limit, n;
};

static bool take_observation(void *ctx, const struct observation_view *o)
{
    struct observation_page *p = ctx;

    if (p->n++ < p->from)
        return true;
    if ((int64_t)json_array_size(p->rows) == p->limit)
        return false;
    json_append(&p->rows, json_of_observation(o));
    return p->rows != NULL;
}

void api_post(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"limit", "cursor", "format", "bom", NULL};
    static const char *const columns[] = {
        "kind",     "covers_from", "covers_to", "first_seen_at", "last_seen_at", "likes",
        "comments", "shares",      "saves",     "follows",       "reach",        "impressions",
        "views",    "clicks",      "sessions",  "users",         "conversions",  NULL};
    struct one_post p = {0};
    struct observation_page page = {.rows = json_array(), .limit = LIST_LIMIT_MAX};
    struct fail f = {0};
    char platform[SLUG_MAX + 1];
    struct db *db = NULL;
    enum db_result r;

    if (!params_check(&rq->params, known, false, false, &f) ||
        !params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &page.limit, &f) ||
        !params_int(&rq->params, "cursor", 0, INT64_MAX / 2, &page.from, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db)
        goto fail;
    if (!slug_make(rq->segment[0], strlen(rq->segment[0]), platform))
        strcpy(platform, "-");
    if (strcmp(platform, "twitter") == 0)
        strcpy(platform, "x");
    r = post_view_find(db, platform, rq->segment[1], take_post, &p, &f);
    if (r == DB_DONE)
        fail_set(&f, FAIL_NOT_FOUND, "no-post", NULL, "There is no post \"%.200s\" of %s.",
                 rq->segment[1], platform);
    if (r != DB_ROW || !post_observations_each(db, p.post_id, take_observation, &page, &f))
        goto fail;
    if (p.sole && page.n == 0)
        json_append(&page.rows, json_incref(p.sole));
    rp->tag = TAG_REVISION;
    json_put(&p.json, "observations", page.rows);
    json_put(&p.json, "next_cursor",
             page.n > page.from + page.limit ? json_sprintf("%" PRId64, page.from + page.limit)
                                             : json_null());
    json_put(&p.json, "revision", json_integer(rp->revision));
    reply_table(rp, rq, p.json, json_object_get(p.json, "observations"), columns);
    goto out;
fail:
    json_decref(page.rows);
    json_decref(p.json);
    reply_fail(rp, &f);
out:
    json_decref(p.sole);
    snapshot_end(db);
}

static bool page_traffic(void *ctx, const struct traffic_view *t)
{
    struct page *p = ctx;

    if ((p->source && strcmp(p->source, t->name) != 0 && strcmp(p->source, t->source) != 0) ||
        (p->region && strcmp(p->region, t->region) != 0) ||
        (p->campaign && strcmp(p->campaign, t->campaign) != 0))
        return true;
    if (page_is_full(p))
        return false;
    json_append(&p->rows,
                json_of_traffic(t, t->arrived_at >= zone_day_start_ms(p->zone, t->day + 1)));
    p->last_traffic.day = t->day;
    snprintf(p->last_traffic.name, sizeof p->last_traffic.name, "%s", t->name);
    snprintf(p->last_traffic.region, sizeof p->last_traffic.region, "%s", t->region);
    snprintf(p->last_traffic.campaign, sizeof p->last_traffic.campaign, "%s", t->campaign);
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

void api_traffic(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"from",  "to",     "source", "region", "campaign",
                                        "limit", "cursor", "format", "bom",    NULL};
    struct page page = {.rows = json_array(), .limit = LIST_LIMIT_DEFAULT, .zone = app->zone};
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
    if (cursor && !traffic_cursor_read(cursor, &after)) {
        bad_cursor(&f);
        goto fail;
    }
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !traffic_each(db, from, to, cursor ? &after : NULL, page_traffic, &page, &f))
        goto fail;
    rp->tag = TAG_REVISION;
    o = json_object();
    json_put(&o, "traffic", page.rows);
    json_put(&o, "next_cursor", page.more ? traffic_cursor_write(&page.last_traffic) : json_null());
    json_put(&o, "timezone", json_text(app->timezone));
    json_put(&o, "revision", json_integer(rp->revision));
    reply_table(rp, rq, o, json_object_get(o, "traffic"), traffic_columns);
    goto out;
fail:
    json_decref(page.rows);
    reply_fail(rp, &f);
out:
    snapshot_end(db);
}
