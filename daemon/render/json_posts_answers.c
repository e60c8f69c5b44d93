/* Answers about posts alone: hits and duds, cadence. */
#include "base/day.h"
#include "render/json_answers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static json_t *outlier_json(const struct outlier_group *g, const struct outlier *o, bool additive)
{
    json_t *j = json_object();

    json_put(&j, "platform", json_text(g->platform));
    json_put(&j, "id", json_text(o->id));
    json_put(&j, "type", json_text(g->type));
    json_put(&j, "posted_at", json_moment(o->posted_at));
    json_put(&j, "day", json_day(o->posted_day));
    json_put(&j, "excerpt", json_text(o->excerpt[0] ? o->excerpt : NULL));
    json_put(&j, "url", json_text(o->url));
    json_put(&j, "kind", json_text(o->distance > 0 ? "hit" : "dud"));
    json_put(&j, "value", json_total(o->value));
    json_put_real(&j, "distance", o->distance);
    json_put_real(&j, "times_typical", (1 + o->value) / exp(g->spread.center));
    if (additive && g->total > 0)
        json_put_real(&j, "share", o->value / g->total);
    return j;
}

static json_t *outlier_group_json(const struct outlier_group *g, bool additive)
{
    json_t *o = json_object();

    json_put(&o, "platform", json_text(g->platform));
    json_put(&o, "type", json_text(g->type));
    json_put(&o, "posts", json_integer(g->posts));
    json_put(&o, "posts_used", json_integer((json_int_t)g->n));
    json_put(&o, "posts_without", json_integer(g->absent));
    json_put(&o, "too_young", json_integer(g->too_young));
    json_put(&o, "first_read_late", json_integer(g->too_late));
    if (g->n < OUTLIER_POSTS_MIN) {
        json_put(&o, "words", json_text("fewer than 5 posts: nothing can be said to stand out"));
        return o;
    }
    json_put_real(&o, "median", g->spread.median);
    if (g->spread.scale > 0) {
        json_put_real(&o, "spread_factor", exp(g->spread.scale));
        json_put_real(&o, "line", g->line);
        json_put_real(&o, "low", fmax(0, exp(g->spread.center - g->line * g->spread.scale) - 1));
        json_put_real(&o, "high", exp(g->spread.center + g->line * g->spread.scale) - 1);
    } else {
        json_put(&o, "words", json_text("all posts are alike: nothing can stand out"));
    }
    if (additive)
        json_put(&o, "total", json_total(g->total));
    return o;
}

json_t *json_of_outliers(const struct outliers_question *q, struct outliers_answer *a,
                         const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *question = json_object(), *groups = json_array();
    json_t *out = json_array();

    json_put(&question, "kind", json_text("outliers"));
    json_put(&question, "metric", json_text(post_figure_name(q->figure)));
    json_put(&question, "posts", json_of_filter(&q->filter));
    json_put(&question, "age_hours", a->age_hours > 0 ? json_real(a->age_hours) : json_null());
    json_put(&question, "timezone", json_text(timezone));
    json_put(&o, "question", question);
    json_put(&o, "sentence", json_text(buf_text(&a->sentence)));
    json_put(&o, "posts", json_integer(a->posts));
    json_put(&o, "hits", json_integer((json_int_t)a->hits));
    json_put(&o, "duds", json_integer((json_int_t)a->duds));
    for (int g = 0; g < a->n; g++) {
        json_append(&groups, outlier_group_json(&a->group[g], a->additive));
        for (size_t i = 0; i < a->group[g].n_out; i++)
            json_append(&out, outlier_json(&a->group[g], &a->group[g].out[i], a->additive));
    }
    json_put(&o, "outliers", out);
    json_put(&o, "groups", groups);
    json_put_ending(&o, &a->warnings, "robust-log-outliers", revision);
    return o;
}

static json_t *hours_json(const struct rhythm *r)
{
    json_t *list = json_array();

    for (int w = 0; w < 7; w++) {
        json_t *row = json_array();

        for (int h = 0; h < 24; h++)
            json_append(&row, json_integer(r->hour[w][h]));
        json_append(&list, row);
    }
    return list;
}

/* The first of the days that were missed. */
static json_t *missed_json(const struct rhythm *r, int32_t from)
{
    json_t *list = json_array();
    int n = 0;

    for (int32_t d = r->first; r->has_regularity && d <= r->last && n < MISSING_LISTED_MAX; d++)
        if (rhythm_missed(r, from, d)) {
            json_append(&list, json_day(d));
            n++;
        }
    return list;
}

static void put_rhythm(json_t **o, const struct rhythm *r, int32_t from)
{
    static const char *const weekdays[7] = {"monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday"};
    json_t *usual = json_array();

    json_put(o, "posts", json_integer(r->posts));
    json_put(o, "first", json_day(r->first));
    json_put(o, "last", json_day(r->last));
    json_put(o, "days_with", json_integer(r->days_with));
    if (r->posts)
        json_put_real(o, "per_week", r->per_week);
    if (r->days_with > 1)
        json_put_real(o, "median_days_between", r->median_gap);
    json_put(o, "longest_gap_days", json_integer(r->longest_gap));
    for (int w = 0; w < 7; w++)
        if (r->has_regularity && r->usual[w])
            json_append(&usual, json_text(weekdays[w]));
    json_put(o, "usual_weekdays", usual);
    if (r->has_regularity) {
        json_put(o, "usual_days", json_integer(r->expected));
        json_put(o, "missed_days", json_integer(r->missed));
        json_put_real(o, "regularity", 1 - (double)r->missed / r->expected);
    }
    json_put(o, "missed", missed_json(r, from));
    json_put(o, "weekday_hour", hours_json(r));
}

json_t *json_of_cadence(const struct cadence_question *q, struct cadence_answer *a,
                        const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *question = json_object(), *days = json_array();
    json_t *gaps = json_array(), *groups = json_array();

    json_put(&question, "kind", json_text("cadence"));
    json_put(&question, "posts", json_of_filter(&q->filter));
    json_put(&question, "from", json_day(a->from));
    json_put(&question, "to", json_day(a->to));
    json_put(&question, "timezone", json_text(timezone));
    json_put(&o, "question", question);
    json_put(&o, "sentence", json_text(buf_text(&a->sentence)));
    put_rhythm(&o, &a->all, a->from);
    for (int32_t d = a->from; a->all.posts && d <= a->to; d++) {
        json_t *day = json_object();

        json_put(&day, "date", json_day(d));
        json_put(&day, "posts", json_integer(a->all.count[d - a->from]));
        json_put(&day, "missed",
                 json_boolean(a->all.has_regularity && rhythm_missed(&a->all, a->from, d)));
        json_append(&days, day);
    }
    json_put(&o, "days", days);
    for (int i = 0; i < a->n_gaps; i++) {
        json_t *gap = json_object();

        json_put(&gap, "from", json_day(a->gap[i].from));
        json_put(&gap, "to", json_day(a->gap[i].to));
        json_put(&gap, "days", json_integer(a->gap[i].to - a->gap[i].from + 1));
        json_append(&gaps, gap);
    }
    json_put(&o, "gaps", gaps);
    for (int i = 0; i < a->n; i++) {
        json_t *group = json_object();

        json_put(&group, "platform", json_text(a->group[i].platform));
        json_put(&group, "type", json_text(a->group[i].type));
        put_rhythm(&group, &a->group[i], a->from);
        json_append(&groups, group);
    }
    json_put(&o, "groups", groups);
    json_put_ending(&o, &a->warnings, "cadence", revision);
    return o;
}
