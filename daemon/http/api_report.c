/* The report: one page for mail and archive, without a script; and what the dashboard shows of it.
 */
#include "answer/cadence.h"
#include "answer/outliers.h"
#include "answer/types.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "http/charts.h"
#include "http/pages.h"
#include "render/page.h"
#include "store/experiments.h"

#include <math.h>
#include <string.h>

enum { REPORT_TYPES = 50, REPORT_POSTS = 50 };

/* ---- what counts most ---- */

/* By word and by shape, so that no colour is needed. */
static const char *const verdict_lines[VERDICT_COUNT] = {
    [VERDICT_UP] = "\u25b2 Up",
    [VERDICT_DOWN] = "\u25bc Down",
    [VERDICT_WEAK_UP] = "\u25b3 A weak hint of up",
    [VERDICT_WEAK_DOWN] = "\u25bd A weak hint of down",
    [VERDICT_FLAT] = "\u25a0 Flat",
    [VERDICT_CANNOT_TELL] = "\u25cb Cannot be told",
    [VERDICT_INSUFFICIENT_DATA] = "\u25cb Too little to judge by",
};

void put_told(const struct told *told, struct buf *out)
{
    page_element(out, "p class=\"verdict\"", verdict_lines[told->verdict]);
    page_element(out, "p class=\"sentence\"", told->sentence);
    if (told->plan[0])
        page_element(out, "p class=\"soft\"", told->plan);
    if (told->why[0])
        page_element(out, "p class=\"soft\"", told->why);
}

struct testing {
    struct db *db;
    struct fail *f;
    char region[SLUG_MAX + 1]; /* of the sample that is all there is; else "" */
    int64_t found_at;
    char slug[SLUG_MAX + 1], verdict[32], sentence[SENTENCE_MAX];
    const struct experiment *e;
};

static bool take_finding(void *ctx, const struct finding *found)
{
    struct testing *t = ctx;

    if (found->found_at < t->found_at)
        return true;
    t->found_at = found->found_at;
    text_copy(t->slug, sizeof t->slug, t->e->slug);
    text_copy(t->verdict, sizeof t->verdict, found->verdict);
    text_copy(t->sentence, sizeof t->sentence, found->sentence);
    return true;
}

static bool take_experiment(void *ctx, const struct experiment *e)
{
    struct testing *t = ctx;

    if (region_is_sample(e->region) && strcmp(e->region, t->region) != 0)
        return true;
    t->e = e;
    return findings_each(t->db, e->experiment_id, take_finding, t, t->f);
}

bool put_tested(struct db *db, struct buf *out, struct fail *f)
{
    struct testing t = {.db = db, .f = f, .found_at = INT64_MIN};
    int v = 0;

    if (!default_region(db, t.region, f) || !experiments_each(db, take_experiment, &t, f) ||
        f->code != FAIL_NONE)
        return false;
    if (!t.slug[0])
        return true;
    while (v < VERDICT_COUNT && strcmp(verdict_names[v], t.verdict) != 0)
        v++;
    page_element(out, "p class=\"soft\"", "The newest finding of an experiment");
    page_element(out, "p class=\"verdict\"",
                 verdict_lines[v < VERDICT_COUNT ? v : VERDICT_CANNOT_TELL]);
    page_element(out, "p class=\"sentence\"", t.sentence);
    buf_printf(out, "<p><a href=\"/api/v1/experiments/%s/report\">The whole of it</a></p>\n",
               t.slug); /* a slug has letters, digits and hyphens alone */
    page_element(out, "p class=\"soft\"", "Before and after, whoever drew the days");
    return true;
}

/* ---- figures as tables ---- */

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
    buf_puts(out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"A "
                  "table\"><table>\n<tr><th scope=\"col\">kind</th><th scope=\"col\" "
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
    ok = chart_question_read(params, &c, f) && chart_question_region(db, &c, f) &&
         types_question_read(&c.params, &q, f) && types_answer(db, app->zone, &q, &a, f);
    if (ok) {
        chart_of_types(&q, &a, c.look, out);
        put_types(&a, out);
    }
    types_answer_clear(&a);
    types_question_clear(&q);
    return ok;
}

/* The ranges of a lift as figures, and what to know of it. */
void put_lift_figures(const struct lift_answer *a, struct buf *out)
{
    const struct lift_period *p[2] = {&a->baseline, &a->after};
    const struct lift_judgement *j = &a->judged;
    bool judged = j->outcome == LIFT_JUDGED && !a->broken;
    char from[DAY_TEXT], to[DAY_TEXT];

    buf_puts(out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"A "
                  "table\"><table>\n<tr><th scope=\"col\">part</th><th scope=\"col\">days</th>"
                  "<th scope=\"col\" class=\"n\">with a figure</th><th scope=\"col\" "
                  "class=\"n\">a day</th></tr>\n");
    for (int i = 0; i < 2; i++)
        buf_printf(out,
                   "<tr><th scope=\"row\">%s</th><td>%s to %s</td><td class=\"n\">%d of %d</td>"
                   "<td class=\"n\">%.4g</td></tr>\n",
                   i ? "after" : "before", day_format(p[i]->from, from), day_format(p[i]->to, to),
                   p[i]->days_used, p[i]->days, p[i]->daily_mean);
    buf_puts(out,
             "</table></div>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"A "
             "table\"><table>\n<tr><th scope=\"col\" class=\"n\">change</th><th "
             "scope=\"col\" class=\"n\">lift</th><th scope=\"col\" class=\"n\">from</th><th "
             "scope=\"col\" class=\"n\">to</th><th scope=\"col\">verdict</th></tr>\n<tr>");
    cell(out, a->has_change, a->change);
    cell(out, judged, expm1(j->lift));
    cell(out, judged, expm1(j->low));
    cell(out, judged, expm1(j->high));
    buf_printf(out, "<td>%s</td></tr>\n</table></div>\n", verdict_names[j->verdict]);
    for (int i = 0; i < a->warnings.n; i++)
        page_element(out, "p class=\"soft\"", a->warnings.item[i].detail);
}

static void put_posts(const struct outliers_answer *a, struct buf *out)
{
    char day[DAY_TEXT];
    int n = 0;

    if (!a->hits && !a->duds)
        return;
    buf_puts(out,
             "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"A "
             "table\"><table>\n<tr><th scope=\"col\">kind</th><th scope=\"col\">of"
             "</th><th scope=\"col\">platform</th><th scope=\"col\">type</th><th "
             "scope=\"col\">post</th><th scope=\"col\" class=\"n\">value</th><th scope=\"col\" "
             "class=\"n\">times typical</th></tr>\n");
    for (int g = 0; g < a->n; g++)
        for (size_t i = 0; i < a->group[g].n_out && n < REPORT_POSTS; i++, n++) {
            const struct outlier *o = &a->group[g].out[i];

            buf_printf(out, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
                       o->distance > 0 ? "hit" : "dud", day_format(o->posted_day, day),
                       a->group[g].platform, a->group[g].type);
            page_text(out, o->excerpt[0] ? o->excerpt : o->id);
            buf_printf(out, "</td><td class=\"n\">%.10g</td><td class=\"n\">%.3g</td></tr>\n",
                       o->value, (1 + o->value) / exp(a->group[g].spread.center));
        }
    buf_puts(out, "</table></div>\n");
    if (a->hits + a->duds > (size_t)n) {
        buf_printf(out, "<p class=\"soft\">and %zu more</p>\n", a->hits + a->duds - (size_t)n);
    }
}

static bool draw_posts_whole(struct app *app, struct db *db, const struct params *params,
                             struct buf *out, struct fail *f)
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
    if (ok) {
        c.look.links = false; /* hundreds of them would stand in the way of the keyboard */
        chart_of_posts(&q, &a, c.look, out);
        put_posts(&a, out);
    }
    outliers_answer_clear(&a);
    outliers_question_clear(&q);
    return ok;
}

static void put_rhythms(const struct cadence_answer *a, struct buf *out)
{
    char first[DAY_TEXT], last[DAY_TEXT];

    if (a->from == DAY_NONE)
        return;
    buf_puts(out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"A "
                  "table\"><table>\n<tr><th scope=\"col\">platform</th><th "
                  "scope=\"col\">type</th><th scope=\"col\" class=\"n\">posts</th><th "
                  "scope=\"col\">first</th><th scope=\"col\">last</th><th scope=\"col\" "
                  "class=\"n\">usual days missed</th></tr>\n");
    for (int i = 0; i < a->n && i < REPORT_TYPES; i++) {
        const struct rhythm *r = &a->group[i];

        buf_printf(out,
                   "<tr><td>%s</td><td>%s</td><td class=\"n\">%lld</td><td>%s</td><td>%s</td><td "
                   "class=\"n\">",
                   r->platform, r->type, (long long)r->posts, day_format(r->first, first),
                   day_format(r->last, last));
        if (r->has_regularity)
            buf_printf(out, "%d</td></tr>\n", r->missed);
        else
            buf_puts(out, "none</td></tr>\n");
    }
    buf_puts(out, "</table></div>\n");
}

static bool draw_cadence_whole(struct app *app, struct db *db, const struct params *params,
                               struct buf *out, struct fail *f)
{
    struct chart_question c = {0};
    struct cadence_question q;
    struct cadence_answer a = {0};
    bool ok;

    cadence_question_init(&q);
    ok = chart_question_read(params, &c, f) && chart_question_region(db, &c, f) &&
         cadence_question_read(&c.params, &q, f) && cadence_answer(db, app->zone, &q, &a, f);
    if (ok) {
        chart_of_cadence(&a, c.look, out);
        put_rhythms(&a, out);
    }
    cadence_answer_clear(&a);
    cadence_question_clear(&q);
    return ok;
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

typedef bool (*draw_fn)(struct app *app, struct db *db, const struct params *params,
                        struct buf *out, struct fail *f);

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
    struct params lift, types, posts;
    struct buf picture, table;
    struct told told = {0};
    struct fail f = {0}, other = {0};
    struct db *db = NULL;
    bool answered = false;

    if (!params_check(&rq->params, known, true, false, &f) ||
        !(db = snapshot_begin(app->snapshots, &rp->revision, &f))) {
        reply_fail(rp, &f);
        return;
    }
    buf_init(&picture, RESPONSE_MAX);
    buf_init(&table, RESPONSE_MAX);
    part_params(&rq->params, known, &lift, name, value);
    answered = chart_lift_draw(app, db, &lift, &picture, &told, &table, &f);
    if (!answered && strcmp(f.slug, "no-data") != 0) { /* posts alone make a report, too */
        reply_fail(rp, &f);
        goto out;
    }
    page_begin(&rp->body, "Did it move what matters?");
    if (rq->params.n == (int)rq->region_added && !put_tested(db, &rp->body, &other)) {
        buf_reset(&rp->body);
        reply_fail(rp, &other);
        goto out;
    }
    if (answered)
        put_told(&told, &rp->body);
    else
        page_element(&rp->body, "p class=\"say\"", f.sentence);
    buf_puts(&rp->body, buf_text(&picture));
    buf_puts(&rp->body, buf_text(&table));
    part_params(&rq->params, of_types, &types, name, value);
    put_picture(app, db, &types, "Pleases or moves", draw_types_whole, &rp->body);
    part_params(&rq->params, of_posts, &posts, name, value);
    put_picture(app, db, &posts, "Hits and duds", draw_posts_whole, &rp->body);
    put_picture(app, db, &posts, "When was posted", draw_cadence_whole, &rp->body);
    page_end(&rp->body);
    rp->tag = TAG_REVISION;
    reply_report(rp);
out:
    buf_clear(&picture);
    buf_clear(&table);
    snapshot_end(db);
}
