/* Made-up daily traffic: the families on which the lift is calibrated. */
#pragma once
#include <gsl/gsl_rng.h>

enum { FAMILY_COUNT = 15 };
extern const char *const family_names[FAMILY_COUNT];
/* Fills y[0..n-1] with counts around `level`; from day n0 on times exp(step). weekday0: of day 0.
 */
void traffic_make(gsl_rng *rng, int family, double level, int weekday0, int n, int n0, double step,
                  double *y);
