/* What the posts' own links brought: counted, not inferred. */
#include "answer/groups.h"
#include "answer/lift_parts.h"
#include "base/day.h"
#include "store/post_reads.h"

#include <math.h>
#include <string.h>

struct days_scan {
    int32_t from, to;
    unsigned char *days;
    int32_t first;
};

static bool mark_day(void *ctx, const struct post_view *p)
{
    struct days_scan *s = ctx;

    if (s->first == DAY_NONE || p->posted_day < s->first)
        s->first = p->posted_day;
    if (s->days && p->posted_day >= s->from && p->posted_day <= s->to)
        s->days[p->posted_day - s->from] = 1;
    return true;
}

bool posts_days(struct db *db, const struct filter *posts, int32_t from, int32_t to,
                unsigned char *days, int32_t *first_post, struct fail *f)
{
    struct days_scan s = {from, to, days, DAY_NONE};
    struct filter within = *posts; /* shares the values, which the caller keeps */

    within.from = from;
    within.to = to;
    if (!posts_scan(db, &within, POSTS_DAYS, mark_day, &s, f))
        return false;
    *first_post = s.first;
    return true;
}

struct counting {
    struct lift_answer *a;
    int metric;
    double others_before, others_after;
};

static bool count_post(void *ctx, const struct post_view *p)
{
    struct counting *c = ctx;
    struct lift_answer *a = c->a;
    const struct lift_question *q = &a->question;
    struct filter_subject s = post_view_subject(p);
    bool asked = filter_matches(&q->posts, &s);
    bool after = p->posted_day >= a->after.from && p->posted_day <= a->after.to;
    bool before = p->posted_day >= a->baseline.from && p->posted_day <= a->baseline.to;
    int64_t v = p->metric[c->metric];
    bool known = p->posted_day >= a->first && p->posted_day - a->first < a->n &&
                 !isnan(a->y[p->posted_day - a->first]);

    /* days without a figure are in neither mean, so their posts are not either */
    after = after && known;
    before = before && known;
    if (asked && (a->first_post == DAY_NONE || p->posted_day < a->first_post))
        a->first_post = p->posted_day;
    if (asked && after) {
        a->accounting.posts++;
        a->accounting.posts_without += v == COUNT_ABSENT;
    }
    if (v == COUNT_ABSENT)
        return true;
    if (asked && after)
        a->accounting.tracked += (double)v;
    else if (!asked && after)
        c->others_after += (double)v;
    else if (!asked && before)
        c->others_before += (double)v;
    return true;
}

/* The post metric that counts the same as a traffic metric, or -1. */
static int same_metric(int traffic)
{
    int m = post_metric(traffic_metric_names[traffic]);

    return m >= 0 && post_metric_is_additive(m) ? m : -1;
}

bool lift_account(struct db *db, struct lift_answer *a, struct fail *f)
{
    const struct lift_question *q = &a->question;
    struct counting c = {.a = a, .metric = same_metric(q->metric)};
    struct lift_accounting *acc = &a->accounting;
    struct filter all; /* of the same platform, where the source is one */
    bool ok, social = strcmp(q->source, "social") == 0 || strcmp(q->source, "all") == 0;

    if (c.metric < 0)
        c.metric = POST_SESSIONS - POST_FIRST_METRIC; /* for the first post alone */
    filter_init(&all);
    ok = true;
    if (!social && platform_is_social(q->source))
        ok = filter_add(&all, "platform", q->source, f);
    if (ok && q->region[0])
        ok = filter_add(&all, "region", q->region, f);
    all.from = q->baseline_from < q->start ? q->baseline_from : q->start;
    all.to = a->after.to > q->baseline_to ? a->after.to : q->baseline_to;
    ok = ok && posts_scan(db, &all, POSTS_ALL, count_post, &c, f);
    filter_clear(&all);
    if (!ok || q->exposure || same_metric(q->metric) < 0 ||
        !(social || platform_is_social(q->source)) || !a->baseline.days_used ||
        !a->after.days_used || acc->posts == acc->posts_without)
        return ok;
    a->has_accounting = true;
    acc->expected = a->after.days_used * a->baseline.daily_mean;
    acc->excess = a->after.total - acc->expected;
    if (acc->excess > 0) {
        acc->has_explained = true;
        acc->explained = acc->tracked / acc->excess;
    }
    acc->others_before = c.others_before / a->baseline.days_used;
    acc->others_after = c.others_after / a->after.days_used;
    return true;
}
