/*
 * Generalised least squares with errors "slow drift + white noise", exactly,
 * by a Kalman filter that carries every column of the design along.
 *
 * The errors of days t = 0, 1, ... have the covariance sigma^2 V with
 *     V_ij = (1 - w) [i == j] + w phi^|i-j|
 * so phi says how slowly the drift forgets, w how much of the error is drift.
 * One pass gives X'V^-1 X, X'V^-1 z, z'V^-1 z and ln|V| over the observed days;
 * a missing day costs a multiplication. As every column is filtered by itself,
 * one pass serves all models that are made of some of the columns.
 *
 * Source: the augmented filter of Harvey 1989 and of Durbin & Koopman 2012. Pure.
 */
#pragma once
#include <stdbool.h>

enum { GLS_COLUMNS_MAX = 10, GLS_LOG_EVERY = 16 };

struct gls {
    double phi, w;
    int k;     /* columns */
    int n;     /* days observed so far */
    double P;  /* variance of the drift ahead of the next day, in units of sigma^2 */
    double az; /* what the drift of z is expected to be, and of each column */
    double a[GLS_COLUMNS_MAX];
    double A[GLS_COLUMNS_MAX][GLS_COLUMNS_MAX]; /* X'V^-1 X, lower triangle */
    double b[GLS_COLUMNS_MAX];                  /* X'V^-1 z */
    double zz;                                  /* z'V^-1 z */
    double log_det;                             /* ln|V|, but for what still is in product */
    double product;
    int in_product;
};

void gls_start(struct gls *g, double phi, double w, int k);
/* One observed day: its k columns and its value. */
void gls_take(struct gls *g, const double *x, double z);
/* One day whose value is not known yet, or counts for the design alone: A grows, b does not. */
void gls_plan(struct gls *g, const double *x);
/* One missing day. */
void gls_skip(struct gls *g);
/* What is new on the next day: v = x minus what was expected (k figures); returns its variance F in
 * units of sigma^2. The day is not taken. */
double gls_ahead(const struct gls *g, const double *x, double *v);
double gls_log_det(const struct gls *g);

/*
 * Some of the columns, in this order, with a normal prior of variance prior[i]
 * sigma^2 around 0 on each; 0: flat.
 */
struct gls_model {
    int k;
    int column[GLS_COLUMNS_MAX];
    double prior[GLS_COLUMNS_MAX];
};
struct gls_fit {
    double beta[GLS_COLUMNS_MAX];               /* by place in the model */
    double L[GLS_COLUMNS_MAX][GLS_COLUMNS_MAX]; /* Cholesky factor of A with the priors */
    double rss;
    double log_lik;       /* REML, up to a constant of the data and nu */
    double last_variance; /* of the last coefficient, in units of sigma^2: [A^-1]_kk */
};
/*
 * nu: degrees of freedom. *singular_at is the place in the model of the column that the others
 * explain, when false; -1 when nothing is left to explain (rss 0).
 */
bool gls_solve(const struct gls *g, const struct gls_model *m, double nu, struct gls_fit *fit,
               int *singular_at);
/* The variance of the last coefficient alone; false when singular. */
bool gls_last_variance(const struct gls *g, const struct gls_model *m, double *variance);
/* v'A^-1 v for v in the model's order. */
double gls_quadratic(const struct gls_fit *fit, int k, const double *v);
