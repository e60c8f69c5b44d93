/* The dashboard: one page, its script and its style, and what the page asks first. */
#include "answer/default_question.h"
#include "answer/words.h"
#include "base/day.h"
#include "base/embedded.h"
#include "http/api.h"
#include "http/charts.h"
#include "http/pages.h"
#include "render/json.h"
#include "render/page.h"
#include "store/accounts.h"
#include "store/post_reads.h"
#include "store/traffic_reads.h"

#include <ctype.h>
#include <string.h>

/* ---- what the page asks first ---- */

static void add_newest(json_t **list, const char *kind, const char *name, const char *value,
                       const char *region, int32_t day)
{
    json_t *o = json_object();

    json_put(&o, "kind", json_text(kind));
    json_put(&o, "name", json_text(name));
    json_put(&o, "value", json_text(value));
    json_put(&o, "region", json_text(region));
    json_put(&o, "newest", json_day(day));
    json_append(list, o);
}

struct newest {
    json_t *list;
    int64_t days;
};

static bool list_source(void *ctx, const char *source, const char *region, int32_t day)
{
    struct newest *n = ctx;

    add_newest(&n->list, "source", source, source, region, day);
    return n->list != NULL && json_array_size(n->list) < LIST_LIMIT_MAX;
}

static bool list_account(void *ctx, const struct account_newest *a)
{
    struct newest *n = ctx;
    char name[NAME_MAX_BYTES + SLUG_MAX + 4];

    snprintf(name, sizeof name, "%s %s", a->platform, a->handle);
    add_newest(&n->list, "account", name, a->handle, a->region, a->day);
    return n->list != NULL && json_array_size(n->list) < 2 * LIST_LIMIT_MAX;
}

static json_t *default_json(const struct default_question *d)
{
    json_t *o = json_object();

    json_put(&o, "source", json_text(d->source[0] ? d->source : NULL));
    json_put(&o, "type", json_text(d->type[0] ? d->type : NULL));
    json_put(&o, "region", json_text(d->region[0] ? d->region : NULL));
    json_put(&o, "start", json_day(d->start));
    json_put(&o, "why", json_text(d->why[0] ? d->why : NULL));
    return o;
}

void api_overview(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", "bom", NULL};
    static const char *const columns[] = {"kind", "name", "region", "newest", NULL};
    struct newest n = {json_array(), 0};
    struct default_question d;
    struct filter asked;
    int64_t posts = 0, days = 0;
    struct fail f = {0};
    struct db *db = NULL;
    json_t *o;

    filter_init(&asked);
    if (params_check(&rq->params, known, true, false, &f) &&
        params_filter(&rq->params, "", &asked, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !default_question(db, &asked, &d, &f) ||
        !traffic_newest_each(db, INT32_MIN, 1, list_source, &n, &f) ||
        !accounts_newest_each(db, list_account, &n, &f) ||
        !db_query_int(db, "SELECT count(*) FROM posts", &posts, &f) ||
        !db_query_int(db, "SELECT count(DISTINCT day) FROM traffic", &days, &f)) {
        json_decref(n.list);
        filter_clear(&asked);
        reply_fail(rp, &f);
        snapshot_end(db);
        return;
    }
    filter_clear(&asked);
    rp->tag = TAG_REVISION;
    o = json_object();
    json_put(&o, "default_question", default_json(&d));
    json_put(&o, "posts", json_integer(posts));
    json_put(&o, "traffic_days", json_integer(days));
    json_put(&o, "newest", n.list);
    json_put(&o, "timezone", json_text(app->timezone));
    json_put(&o, "revision", json_integer(rp->revision));
    reply_table(rp, rq, o, json_object_get(o, "newest"), columns);
    snapshot_end(db);
}

/* ---- the page ---- */

/* The parameters of the page that the lift understands; the others are of its other parts. */
static void lift_params(const struct params *p, struct params *q, const char **name,
                        const char **value)
{
    static const char *const known[] = {"metric",   "source",   "start", "end",
                                        "baseline", "control",  "tag",   "account",
                                        "region",   "platform", "type",  NULL};

    *q = (struct params){0, name, value};
    for (int i = 0; i < p->n; i++)
        for (int k = 0; known[k]; k++)
            if (strcmp(p->name[i], known[k]) == 0 && p->value[i][0] && q->n < QUERY_PARAMS_MAX) {
                name[q->n] = p->name[i];
                value[q->n++] = p->value[i];
            }
}

/* The finding and its picture, so that the page says it without a script too. */
static void put_part(struct app *app, struct db *db, const struct request *rq, struct buf *finding,
                     struct buf *picture)
{
    const char *name[QUERY_PARAMS_MAX + 1], *value[QUERY_PARAMS_MAX + 1];
    struct told told;
    struct params params;
    struct fail f = {0};

    lift_params(&rq->params, &params, name, value);
    name[params.n] = "caption"; /* the sentence stands beside the picture */
    value[params.n++] = "0";
    if (chart_lift_draw(app, db, &params, picture, &told, NULL, &f)) {
        put_told(&told, finding);
        return;
    }
    buf_reset(picture);
    page_element(finding, "p class=\"sentence\"", f.sentence);
}

/* "?name=value&amp;..." of those parameters that are among these names, fit for an attribute. */
static void put_query(struct buf *b, const struct params *p, const char *const *known)
{
    const char *joint = "?";

    for (int i = 0; i < p->n; i++)
        for (int k = 0; known[k]; k++) {
            if (strcmp(p->name[i], known[k]) != 0 || !p->value[i][0])
                continue;
            buf_printf(b, "%s%s=", joint, known[k]);
            for (const char *c = p->value[i]; *c; c++)
                if (isalnum((unsigned char)*c) || strchr("-._~", *c))
                    buf_putc(b, *c);
                else
                    buf_printf(b, "%%%02X", (unsigned char)*c);
            joint = "&amp;";
        }
}

struct page_part {
    const char *mark, *text;
};
/* The page's parts, at their marks; false where the page has not all of them. */
static bool put_parts(struct buf *out, const struct page_part *parts, int n)
{
    const char *page = embedded_text("web/index.html");

    for (int i = 0; page && i < n; i++) {
        const char *mark = strstr(page, parts[i].mark);

        if (!mark)
            return false;
        buf_add(out, page, (size_t)(mark - page));
        buf_puts(out, parts[i].text);
        page = mark + strlen(parts[i].mark);
    }
    return page && buf_puts(out, page);
}

void api_page(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const of_posts[] = {"type",   "tag",  "account", "platform",
                                           "region", "from", "to",      NULL};
    static const char *const of_types[] = {"type", "tag", "account", "platform", "region", "from",
                                           "to",   "by",  "metric",  "source",   NULL};
    const char *style = embedded_text("web/style.css");
    struct buf tested, finding, picture, posts, types;
    struct fail f = {0};
    struct db *db = snapshot_begin(app->snapshots, &rp->revision, &f);

    buf_init(&tested, SMALL_BODY_MAX);
    buf_init(&finding, SMALL_BODY_MAX);
    buf_init(&picture, RESPONSE_MAX);
    buf_init(&posts, SMALL_BODY_MAX);
    buf_init(&types, SMALL_BODY_MAX);
    if (!db || (rq->params.n == (int)rq->region_added && !put_tested(db, &tested, &f)))
        goto out;
    put_part(app, db, rq, &finding, &picture);
    put_query(&posts, &rq->params, of_posts);
    put_query(&types, &rq->params, of_types);
    const struct page_part parts[] = {
        {"{{style}}", style ? style : ""},   {"{{tested}}", buf_text(&tested)},
        {"{{finding}}", buf_text(&finding)}, {"{{picture}}", buf_text(&picture)},
        {"{{of_types}}", buf_text(&types)},  {"{{of_posts}}", buf_text(&posts)}, /* hits and duds */
        {"{{of_posts}}", buf_text(&posts)}, /* when was posted */
    };
    if (!style || !put_parts(&rp->body, parts, sizeof parts / sizeof *parts)) {
        fail_set(&f, FAIL_INTERNAL, "no-page", NULL, "The page is not part of this program.");
        buf_reset(&rp->body);
        goto out;
    }
    rp->tag = TAG_REVISION;
    reply_dashboard(rp, style);
out:
    if (f.code != FAIL_NONE)
        reply_fail(rp, &f);
    buf_clear(&tested);
    buf_clear(&finding);
    buf_clear(&picture);
    buf_clear(&posts);
    buf_clear(&types);
    snapshot_end(db);
}

static void file(struct reply *rp, const char *path, const char *type)
{
    struct fail f = {0};
    const char *text = embedded_text(path);

    if (!text || !buf_puts(&rp->body, text)) {
        fail_set(&f, FAIL_INTERNAL, "no-page", NULL, "The page is not part of this program.");
        reply_fail(rp, &f);
        return;
    }
    rp->status = 200;
    rp->content_type = type;
    rp->tag = TAG_CONTENT;
    rp->packs = true;
}

void api_page_script(struct app *app, const struct request *rq, struct reply *rp)
{
    (void)app, (void)rq;
    file(rp, "web/app.js", "text/javascript; charset=utf-8");
}
