/* The answers as pictures, with the parameters of their JSON twins. */
#include "answer/default_question.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "http/charts.h"
#include "http/pages.h"
#include "render/charts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool chart_question_read(const struct params *p, struct chart_question *q, struct fail *f)
{
    q->params = (struct params){0, q->name, q->value};
    q->look = (struct svg_look){SVG_AUTO, true, true};
    for (int i = 0; i < p->n; i++) {
        int t = 0;

        if (strcmp(p->name[i], "caption") == 0) {
            if (strcmp(p->value[i], "0") != 0 && strcmp(p->value[i], "1") != 0)
                return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "caption",
                                "\"caption\" takes 0 or 1.");
            q->look.caption = p->value[i][0] == '1';
            continue;
        }
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
        q->look.theme = (enum svg_theme)t;
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
bool chart_question_region(struct db *db, struct chart_question *q, struct fail *f)
{
    if (params_get(&q->params, "region"))
        return true;
    if (!default_region(db, q->region, f))
        return false;
    if (q->region[0])
        add(q, "region", q->region);
    return true;
}

/* What began among the posts that are asked about. */
static bool default_of(struct db *db, const struct params *params, struct default_question *d,
                       struct fail *f)
{
    struct filter posts;
    bool ok;

    filter_init(&posts);
    ok = params_filter(params, "", &posts, f) && default_question(db, &posts, d, f);
    filter_clear(&posts);
    return ok;
}

/* Without a source or a start: the default question's. */
static bool complete(struct db *db, struct chart_question *q, struct fail *f)
{
    bool starts = params_get(&q->params, "start") || params_get(&q->params, "exposure");

    if (starts && params_get(&q->params, "source"))
        return true;
    if (!default_of(db, &q->params, &q->other, f))
        return false;
    if (!q->other.source[0])
        return fail_set(f, FAIL_UNPROCESSABLE, "no-data", NULL,
                        "There is no traffic of the website yet: bring in a first file.");
    add(q, "source", q->other.source);
    if (q->other.region[0])
        add(q, "region", q->other.region);
    if (starts) {
        q->other.why[0] = 0; /* of a start that is not the one asked about */
        return true;
    }
    if (q->other.start == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "start",
                        "There is no kind of post that began within the days known: say by "
                        "\"start\" which day is to be judged.");
    add(q, "start", day_format(q->other.start, q->start));
    return true;
}

bool chart_lift_draw(struct app *app, struct db *db, const struct params *params, struct buf *out,
                     struct told *told, struct buf *table, struct fail *f)
{
    struct chart_question c = {0};
    struct lift_question q;
    struct lift_answer a = {0};
    struct ticks *ticks = NULL;
    struct filter posts;
    bool ok;

    lift_question_init(&q);
    filter_init(&posts);
    ok = chart_question_read(params, &c, f) && complete(db, &c, f) &&
         lift_question_read(&c.params, &q, f);
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
        chart_of_lift(&a, ticks, c.look, out);
    if (ok && told) {
        struct buf plan;

        buf_init(&plan, SENTENCE_MAX);
        lift_say_plan(&a, &plan);
        told->verdict = a.judged.verdict;
        text_copy(told->sentence, sizeof told->sentence, buf_text(&a.sentence));
        text_copy(told->why, sizeof told->why, c.other.why);
        text_copy(told->plan, sizeof told->plan, buf_text(&plan));
        buf_clear(&plan);
    }
    if (ok && table)
        put_lift_figures(&a, table);
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
    ok = chart_question_read(params, &c, f) && chart_question_region(db, &c, f) &&
         types_question_read(&c.params, &q, f) && types_answer(db, app->zone, &q, &a, f);
    if (ok)
        chart_of_types(&q, &a, c.look, out);
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
    ok = chart_question_read(params, &c, f) && chart_question_region(db, &c, f) &&
         outliers_question_read(&c.params, &q, f);
    q.dots = true;
    ok = ok && outliers_answer(db, &q, &a, f);
    if (ok)
        chart_of_posts(&q, &a, c.look, out);
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
    ok = chart_question_read(params, &c, f) && chart_question_region(db, &c, f) &&
         cadence_question_read(&c.params, &q, f) && cadence_answer(db, app->zone, &q, &a, f);
    if (ok)
        chart_of_cadence(&a, c.look, out);
    cadence_answer_clear(&a);
    cadence_question_clear(&q);
    return ok;
}

static bool draw_lift(struct app *app, struct db *db, const struct params *params, struct buf *out,
                      struct fail *f)
{
    return chart_lift_draw(app, db, params, out, NULL, NULL, f);
}

typedef bool (*draw_fn)(struct app *app, struct db *db, const struct params *params,
                        struct buf *out, struct fail *f);

/* A picture alone has no script: its points are reached by the keyboard one by one. */
static void make_points_reachable(struct buf *b)
{
    static const char mark[] = " data-v=\"\"";
    const char *text = buf_text(b), *at;
    struct buf out;

    buf_init(&out, b->max);
    for (; (at = strstr(text, mark)) != NULL; text = at + sizeof mark - 1) {
        buf_add(&out, text, (size_t)(at - text));
        buf_puts(&out, " tabindex=\"0\" data-v=\"\"");
    }
    buf_puts(&out, text);
    buf_clear(b);
    *b = out;
}

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
        chart_of_words(title, f.sentence, (struct svg_look){SVG_AUTO, true, true}, &rp->body);
        rp->status = 422;
    } else {
        reply_fail(rp, &f);
        snapshot_end(db);
        return;
    }
    make_points_reachable(&rp->body);
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
