/* Plain figures of a sample: exact, without inference. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Figures that need no values kept. Start from all zero; the figures of none are 0: look at n. */
struct tally {
    size_t n;
    long double total; /* rounded once, when it is read */
    double largest;
};
/* value: finite, from 0. Counts below 2^53 are exact. */
void tally_add(struct tally *t, double value);
double tally_mean(const struct tally *t);

/* The median of n > 0 values, which are sorted in place. */
double median_of(double *values, size_t n);

/*
 * after ÷ before − 1, the change of one mean against another (0.12: 12 % above).
 * False when before is 0: a change from zero is not a number.
 */
bool relative_change(double before, double after, double *change);
