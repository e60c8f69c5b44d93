#include "analysis/outliers.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#define MAD_TO_SD 1.4826

bool spread_of(double *values, size_t n, bool counts, struct spread *s)
{
    double *off = malloc(n * sizeof *off);

    if (!off)
        return false;
    gsl_sort(values, 1, n);
    s->median = gsl_stats_median_from_sorted_data(values, 1, n);
    for (size_t i = 0; i < n; i++)
        off[i] = log1p(values[i]);
    s->center = gsl_stats_median_from_sorted_data(off, 1, n);
    for (size_t i = 0; i < n; i++)
        off[i] = fabs(off[i] - s->center);
    gsl_sort(off, 1, n);
    s->scale = MAD_TO_SD * gsl_stats_median_from_sorted_data(off, 1, n);
    if (counts)
        s->scale = fmax(s->scale, 1 / sqrt(1 + s->median));
    free(off);
    return true;
}

double outlier_distance(const struct spread *s, double value)
{
    return s->scale > 0 ? (log1p(value) - s->center) / s->scale : 0;
}

double outlier_line(size_t n)
{
    static const struct {
        size_t n;
        double line;
    } lines[] = {{5, 7.9}, {7, 5.8}, {9, 5.0}, {12, 4.6}, {15, 4.3}, {20, 4.0}, {300, 3.9}};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (n <= lines[i].n)
            return lines[i].line;
    /* large groups: the two tails of a normal distribution */
    return gsl_cdf_ugaussian_Qinv(.025 / (double)n);
}
