#include "answer/periods.h"
#include "base/day.h"

#include <stdlib.h>
#include <string.h>

void period_take(struct period_sums *p, const struct observation_view *o)
{
    struct observation_view *last = p->n ? &p->at[p->n - 1] : NULL;

    if (o->kind == READING_LIFETIME)
        return;
    /* readings of one cover come one behind another, the latest last */
    if (last && last->kind == o->kind && last->covers_from == o->covers_from &&
        last->covers_to == o->covers_to)
        *last = *o;
    else if (p->n < PERIODS_MAX)
        p->at[p->n++] = *o;
}

/* Periods before days, by their beginning, the longest first. */
static int by_cover(const void *a, const void *b)
{
    const struct observation_view *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->covers_from != y->covers_from)
        return x->covers_from < y->covers_from ? -1 : 1;
    return x->covers_to > y->covers_to ? -1 : x->covers_to < y->covers_to;
}

/* A metric that is not known of one part is not known of the sum. */
static void add(int64_t sum[POST_METRIC_COUNT], const int64_t more[POST_METRIC_COUNT], bool first)
{
    for (int m = 0; m < POST_METRIC_COUNT; m++) {
        if (first)
            sum[m] = more[m];
        else if (sum[m] == COUNT_ABSENT || more[m] == COUNT_ABSENT || !post_metric_is_additive(m))
            sum[m] = COUNT_ABSENT;
        else
            sum[m] += more[m];
    }
}

int period_add_up(struct period_sums *p, int32_t posted_day, struct sum_reading *out, int max)
{
    int64_t sum[POST_METRIC_COUNT];
    int32_t next = posted_day;
    int n = 0;

    qsort(p->at, (size_t)p->n, sizeof *p->at, by_cover);
    for (int i = 0; i < p->n && n < max; i++) {
        const struct observation_view *o = &p->at[i];

        if (o->kind != p->at[0].kind || o->covers_from == DAY_NONE || o->covers_to < next)
            continue; /* of a period that nothing names, or of days that are counted already */
        if (n ? o->covers_from != next : o->covers_from > next)
            break; /* a gap, or an overlap that cannot be taken apart */
        add(sum, o->metric, n == 0);
        next = o->covers_to + 1;
        out[n].end_ms = next * MS_PER_DAY;
        memcpy(out[n++].metric, sum, sizeof sum);
    }
    return n;
}
