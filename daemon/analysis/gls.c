#include "analysis/gls.h"

#include <math.h>
#include <string.h>

/* A pivot below this share of its diagonal is rounding, not information. */
#define PIVOT_MIN 1e-10
/* Residuals below this share of z'V^-1 z are rounding. */
#define RSS_MIN 1e-13

void gls_start(struct gls *g, double phi, double w, int k)
{
    memset(g, 0, sizeof *g);
    g->phi = phi;
    g->w = w;
    g->k = k;
    g->P = w;
    g->product = 1;
}

static void forward(struct gls *g, double gain)
{
    double phi = g->phi, keep = 1 - gain;

    for (int j = 0; j < GLS_COLUMNS_MAX; j++)
        g->a[j] *= phi;
    g->az *= phi;
    g->P = phi * phi * g->P * keep + g->w * (1 - phi * phi);
}

static void take_design(struct gls *g, const double *x, double *v, double *inverse, double *gain)
{
    double F = g->P + (1 - g->w);

    *gain = g->P / F;
    *inverse = 1 / F;
    for (int j = 0; j < g->k; j++) {
        v[j] = x[j] - g->a[j];
        g->a[j] += *gain * v[j];
    }
    for (int i = 0; i < g->k; i++) {
        double vi = v[i] * *inverse;

        for (int j = 0; j <= i; j++)
            g->A[i][j] += vi * v[j];
    }
    /* a product of a few variances keeps one logarithm in the place of many */
    g->product *= F;
    if (++g->in_product == GLS_LOG_EVERY) {
        g->log_det += log(g->product);
        g->product = 1;
        g->in_product = 0;
    }
    g->n++;
}

void gls_take(struct gls *g, const double *x, double z)
{
    double v[GLS_COLUMNS_MAX], inverse, gain, vz, scaled;

    take_design(g, x, v, &inverse, &gain);
    vz = z - g->az;
    g->az += gain * vz;
    scaled = vz * inverse;
    for (int j = 0; j < g->k; j++)
        g->b[j] += v[j] * scaled;
    g->zz += vz * scaled;
    forward(g, gain);
}

void gls_plan(struct gls *g, const double *x)
{
    double v[GLS_COLUMNS_MAX], inverse, gain;

    take_design(g, x, v, &inverse, &gain);
    forward(g, gain);
}

void gls_skip(struct gls *g)
{
    forward(g, 0);
}

double gls_ahead(const struct gls *g, const double *x, double *v)
{
    for (int j = 0; j < g->k; j++)
        v[j] = x[j] - g->a[j];
    return g->P + (1 - g->w);
}

double gls_log_det(const struct gls *g)
{
    return g->log_det + log(g->product);
}

static double cell(const struct gls *g, const struct gls_model *m, int i, int j)
{
    int r = m->column[i], c = m->column[j];
    double v = r >= c ? g->A[r][c] : g->A[c][r];

    return i == j && m->prior[i] > 0 ? v + 1 / m->prior[i] : v;
}

static bool factor(const struct gls *g, const struct gls_model *m,
                   double L[GLS_COLUMNS_MAX][GLS_COLUMNS_MAX], int *singular_at)
{
    for (int i = 0; i < m->k; i++)
        for (int j = 0; j <= i; j++) {
            double whole = cell(g, m, i, j), s = whole;

            for (int l = 0; l < j; l++)
                s -= L[i][l] * L[j][l];
            if (i != j) {
                L[i][j] = s / L[j][j];
            } else if (s > PIVOT_MIN * whole) {
                L[i][i] = sqrt(s);
            } else {
                *singular_at = i;
                return false;
            }
        }
    return true;
}

bool gls_solve(const struct gls *g, const struct gls_model *m, double nu, struct gls_fit *fit,
               int *singular_at)
{
    double y[GLS_COLUMNS_MAX], rss = g->zz, log_det = gls_log_det(g);
    int k = m->k;

    if (!factor(g, m, fit->L, singular_at))
        return false;
    for (int i = 0; i < k; i++) {
        double s = g->b[m->column[i]];

        for (int l = 0; l < i; l++)
            s -= fit->L[i][l] * y[l];
        y[i] = s / fit->L[i][i];
        rss -= y[i] * y[i];
        log_det += 2 * log(fit->L[i][i]);
        if (m->prior[i] > 0)
            log_det += log(m->prior[i]);
    }
    *singular_at = -1;
    if (!(rss > RSS_MIN * g->zz))
        return false;
    for (int i = k - 1; i >= 0; i--) {
        double s = y[i];

        for (int l = i + 1; l < k; l++)
            s -= fit->L[l][i] * fit->beta[l];
        fit->beta[i] = s / fit->L[i][i];
    }
    fit->rss = rss;
    fit->log_lik = -0.5 * (nu * log(rss) + log_det);
    fit->last_variance = 1 / (fit->L[k - 1][k - 1] * fit->L[k - 1][k - 1]);
    return true;
}

bool gls_last_variance(const struct gls *g, const struct gls_model *m, double *variance)
{
    double L[GLS_COLUMNS_MAX][GLS_COLUMNS_MAX];
    int singular_at;

    if (!factor(g, m, L, &singular_at))
        return false;
    *variance = 1 / (L[m->k - 1][m->k - 1] * L[m->k - 1][m->k - 1]);
    return true;
}

double gls_quadratic(const struct gls_fit *fit, int k, const double *v)
{
    double y[GLS_COLUMNS_MAX], sum = 0;

    for (int i = 0; i < k; i++) {
        double s = v[i];

        for (int l = 0; l < i; l++)
            s -= fit->L[i][l] * y[l];
        y[i] = s / fit->L[i][i];
        sum += y[i] * y[i];
    }
    return sum;
}
