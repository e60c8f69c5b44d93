/* The answers as pictures, with the parameters of their JSON twins. */
#include "answer/default_question.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "http/charts.h"
#include "http/pages.h"
#include "render/charts.h"
#include "render/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHART_PARAMS = QUERY_PARAMS_MAX + 4, REPORT_TYPES = 50 };

/* The parameters without the theme, and with those of the default question where none is asked. */
struct chart_question {
    const char *name[CHART_PARAMS], *value[CHART_PARAMS];
    struct params params;
    enum svg_theme theme;
    char start[DAY_TEXT], region[SLUG_MAX + 1];
    struct default_question other;
};

static bool read_question(const struct params *p, struct chart_question *q, struct fail *f)
{
    q->params = (struct params){0, q->name, q->value};
    q->theme = SVG_AUTO;
    for (int i = 0; i < p->n; i++) {
        int t = 0;

        if (strcmp(p->name[i], "theme") != 0) {
            q->name[q->params.n] = p->name[i];
            q->value[q->params.n++] = p->value[i];
            continue;
        }
        while (t < SVG_THEME_COUNT && strcmp(svg_theme_names[t], p->value[i]) != 0)
            t++;
        if (t == SVG_THEME_COUNT)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "theme",
                            "\"theme\" takes auto, light or dark.");
        q->theme = (enum svg_theme)t;
    }
    return true;
}

static void add(struct chart_question *q, const char *name, const char *value)
{
    if (params_get(&q->params, name))
        return;
    q->name[q->params.n] = name;
    q->value[q->params.n++] = value;
}

/* A picture of posts is of a sample where nothing else is stored. */
static bool complete_region(struct db *db, struct chart_question *q, struct fail *f)
{
    if (params_get(&q->params, "region"))
        return true;
    if (!default_region(db, q->region, f))
        return false;
    if (q->region[0])
        add(q, "region", q->region);
    return true;
}

/* Without a source or a start: the default question's. */
static bool complete(struct db *db, struct chart_question *q, struct fail *f)
{
    bool starts = params_get(&q->params, "start") || params_get(&q->params, "exposure");

    if (starts && params_get(&q->params, "source"))
        return true;
    if (!default_question(db, &q->other, f))
        return false;
    if (!q->other.source[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "no-data", NULL,
                        "There is no traffic of the website yet: bring in a first file.");
    add(q, "source", q->other.source);
    if (q->other.region[0])
        add(q, "region", q->other.region);
    if (starts)
        return true;
    if (q->other.start == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "start",
                        "There is no kind of post that began within the days known: say by "
                        "\"start\" which day is to be judged.");
    add(q, "start", day_format(q->other.start, q->start));
    return true;
}

static void put_lift(const struct lift_answer *a, struct buf *out);

bool chart_lift_draw(struct app *app, struct db *db, const struct params *params, struct buf *out,
                     char *sentence, size_t size, struct buf *table, struct fail *f)
{
    struct chart_question c = {0};
    struct lift_question q;
    struct lift_answer a = {0};
    struct ticks *ticks = NULL;
    struct filter posts;
    bool ok;

    lift_question_init(&q);
    filter_init(&posts);
    ok =
        read_question(params, &c, f) && complete(db, &c, f) && lift_question_read(&c.params, &q, f);
    q.series = true;
    ok = ok && lift_answer(db, app->zone, &q, &a, f);
    if (ok && !(ticks = calloc(1, sizeof *ticks)))
        ok = fail_memory(f);
    ok = ok && (!q.region[0] || filter_add(&posts, "region", q.region, f)) &&
         ticks_load(db, &posts,
                    a.question.start < a.question.baseline_from ? a.question.start
                                                                : a.question.baseline_from,
                    a.after.to, ticks, f);
    if (ok)
        chart_of_lift(&a, ticks, c.theme, out);
    if (ok && sentence)
        text_copy(sentence, size, buf_text(&a.sentence));
    if (ok && table)
        put_lift(&a, table);
    if (ticks)
        ticks_clear(ticks);
    free(ticks);
    filter_clear(&posts);
    lift_answer_clear(&a);
    lift_question_clear(&q);
    return ok;
}

static bool draw_types(struct app *app, struct db *db, const struct params *params, struct buf *out,
                       struct fail *f)
{
    struct chart_question c = {0};
    struct types_question q;
    struct types_answer a = {0};
    bool ok;

    types_question_init(&q);
    ok = read_question(params, &c, f) && complete_region(db, &c, f) &&
         types_question_read(&c.params, &q, f) && types_answer(db, app->zone, &q, &a, f);
    if (ok)
        chart_of_types(&q, &a, c.theme, out);
    types_answer_clear(&a);
    types_question_clear(&q);
    return ok;
}

static bool draw_posts(struct app *app, struct db *db, const struct params *params, struct buf *out,
                       struct fail *f)
{
    struct chart_question c = {0};
    struct outliers_question q;
    struct outliers_answer a = {0};
    bool ok;

    (void)app;
    outliers_question_init(&q);
    ok = read_question(params, &c, f) && complete_region(db, &c, f) &&
         outliers_question_read(&c.params, &q, f);
    q.dots = true;
    ok = ok && outliers_answer(db, &q, &a, f);
    if (ok)
        chart_of_posts(&q, &a, c.theme, out);
    outliers_answer_clear(&a);
    outliers_question_clear(&q);
    return ok;
}

static bool draw_cadence(struct app *app, struct db *db, const struct params *params,
                         struct buf *out, struct fail *f)
{
    struct chart_question c = {0};
    struct cadence_question q;
    struct cadence_answer a = {0};
    bool ok;

    cadence_question_init(&q);
    ok = read_question(params, &c, f) && complete_region(db, &c, f) &&
         cadence_question_read(&c.params, &q, f) && cadence_answer(db, app->zone, &q, &a, f);
    if (ok)
        chart_of_cadence(&a, c.theme, out);
    cadence_answer_clear(&a);
    cadence_question_clear(&q);
    return ok;
}

static bool draw_lift(struct app *app, struct db *db, const struct params *params, struct buf *out,
                      struct fail *f)
{
    return chart_lift_draw(app, db, params, out, NULL, 0, NULL, f);
}

typedef bool (*draw_fn)(struct app *app, struct db *db, const struct params *params,
                        struct buf *out, struct fail *f);

/* What cannot be drawn is said in a picture, since a picture was asked for. */
static void chart(struct app *app, const struct request *rq, struct reply *rp, const char *title,
                  draw_fn draw)
{
    struct fail f = {0};
    struct db *db = snapshot_begin(app->snapshots, &rp->revision, &f);

    if (db && draw(app, db, &rq->params, &rp->body, &f)) {
        rp->status = 200;
        rp->tag = TAG_REVISION;
    } else if (f.code == FAIL_UNPROCESSABLE) {
        buf_reset(&rp->body);
        chart_of_words(title, f.sentence, SVG_AUTO, &rp->body);
        rp->status = 422;
    } else {
        reply_fail(rp, &f);
        snapshot_end(db);
        return;
    }
    rp->packs = true;
    rp->content_type = "image/svg+xml; charset=utf-8";
    snprintf(rp->policy, sizeof rp->policy, "default-src 'none'; style-src 'unsafe-inline'");
    snapshot_end(db);
}

void api_chart_lift(struct app *app, const struct request *rq, struct reply *rp)
{
    chart(app, rq, rp, "Before and after", draw_lift);
}

void api_chart_types(struct app *app, const struct request *rq, struct reply *rp)
{
    chart(app, rq, rp, "Pleases or moves", draw_types);
}

void api_chart_posts(struct app *app, const struct request *rq, struct reply *rp)
{
    chart(app, rq, rp, "Hits and duds", draw_posts);
}

void api_chart_cadence(struct app *app, const struct request *rq, struct reply *rp)
{
    chart(app, rq, rp, "When was posted", draw_cadence);
}

/* ---- the report ---- */

static void cell(struct buf *out, bool known, double v)
{
    if (known)
        buf_printf(out, "<td class=\"n\">%+.*f&nbsp;%%</td>", fabs(v) < .0995 ? 1 : 0, 100 * v);
    else
        buf_puts(out, "<td class=\"n\">none</td>");
}

static void put_effect(struct buf *out, const struct beside *b)
{
    cell(out, b->judged, expm1(b->effect));
    cell(out, b->judged, expm1(b->low));
    cell(out, b->judged, expm1(b->high));
    buf_printf(out, "<td>%s</td>",
               verdict_names[b->judged ? b->verdict : VERDICT_INSUFFICIENT_DATA]);
}

/* Both columns of all types, as figures. */
static void put_types(const struct types_answer *a, struct buf *out)
{
    buf_puts(out, "<div class=\"wide\"><table>\n<tr><th scope=\"col\">kind</th><th scope=\"col\" "
                  "class=\"n\">posts</th>");
    for (int c = 0; c < 2; c++)
        buf_printf(out,
                   "<th scope=\"col\" class=\"n\">%s</th><th scope=\"col\" class=\"n\">from</th>"
                   "<th scope=\"col\" class=\"n\">to</th><th scope=\"col\">verdict</th>",
                   c ? "traffic" : "engagement");
    buf_puts(out, "</tr>\n");
    for (int i = 0; i < a->n && i < REPORT_TYPES; i++) {
        buf_puts(out, "<tr><th scope=\"row\">");
        page_text(out, a->row[i].name);
        buf_printf(out, "</th><td class=\"n\">%lld</td>", (long long)a->row[i].posts);
        put_effect(out, &a->row[i].beside[COLUMN_ENGAGEMENT]);
        put_effect(out, &a->row[i].beside[COLUMN_TRAFFIC]);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</table></div>\n");
    for (int i = 0; i < a->warnings.n; i++)
        page_element(out, "p class=\"soft\"", a->warnings.item[i].detail);
}

static bool draw_types_whole(struct app *app, struct db *db, const struct params *params,
                             struct buf *out, struct fail *f)
{
    struct chart_question c = {0};
    struct types_question q;
    struct types_answer a = {0};
    bool ok;

    types_question_init(&q);
    ok = read_question(params, &c, f) && complete_region(db, &c, f) &&
         types_question_read(&c.params, &q, f) && types_answer(db, app->zone, &q, &a, f);
    if (ok) {
        chart_of_types(&q, &a, c.theme, out);
        put_types(&a, out);
    }
    types_answer_clear(&a);
    types_question_clear(&q);
    return ok;
}

/* The ranges of a lift as figures, and what to know of it. */
static void put_lift(const struct lift_answer *a, struct buf *out)
{
    const struct lift_period *p[2] = {&a->baseline, &a->after};
    const struct lift_judgement *j = &a->judged;
    bool judged = j->outcome == LIFT_JUDGED && !a->broken;
    char from[DAY_TEXT], to[DAY_TEXT];

    buf_puts(out,
             "<div class=\"wide\"><table>\n<tr><th scope=\"col\"></th><th scope=\"col\">days</th>"
             "<th scope=\"col\" class=\"n\">with a figure</th><th scope=\"col\" "
             "class=\"n\">a day</th></tr>\n");
    for (int i = 0; i < 2; i++)
        buf_printf(out,
                   "<tr><th scope=\"row\">%s</th><td>%s to %s</td><td class=\"n\">%d of %d</td>"
                   "<td class=\"n\">%.4g</td></tr>\n",
                   i ? "after" : "before", day_format(p[i]->from, from), day_format(p[i]->to, to),
                   p[i]->days_used, p[i]->days, p[i]->daily_mean);
    buf_puts(out, "</table></div>\n<table>\n<tr><th scope=\"col\" class=\"n\">change</th><th "
                  "scope=\"col\" class=\"n\">lift</th><th scope=\"col\" class=\"n\">from</th><th "
                  "scope=\"col\" class=\"n\">to</th><th scope=\"col\">verdict</th></tr>\n<tr>");
    cell(out, a->has_change, a->change);
    cell(out, judged, expm1(j->lift));
    cell(out, judged, expm1(j->low));
    cell(out, judged, expm1(j->high));
    buf_printf(out, "<td>%s</td></tr>\n</table>\n", verdict_names[j->verdict]);
    for (int i = 0; i < a->warnings.n; i++)
        page_element(out, "p class=\"soft\"", a->warnings.item[i].detail);
}

/* The parameters of a report that a part understands. */
static void part_params(const struct params *p, const char *const *known, struct params *q,
                        const char **name, const char **value)
{
    *q = (struct params){0, name, value};
    for (int i = 0; i < p->n; i++)
        for (int k = 0; known[k]; k++)
            if (strcmp(p->name[i], known[k]) == 0 && q->n < QUERY_PARAMS_MAX) {
                name[q->n] = p->name[i];
                value[q->n++] = p->value[i];
            }
}

static void put_picture(struct app *app, struct db *db, const struct params *p, const char *heading,
                        draw_fn draw, struct buf *out)
{
    struct fail f = {0};
    size_t before = out->len;

    page_element(out, "h2", heading);
    before = out->len;
    if (draw(app, db, p, out, &f))
        return;
    out->len = before;
    if (out->data)
        out->data[before] = 0;
    page_element(out, "p", f.sentence);
}

void api_report(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"metric",  "source",   "start",   "end",  "baseline",
                                        "control", "tag",      "account", "type", "platform",
                                        "region",  "campaign", "theme",   NULL};
    static const char *const of_types[] = {"metric", "source",   "tag",   "account", "platform",
                                           "region", "campaign", "theme", NULL};
    static const char *const of_posts[] = {"tag",      "account", "platform", "region",
                                           "campaign", "theme",   NULL};
    const char *name[QUERY_PARAMS_MAX], *value[QUERY_PARAMS_MAX];
    char sentence[SENTENCE_MAX] = "";
    struct params lift, types, posts;
    struct buf picture, table;
    struct fail f = {0};
    struct db *db = NULL;

    if (!params_check(&rq->params, known, true, false, &f) ||
        !(db = snapshot_begin(app->snapshots, &rp->revision, &f))) {
        reply_fail(rp, &f);
        return;
    }
    buf_init(&picture, RESPONSE_MAX);
    buf_init(&table, RESPONSE_MAX);
    part_params(&rq->params, known, &lift, name, value);
    if (!chart_lift_draw(app, db, &lift, &picture, sentence, sizeof sentence, &table, &f)) {
        reply_fail(rp, &f);
        buf_clear(&picture);
        buf_clear(&table);
        snapshot_end(db);
        return;
    }
    page_begin(&rp->body, "Did it move what matters?");
    page_element(&rp->body, "p class=\"say\"", sentence);
    buf_puts(&rp->body, buf_text(&picture));
    buf_puts(&rp->body, buf_text(&table));
    buf_clear(&picture);
    buf_clear(&table);
    part_params(&rq->params, of_types, &types, name, value);
    put_picture(app, db, &types, "Pleases or moves", draw_types_whole, &rp->body);
    part_params(&rq->params, of_posts, &posts, name, value);
    put_picture(app, db, &posts, "Hits and duds", draw_posts, &rp->body);
    put_picture(app, db, &posts, "When was posted", draw_cadence, &rp->body);
    page_end(&rp->body);
    rp->tag = TAG_REVISION;
    reply_report(rp);
    snapshot_end(db);
}
