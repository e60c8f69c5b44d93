/*
 * All types (or tags, campaigns, platforms, accounts) side by side: what the
 * posts collected, and what the website had on days with such a post and on
 * days without.
 */
#pragma once
#include "answer/groups.h"
#include "answer/series.h"

enum types_by { BY_TYPE, BY_TAG, BY_CAMPAIGN, BY_PLATFORM, BY_ACCOUNT, BY_COUNT };
extern const char *const types_by_names[BY_COUNT];

struct types_question {
    enum types_by by;
    struct filter filter;
    int metric; /* of traffic */
    char source[NAME_MAX_BYTES + 1];
};

struct type_row {
    char name[NAME_MAX_BYTES + 1];
    char platform[SLUG_MAX + 1]; /* for accounts */
    struct group_figures engagement;
    struct group_figures metric[POST_METRIC_COUNT];
    int64_t posts;
    /* the website, over the days in question */
    int days_with, days_without; /* days with a known figure */
    double mean_with, mean_without;
    bool has_change;
    double change;
};

struct types_answer {
    struct type_row *row; /* owned; most posts first */
    int n;
    int64_t posts;
    int32_t from, to;   /* the days that the website's figures are of; DAY_NONE without posts */
    const char *region; /* of the website's figures; borrowed from the question; NULL: all */
    bool has_traffic;
    int days, days_missing; /* of from..to; missing: without a known figure */
    enum series_kind kind;
    struct warnings warnings;
};

void types_question_init(struct types_question *q);
void types_question_clear(struct types_question *q);
bool types_question_read(const struct params *p, struct types_question *q, struct fail *f);
/* The caller clears *a, also after a failure. */
bool types_answer(struct db *db, struct zone *zone, const struct types_question *q,
                  struct types_answer *a, struct fail *f);
void types_answer_clear(struct types_answer *a);
