#include "analysis/describe.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

void tally_add(struct tally *t, double value)
{
    t->n++;
    t->total += value;
    if (value > t->largest)
        t->largest = value;
}

double tally_mean(const struct tally *t)
{
    return t->n ? (double)(t->total / t->n) : 0;
}

double median_of(double *values, size_t n)
{
    gsl_sort(values, 1, n);
    return gsl_stats_median_from_sorted_data(values, 1, n);
}

bool relative_change(double before, double after, double *change)
{
    if (!(before > 0))
        return false;
    *change = after / before - 1;
    return true;
}
