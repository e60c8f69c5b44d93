#include "analysis/multiple.h"

#include <math.h>
#include <gsl/gsl_sort.h>
#include <stdlib.h>

enum { STEPS_MAX = 200 };

bool multiple_q(const double *p, size_t n, double *q)
{
    size_t *order = malloc((n + 1) * sizeof *order);
    double least = 1;

    if (!order)
        return false;
    gsl_sort_index(order, p, 1, n);
    for (size_t i = n; i-- > 0;) {
        least = fmin(least, p[order[i]] * (double)n / (double)(i + 1));
        q[order[i]] = least;
    }
    free(order);
    return true;
}

static double variance_of(const struct shrunk *s)
{
    double v = s->error * s->error;

    if (isinf(s->df))
        return v;
    return s->df > 2 ? v * s->df / (s->df - 2) : 3 * v;
}

/* The weighted mean, and the sum of weighted squares about it, at a spread. */
static double squares_at(const struct shrunk *s, size_t n, double tau2, double *mean)
{
    double sum = 0, weights = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        double w = 1 / (variance_of(&s[i]) + tau2);

        sum += w * s[i].estimate;
        weights += w;
    }
    *mean = sum / weights;
    for (size_t i = 0; i < n; i++) {
        double off = s[i].estimate - *mean;

        squares += off * off / (variance_of(&s[i]) + tau2);
    }
    return squares;
}

void multiple_shrink(struct shrunk *s, size_t n, double *tau2, double *mean)
{
    double low = 0, high = 1, want = (double)n - 1;

    *tau2 = 0;
    if (squares_at(s, n, 0, mean) > want) {
        for (int i = 0; i < STEPS_MAX && squares_at(s, n, high, mean) > want; i++)
            high *= 2;
        for (int i = 0; i < STEPS_MAX && high - low > 1e-16 * high; i++) {
            double middle = (low + high) / 2;

            if (squares_at(s, n, middle, mean) > want)
                low = middle;
            else
                high = middle;
        }
        *tau2 = (low + high) / 2;
        squares_at(s, n, *tau2, mean);
    }
    for (size_t i = 0; i < n; i++) {
        double v = variance_of(&s[i]), kept = *tau2 / (*tau2 + v);

        s[i].value = *mean + kept * (s[i].estimate - *mean);
        s[i].sd = sqrt(kept * v);
    }
}
