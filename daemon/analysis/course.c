#include "analysis/course.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of components that a week or a day is judged by: it moves figures by less than 3e-6. */
#define WEIGHT_MIN 1e-6

/* The window of both ranges, its filters run through the first. */
struct course {
    struct daily window;
    double *exposure;
    unsigned char *mask;
    struct lift_design design;
    struct lift_grid *before, *grid;
    int after; /* index in the window at which the second range begins */
};

static void course_clear(struct course *c)
{
    lift_design_clear(&c->design);
    free(c->exposure);
    free(c->mask);
    free(c->before);
    free(c->grid);
}

static enum lift_outcome course_make(const struct daily *d, const struct ranges *r,
                                     struct course *c)
{
    size_t n = (size_t)ranges_days(r);
    enum lift_outcome outcome = ranges_check(d, r);

    memset(c, 0, sizeof *c);
    if (outcome != LIFT_JUDGED)
        return outcome;
    c->exposure = malloc(n * sizeof *c->exposure);
    c->mask = malloc(n);
    c->before = malloc(sizeof *c->before);
    c->grid = malloc(sizeof *c->grid);
    if (!c->exposure || !c->mask || !c->before || !c->grid)
        return LIFT_MEMORY;
    c->after = r->after_from - ranges_from(r);
    ranges_window(d, r, &c->window, c->exposure, c->mask);
    outcome = lift_design_make(&c->window, c->exposure, c->mask, c->after, &c->design);
    if (outcome != LIFT_JUDGED)
        return outcome;
    lift_grid_start(c->before, &c->design);
    lift_grid_run(c->before, &c->design, 0, c->after, false);
    return LIFT_JUDGED;
}

static int observed(const struct lift_design *design, int from, int to)
{
    int n = 0;

    for (int t = from; t < to; t++)
        n += !isnan(design->z[t]);
    return n;
}

bool weekly_effects(const struct daily *d, const struct ranges *r, double level,
                    struct week_effect weeks[WEEKS_MAX], int *n)
{
    struct lift_fit *fit = malloc(sizeof *fit);
    enum lift_outcome outcome = LIFT_MEMORY;
    struct course c;

    *n = 0;
    if (!fit)
        return false;
    outcome = course_make(d, r, &c);
    for (int k = 0; outcome == LIFT_JUDGED && k < WEEKS_MAX; k++) {
        int from = c.after + 7 * k, to = from + 7 < c.window.n ? from + 7 : c.window.n;
        struct week_effect *w = &weeks[*n];

        if (from >= c.window.n)
            break;
        if (observed(&c.design, from, to) < WEEK_DAYS_MIN)
            continue;
        memcpy(c.grid, c.before, sizeof *c.grid);
        lift_grid_run(c.grid, &c.design, c.after, from, true);
        lift_grid_run(c.grid, &c.design, from, to, false);
        outcome = lift_grid_fit(c.grid, &c.design, fit);
        if (outcome == LIFT_JUDGED) {
            mixture_drop(&fit->effect, WEIGHT_MIN);
            mixture_level(&fit->effect);
            w->week = k + 1;
            w->days = observed(&c.design, from, to);
            w->lift = mixture_mean(&fit->effect);
            w->error = mixture_sd(&fit->effect);
            w->low = mixture_quantile(&fit->effect, (1 - level) / 2);
            w->high = mixture_quantile(&fit->effect, (1 + level) / 2);
            (*n)++;
        }
    }
    course_clear(&c);
    free(fit);
    return outcome != LIFT_MEMORY;
}

bool weeks_are_no_step(const struct week_effect *weeks, int n)
{
    int up = 0, down = 0;

    for (int i = 1; i < n; i++) {
        up += weeks[i].lift > weeks[i - 1].lift;
        down += weeks[i].lift < weeks[i - 1].lift;
    }
    return n >= 3 && (!up || !down) &&
           fabs(weeks[n - 1].lift - weeks[0].lift) > fmax(weeks[0].error, weeks[n - 1].error);
}

/* One way to go on from the days before: a kind of noise with a model. */
struct way {
    int grid;
    struct gls_model model;
    struct gls_fit fit;
};

static enum lift_outcome find_ways(const struct course *c, double nu, struct way *way,
                                   struct mixture *m)
{
    int models = c->design.has_control ? 4 : 2, singular_at = 0;

    m->n = models * LIFT_GRID;
    m->nu = nu;
    for (int i = 0; i < m->n; i++) {
        way[i].grid = i % LIFT_GRID;
        lift_columns(&c->design, i / LIFT_GRID % 2, i / LIFT_GRID > 1, false, &way[i].model);
        if (!gls_solve(&c->before->at[way[i].grid], &way[i].model, nu, &way[i].fit, &singular_at))
            return singular_at < 0 ? LIFT_EXACT : LIFT_ENTANGLED;
        m->weight[i] = way[i].fit.log_lik;
    }
    mixture_weigh(m);
    return LIFT_JUDGED;
}

/* The mixture of one day of which nothing is known but the design. */
static void look_ahead(const struct course *c, const struct way *way, const struct mixture *weights,
                       int t, struct mixture *m)
{
    m->n = 0;
    m->nu = weights->nu;
    for (int i = 0; i < weights->n; i++) {
        double v[GLS_COLUMNS_MAX], chosen[GLS_COLUMNS_MAX], F, mean;
        const struct gls *g = &c->before->at[way[i].grid];

        if (weights->weight[i] < WEIGHT_MIN)
            continue;
        F = gls_ahead(g, c->design.x[t], v);
        mean = g->az;
        for (int j = 0; j < way[i].model.k; j++) {
            chosen[j] = v[way[i].model.column[j]];
            mean += chosen[j] * way[i].fit.beta[j];
        }
        m->weight[m->n] = weights->weight[i];
        m->mean[m->n] = mean;
        m->scale[m->n++] =
            LIFT_LAMBDA *
            sqrt(way[i].fit.rss / m->nu * (F + gls_quadratic(&way[i].fit, way[i].model.k, chosen)));
    }
}

/* Half a visit is taken off again; below nothing there is nothing. */
static double count_of(double z)
{
    return fmax(0, exp(z) - LIFT_OFFSET);
}

enum lift_outcome expected_days(const struct daily *d, const struct ranges *r, double level,
                                struct expected_day *day)
{
    struct way *way = malloc(MIXTURE_MAX * sizeof *way);
    struct mixture *weights = malloc(2 * sizeof *weights), *m = weights ? weights + 1 : NULL;
    enum lift_outcome outcome = LIFT_MEMORY;
    struct course c = {0};
    double nu;

    for (int i = 0; i <= r->after_to - r->after_from; i++)
        day[i] = (struct expected_day){NAN, NAN, NAN};
    if (!way || !weights)
        goto out;
    outcome = course_make(d, r, &c);
    if (outcome != LIFT_JUDGED)
        goto out;
    nu = c.before->at[0].n - 1 - (c.design.n_weekdays - 1);
    outcome = nu < 3 ? LIFT_SHORT : find_ways(&c, nu, way, weights);
    for (int t = c.after; outcome == LIFT_JUDGED && t < c.window.n; t++) {
        if (!c.design.has_control || !isnan(c.window.control[t])) {
            look_ahead(&c, way, weights, t, m);
            day[t - c.after] = (struct expected_day){
                count_of(mixture_mean(m)), count_of(mixture_quantile(m, (1 - level) / 2)),
                count_of(mixture_quantile(m, (1 + level) / 2))};
        }
        lift_grid_run(c.before, &c.design, t, t + 1, true);
    }
out:
    course_clear(&c);
    free(way);
    free(weights);
    return outcome;
}
