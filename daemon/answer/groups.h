/* Posts in two groups on one figure, at equal age, within platform and 28-day block. */
#pragma once
#include "answer/question.h"
#include "answer/sampling.h"
#include "answer/verdict.h"
#include "answer/warning.h"
#include "answer/words.h"
#include "record/filter.h"

/* One group's plain figures, over its posts that are used. */
struct group_figures {
    int64_t posts; /* in the group */
    int64_t absent, too_young,
        too_late;    /* of these without the figure, or without one at the age */
    int64_t dropped; /* in a platform and block that the other group has no post in */
    uint32_t parts;  /* of engagement */
    size_t n;        /* used */
    double total, mean, largest;
    bool has_median;
    double median;
};
struct group_judgement {
    enum groups_outcome outcome;
    enum verdict verdict;
    struct groups_finding found;
    double age_a, age_b; /* typical age of latest readings, hours; 0: read at equal age */
    bool ages_apart;     /* so far apart that no verdict holds */
};

struct compare_question {
    int figure;
    struct filter both, a, b;
    bool rest;        /* b is all that is not a */
    double age_hours; /* 0: the usual ages */
    double level, margin;
};
struct compare_answer {
    struct group_figures a, b;
    int64_t in_both; /* match both descriptions; left out of both */
    bool additive;
    int32_t from, to; /* days of the posts compared; DAY_NONE: none, or too many to keep */
    double age_hours; /* at which posts are compared; 0: latest readings */
    bool has_change;
    double change;
    struct group_judgement judged;
    struct warnings warnings;
    struct buf sentence;
};
void compare_question_init(struct compare_question *q);
void compare_question_clear(struct compare_question *q);
bool compare_question_read(const struct params *p, struct compare_question *q, struct fail *f);
/* The caller clears *a, also after a failure. */
bool compare_answer(struct db *db, const struct compare_question *q, struct compare_answer *a,
                    struct fail *f);
void compare_answer_clear(struct compare_answer *a);
/* "metric" of posts; engagement unless given. */
bool read_figure(const struct params *p, int *figure, struct fail *f);
/* "7d", "24h", "336": a number of hours into *hours; false with *f. */
bool read_age(const struct params *p, double *hours, struct fail *f);

/* ---- shared with the table of types ---- */

/*
 * The posts of a sample that have a value as the sampling has chosen its age, ready to be parted in
 * two in many ways.
 */
struct comparable {
    struct group_post *post; /* owned; the caller sets in_a */
    size_t n;
    int32_t n_strata;
    uint32_t *order;  /* owned; of value */
    float *age_hours; /* owned; of latest readings, where they are compared; else NULL */
    int32_t *place;   /* owned; of each post of the sample in post, or -1 */
    struct cells all; /* all of them added up */
};
/* Of all kept posts with a bit of `members`. The caller clears it, also after a failure. */
bool comparable_make(const struct sampling *s, uint32_t members, struct comparable *c,
                     struct fail *f);
void comparable_clear(struct comparable *c);
/* Posts that are in_a against the others; plain figures of both, b's where it is not NULL. Counts
 * of posts and of those left out for their age are the caller's. */
bool comparable_judge(const struct comparable *c, double level, double margin,
                      struct group_figures *a, struct group_figures *b, struct group_judgement *j,
                      struct fail *f);
/* Counts a kept post that has no value as too young or as read too late. */
void group_leave_out(const struct sampling *s, size_t i, struct group_figures *g);
/* The warnings and the sentence of an answer whose figures are there. */
void compare_warn(const struct compare_question *q, struct compare_answer *a,
                  const struct sampling *s);
void compare_say(const struct compare_question *q, struct compare_answer *a);
