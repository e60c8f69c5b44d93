#include "analysis/past.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

static bool mean_of(const struct daily *d, int from, int to, double *mean)
{
    double sum = 0;
    int n = 0;

    for (int t = from; t <= to; t++)
        if (!isnan(d->y[t])) {
            sum += d->y[t];
            n++;
        }
    if (!n || n < (1 - LIFT_MISSING_MAX) * (to - from + 1))
        return false;
    *mean = sum / n;
    return true;
}

/* ln(mean after / mean before), the ranges moved back by some days; NAN without one. */
static double change_at(const struct daily *d, const struct ranges *r, int back)
{
    double before, after;

    if (!mean_of(d, r->before_from - back, r->before_to - back, &before) ||
        !mean_of(d, r->after_from + r->run_in - back, r->after_to - back, &after) ||
        !(before > 0) || !(after > 0))
        return NAN;
    return log(after / before);
}

/* The least number of days back at which both ranges end before the day in question. */
static int first_back(const struct ranges *r)
{
    return ranges_from(r) + ranges_days(r) - r->after_from;
}

bool ebb_and_flow(const struct daily *d, const struct ranges *r, struct ebb *e)
{
    int farthest = ranges_from(r), n = 0;
    double *change;

    *e = (struct ebb){.observed = change_at(d, r, 0)};
    if (farthest < first_back(r))
        return true;
    change = malloc((size_t)farthest * sizeof *change);
    if (!change)
        return false;
    for (int back = first_back(r); back <= farthest; back++) {
        double v = change_at(d, r, back);

        if (isnan(v))
            continue;
        e->at_least += fabs(v) >= fabs(e->observed);
        change[n++] = v;
    }
    e->comparisons = n;
    if (n) {
        gsl_sort(change, 1, (size_t)n);
        e->q10 = gsl_stats_quantile_from_sorted_data(change, 1, (size_t)n, .1);
        e->q90 = gsl_stats_quantile_from_sorted_data(change, 1, (size_t)n, .9);
    }
    free(change);
    return true;
}

bool self_check(const struct daily *d, const struct ranges *r, struct self_check *c)
{
    struct lift_fit *fit = malloc(sizeof *fit);

    *c = (struct self_check){0, 0};
    if (!fit)
        return false;
    for (int back = first_back(r), tries = 0;
         back <= ranges_from(r) && c->runs < SELF_CHECK_RUNS && tries < 2 * SELF_CHECK_RUNS;
         back += SELF_CHECK_EVERY, tries++) {
        struct ranges past = {r->before_from - back, r->before_to - back, r->after_from - back,
                              r->after_to - back, r->run_in};
        enum lift_outcome outcome = lift_of_step(d, &past, fit);

        if (outcome == LIFT_MEMORY)
            break;
        if (outcome != LIFT_JUDGED)
            continue;
        c->runs++;
        c->alarms += mixture_p(&fit->effect) < SELF_CHECK_P;
    }
    free(fit);
    return true;
}

bool self_check_warns(const struct self_check *c)
{
    return c->runs >= SELF_CHECK_RUNS_MIN && c->alarms > SELF_CHECK_SHARE_MAX * c->runs;
}
