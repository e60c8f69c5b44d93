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
/* "7d", "24h", "336": a number of hours into *hours; false with *f. */
bool read_age(const struct params *p, double *hours, struct fail *f);

/* ---- shared with the table of types ---- */

/*
 * Judges the sample's posts with a bit of `in_a` against those with one of `in_b`, as the sampling
 * has chosen their age, and counts both groups. Posts are of both when both bits are set: never.
 */
bool groups_of_sample(const struct sampling *s, uint32_t in_a, uint32_t in_b, double level,
                      double margin, struct group_figures *a, struct group_figures *b,
                      struct group_judgement *j, struct fail *f);
/* Warnings of a judged comparison; the nouns are for the sentence. */
void compare_warn(const struct compare_question *q, struct compare_answer *a,
                  const struct sampling *s);
void compare_say(const struct compare_question *q, struct compare_answer *a);
