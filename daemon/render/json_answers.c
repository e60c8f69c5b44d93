#include "render/json_answers.h"
#include "analysis/multiple.h"
#include "analysis/sequential.h"
#include "base/day.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Whole as far as it is one and exact: a total of readings between two dates may be none. */
json_t *json_total(double v)
{
    return v <= (double)COUNT_MAX && v == floor(v) ? json_integer((json_int_t)v) : json_real(v);
}

static json_t *parts_of(uint32_t parts)
{
    json_t *list = json_array();

    for (int m = 0; list && m < POST_METRIC_COUNT; m++)
        if (parts >> m & 1u)
            json_append(&list, json_string_nocheck(post_metric_names[m]));
    return list;
}

/* Below it a figure is what rounding left of zero; p-values are not rounded so. */
#define ROUNDING 1e-12

void json_put_real(json_t **o, const char *name, double v)
{
    if (isfinite(v))
        json_put(o, name, json_real(fabs(v) < ROUNDING ? 0 : v));
}

static void json_put_p(json_t **o, const char *name, double p)
{
    if (isfinite(p))
        json_put(o, name, json_real(p));
}

static void put_interval(json_t **o, const char *name, double low, double high)
{
    json_t *pair = json_array();

    json_append(&pair, json_real(low));
    json_append(&pair, json_real(high));
    json_put(o, name, pair);
}

/* From the log scale, relative. */
static void put_relative(json_t **o, const char *name, double low, double high)
{
    if (isfinite(expm1(low)) && isfinite(expm1(high)))
        put_interval(o, name, expm1(low), expm1(high));
}

json_t *json_of_warnings(const struct warnings *w)
{
    json_t *list = json_array();

    for (int i = 0; list && i < w->n; i++) {
        json_t *o = json_object();

        json_put(&o, "code", json_text(w->item[i].code));
        json_put(&o, "detail", json_text(w->item[i].detail));
        json_append(&list, o);
    }
    return list;
}

void json_put_ending(json_t **o, const struct warnings *w, const char *name, int64_t revision)
{
    json_t *method = json_object();

    json_put(&method, "name", json_text(name));
    json_put(&method, "version", json_integer(1));
    json_put(o, "warnings", json_of_warnings(w));
    json_put(o, "method", method);
    json_put(o, "revision", json_integer(revision));
}

json_t *json_of_dated(const struct dated *d)
{
    json_t *list = json_array();

    for (int i = 0; i < d->n; i++) {
        json_t *o = json_of_note(&d->item[i].note);

        json_put(&o, "effect", json_text(note_effect_names[d->item[i].effect]));
        json_append(&list, o);
    }
    return list;
}

static json_t *period_json(const struct lift_period *p, bool additive)
{
    json_t *o = json_object(), *missing = json_array();

    for (int i = 0; missing && i < p->n_missing; i++)
        json_append(&missing, json_day(p->missing[i]));
    json_put(&o, "from", json_day(p->from));
    json_put(&o, "to", json_day(p->to));
    json_put(&o, "days", json_integer(p->days));
    json_put(&o, "days_used", json_integer(p->days_used));
    json_put(&o, "days_missing", json_integer(p->days_missing));
    json_put(&o, "days_unfinished", json_integer(p->days_unfinished));
    json_put(&o, "left_out", missing);
    if (additive && p->days_used)
        json_put(&o, "total", json_total(p->total));
    if (p->days_used)
        json_put(&o, "daily_mean", json_real(p->daily_mean));
    return o;
}

static json_t *lift_question_json(const struct lift_answer *a, const char *timezone)
{
    const struct lift_question *q = &a->question;
    json_t *o = json_object(), *names = json_array(), *control = json_array();

    for (int i = 0; names && i < a->series.n_names; i++)
        json_append(&names, json_text(a->series.name[i]));
    for (int i = 0; control && i < q->n_controls; i++)
        json_append(&control, json_text(q->control[i]));
    json_put(&o, "kind", json_text(q->exposure ? "exposure" : "lift"));
    json_put(&o, "metric", json_text(traffic_metric_names[q->metric]));
    json_put(&o, "source", json_text(q->source));
    json_put(&o, "source_kind", json_text(series_kind_names[a->series.kind]));
    json_put(&o, "source_names", names);
    json_put(&o, "region", json_text(q->region[0] ? q->region : NULL));
    json_put(&o, "campaign", json_text(q->campaign[0] ? q->campaign : NULL));
    json_put(&o, "start", json_day(q->start));
    json_put(&o, "end", json_day(q->end));
    json_put(&o, "baseline_from", json_day(q->baseline_from));
    json_put(&o, "baseline_to", json_day(q->baseline_to));
    json_put(&o, "run_in", json_integer(q->run_in));
    json_put(&o, "control", control);
    json_put(&o, "posts", q->has_posts ? json_of_filter(&q->posts) : json_null());
    json_put(&o, "level", json_real(q->level));
    json_put(&o, "margin", json_real(q->margin));
    json_put(&o, "timezone", json_text(timezone));
    return o;
}

static json_t *series_json(const struct lift_answer *a)
{
    const struct lift_question *q = &a->question;
    json_t *list = json_array();

    for (int i = 0; list && i < a->series.n; i++) {
        int32_t day = a->series.from + i;
        json_t *o = json_object();
        bool before = day >= q->baseline_from && day <= q->baseline_to;
        bool after = day >= a->after.from && day <= a->after.to;
        bool known = a->series.state[i] == DAY_KNOWN;
        const char *period = before ? "baseline" : after ? "after" : "neither";

        if (q->exposure)
            period = day < q->baseline_from || day > q->end      ? "neither"
                     : a->exposed[day - a->first] == DAY_WITH    ? "with"
                     : a->exposed[day - a->first] == DAY_WITHOUT ? "without"
                                                                 : "neither";
        json_put(&o, "date", json_day(day));
        json_put(&o, "value", known ? json_total(a->series.value[i]) : json_null());
        json_put(&o, "period", json_text(period));
        json_put(&o, "state",
                 json_text(known                                  ? "known"
                           : a->series.state[i] == DAY_UNFINISHED ? "unfinished"
                                                                  : "missing"));
        if (a->expected && day >= q->start && day <= a->after.to) {
            const struct expected_day *e = &a->expected[day - q->start];

            json_put_real(&o, "expected", e->expected);
            json_put_real(&o, "expected_low", e->low);
            json_put_real(&o, "expected_high", e->high);
        }
        json_append(&list, o);
    }
    return list;
}

static json_t *weekly_json(const struct lift_answer *a)
{
    json_t *list = json_array();

    for (int i = 0; list && i < a->judged.n_weeks; i++) {
        const struct week_effect *w = &a->judged.weeks[i];
        int32_t from = a->question.start + 7 * (w->week - 1);
        json_t *o = json_object();

        json_put(&o, "week", json_integer(w->week));
        json_put(&o, "from", json_day(from));
        json_put(&o, "to", json_day(from + 6 < a->after.to ? from + 6 : a->after.to));
        json_put(&o, "days_used", json_integer(w->days));
        json_put_real(&o, "lift", expm1(w->lift));
        put_relative(&o, "interval", w->low, w->high);
        json_append(&list, o);
    }
    return list;
}

static json_t *plan_json(const struct lift_answer *a)
{
    const struct lift_judgement *j = &a->judged;
    json_t *o = json_object(), *list = json_array();
    struct buf words;

    json_put(&o, "control",
             json_text(j->has_control ? "left out: the days to come of it are not known" : NULL));
    json_put(&o, "power", json_real(PLAN_POWER));
    json_put_real(&o, "minimum_detectable_lift", j->detectable);
    for (int i = 0; i < LEVEL_PLANS; i++) {
        json_t *need = json_object();

        json_put(&need, "lift", json_real(planned_lifts[i]));
        json_put(&need, "days", j->days_needed[i] ? json_integer(j->days_needed[i]) : json_null());
        json_put(&need, "words",
                 json_text(j->days_needed[i] ? "days after the start until it would be seen"
                                             : "not with this design"));
        json_append(&list, need);
    }
    json_put(&o, "days_needed", list);
    buf_init(&words, SENTENCE_MAX);
    lift_say_plan(a, &words);
    if (words.len)
        json_put(&o, "sentence", json_text(buf_text(&words)));
    buf_clear(&words);
    return o;
}

static json_t *ebb_json(const struct ebb *e)
{
    json_t *o = json_object();

    json_put(&o, "comparisons", json_integer(e->comparisons));
    json_put_real(&o, "q10", expm1(e->q10));
    json_put_real(&o, "q90", expm1(e->q90));
    json_put_real(&o, "share_at_least", (double)e->at_least / e->comparisons);
    return o;
}

static json_t *accounting_json(const struct lift_accounting *acc)
{
    json_t *o = json_object();

    json_put(&o, "posts", json_integer(acc->posts));
    json_put(&o, "posts_without", json_integer(acc->posts_without));
    json_put_real(&o, "expected", acc->expected);
    json_put_real(&o, "excess", acc->excess);
    json_put(&o, "tracked", json_total(acc->tracked));
    if (acc->has_explained)
        json_put_real(&o, "explained", acc->explained);
    json_put_real(&o, "other_posts_daily_before", acc->others_before);
    json_put_real(&o, "other_posts_daily_after", acc->others_after);
    json_put(&o, "words",
             json_text(!acc->has_explained
                           ? "There is no excess over the days before that posts could explain."
                       : acc->explained < 1
                           ? "The posts' own links brought less than the excess: they alone do not "
                             "explain it. Untagged links make this a lower bound."
                           : "The posts' own links brought as much as the excess or more: they may "
                             "explain it, unless they took the place of other posts."));
    return o;
}

static void put_judgement(json_t **o, const struct lift_answer *a)
{
    const struct lift_judgement *j = &a->judged;
    json_t *sequential = json_object(), *check = json_object();

    json_put_real(o, "lift", expm1(j->lift));
    put_relative(o, "interval", j->low, j->high);
    json_put(o, "level", json_real(a->question.level));
    put_relative(o, "interval90", j->low90, j->high90);
    json_put_p(o, "p", j->p);
    json_put_real(o, "probability_positive", j->p_positive);
    json_put_p(o, "p_flat", j->p_flat);
    if (j->has_drift)
        json_put_real(o, "drift", j->drift);
    json_put_real(o, "drift_share", j->drift_share);
    if (j->half_life_days > 0)
        json_put_real(o, "drift_half_life_days", j->half_life_days);
    json_put_real(o, "trend_weight", j->p_trend);
    json_put_real(o, "control_weight", j->has_control ? j->p_control : 0);
    if (j->n_weeks)
        json_put(o, "weekly", weekly_json(a));
    json_put(&sequential, "verdict_line", json_real(PEEK_LINE));
    json_put_p(&sequential, "p_always", j->p_always);
    put_relative(&sequential, "interval_always", j->lift - j->always_half_width,
                 j->lift + j->always_half_width);
    json_put(o, "sequential", sequential);
    if (!a->question.exposure) {
        json_put(&check, "runs", json_integer(j->self_check.runs));
        json_put(&check, "false_alarms", json_integer(j->self_check.alarms));
        json_put(o, "self_check", check);
    } else {
        json_decref(check);
    }
    if (j->has_plan)
        json_put(o, "plan", plan_json(a));
}

json_t *json_of_lift(struct lift_answer *a, const char *timezone, int64_t revision)
{
    json_t *o = json_object();
    const char *metric = traffic_metric_names[a->question.metric];
    bool exposure = a->question.exposure;
    char unit[96];

    snprintf(unit, sizeof unit,
             a->additive ? "%s a day" : "%s a day (a daily mean: people are not added up)", metric);
    json_put(&o, "question", lift_question_json(a, timezone));
    json_put(&o, "sentence", json_text(buf_text(&a->sentence)));
    json_put(&o, "verdict", json_text(verdict_names[a->judged.verdict]));
    json_put(&o, "unit", json_text(unit));
    json_put(&o, exposure ? "without" : "baseline", period_json(&a->baseline, a->additive));
    json_put(&o, exposure ? "with" : "after", period_json(&a->after, a->additive));
    if (a->has_change)
        json_put_real(&o, "change", a->change);
    if (a->judged.outcome == LIFT_JUDGED && !a->broken) /* across a break there is no finding */
        put_judgement(&o, a);
    else
        json_put(&o, "level", json_real(a->question.level));
    if (a->judged.has_ebb)
        json_put(&o, "ebb", ebb_json(&a->judged.ebb));
    if (a->has_accounting)
        json_put(&o, "accounting", accounting_json(&a->accounting));
    if (a->has_control) {
        json_t *c = json_object();

        json_put(&c, exposure ? "without" : "baseline",
                 period_json(&a->control_baseline, a->additive));
        json_put(&c, exposure ? "with" : "after", period_json(&a->control_after, a->additive));
        if (a->control_has_change)
            json_put_real(&c, "change", a->control_change);
        json_put(&o, "control", c);
    }
    json_put(&o, "notes", json_of_dated(&a->notes));
    if (a->question.series)
        json_put(&o, "series", series_json(a));
    json_put_ending(&o, &a->warnings, "bma-gls", revision);
    return o;
}

static json_t *group_json(const struct group_figures *g, bool additive, bool engagement)
{
    json_t *o = json_object();

    json_put(&o, "posts", json_integer(g->posts));
    json_put(&o, "posts_used", json_integer((json_int_t)g->n));
    json_put(&o, "posts_without", json_integer(g->absent));
    json_put(&o, "too_young", json_integer(g->too_young));
    json_put(&o, "first_read_late", json_integer(g->too_late));
    json_put(&o, "posts_dropped", json_integer(g->dropped));
    if (engagement)
        json_put(&o, "engagement_parts", parts_of(g->parts));
    if (!g->n)
        return o;
    if (additive)
        json_put(&o, "total", json_total(g->total));
    json_put(&o, "mean", json_real(g->mean));
    if (g->has_median)
        json_put(&o, "median", json_real(g->median));
    if (isfinite(g->largest))
        json_put(&o, "largest", json_total(g->largest));
    if (additive && g->total > 0)
        json_put_real(&o, "top_post_share", g->largest / g->total);
    return o;
}

/* Plain figures of latest readings. */
static json_t *latest_json(const struct group_figures *g, bool additive)
{
    json_t *o = json_object();

    json_put(&o, "posts_used", json_integer((json_int_t)g->n));
    json_put(&o, "posts_without", json_integer(g->absent));
    if (additive)
        json_put(&o, "total", json_total(g->total));
    json_put(&o, "mean", json_real(g->mean));
    if (g->has_median)
        json_put(&o, "median", json_real(g->median));
    json_put(&o, "largest", json_total(g->largest));
    if (additive && g->total > 0)
        json_put(&o, "top_post_share", json_real(g->largest / g->total));
    return o;
}

static json_t *readings_json(double age_hours)
{
    char text[60];

    if (age_hours > 0)
        snprintf(text, sizeof text, "at %g hours of age", age_hours);
    return json_text(age_hours > 0 ? text : "latest lifetime reading, 168 hours of age at least");
}

static void put_group_finding(json_t **o, const struct group_judgement *j)
{
    const struct groups_finding *g = &j->found;

    json_put_real(o, "lift", expm1(g->beta));
    put_relative(o, "interval", g->low, g->high);
    put_relative(o, "interval90", g->low90, g->high90);
    json_put_p(o, "p", g->p);
    json_put(o, "p_method", json_text(groups_method_names[g->method]));
}

static void put_ranks(json_t **o, const struct groups_finding *g)
{
    json_t *ranks;

    if (!g->has_superiority)
        return;
    ranks = json_object();
    json_put_real(&ranks, "probability", g->superiority);
    if (g->has_superiority_interval)
        put_interval(&ranks, "interval", g->superiority_low, g->superiority_high);
    if (!g->has_superiority_interval) {
        json_put(o, "superiority", ranks);
        return;
    }
    json_put_p(&ranks, "p", g->superiority_p);
    json_put(o, "superiority", ranks);
}

json_t *json_of_compare(const struct compare_question *q, struct compare_answer *a,
                        const char *timezone, int64_t revision)
{
    json_t *o = json_object(), *question = json_object();
    bool engagement = q->figure == FIGURE_ENGAGEMENT;
    const struct groups_finding *g = &a->judged.found;

    json_put(&question, "kind", json_text("compare"));
    json_put(&question, "metric", json_text(post_figure_name(q->figure)));
    json_put(&question, "a", json_of_filter(&q->a));
    json_put(&question, "b", q->rest ? json_text("all other posts") : json_of_filter(&q->b));
    json_put(&question, "both", json_of_filter(&q->both));
    json_put(&question, "age_hours", a->age_hours > 0 ? json_real(a->age_hours) : json_null());
    json_put(&question, "readings", readings_json(a->age_hours));
    json_put(&question, "strata", json_text("platform and block of 28 days"));
    json_put(&question, "level", json_real(q->level));
    json_put(&question, "margin", json_real(q->margin));
    json_put(&question, "timezone", json_text(timezone));
    json_put(&o, "question", question);
    json_put(&o, "sentence", json_text(buf_text(&a->sentence)));
    json_put(&o, "verdict", json_text(verdict_names[a->judged.verdict]));
    json_put(&o, "unit",
             json_text(a->additive                      ? "per post"
                       : q->figure == FIGURE_CLICK_RATE ? "clicks per 1,000 reached, per post"
                                                        : "per post (people are not added up)"));
    json_put(&o, "a", group_json(&a->a, a->additive, engagement));
    json_put(&o, "b", group_json(&a->b, a->additive, engagement));
    json_put(&o, "posts_in_both", json_integer(a->in_both));
    if (a->has_change)
        json_put_real(&o, "change", a->change);
    json_put(&o, "level", json_real(q->level));
    if (a->judged.outcome == GROUPS_JUDGED) {
        put_group_finding(&o, &a->judged);
        put_ranks(&o, g);
        json_put_real(&o, "ratio_of_means", g->ratio_of_means);
    }
    json_put_ending(&o, &a->warnings, "equal-age-groups", revision);
    return o;
}

static void put_beside(json_t **o, const struct beside *b)
{
    json_put(o, "verdict",
             json_text(verdict_names[b->judged ? b->verdict : VERDICT_INSUFFICIENT_DATA]));
    if (!b->judged)
        return;
    json_put_real(o, "lift", expm1(b->effect));
    put_relative(o, "interval", b->low, b->high);
    json_put_p(o, "p", b->p);
    json_put_p(o, "q", b->q);
    json_put_real(o, "shrunk", expm1(b->shrunk));
}

static json_t *column_json(const struct type_row *row, int column, bool additive)
{
    const struct group_judgement *j = &row->judgement[column];
    json_t *o = group_json(&row->figure[column], additive, column == COLUMN_ENGAGEMENT);

    put_beside(&o, &row->beside[column]);
    if (row->beside[column].judged) {
        json_put(&o, "p_method", json_text(groups_method_names[j->found.method]));
        put_ranks(&o, &j->found);
    }
    return o;
}

/* The website's visits that the campaign's links brought, by source: they are not added up. */
static json_t *visits_json(const struct types_answer *a, const char *campaign)
{
    json_t *list = json_array();

    for (int i = 0; i < a->n_visits; i++) {
        const struct campaign_visits *v = &a->visits[i];
        json_t *o;

        if (strcmp(v->campaign, campaign) != 0)
            continue;
        o = json_object();
        json_put(&o, "source", json_text(v->name));
        json_put(&o, "days", json_integer(v->days));
        json_put(&o, "sessions", json_integer(v->sessions));
        json_append(&list, o);
    }
    return list;
}

static json_t *type_json(const struct types_question *q, const struct types_answer *a,
                         struct type_row *row)
{
    json_t *o = json_object(), *metrics = json_object(), *t;

    json_put(&o, types_by_names[q->by], json_text(row->name));
    if (q->by == BY_ACCOUNT)
        json_put(&o, "platform", json_text(row->platform));
    if (q->by == BY_CAMPAIGN)
        json_put(&o, "campaign_traffic", visits_json(a, row->name));
    json_put(&o, "posts", json_integer(row->posts));
    json_put(&o, "pleases", json_text(answer_words[row->pleases]));
    json_put(&o, "moves", json_text(answer_words[row->moves]));
    json_put(&o, "check", json_text(vanity_words[row->vanity]));
    json_put(&o, "sentence", json_text(buf_text(&row->sentence)));
    json_put(&o, "engagement", column_json(row, COLUMN_ENGAGEMENT, true));
    if (a->has_column[COLUMN_SESSIONS])
        json_put(&o, "sessions", column_json(row, COLUMN_SESSIONS, true));
    if (a->has_column[COLUMN_CLICK_RATE])
        json_put(&o, "clicks_per_1000_reach", column_json(row, COLUMN_CLICK_RATE, false));
    for (int m = 0; m < POST_METRIC_COUNT; m++)
        if (row->metric[m].n)
            json_put(&metrics, post_metric_names[m],
                     latest_json(&row->metric[m], post_metric_is_additive(m)));
    if (a->has_traffic) {
        t = json_object();
        json_put(&t, "days_with", json_integer(row->days_with));
        json_put(&t, "days_without", json_integer(row->days_without));
        if (row->days_with)
            json_put_real(&t, "mean_with", row->mean_with);
        if (row->days_without)
            json_put_real(&t, "mean_without", row->mean_without);
        if (row->has_change)
            json_put_real(&t, "change", row->change);
        put_beside(&t, &row->beside[COLUMN_TRAFFIC]);
        json_put(&o, "traffic", t);
    }
    json_put(&o, "metrics", metrics);
    return o;
}

json_t *json_of_types(const struct types_question *q, struct types_answer *a, const char *timezone,
                      int64_t revision)
{
    json_t *o = json_object(), *question = json_object(), *list = json_array();

    json_put(&question, "kind", json_text("types"));
    json_put(&question, "by", json_text(types_by_names[q->by]));
    json_put(&question, "posts", json_of_filter(&q->filter));
    json_put(&question, "metric", json_text(traffic_metric_names[q->metric]));
    json_put(&question, "source", json_text(q->source));
    json_put(&question, "source_kind",
             json_text(a->has_traffic ? series_kind_names[a->kind] : NULL));
    json_put(&question, "region", json_text(a->region));
    json_put(&question, "from", json_day(a->from));
    json_put(&question, "to", json_day(a->to));
    json_put(&question, "age_hours",
             a->age_hours[COLUMN_ENGAGEMENT] > 0 ? json_real(a->age_hours[COLUMN_ENGAGEMENT])
                                                 : json_null());
    json_put(&question, "readings", readings_json(a->age_hours[COLUMN_ENGAGEMENT]));
    json_put(&question, "strata", json_text("platform and block of 28 days"));
    json_put(&question, "level", json_real(q->level));
    json_put(&question, "margin", json_real(q->margin));
    json_put(&question, "q_max", json_real(Q_MAX));
    json_put(&question, "timezone", json_text(timezone));
    json_put(&o, "question", question);
    json_put(&o, "sentence", json_text(buf_text(&a->sentence)));
    json_put(&o, "posts", json_integer(a->posts));
    json_put(&o, "days", json_integer(a->days));
    json_put(&o, "days_missing", json_integer(a->has_traffic ? a->days_missing : a->days));
    for (int i = 0; list && i < a->n; i++)
        json_append(&list, type_json(q, a, &a->row[i]));
    json_put(&o, "types", list);
    json_put(&o, "notes", json_of_dated(&a->notes));
    json_put_ending(&o, &a->warnings, "types", revision);
    return o;
}
