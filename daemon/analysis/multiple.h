/* Many comparisons at once: which of them to believe, and how much of each. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Nothing is called a winner above this q. */
#define Q_MAX 0.10

/*
 * q of each p: the false discovery rate of calling it and all smaller ones findings.
 * Source: Benjamini & Hochberg 1995. False when out of memory. p and q may be the same array.
 */
bool multiple_q(const double *p, size_t n, double *q);

/* An estimate on the log scale, and what is left of it when the others are known. */
struct shrunk {
    double estimate, error, df; /* in; df may be infinite */
    double value, sd;           /* out */
};
/*
 * Empirical Bayes, normal by normal: each estimate is drawn towards the common mean by as much as
 * its error is large against the spread between them. v = error^2 df / (df - 2), 3 error^2 for
 * df <= 2; the spread tau^2 by Paule & Mandel 1982. n >= 1; errors above 0.
 */
void multiple_shrink(struct shrunk *s, size_t n, double *tau2, double *mean);
