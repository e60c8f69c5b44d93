/* What is due: the one answer that reads the clock. */
#include "answer/due.h"
#include "base/clock.h"
#include "base/day.h"
#include "http/api.h"
#include "http/pages.h"
#include "render/experiment_out.h"
#include "render/ical.h"
#include "render/json.h"
#include "render/page.h"
#include "store/experiments.h"

static json_t *item_json(const struct request *rq, const struct due_item *item)
{
    json_t *o = json_object();
    int64_t import = item->import_id ? veil_shown(&rq->veil, item->import_id) : 0;
    char sentence[sizeof item->sentence + 64];

    snprintf(sentence, sizeof sentence, "%s", item->sentence);
    if (import)
        snprintf(sentence, sizeof sentence, "%s: see /api/v1/imports/%lld.", item->sentence,
                 (long long)import);
    json_put(&o, "what", json_text(due_kind_names[item->kind]));
    json_put(&o, "since", json_day(item->since));
    json_put(&o, "experiment", json_text(item->experiment[0] ? item->experiment : NULL));
    json_put(&o, "import", import ? json_integer(import) : json_null());
    json_put(&o, "sentence", json_text(sentence));
    return o;
}

struct coming {
    int32_t today;
    json_t *list;
};

static void add_coming(struct coming *c, const struct experiment *e, const char *what, int32_t day)
{
    json_t *o;

    if (day < c->today)
        return;
    o = json_object();
    json_put(&o, "what", json_text(what));
    json_put(&o, "on", json_day(day));
    json_put(&o, "experiment", json_text(e->slug));
    json_put(&o, "name", json_text(e->name));
    json_append(&c->list, o);
}

static bool list_coming(void *ctx, const struct experiment *e)
{
    struct coming *c = ctx;

    if (e->state == EXPERIMENT_CLOSED)
        return true;
    add_coming(c, e, "start", e->start);
    add_coming(c, e, "finding", experiment_last_day(e) + 1);
    for (int i = 0; i < e->n_follow_ups; i++)
        add_coming(c, e, "follow-up", e->follow_up[i]);
    return c->list != NULL;
}

static bool put_dates(void *ctx, const struct experiment *e)
{
    ical_dates_of_experiment(e, ctx);
    return true;
}

static void page_of_due(const json_t *o, struct buf *out)
{
    const json_t *due = json_object_get(o, "due"), *coming = json_object_get(o, "coming");
    json_t *item;
    size_t i;

    page_begin(out, "What is due");
    if (!json_array_size(due))
        page_element(out, "p class=\"say\"", "Nothing is due today.");
    json_array_foreach(due, i, item)
        page_element(out, "p", json_string_value(json_object_get(item, "sentence")));
    if (json_array_size(coming))
        page_element(out, "h2", "To come");
    json_array_foreach(coming, i, item)
    {
        buf_puts(out, "<p>");
        page_text(out, json_string_value(json_object_get(item, "on")));
        buf_puts(out, ": ");
        page_text(out, json_string_value(json_object_get(item, "what")));
        buf_puts(out, ", ");
        page_text(out, json_string_value(json_object_get(item, "name")));
        buf_puts(out, "</p>\n");
    }
    page_end(out);
}

void api_due(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"stale", "format", "bom", NULL};
    static const char *const columns[] = {"what",   "since",    "experiment",
                                          "import", "sentence", NULL};
    int64_t stale = DUE_STALE_DAYS, now = clock_now_ms();
    struct due d = {0};
    struct coming c = {zone_day(app->zone, now), json_array()};
    json_t *o = NULL, *list = json_array();
    struct fail f = {0};
    struct db *db = NULL;

    if (params_check(&rq->params, known, false, false, &f) &&
        params_days(&rq->params, "stale", 1, DUE_ENDED_DAYS, &stale, &f))
        db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !due_answer(db, app->zone, now, (int)stale, &d, &f) ||
        !experiments_each(db, list_coming, &c, &f)) {
        reply_fail(rp, &f);
        goto out;
    }
    for (int i = 0; i < d.n; i++)
        json_append(&list, item_json(rq, &d.item[i]));
    o = json_object();
    json_put(&o, "today", json_day(d.today));
    json_put(&o, "due", json_incref(list));
    json_put(&o, "not_listed", json_integer(d.more));
    json_put(&o, "coming", json_incref(c.list));
    json_put(&o, "revision", json_integer(rp->revision));
    rp->tag = TAG_CONTENT;
    if (rq->format == FORMAT_ICS) {
        ical_begin(&rp->body, "postlift: what is due");
        experiments_each(db, put_dates, &rp->body, &f);
        ical_end(&rp->body);
        reply_calendar(rp);
    } else if (rq->format == FORMAT_HTML) {
        page_of_due(o, &rp->body);
        reply_page(rp);
    } else {
        reply_table(rp, rq, json_incref(o), json_object_get(o, "due"), columns);
    }
out:
    json_decref(o);
    json_decref(list);
    json_decref(c.list);
    due_clear(&d);
    snapshot_end(db);
}
