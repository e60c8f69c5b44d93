/* What the series did by itself before: the reference beside a lift. Pure. */
#pragma once
#include "analysis/lift_model.h"

enum {
    EBB_COMPARISONS_MIN = 30,
    SELF_CHECK_RUNS = 14,
    SELF_CHECK_EVERY = 7,
    SELF_CHECK_RUNS_MIN = 12
};
#define SELF_CHECK_P 0.05
#define SELF_CHECK_SHARE_MAX 0.15

/*
 * Ebb and flow: the change of the mean between two ranges that lie to each other
 * as these do, at every earlier day, so that both end before the day in
 * question, the first of the second range. Changes are logarithms of ratios. The windows overlap,
 * so a share of them is a description, and no p-value.
 */
struct ebb {
    int comparisons; /* below EBB_COMPARISONS_MIN the others are not to be shown */
    double observed; /* NAN without one */
    double q10, q90; /* quantiles, linear between order statistics */
    int at_least;    /* comparisons whose change is at least as large, either way */
};
/* False when out of memory. d reaches back as far as there are days. */
bool ebb_and_flow(const struct daily *d, const struct ranges *r, struct ebb *e);

/* The lift itself at earlier dates, every 7 days: how often it would have cried wolf. */
struct self_check {
    int runs, alarms; /* alarms: p below SELF_CHECK_P */
};
bool self_check(const struct daily *d, const struct ranges *r, struct self_check *c);
/* Whether so many alarms speak against the method on this series. */
bool self_check_warns(const struct self_check *c);
