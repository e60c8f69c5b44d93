/*
 * Planning: how small a lift could be seen after so many days, judged by the days
 * before alone, by a step or by days that a design draws. For each kind of noise the days before
 * give its variance and its weight; the filter then runs on through days to come, of which only the
 * design counts. Pure.
 */
#pragma once
#include "analysis/design.h"
#include "analysis/lift_model.h"

enum { PLAN_DAYS_MAX = 180 };
/* The error was 7-10 % above the plan's after 28 days and 18 % after 84 on real series. */
#define PLAN_ALLOWANCE 1.15
#define PLAN_POWER 0.80

struct plan {
    int days;                        /* horizons planned: 1..days */
    double error[PLAN_DAYS_MAX + 1]; /* standard error of the log lift after so many days */
};
/* d: the days before alone. gap: days between them and the first planned. plan->days days to come
 * are planned, at most PLAN_DAYS_MAX. */
enum lift_outcome plan_step(const struct daily *d, int gap, struct plan *plan);
/* The same for days to come as a design draws them: plan->days of DRAWN_*, of which those left out
 * are missing. An error of 0: nothing could be told yet. */
enum lift_outcome plan_design(const struct daily *d, const unsigned char *drawn, struct plan *plan);
/* The least lift that is seen with 80 % power at two-sided 5 %: exp(2.80 error) - 1. */
double detectable_lift(double error);
/* The first day, from LIFT_AFTER_MIN on, after which a lift can be seen, the error taken
 * `allowance` times; 0: not within the days planned. */
int plan_days_needed(const struct plan *plan, double lift, double allowance);
