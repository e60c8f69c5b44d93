#include "analysis/plan.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MIN 1e-10 /* of kinds of noise that are carried on */

double detectable_lift(double error)
{
    return expm1((gsl_cdf_ugaussian_Pinv(.975) + gsl_cdf_ugaussian_Pinv(PLAN_POWER)) * error);
}

int plan_days_needed(const struct plan *plan, double lift, double allowance)
{
    for (int day = LIFT_AFTER_MIN; day <= plan->days; day++)
        if (plan->error[day] > 0 && detectable_lift(allowance * plan->error[day]) <= lift)
            return day;
    return 0;
}

/* Variances and weights of both models of each noise, from the days before. */
static enum lift_outcome weigh(const struct lift_grid *g, const struct lift_design *design,
                               struct mixture *m)
{
    double nu = g->at[0].n - 1 - (design->n_weekdays - 1);
    int singular_at = 0;

    if (nu < 3)
        return LIFT_SHORT;
    m->n = 2 * LIFT_GRID;
    for (int c = 0; c < m->n; c++) {
        struct gls_model model;
        struct gls_fit f;

        lift_columns(design, c >= LIFT_GRID, false, false, &model);
        if (!gls_solve(&g->at[c % LIFT_GRID], &model, nu, &f, &singular_at))
            return singular_at < 0 ? LIFT_EXACT : LIFT_ENTANGLED;
        m->weight[c] = f.log_lik;
        m->scale[c] = f.rss / nu; /* sigma^2 */
    }
    mixture_weigh(m);
    return LIFT_JUDGED;
}

/* drawn: of the days from n0 on; NULL: all are days after. */
static void run_on(struct lift_grid *g, const struct lift_design *design, const struct mixture *m,
                   int n0, const unsigned char *drawn, struct plan *plan)
{
    double variance[PLAN_DAYS_MAX + 1] = {0};

    for (int i = 0; i < LIFT_GRID; i++) {
        if (m->weight[i] < WEIGHT_MIN && m->weight[LIFT_GRID + i] < WEIGHT_MIN)
            continue;
        for (int day = 1; day <= plan->days; day++) {
            if (drawn && drawn[day - 1] == DRAWN_OUT)
                gls_skip(&g->at[i]);
            else
                gls_plan(&g->at[i], design->x[n0 + day - 1]);
            for (int trend = 0; trend < 2; trend++) {
                double weight = m->weight[trend * LIFT_GRID + i], v;
                struct gls_model model;

                if (weight < WEIGHT_MIN)
                    continue;
                lift_columns(design, trend, false, true, &model);
                if (gls_last_variance(&g->at[i], &model, &v))
                    variance[day] += weight * m->scale[trend * LIFT_GRID + i] * v;
                else
                    variance[day] = NAN;
            }
        }
    }
    for (int day = 1; day <= plan->days; day++)
        plan->error[day] = variance[day] > 0 ? LIFT_LAMBDA * sqrt(variance[day]) : 0;
}

static enum lift_outcome plan_days(const struct daily *d, int gap, const unsigned char *drawn,
                                   struct plan *plan)
{
    int n = d->n + gap + plan->days;
    double *y = malloc(2 * (size_t)n * sizeof *y);
    struct lift_grid *g = malloc(sizeof *g);
    struct mixture *m = malloc(sizeof *m);
    struct daily longer = {n, d->weekday0, y, NULL};
    struct lift_design design;
    enum lift_outcome outcome = LIFT_MEMORY;

    if (!y || !g || !m)
        goto out;
    for (int t = 0; t < n; t++) {
        y[t] = t < d->n ? d->y[t] : NAN;
        y[n + t] = t >= d->n && (!drawn || drawn[t - d->n] == DRAWN_ON);
    }
    outcome = lift_design_make(&longer, y + n, NULL, d->n, &design);
    if (outcome != LIFT_JUDGED)
        goto out;
    lift_grid_start(g, &design);
    lift_grid_run(g, &design, 0, d->n, false);
    outcome = weigh(g, &design, m);
    if (outcome == LIFT_JUDGED) {
        lift_grid_run(g, &design, d->n, d->n + gap, true);
        run_on(g, &design, m, d->n + gap, drawn, plan);
    }
    lift_design_clear(&design);
out:
    free(y);
    free(g);
    free(m);
    return outcome;
}

enum lift_outcome plan_step(const struct daily *d, int gap, struct plan *plan)
{
    return plan_days(d, gap, NULL, plan);
}

enum lift_outcome plan_design(const struct daily *d, const unsigned char *drawn, struct plan *plan)
{
    return plan_days(d, 0, drawn, plan);
}
