/* Posts in two groups, or in as many as there are types: their plain figures. */
#pragma once
#include "analysis/describe.h"
#include "answer/question.h"
#include "answer/warning.h"
#include "base/zone.h"
#include "store/db.h"
#include "record/record.h"

/* Which figure of a post is meant: a metric's index, or engagement. */
enum { METRIC_ENGAGEMENT = POST_METRIC_COUNT };
/* "likes", ..., "engagement"; -1 when there is none of that name. */
int post_figure(const char *name);
const char *post_figure_name(int figure);
/* COUNT_ABSENT when it is absent. parts: a bit a metric that engagement is made of. */
int64_t post_figure_of(const int64_t metric[POST_METRIC_COUNT], int figure, uint32_t *parts);

/*
 * How many posts a question has looked at. Past MEDIAN_POSTS_MAX no values are
 * kept: memory stays bounded, totals and means go on, medians are absent.
 */
struct sample_budget {
    int64_t posts;
    bool spent;
};
/* The figures of a group's posts as they go by. Start from all zero. */
struct sample {
    struct tally tally;
    double *value; /* owned; NULL once the budget is spent */
    size_t cap;
    int64_t absent;  /* posts of the group without the figure */
    uint32_t parts;  /* of engagement, over all its posts */
    uint32_t partly; /* parts that some posts have and some lack */
};
void sample_clear(struct sample *s);
/* Counts a post that is looked at. */
void sample_budget_take(struct sample_budget *b);
/* Takes one post's figure; false with *f when out of memory. */
bool sample_add(struct sample *s, const struct sample_budget *b,
                const int64_t metric[POST_METRIC_COUNT], int figure, struct fail *f);

struct group_figures {
    int64_t posts;  /* in the group */
    int64_t absent; /* of these, without the figure */
    uint32_t parts;
    size_t n; /* of those with it */
    double total, mean, largest;
    bool has_median;
    double median;
};
/* Sorts the sample's values. */
void group_figures_of(struct sample *s, const struct sample_budget *b, struct group_figures *g);

struct compare_question {
    int figure;
    struct filter both, a, b;
    bool rest; /* b is all that is not a */
    double level;
};
struct compare_answer {
    struct group_figures a, b;
    int64_t in_both; /* match both descriptions; left out of both */
    bool additive;
    bool has_change;
    double change;
    struct warnings warnings;
};
void compare_question_init(struct compare_question *q);
void compare_question_clear(struct compare_question *q);
bool compare_question_read(const struct params *p, struct compare_question *q, struct fail *f);
bool compare_answer(struct db *db, const struct compare_question *q, struct compare_answer *a,
                    struct fail *f);
