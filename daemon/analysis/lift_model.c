#include "analysis/lift_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double half_lives[] = {0.5, 1.5, 4, 10, 28, 90, 365};
static const double shares[] = {.1, .35, .6, .8, .93, 1};
enum { N_SHARES = sizeof shares / sizeof *shares };
/* A control that follows the series so closely is the series. */
#define COPY_CORRELATION 0.99999
#define WEIGHT_MIN 1e-13
#define LOW_MEAN 3
#define LOW_ZERO_SHARE .1

/* The half-life (0: no drift) and the share of drift of the i-th kind of noise. */
static void lift_noise(int i, double *half_life, double *share)
{
    *half_life = i ? half_lives[(i - 1) / N_SHARES] : 0;
    *share = i ? shares[(i - 1) % N_SHARES] : 0;
}

void lift_columns(const struct lift_design *design, bool trend, bool control, bool effect,
                  struct gls_model *m)
{
    memset(m, 0, sizeof *m);
    m->column[m->k++] = COLUMN_LEVEL;
    for (int j = 0; j < design->n_weekdays - 1; j++)
        m->column[m->k++] = COLUMN_WEEKDAY + j;
    if (trend) {
        m->prior[m->k] = LIFT_TREND_PRIOR;
        m->column[m->k++] = COLUMN_TREND;
    }
    if (control) {
        m->prior[m->k] = LIFT_CONTROL_PRIOR;
        m->column[m->k++] = COLUMN_CONTROL;
    }
    if (effect)
        m->column[m->k++] = COLUMN_EFFECT;
}

/* Mean 0 and variance 1 over the days that the control has; false when it is constant. */
static bool control_column(const struct daily *d, const unsigned char *mask,
                           struct lift_design *design)
{
    double mean = 0, var = 0;
    int n = 0;

    for (int t = 0; t < d->n; t++)
        if ((!mask || mask[t]) && !isnan(d->control[t])) {
            design->x[t][COLUMN_CONTROL] = log(d->control[t] + LIFT_OFFSET);
            mean += design->x[t][COLUMN_CONTROL];
            n++;
        }
    if (!n)
        return false;
    mean /= n;
    for (int t = 0; t < d->n; t++)
        if ((!mask || mask[t]) && !isnan(d->control[t])) {
            double off = design->x[t][COLUMN_CONTROL] - mean;

            var += off * off;
        }
    var /= n;
    if (!(var > 1e-20 * (1 + mean * mean)))
        return false;
    /* days that do not count have their figure too: they may be looked ahead at */
    for (int t = 0; t < d->n; t++)
        design->x[t][COLUMN_CONTROL] =
            isnan(d->control[t]) ? 0 : (log(d->control[t] + LIFT_OFFSET) - mean) / sqrt(var);
    return true;
}

/* raw: the counts themselves; else their logarithms. */
static bool is_copy(const struct daily *d, const struct lift_design *design, bool raw)
{
    double sz = 0, szz = 0, sc = 0, scc = 0, szc = 0, n = design->observed, vz, vc, vzc;

    for (int t = 0; t < design->n; t++)
        if (!isnan(design->z[t])) {
            double z = raw ? d->y[t] : design->z[t];
            double c = raw ? d->control[t] : design->x[t][COLUMN_CONTROL];

            sz += z;
            sc += c;
            szz += z * z;
            scc += c * c;
            szc += z * c;
        }
    vz = szz - sz * sz / n;
    vc = scc - sc * sc / n;
    vzc = szc - sz * sc / n;
    return vz > 0 && vc > 0 && vzc / sqrt(vz * vc) > COPY_CORRELATION;
}

/* One column for each observed weekday but the last, against which they are set. */
static void weekday_columns(const struct daily *d, struct lift_design *design)
{
    bool seen[7] = {false};
    int n = 0;

    for (int t = 0; t < design->n; t++)
        if (!isnan(design->z[t]))
            seen[(d->weekday0 + t) % 7] = true;
    for (int w = 0; w < 7; w++)
        if (seen[w])
            design->last_weekday = w;
    for (int w = 0; w < design->last_weekday; w++)
        if (seen[w])
            design->weekday_of_column[n++] = w;
    design->n_weekdays = n + 1;
    for (int t = 0; t < design->n; t++) {
        int w = (d->weekday0 + t) % 7;

        for (int j = 0; j < n; j++)
            design->x[t][COLUMN_WEEKDAY + j] = w == design->weekday_of_column[j] ? 1
                                               : w == design->last_weekday       ? -1
                                                                                 : 0;
    }
}

static bool all_alike(const struct lift_design *design)
{
    double first = NAN;

    for (int t = 0; t < design->n; t++)
        if (!isnan(design->z[t])) {
            if (!isnan(first) && design->z[t] != first)
                return false;
            first = design->z[t];
        }
    return true;
}

enum lift_outcome lift_design_make(const struct daily *d, const double *exposure,
                                   const unsigned char *mask, int origin,
                                   struct lift_design *design)
{
    enum lift_outcome outcome = LIFT_MEMORY;

    memset(design, 0, sizeof *design);
    design->n = d->n;
    design->z = malloc(((size_t)d->n + 1) * sizeof *design->z);
    design->x = calloc((size_t)d->n + 1, sizeof *design->x);
    if (!design->z || !design->x)
        goto fail;
    if (d->control)
        design->has_control = control_column(d, mask, design);
    for (int t = 0; t < d->n; t++) {
        bool known =
            (!mask || mask[t]) && !isnan(d->y[t]) && !(design->has_control && isnan(d->control[t]));

        design->z[t] = known ? log(d->y[t] + LIFT_OFFSET) : NAN;
        design->observed += known;
        design->x[t][COLUMN_LEVEL] = 1;
        design->x[t][COLUMN_TREND] = (t - origin) / LIFT_TREND_DAYS;
        design->x[t][COLUMN_EFFECT] = exposure ? exposure[t] : 0;
    }
    weekday_columns(d, design);
    if (all_alike(design))
        outcome = LIFT_CONSTANT;
    else if (design->has_control && (is_copy(d, design, true) || is_copy(d, design, false)))
        outcome = LIFT_COPY;
    else
        return LIFT_JUDGED;
fail:
    lift_design_clear(design);
    return outcome;
}

void lift_design_clear(struct lift_design *design)
{
    free(design->z);
    free(design->x);
    memset(design, 0, sizeof *design);
}

void lift_grid_start(struct lift_grid *g, const struct lift_design *design)
{
    for (int i = 0; i < LIFT_GRID; i++) {
        double h, w;

        lift_noise(i, &h, &w);
        gls_start(&g->at[i], i ? exp2(-1 / h) : 0, w,
                  design->has_control ? GLS_COLUMNS_MAX : (int)COLUMN_CONTROL);
    }
}

void lift_grid_run(struct lift_grid *g, const struct lift_design *design, int from, int to,
                   bool hidden)
{
    for (int i = 0; i < LIFT_GRID; i++)
        for (int t = from; t < to; t++)
            if (hidden || isnan(design->z[t]))
                gls_skip(&g->at[i]);
            else
                gls_take(&g->at[i], design->x[t], design->z[t]);
}

/* p of no effect from the models with the trend, or from those without. */
static double p_of(const struct mixture *m, const bool *has, bool which)
{
    struct mixture part = {.nu = m->nu};
    double sum = 0;

    for (int i = 0; i < m->n; i++)
        if (has[i] == which)
            sum += m->weight[i];
    if (!(sum > 0))
        return 1;
    for (int i = 0; i < m->n; i++)
        if (has[i] == which && m->weight[i] / sum >= WEIGHT_MIN) {
            part.weight[part.n] = m->weight[i] / sum;
            part.mean[part.n] = m->mean[i];
            part.scale[part.n++] = m->scale[i];
        }
    return mixture_p(&part);
}

static void add_weekdays(const struct lift_design *design, double weight, const double *beta,
                         struct lift_fit *fit)
{
    double sum = 0;

    for (int j = 0; j < design->n_weekdays - 1; j++) {
        fit->weekday[design->weekday_of_column[j]] += weight * beta[1 + j];
        sum += beta[1 + j];
    }
    fit->weekday[design->last_weekday] -= weight * sum;
}

enum lift_outcome lift_grid_fit(const struct lift_grid *g, const struct lift_design *design,
                                struct lift_fit *fit)
{
    static const bool trends[] = {false, true, false, true};
    int models = design->has_control ? 4 : 2, singular_at = 0;
    double nu = g->at[0].n - 2 - (design->n_weekdays - 1), drifting = 0, log_half_life = 0;
    double(*beta)[GLS_COLUMNS_MAX];
    bool has_trend[MIXTURE_MAX];
    enum lift_outcome outcome = LIFT_JUDGED;
    struct mixture *m = &fit->effect;

    memset(fit, 0, sizeof *fit);
    if (nu < 3)
        return LIFT_SHORT;
    beta = malloc(MIXTURE_MAX * sizeof *beta);
    if (!beta)
        return LIFT_MEMORY;
    m->nu = nu;
    fit->n = g->at[0].n;
    fit->n_weekdays = design->n_weekdays;
    fit->has_control = design->has_control;
    for (int k = 0; k < models && outcome == LIFT_JUDGED; k++) {
        struct gls_model model;

        lift_columns(design, trends[k], k > 1, true, &model);
        for (int i = 0; i < LIFT_GRID; i++) {
            struct gls_fit f;

            if (!gls_solve(&g->at[i], &model, nu, &f, &singular_at)) {
                outcome = singular_at < 0 ? LIFT_EXACT : LIFT_ENTANGLED;
                break;
            }
            has_trend[m->n] = trends[k];
            memcpy(beta[m->n], f.beta, sizeof f.beta);
            m->weight[m->n] = f.log_lik;
            m->mean[m->n] = f.beta[model.k - 1];
            m->scale[m->n++] = LIFT_LAMBDA * sqrt(f.rss / nu * f.last_variance);
        }
    }
    if (outcome != LIFT_JUDGED)
        goto out;
    mixture_weigh(m);
    for (int c = 0; c < m->n; c++) {
        double h, w, weight = m->weight[c];

        lift_noise(c % LIFT_GRID, &h, &w);
        fit->p_trend += has_trend[c] ? weight : 0;
        fit->p_control += c >= 2 * LIFT_GRID ? weight : 0;
        if (h > 0) {
            drifting += weight;
            log_half_life += weight * log(h);
            fit->drift_share += weight * w;
        }
        add_weekdays(design, weight, beta[c], fit);
    }
    fit->half_life_days = drifting > 0 ? exp(log_half_life) : 0;
    fit->p_with_trend = p_of(m, has_trend, true);
    fit->p_without_trend = p_of(m, has_trend, false);
    mixture_drop(m, WEIGHT_MIN);
out:
    free(beta);
    return outcome;
}

enum lift_outcome exposure_check(const struct daily *d, const double *exposure)
{
    int all[2] = {0, 0}, known[2] = {0, 0}; /* days without, and with */
    bool any[2] = {false, false};           /* of them a day that is not zero */

    for (int t = 0; t < d->n; t++) {
        int side = exposure[t] > 0;

        all[side]++;
        if (isnan(d->y[t]) || (d->control && isnan(d->control[t])))
            continue;
        known[side]++;
        any[side] = any[side] || d->y[t] > 0;
    }
    if (known[0] < LIFT_AFTER_MIN || known[1] < LIFT_AFTER_MIN || d->n < EXPOSURE_DAYS_MIN)
        return LIFT_SHORT;
    for (int side = 0; side < 2; side++)
        if (known[side] < (1 - LIFT_MISSING_MAX) * all[side])
            return LIFT_GAPS;
    return any[0] == any[1] ? LIFT_JUDGED : LIFT_ZERO;
}

bool lift_counts_are_low(double mean_without, double mean_with, int days_at_zero, int days_used)
{
    return mean_without < LOW_MEAN || mean_with < LOW_MEAN ||
           days_at_zero > LOW_ZERO_SHARE * days_used;
}

enum lift_outcome lift_of_exposure(const struct daily *d, const double *exposure,
                                   struct lift_fit *fit)
{
    struct lift_design design;
    struct lift_grid *g;
    enum lift_outcome outcome = lift_design_make(d, exposure, NULL, 0, &design);

    if (outcome != LIFT_JUDGED)
        return outcome;
    g = malloc(sizeof *g);
    outcome = LIFT_MEMORY;
    if (g) {
        lift_grid_start(g, &design);
        lift_grid_run(g, &design, 0, d->n, false);
        outcome = lift_grid_fit(g, &design, fit);
    }
    free(g);
    lift_design_clear(&design);
    return outcome;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

int ranges_from(const struct ranges *r)
{
    return least(r->before_from, r->after_from);
}

int ranges_days(const struct ranges *r)
{
    return -least(-r->before_to, -r->after_to) - ranges_from(r) + 1;
}

void ranges_window(const struct daily *d, const struct ranges *r, struct daily *window,
                   double *exposure, unsigned char *mask)
{
    int from = ranges_from(r);

    window->n = ranges_days(r);
    window->weekday0 = (d->weekday0 + from) % 7;
    window->y = d->y + from;
    window->control = d->control ? d->control + from : NULL;
    for (int t = 0; t < window->n; t++) {
        int day = from + t;
        bool before = day >= r->before_from && day <= r->before_to;
        bool after = day >= r->after_from + r->run_in && day <= r->after_to;

        mask[t] = before || after;
        exposure[t] = after;
    }
}

static bool has_gaps(const struct daily *d, int from, int to)
{
    int missing = 0;

    for (int t = from; t <= to; t++)
        missing += isnan(d->y[t]) || (d->control && isnan(d->control[t]));
    return missing > LIFT_MISSING_MAX * (to - from + 1);
}

enum lift_outcome ranges_check(const struct daily *d, const struct ranges *r)
{
    if (r->before_to - r->before_from + 1 < LIFT_BEFORE_MIN ||
        r->after_to - r->after_from + 1 - r->run_in < LIFT_AFTER_MIN)
        return LIFT_SHORT;
    return has_gaps(d, r->before_from, r->before_to) ||
                   has_gaps(d, r->after_from + r->run_in, r->after_to)
               ? LIFT_GAPS
               : LIFT_JUDGED;
}

enum lift_outcome lift_of_step(const struct daily *d, const struct ranges *r, struct lift_fit *fit)
{
    size_t n = (size_t)ranges_days(r);
    double *exposure = malloc(n * sizeof *exposure);
    unsigned char *mask = malloc(n);
    enum lift_outcome outcome = exposure && mask ? ranges_check(d, r) : LIFT_MEMORY;
    struct lift_design design;
    struct daily window;
    struct lift_grid *g = NULL;

    if (outcome != LIFT_JUDGED)
        goto out;
    ranges_window(d, r, &window, exposure, mask);
    outcome = lift_design_make(&window, exposure, mask, r->after_from - ranges_from(r), &design);
    if (outcome != LIFT_JUDGED)
        goto out;
    g = malloc(sizeof *g);
    outcome = LIFT_MEMORY;
    if (g) {
        lift_grid_start(g, &design);
        lift_grid_run(g, &design, 0, window.n, false);
        outcome = lift_grid_fit(g, &design, fit);
    }
    lift_design_clear(&design);
out:
    free(g);
    free(mask);
    free(exposure);
    return outcome;
}
