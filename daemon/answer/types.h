/*
 * All types (or tags, campaigns, platforms, accounts) side by side: what pleases
 * (the posts' engagement against all others') and what moves (the website on days
 * with such a post against days without). Two columns, because likes and visits
 * are two things: polls raised the one and not the other.
 */
#pragma once
#include "answer/dated.h"
#include "answer/groups.h"
#include "answer/lift.h"
#include "answer/series.h"

enum types_by { BY_TYPE, BY_TAG, BY_CAMPAIGN, BY_PLATFORM, BY_ACCOUNT, BY_COUNT };
extern const char *const types_by_names[BY_COUNT];

struct types_question {
    enum types_by by;
    struct filter filter;
    int metric; /* of traffic */
    char source[NAME_MAX_BYTES + 1];
    double age_hours; /* 0: the usual ages */
    double level, margin;
};

/* What is said of a type on one figure. */
enum { COLUMN_ENGAGEMENT, COLUMN_SESSIONS, COLUMN_CLICK_RATE, COLUMN_TRAFFIC, TYPE_COLUMNS };

/* An effect that was judged beside others: on the log scale. */
struct beside {
    bool judged;
    double effect, error, df, low, high, p;
    enum verdict verdict;
    double q, shrunk;
};

enum answer_word { WORD_CANNOT_TELL, WORD_YES, WORD_NO };
extern const char *const answer_words[];
enum vanity { VANITY_CANNOT_TELL, VANITY_PLEASES, VANITY_MOVES, VANITY_BOTH, VANITY_NEITHER };
extern const char *const vanity_words[];
/* The check of both columns; a finding counts with q at most Q_MAX. */
enum answer_word shown(const struct beside *b);
enum vanity vanity_of(enum answer_word pleases, enum answer_word moves);

struct type_row {
    char name[NAME_MAX_BYTES + 1];
    char platform[SLUG_MAX + 1]; /* for accounts */
    int64_t posts;
    struct group_figures
        figure[COLUMN_TRAFFIC]; /* at equal age: engagement, sessions, click rate */
    struct group_judgement judgement[COLUMN_TRAFFIC];
    struct beside beside[TYPE_COLUMNS];
    struct group_figures metric[POST_METRIC_COUNT]; /* latest readings */
    /* the website, over the days in question */
    int days_with, days_without; /* days with a known figure */
    double mean_with, mean_without;
    bool has_change;
    double change;
    enum lift_outcome outcome;
    bool low_counts;
    enum answer_word pleases, moves;
    enum vanity vanity;
    struct buf sentence;
};

/* What links of a campaign brought by one source: counted, as the site's analytics name both. */
struct campaign_visits {
    char campaign[NAME_MAX_BYTES + 1], name[NAME_MAX_BYTES + 1];
    int days;
    int64_t sessions;
};

struct types_answer {
    struct campaign_visits *visits; /* owned; by campaigns alone */
    int n_visits;
    struct type_row *row; /* owned; by what moves, then by what pleases */
    int n;
    int64_t posts;
    int32_t from, to;   /* the days that the website's figures are of; DAY_NONE without posts */
    const char *region; /* of the website's figures; borrowed from the question; NULL: all */
    bool has_traffic;
    int days, days_missing; /* of from..to; missing: without a known figure */
    enum series_kind kind;
    double age_hours[COLUMN_TRAFFIC]; /* 0: latest readings */
    bool has_column[COLUMN_TRAFFIC];  /* any post has the figure */
    struct dated notes;
    bool broken;                        /* names of the source begin or end within the days */
    bool broken_column[COLUMN_TRAFFIC]; /* a figure changed its meaning among the posts */
    bool spent;                         /* too many posts to judge them one by one */
    struct warnings warnings;
    struct buf sentence;
};

void types_question_init(struct types_question *q);
void types_question_clear(struct types_question *q);
bool types_question_read(const struct params *p, struct types_question *q, struct fail *f);
/* The caller clears *a, also after a failure. */
bool types_answer(struct db *db, struct zone *zone, const struct types_question *q,
                  struct types_answer *a, struct fail *f);
void types_answer_clear(struct types_answer *a);
