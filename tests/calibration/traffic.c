/*
 * Fifteen families of daily traffic with nothing in them but what traffic does by
 * itself. On the log scale: level + weekday + what the family adds; the count is
 * Poisson, its mean times a gamma factor where the family spreads more.
 */
#include "traffic.h"

#include <gsl/gsl_randist.h>
#include <math.h>

/* What a family is made of; 0: not at all. */
static const struct family {
    const char *name;
    double shape;          /* of the gamma factor */
    double ar, sd;         /* AR(1) of this marginal deviation */
    double walk;           /* random walk, a day's deviation */
    double trend;          /* a day */
    double outliers;       /* share of days with + U(.5, 2) */
    double holidays;       /* one begins every so many days: 3 to 10 days at -.69 */
    double bursts, shifts; /* every so many days: a jump that fades, or one that stays */
    double year;           /* amplitude of a sine of 365 days */
} families[FAMILY_COUNT] = {
    {.name = "iid", .shape = 25},
    {.name = "AR .3", .ar = .3, .sd = .2},
    {.name = "AR .5", .ar = .5, .sd = .2},
    {.name = "AR .7", .ar = .7, .sd = .2},
    {.name = "half-life 8 d", .ar = .917, .sd = .25, .shape = 100},
    {.name = "half-life 16 d", .ar = .958, .sd = .25, .shape = 100},
    {.name = "walk .02", .walk = .02, .shape = 50},
    {.name = "walk .05", .walk = .05, .shape = 100},
    {.name = "trend", .ar = .5, .sd = .2, .trend = .003},
    {.name = "outliers", .ar = .5, .sd = .2, .outliers = .03},
    {.name = "holidays", .ar = .5, .sd = .15, .holidays = 60},
    {.name = "bursts", .shape = 50, .bursts = 15},
    {.name = "annual", .ar = .5, .sd = .15, .year = .25},
    {.name = "mixed",
     .shape = 50,
     .ar = .6,
     .sd = .12,
     .walk = .01,
     .outliers = .02,
     .holidays = 90,
     .year = .1},
    {.name = "level shifts", .ar = .5, .sd = .15, .shifts = 60},
};
const char *const family_names[FAMILY_COUNT] = {
    "iid",      "AR .3",    "AR .5",       "AR .7",    "half-life 8 d", "half-life 16 d",
    "walk .02", "walk .05", "trend",       "outliers", "holidays",      "bursts",
    "annual",   "mixed",    "level shifts"};

/* The parts that have a memory, as a day finds them. */
struct state {
    double ar, walk, burst, level;
    int holiday_left;
    double season; /* phase of the year */
};

static double next_day(gsl_rng *rng, const struct family *f, struct state *s, int t)
{
    double m = f->trend * t + f->year * sin(2 * M_PI * t / 365 + s->season);

    if (f->sd > 0) {
        s->ar = f->ar * s->ar + gsl_ran_gaussian(rng, f->sd * sqrt(1 - f->ar * f->ar));
        m += s->ar;
    }
    if (f->walk > 0)
        m += s->walk += gsl_ran_gaussian(rng, f->walk);
    if (f->outliers > 0 && gsl_rng_uniform(rng) < f->outliers)
        m += .5 + 1.5 * gsl_rng_uniform(rng);
    if (f->holidays > 0) {
        if (s->holiday_left == 0 && gsl_rng_uniform(rng) < 1 / f->holidays)
            s->holiday_left = 3 + (int)gsl_rng_uniform_int(rng, 8);
        if (s->holiday_left > 0) {
            s->holiday_left--;
            m -= .69;
        }
    }
    if (f->bursts > 0) {
        s->burst *= .7;
        if (gsl_rng_uniform(rng) < 1 / f->bursts)
            s->burst += exp(gsl_ran_gaussian(rng, .6) + log(.5));
        m += s->burst;
    }
    if (f->shifts > 0 && gsl_rng_uniform(rng) < 1 / f->shifts)
        s->level += gsl_ran_gaussian(rng, .15);
    return m + s->level;
}

void traffic_make(gsl_rng *rng, int family, double level, int weekday0, int n, int n0, double step,
                  double *y)
{
    static const double weekday[7] = {.08, .10, .08, .05, 0, -.18, -.13};
    const struct family *f = &families[family];
    struct state s = {.ar = f->sd > 0 ? gsl_ran_gaussian(rng, f->sd) : 0,
                      .season = 2 * M_PI * gsl_rng_uniform(rng)};

    for (int t = 0; t < n; t++) {
        double mean = level * exp(weekday[(weekday0 + t) % 7] + next_day(rng, f, &s, t) +
                                  (t >= n0 ? step : 0));

        if (f->shape > 0)
            mean *= gsl_ran_gamma(rng, f->shape, 1 / f->shape);
        /* past a million the Poisson's own spread is below a tenth of a per cent */
        y[t] = mean < 1e6 ? gsl_ran_poisson(rng, mean) : round(mean);
    }
}
