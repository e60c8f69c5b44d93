/*
 * Before and after: a daily series of the website over two ranges of days, in
 * plain exact figures.
 */
#pragma once
#include "answer/question.h"
#include "answer/series.h"

struct lift_question {
    int metric;
    char source[NAME_MAX_BYTES + 1];
    char region[SLUG_MAX + 1], campaign[NAME_MAX_BYTES + 1]; /* "": all */
    int32_t start, end;                                      /* end DAY_NONE until it is resolved */
    int32_t baseline_from, baseline_to;
    char control[CONTROLS_MAX][NAME_MAX_BYTES + 1];
    int n_controls;
    double level;
    bool series;
};

/* One range of days. */
struct lift_period {
    int32_t from, to;
    int days, days_used, days_missing, days_unfinished;
    int32_t missing[MISSING_LISTED_MAX]; /* the first ones; unfinished ones too */
    int n_missing;
    double total, daily_mean; /* of the days used; mind days_used == 0 */
};

struct lift_answer {
    struct lift_question question; /* all defaults resolved */
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
    struct warnings warnings;
};

/* Reads the parameters; *f when one is wrong or missing. */
bool lift_question_read(const struct params *p, struct lift_question *q, struct fail *f);
/* Answers within one snapshot. The caller clears *a, also after a failure. */
bool lift_answer(struct db *db, struct zone *zone, const struct lift_question *q,
                 struct lift_answer *a, struct fail *f);
void lift_answer_clear(struct lift_answer *a);
