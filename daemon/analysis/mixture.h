/*
 * A mixture of t distributions of one number of degrees of freedom: what is known
 * of an effect, averaged over models. Pure.
 */
#pragma once
#include <stdbool.h>

enum { MIXTURE_MAX = 172 }; /* 43 kinds of noise by up to 4 models */

struct mixture {
    int n;
    double nu;
    double weight[MIXTURE_MAX]; /* they add up to 1 */
    double mean[MIXTURE_MAX], scale[MIXTURE_MAX];
};

/* The weights, given logarithms of likelihoods in weight[]; the largest may be anything finite. */
void mixture_weigh(struct mixture *m);
/* Drops components below `weight` (say 1e-13) without weighing anew, so figures move by less than
 * their sum. */
void mixture_drop(struct mixture *m, double weight);
/* Makes the weights add up to 1 again. */
void mixture_level(struct mixture *m);
double mixture_cdf(const struct mixture *m, double x);
/* 1 - cdf, exact in the far tail. */
double mixture_above(const struct mixture *m, double x);
double mixture_mean(const struct mixture *m);
/* nu > 2. */
double mixture_sd(const struct mixture *m);
/* 0 < p < 1. Newton steps within a bracket; |cdf - p| < 1e-13 at the end. */
double mixture_quantile(const struct mixture *m, double p);
/* Two-sided, of "no effect": 2 min(F(0), 1 - F(0)). */
double mixture_p(const struct mixture *m);

/*
 * Two one-sided tests of an effect within +-ln(1 + margin): the larger of the two p. Below .05 it
 * is "flat", which is the same as the 90 % interval within the margin. Source: Schuirmann 1987.
 */
double mixture_p_flat(const struct mixture *m, double margin);
