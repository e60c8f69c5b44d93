/*
 * The lift of a daily series: how far a step (or days with something against days
 * without) moved it, averaged over 43 descriptions of how traffic drifts by itself.
 *
 *     ln(y_t + 1/2) = effect g_t + level + weekday + (t - origin) / 90 trend
 *                     + control c_t + drift and noise (see analysis/gls.h)
 *
 * Noise: 7 half-lives of the drift by 6 shares of it, and "no drift at all".
 * Models: with and without the trend, with and without the control. All equally
 * likely beforehand; weighed by their restricted likelihood. The scale of each t
 * distribution is widened by LIFT_LAMBDA, which pays for jumps, volatile spells
 * and holidays that the model does not know. One filter pass a description of the
 * noise serves all four models.
 *
 * Worked example: 90 + 30 days, 43 passes of 120 steps over 9 columns: well below a
 * millisecond. Pure and deterministic.
 */
#pragma once
#include "analysis/gls.h"
#include "analysis/mixture.h"

#include <stdbool.h>

enum { LIFT_GRID = 43, LIFT_BEFORE_MIN = 21, LIFT_AFTER_MIN = 7, LIFT_AFTER_MAX = 90 };
enum { EXPOSURE_DAYS_MIN = LIFT_BEFORE_MIN + LIFT_AFTER_MIN };
#define LIFT_LAMBDA 1.2
#define LIFT_OFFSET 0.5      /* added to counts before the logarithm */
#define LIFT_TREND_PRIOR 9.0 /* variance of the trend's coefficient, in units of sigma^2 */
#define LIFT_CONTROL_PRIOR 1.0
#define LIFT_TREND_DAYS 90.0
#define LIFT_MISSING_MAX 0.4    /* of the days of a range; past it nothing is concluded */
#define CONTROL_MISSING_MAX 0.1 /* of all days; past it the control is left out */

/* A daily series. y and control hold counts; NAN: missing. control may be NULL. Borrowed. */
struct daily {
    int n;
    int weekday0; /* of the first day; 0: Monday */
    const double *y, *control;
};

/* Two ranges of its days, by index, both ends included; run_in days of the second are left out. */
struct ranges {
    int before_from, before_to, after_from, after_to, run_in;
};

enum lift_outcome {
    LIFT_JUDGED,
    LIFT_SHORT,     /* fewer than LIFT_BEFORE_MIN or LIFT_AFTER_MIN days */
    LIFT_GAPS,      /* more than LIFT_MISSING_MAX of a range missing */
    LIFT_CONSTANT,  /* all days alike */
    LIFT_ENTANGLED, /* weekday or level explain the effect's days: it cannot be told apart */
    LIFT_EXACT,     /* the model leaves no residual: there is no noise to judge by */
    LIFT_ZERO,      /* one side has nothing at all: there is no ratio */
    LIFT_COPY,      /* the control is the series itself, or a multiple of it */
    LIFT_MEMORY,    /* out of memory */
    LIFT_OUTCOME_COUNT
};

/* What is known of the effect, on the log scale. */
struct lift_fit {
    struct mixture effect;
    int n;                     /* days observed */
    int n_weekdays;            /* of 7 that are observed; below 7 the others' columns are gone */
    bool has_control;          /* in the model; a constant one is not */
    double p_trend, p_control; /* weights of the models that have them */
    double half_life_days, drift_share;
    double p_with_trend, p_without_trend; /* of no effect, from these models alone */
    double weekday[7];                    /* mean effect on the log scale; of an unobserved one 0 */
};

/* The series of one window, ready for the filters. */
struct lift_design {
    int n, observed, n_weekdays;
    bool has_control;
    double *z;                              /* owned; NAN: missing */
    double (*x)[GLS_COLUMNS_MAX];           /* owned */
    int weekday_of_column[6], last_weekday; /* the columns set each against the last */
};
/*
 * exposure: d->n figures, 0 (without) to 1 (with). mask: days that count (NULL: all). origin: the
 * day of which the trend is 0. When it returns LIFT_JUDGED, the caller clears it.
 */
enum lift_outcome lift_design_make(const struct daily *d, const double *exposure,
                                   const unsigned char *mask, int origin,
                                   struct lift_design *design);
void lift_design_clear(struct lift_design *design);

/* The filters of all kinds of noise, having seen some days of a design. */
struct lift_grid {
    struct gls at[LIFT_GRID];
};
void lift_grid_start(struct lift_grid *g, const struct lift_design *design);
/* Sees days from..to-1; with `hidden`, none of them is observed. */
void lift_grid_run(struct lift_grid *g, const struct lift_design *design, int from, int to,
                   bool hidden);
/* The effect after what was seen. */
enum lift_outcome lift_grid_fit(const struct lift_grid *g, const struct lift_design *design,
                                struct lift_fit *fit);

/* Days with against days without, over the whole of d. */
enum lift_outcome lift_of_exposure(const struct daily *d, const double *exposure,
                                   struct lift_fit *fit);
/* Whether days with and days without can be set against each other at all: LIFT_SHORT below
 * LIFT_AFTER_MIN of either or EXPOSURE_DAYS_MIN in all, LIFT_GAPS, LIFT_ZERO, else LIFT_JUDGED. */
enum lift_outcome exposure_check(const struct daily *d, const double *exposure);
/* Counts so low that ln(count + 1/2) flattens them: a side's mean below 3 a day, or more than a
 * tenth of the days with a figure at zero. */
bool lift_counts_are_low(double mean_without, double mean_with, int days_at_zero, int days_used);
/* The step between two ranges. */
enum lift_outcome lift_of_step(const struct daily *d, const struct ranges *r, struct lift_fit *fit);
/* Whether the ranges can be judged at all: LIFT_JUDGED, LIFT_SHORT or LIFT_GAPS. A day that the
 * control lacks is missing. */
enum lift_outcome ranges_check(const struct daily *d, const struct ranges *r);
/* The window of both ranges as a series of its own: its first day in d, its days, and itself. The
 * caller owns exposure and mask, ranges_days() figures each: 1 on days of the second range, and on
 * days that count. */
int ranges_from(const struct ranges *r);
int ranges_days(const struct ranges *r);
void ranges_window(const struct daily *d, const struct ranges *r, struct daily *window,
                   double *exposure, unsigned char *mask);

/* A model's columns; the effect, when there is one, stands last. */
enum {
    COLUMN_LEVEL,
    COLUMN_WEEKDAY,
    COLUMN_TREND = COLUMN_WEEKDAY + 6,
    COLUMN_EFFECT,
    COLUMN_CONTROL
};
void lift_columns(const struct lift_design *design, bool trend, bool control, bool effect,
                  struct gls_model *m);
