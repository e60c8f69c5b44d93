/*
 * Times the statistics by themselves, in milliseconds, medians of 21: the lift alone (90 days
 * against 90), the lift with a control, weeks, self-check and plan, the days expected of a series,
 * and a comparison of 1,000 with 100,000 posts. Prints a line each: name, milliseconds.
 */
#include "analysis/course.h"
#include "analysis/past.h"
#include "analysis/plan.h"
#include "analysis/two_groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 21, HISTORY = 400, DAYS = HISTORY + 180, POSTS = 101000, STRATA = 5 * 36 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double y[DAYS], control[DAYS], sum; /* sum: so that nothing is left out by the compiler */
static struct group_post *posts;
static struct lift_fit fit;
static const struct ranges ranges = {HISTORY, HISTORY + 89, HISTORY + 90, DAYS - 1, 0};

static void lift_alone(void)
{
    struct daily d = {DAYS, 2, y, NULL};

    lift_of_step(&d, &ranges, &fit);
    sum += mixture_p(&fit.effect) + mixture_quantile(&fit.effect, .025) +
           mixture_quantile(&fit.effect, .975);
}

static void lift_with_all(void)
{
    static struct week_effect weeks[WEEKS_MAX];
    struct daily d = {DAYS, 2, y, control}, before = {90, 4, y + HISTORY, NULL};
    struct plan plan = {.days = PLAN_DAYS_MAX};
    struct self_check check;
    struct ebb ebb;
    int n;

    lift_of_step(&d, &ranges, &fit);
    sum += mixture_p(&fit.effect);
    for (int i = 1; i < 7; i++)
        sum += mixture_quantile(&fit.effect, i / 7.);
    ebb_and_flow(&d, &ranges, &ebb);
    self_check(&d, &ranges, &check);
    weekly_effects(&d, &ranges, .95, weeks, &n);
    plan_step(&before, 0, &plan);
    sum += ebb.q10 + check.alarms + weeks[0].lift + plan.error[28];
}

static void days_expected(void)
{
    static struct expected_day expected[90];
    struct daily d = {DAYS, 2, y, control};

    expected_days(&d, &ranges, .95, expected);
    sum += expected[5].expected;
}

static void compare_posts(void)
{
    static struct groups_finding found;

    groups_judge_posts(posts, POSTS, STRATA, .95, &found);
    sum += found.p;
}

static void measure(const char *name, void (*what)(void))
{
    double ms[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();

        what();
        ms[i] = now_ms() - start;
    }
    qsort(ms, ROUNDS, sizeof *ms, rising);
    printf("%s %.2f\n", name, ms[ROUNDS / 2]);
}

int main(void)
{
    unsigned seed = 1;

    posts = malloc(POSTS * sizeof *posts);
    if (!posts)
        return 1;
    for (int t = 0; t < DAYS; t++) {
        y[t] = 300 + rand_r(&seed) % 120 + 20 * (t % 7);
        control[t] = 1000 + rand_r(&seed) % 300;
    }
    for (int i = 0; i < POSTS; i++) {
        int day = i / 101;

        posts[i] = (struct group_post){exp((rand_r(&seed) % 1000) / 150.),
                                       rand_r(&seed) % 5 * 36 + day / 28 % 36, day, i % 101 == 0};
    }
    measure("lift-alone", lift_alone);
    measure("lift-with-control-weeks-self-check-plan", lift_with_all);
    measure("expected-days", days_expected);
    measure("compare-1000-with-100000", compare_posts);
    return !isfinite(sum);
}
