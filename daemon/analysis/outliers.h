/*
 * Posts that stand out of their group: by how many robust deviations ln(1 + value)
 * lies from the median. The deviation is 1.4826 median absolute deviations, and no
 * less than counting itself spreads: 1 / sqrt(1 + median) for counts.
 *
 * A fixed line of 3.5 (Iglewicz & Hoaglin 1993) finds an "outlier" in 21 of 100
 * groups of 5 ordinary posts, as the deviation itself is uncertain. So the line
 * grows for small groups: 95 of 100 groups of normally distributed values have
 * nothing beyond it (simulated, 40,000 groups each). Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { OUTLIER_POSTS_MIN = 5 };

struct spread {
    double median;        /* of the values themselves */
    double center, scale; /* of ln(1 + value); scale 0: all alike, nothing can stand out */
};
/* Sorts values, n >= 1, each from 0. counts: they are counts, not rates. False when out of memory.
 */
bool spread_of(double *values, size_t n, bool counts, struct spread *s);
/* Robust deviations from the center: above 0 for hits, below for duds; 0 when the scale is 0. */
double outlier_distance(const struct spread *s, double value);
/* The distance beyond which a post of a group of n stands out. */
double outlier_line(size_t n);
