#include "analysis/mixture.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

enum { STEPS_MAX = 200 };
#define CLOSE_ENOUGH 1e-13
#define BRACKET_SD 40

void mixture_weigh(struct mixture *m)
{
    double largest = -INFINITY, sum = 0;

    for (int i = 0; i < m->n; i++)
        largest = fmax(largest, m->weight[i]);
    for (int i = 0; i < m->n; i++)
        sum += m->weight[i] = exp(m->weight[i] - largest);
    for (int i = 0; i < m->n; i++)
        m->weight[i] /= sum;
}

void mixture_drop(struct mixture *m, double weight)
{
    int n = 0;

    for (int i = 0; i < m->n; i++)
        if (m->weight[i] >= weight) {
            m->weight[n] = m->weight[i];
            m->mean[n] = m->mean[i];
            m->scale[n++] = m->scale[i];
        }
    m->n = n;
}

void mixture_level(struct mixture *m)
{
    double sum = 0;

    for (int i = 0; i < m->n; i++)
        sum += m->weight[i];
    for (int i = 0; i < m->n; i++)
        m->weight[i] /= sum;
}

double mixture_cdf(const struct mixture *m, double x)
{
    double sum = 0;

    for (int i = 0; i < m->n; i++)
        sum += m->weight[i] * gsl_cdf_tdist_P((x - m->mean[i]) / m->scale[i], m->nu);
    return sum;
}

double mixture_above(const struct mixture *m, double x)
{
    double sum = 0;

    for (int i = 0; i < m->n; i++)
        sum += m->weight[i] * gsl_cdf_tdist_Q((x - m->mean[i]) / m->scale[i], m->nu);
    return sum;
}

static double density(const struct mixture *m, double x)
{
    double sum = 0;

    for (int i = 0; i < m->n; i++)
        sum +=
            m->weight[i] / m->scale[i] * gsl_ran_tdist_pdf((x - m->mean[i]) / m->scale[i], m->nu);
    return sum;
}

double mixture_mean(const struct mixture *m)
{
    double sum = 0;

    for (int i = 0; i < m->n; i++)
        sum += m->weight[i] * m->mean[i];
    return sum;
}

double mixture_sd(const struct mixture *m)
{
    double mean = mixture_mean(m), sum = 0;

    for (int i = 0; i < m->n; i++) {
        double off = m->mean[i] - mean;

        sum += m->weight[i] * (m->scale[i] * m->scale[i] * m->nu / (m->nu - 2) + off * off);
    }
    return sqrt(sum);
}

double mixture_quantile(const struct mixture *m, double p)
{
    double mean = mixture_mean(m), sd = mixture_sd(m);
    double low = mean - BRACKET_SD * sd, high = mean + BRACKET_SD * sd;
    double x = mean + sd * gsl_cdf_ugaussian_Pinv(p);

    for (int i = 0; i < STEPS_MAX; i++) {
        double off = mixture_cdf(m, x) - p, slope, next;

        if (fabs(off) < CLOSE_ENOUGH)
            break;
        if (off > 0)
            high = x;
        else
            low = x;
        slope = density(m, x);
        next = slope > 0 ? x - off / slope : low;
        if (!(next > low && next < high))
            next = (low + high) / 2;
        if (next == x)
            break;
        x = next;
    }
    return x;
}

double mixture_p(const struct mixture *m)
{
    double below = mixture_cdf(m, 0), above = mixture_above(m, 0);

    return fmin(1, 2 * fmin(below, above));
}

double mixture_p_flat(const struct mixture *m, double margin)
{
    double reach = log1p(margin);

    return fmax(mixture_cdf(m, -reach), mixture_above(m, reach));
}
