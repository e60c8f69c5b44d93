#include "answer/groups.h"
#include "analysis/describe.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "store/post_reads.h"

#include <stdlib.h>
#include <string.h>

int post_figure(const char *name)
{
    return strcmp(name, "engagement") == 0 ? (int)METRIC_ENGAGEMENT : post_metric(name);
}

const char *post_figure_name(int figure)
{
    return figure == METRIC_ENGAGEMENT ? "engagement" : post_metric_names[figure];
}

int64_t post_figure_of(const int64_t metric[POST_METRIC_COUNT], int figure, uint32_t *parts)
{
    *parts = 0;
    return figure == METRIC_ENGAGEMENT ? post_engagement(metric, parts) : metric[figure];
}

void sample_clear(struct sample *s)
{
    free(s->value);
    memset(s, 0, sizeof *s);
}

void sample_budget_take(struct sample_budget *b)
{
    if (++b->posts > MEDIAN_POSTS_MAX)
        b->spent = true;
}

static bool keep_value(struct sample *s, double v, struct fail *f)
{
    if (s->tally.n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        double *value = realloc(s->value, cap * sizeof *value);

        if (!value)
            return fail_set(f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
        s->value = value;
        s->cap = cap;
    }
    s->value[s->tally.n] = v;
    return true;
}

bool sample_add(struct sample *s, const struct sample_budget *b,
                const int64_t metric[POST_METRIC_COUNT], int figure, struct fail *f)
{
    uint32_t parts;
    int64_t v = post_figure_of(metric, figure, &parts);

    if (v == COUNT_ABSENT) {
        s->absent++;
        return true;
    }
    if (b->spent) {
        free(s->value);
        s->value = NULL;
    } else if (!keep_value(s, (double)v, f)) {
        return false;
    }
    if (s->tally.n)
        s->partly |= s->parts ^ parts;
    s->parts |= parts;
    tally_add(&s->tally, (double)v);
    return true;
}

void group_figures_of(struct sample *s, const struct sample_budget *b, struct group_figures *g)
{
    memset(g, 0, sizeof *g);
    g->absent = s->absent;
    g->n = s->tally.n;
    g->posts = s->absent + (int64_t)g->n;
    g->parts = s->parts;
    g->total = (double)s->tally.total;
    g->mean = tally_mean(&s->tally);
    g->largest = s->tally.largest;
    g->has_median = g->n && !b->spent;
    if (g->has_median)
        g->median = median_of(s->value, g->n);
}

void compare_question_init(struct compare_question *q)
{
    memset(q, 0, sizeof *q);
    filter_init(&q->both);
    filter_init(&q->a);
    filter_init(&q->b);
    q->level = 0.95;
}

void compare_question_clear(struct compare_question *q)
{
    filter_clear(&q->both);
    filter_clear(&q->a);
    filter_clear(&q->b);
}

bool compare_question_read(const struct params *p, struct compare_question *q, struct fail *f)
{
    static const char *const known[] = {"metric", "level", "format", "bom", NULL};
    const char *metric = params_get(p, "metric");

    if (params_get(p, "age"))
        return fail_set(f, FAIL_UNPROCESSABLE, "no-equal-age", "age",
                        "Posts are compared at their latest reading; \"age\" is not answered by "
                        "this version.");
    if (!params_check(p, known, true, true, f) ||
        !params_real(p, "level", 0.5, 0.999, &q->level, f))
        return false;
    q->figure = post_figure(metric ? metric : "engagement");
    if (q->figure < 0)
        return fail_set(f, FAIL_UNPROCESSABLE, "unknown-metric", "metric",
                        "There is no metric \"%.40s\" of posts; there are engagement, likes, "
                        "comments, shares, saves, follows, reach, impressions, views, clicks, "
                        "sessions, users and conversions.",
                        metric);
    if (!params_has_filter(p, "a."))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "a.type",
                        "The first group is not described: give a.type=, a.tag=, a.platform=, "
                        "a.campaign=, a.account=, a.region=, a.from= or a.to=.");
    q->rest = !params_has_filter(p, "b.");
    return params_filter(p, "", &q->both, f) && params_filter(p, "a.", &q->a, f) &&
           params_filter(p, "b.", &q->b, f);
}

struct comparing {
    const struct compare_question *q;
    struct compare_answer *a;
    struct sample in_a, in_b;
    struct sample_budget budget;
    struct fail *f;
    bool ok;
};

static bool group_post(void *ctx, const struct post_view *p)
{
    struct comparing *c = ctx;
    struct filter_subject s = post_view_subject(p);
    bool in_a, in_b;

    in_a = filter_matches(&c->q->a, &s);
    in_b = c->q->rest ? !in_a : filter_matches(&c->q->b, &s);
    if (in_a && in_b) {
        c->a->in_both++;
        return true;
    }
    sample_budget_take(&c->budget);
    if (in_a)
        c->ok = sample_add(&c->in_a, &c->budget, p->metric, c->q->figure, c->f);
    else if (in_b)
        c->ok = sample_add(&c->in_b, &c->budget, p->metric, c->q->figure, c->f);
    return c->ok;
}

static void compare_warnings(const struct compare_question *q, const struct comparing *c,
                             struct compare_answer *a)
{
    const char *name = post_figure_name(q->figure);
    int64_t absent = a->a.absent + a->b.absent;
    struct warnings *w = &a->warnings;

    if (!a->a.n || !a->b.n)
        warn(w, "no-data", "The %s group has no post with %s.", a->a.n ? "second" : "first", name);
    if (absent)
        warn(w, "missing-metric", "%lld posts have no %s; they are left out, not counted as zero.",
             (long long)absent, name);
    if (q->figure == METRIC_ENGAGEMENT &&
        (c->in_a.partly | c->in_b.partly | (a->a.n && a->b.n ? a->a.parts ^ a->b.parts : 0)))
        warn(w, "uneven-parts",
             "Engagement is made of what is present, and not all posts have the same parts.");
    if (a->in_both)
        warn(w, "groups-overlap", "%lld posts belong to both groups; they are left out of both.",
             (long long)a->in_both);
    if ((a->a.n && a->a.n < 8) || (a->b.n && a->b.n < 8))
        warn(w, "small-group", "One of the groups has fewer than 8 posts.");
    if ((a->a.total > 0 && a->a.n > 1 && a->a.largest / a->a.total > 0.3) ||
        (a->b.total > 0 && a->b.n > 1 && a->b.largest / a->b.total > 0.3))
        warn(w, "hit-driven",
             "One post has more than 30 %% of its group's total; the mean says "
             "little of the others.");
    if (c->budget.spent)
        warn(w, "no-medians", "Medians are given for up to %d posts; there are %lld.",
             MEDIAN_POSTS_MAX, (long long)c->budget.posts);
    if (a->a.n && a->b.n)
        warn(w, "age-unequal",
             "Posts are compared at their latest readings: older posts had longer to collect.");
    if (a->a.n && a->b.n && !(a->b.mean > 0))
        warn(w, "change-from-zero",
             "The second group has no %s at all: a ratio to zero has no percentage.", name);
}

bool compare_answer(struct db *db, const struct compare_question *q, struct compare_answer *a,
                    struct fail *f)
{
    struct comparing c = {.q = q, .a = a, .f = f, .ok = true};
    bool ok;

    memset(a, 0, sizeof *a);
    a->additive = q->figure == METRIC_ENGAGEMENT || post_metric_is_additive(q->figure);
    ok = posts_scan(db, &q->both, group_post, &c, f) && c.ok;
    if (ok) {
        group_figures_of(&c.in_a, &c.budget, &a->a);
        group_figures_of(&c.in_b, &c.budget, &a->b);
        if (a->a.n && a->b.n)
            a->has_change = relative_change(a->b.mean, a->a.mean, &a->change);
        compare_warnings(q, &c, a);
    }
    sample_clear(&c.in_a);
    sample_clear(&c.in_b);
    return ok;
}
