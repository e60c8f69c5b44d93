/*
 * Before and after: a daily series of the website over two ranges of days, or days
 * with certain posts against days without. What happened, in plain arithmetic;
 * what of it can be ascribed to the step, how sure that is, and what the series
 * does by itself; one verdict and one sentence.
 */
#pragma once
#include "analysis/course.h"
#include "analysis/past.h"
#include "analysis/plan.h"
#include "answer/dated.h"
#include "answer/question.h"
#include "answer/series.h"
#include "answer/verdict.h"
#include "answer/words.h"

enum {
    LEVEL_PLANS = 4,    /* lifts that days are planned for */
    RUN_IN_MAX = 28,    /* days after the start that may be left out */
    EXPOSURE_DAYS = 365 /* the last so many days of a question about days with posts */
};
extern const double planned_lifts[LEVEL_PLANS]; /* 5, 10, 20, 30 % */

enum exposed_day { DAY_WITHOUT, DAY_WITH, DAY_NEITHER };

/* Why an experiment's answer is none, whatever the figures are. */
enum withheld {
    WITHHELD_NOTHING,
    WITHHELD_NO_POSTS,  /* not one such post came on the days meant for them */
    WITHHELD_DRAWN_LATE /* the days were drawn when all of them had passed */
};

struct lift_question {
    int metric;
    char source[NAME_MAX_BYTES + 1];
    char region[SLUG_MAX + 1], campaign[NAME_MAX_BYTES + 1]; /* "": all */
    int32_t start, end; /* end DAY_NONE until it is resolved; start too for an exposure */
    int32_t baseline_from, baseline_to;
    int64_t baseline_days;
    char control[CONTROLS_MAX][NAME_MAX_BYTES + 1];
    int n_controls;
    bool last_year; /* the control is the series itself 364 days earlier */
    int64_t run_in;
    double level, margin;
    bool series;
    bool has_posts;      /* posts are named: what they brought is counted */
    struct filter posts; /* region and campaign of the question included */
    bool exposure;       /* days with these posts against days without */
    /* of an experiment: DRAWN_* of n_drawn days from the start on, borrowed; NULL: none. The days
     * drawn for posts are set against the others, or with by_posts those that had some. */
    const unsigned char *drawn;
    int n_drawn;
    bool by_posts;
    int drawn_min; /* days with posts, and days without, that a judgement takes at least */
    bool drawn_in_weeks;
    enum withheld withheld;
    /* of an experiment: how much oftener such posts came on days meant for them than on others,
     * from 0 (no oftener) to 1 (as planned): what they do shows in the comparison by that share
     * alone */
    bool has_kept;
    double kept;
};

/* One range of days. Of an exposure: the days without such a post, or with one. */
struct lift_period {
    int32_t from, to;
    int days, days_used, days_missing, days_unfinished;
    int32_t missing[MISSING_LISTED_MAX]; /* the first ones; unfinished ones too */
    int n_missing;
    double total, daily_mean; /* of the days used; mind days_used == 0 */
};

/* What the posts' own links brought, against what was above the expected. Not inference. */
struct lift_accounting {
    int64_t posts, posts_without; /* in question, of the days after; of these without the metric */
    double expected, excess;      /* days after by mean before; sum after less that */
    double tracked;               /* to the posts in question */
    bool has_explained;
    double explained;                   /* tracked / excess, where there is an excess */
    double others_before, others_after; /* a day: tracked to other posts */
};

/* Effects are on the log scale here, and relative in answers: exp(x) - 1. */
struct lift_judgement {
    enum lift_outcome outcome;
    enum verdict verdict;
    double lift, error, low, high, low90, high90;
    double p, p_positive, p_flat;
    double drift; /* of the change; relative */
    bool has_drift;
    double half_life_days, drift_share, p_trend, p_control;
    bool has_control;
    int n_weeks;
    struct week_effect weeks[WEEKS_MAX];
    bool has_ebb;
    struct ebb ebb;
    struct self_check self_check;
    bool has_plan;
    double detectable;            /* least lift seen with 80 % power after so many days; relative */
    int days_needed[LEVEL_PLANS]; /* after the start; 0: not with this design */
    int days_for_change; /* the same for a step as large as the change; 0: never, or no change */
    double p_always, always_half_width;
};

struct lift_answer {
    struct lift_question question; /* all defaults resolved; its filter is the caller's */
    struct series series;
    struct lift_period baseline, after;
    bool additive;
    bool has_change;
    double change;
    /* the control: all its sources added up */
    bool has_control;
    struct lift_period control_baseline, control_after;
    bool control_has_change;
    double control_change;
    int control_missing; /* days in question that it lacks */
    /* the series and its control from the first day of the past looked at */
    int32_t first;
    int n;
    double *y, *control;    /* owned; NAN: missing; control may be NULL */
    unsigned char *exposed; /* owned; of an exposure: a byte a day from `first`; enum exposed_day */
    struct expected_day *expected; /* owned; a day of `after`, when the series is asked for */
    struct lift_judgement judged;
    struct dated notes;
    bool broken; /* names of the source begin or end, or figures change their meaning, within
                  * the days, or the question withholds it: no verdict holds */
    bool broken_by_note;
    bool low_counts; /* below 3 a day in a range, or more than a tenth of its days at zero */
    bool has_accounting;
    struct lift_accounting accounting;
    int32_t first_post; /* the first day of such a post in all that is asked about; or DAY_NONE */
    struct warnings warnings;
    struct buf sentence;
};

void lift_question_init(struct lift_question *q);
void lift_question_clear(struct lift_question *q);
/* Reads the parameters; *f when one is wrong or missing. */
bool lift_question_read(const struct params *p, struct lift_question *q, struct fail *f);
/* Answers within one snapshot. The caller clears *a, also after a failure. q outlives it. */
bool lift_answer(struct db *db, struct zone *zone, const struct lift_question *q,
                 struct lift_answer *a, struct fail *f);
/* Where it cannot be told: which lifts would be seen when, from its start and from its newest day.
 */
void lift_say_plan(const struct lift_answer *a, struct buf *b);
void lift_answer_clear(struct lift_answer *a);
