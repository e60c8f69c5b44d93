/*
 * The course of an effect: each week by itself, and each day against what the days
 * before led to expect. Both go on from the filters as they stand at the end of
 * the days before, so the past is filtered once. Pure.
 */
#pragma once
#include "analysis/lift_model.h"

enum { WEEKS_MAX = 13, WEEK_DAYS_MIN = 3 };

/* The lift of one week after the start against the days before. On the log scale. */
struct week_effect {
    int week; /* from 1 */
    int days; /* of it that have a figure */
    double lift, error, low, high;
};
/*
 * Into weeks[], those with at least WEEK_DAYS_MIN figures; *n of them. The ranges must be such that
 * the second lies after the first. level: of the interval, such as .95. The control, when there is
 * one, is scaled over the whole window. False when out of memory.
 */
bool weekly_effects(const struct daily *d, const struct ranges *r, double level,
                    struct week_effect weeks[WEEKS_MAX], int *n);
/* Whether the effects go steadily one way, from the first to the last by more than an error. */
bool weeks_are_no_step(const struct week_effect *weeks, int n);

/* What was to be expected on a day, and the band that holds a day with probability `level`. */
struct expected_day {
    double expected, low, high; /* counts; NAN where it cannot be said */
};
/* day: one for each day of the second range, which lies after the first. */
enum lift_outcome expected_days(const struct daily *d, const struct ranges *r, double level,
                                struct expected_day *day);
