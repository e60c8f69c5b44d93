/* When and how regularly was posted: description, no inference. */
#pragma once
#include "answer/question.h"
#include "answer/warning.h"
#include "answer/words.h"
#include "base/zone.h"
#include "store/db.h"

enum { GAPS_LISTED = 10, USUAL_DAYS_MIN = 14, USUAL_POSTS_MIN = 5 };

struct cadence_question {
    struct filter filter;
};
/* Days without a post between two days with one. */
struct gap {
    int32_t from, to;
};
/* The rhythm of all posts, or of one platform and type. */
struct rhythm {
    char platform[SLUG_MAX + 1], type[SLUG_MAX + 1]; /* "" for all */
    int64_t posts;
    int32_t first, last; /* days of its first and last post */
    int days_with;
    double per_week;        /* over the days from first to last */
    double median_gap;      /* days from one day with a post to the next */
    int longest_gap;        /* days without a post in a row */
    bool usual[7];          /* weekdays on which at least half of the weeks have a post */
    bool has_regularity;    /* enough days and posts to speak of a rhythm */
    int expected, missed;   /* usual days from first to last; of these without a post */
    int64_t hour[7][24];    /* posts by weekday and hour of the site's clock */
    uint32_t *count;        /* owned; posts a day from cadence_answer.from */
    unsigned char *unmeant; /* owned; 1 on days that an experiment drew for no posts; or NULL */
};
struct cadence_answer {
    int32_t from, to; /* DAY_NONE without posts */
    struct rhythm all;
    struct rhythm *group; /* owned; most posts first */
    int n;
    struct gap gap[GAPS_LISTED]; /* of all posts; the longest first */
    int n_gaps;
    struct warnings warnings;
    struct buf sentence;
};
void cadence_question_init(struct cadence_question *q);
void cadence_question_clear(struct cadence_question *q);
bool cadence_question_read(const struct params *p, struct cadence_question *q, struct fail *f);
/* The caller clears *a, also after a failure. */
bool cadence_answer(struct db *db, struct zone *zone, const struct cadence_question *q,
                    struct cadence_answer *a, struct fail *f);
void cadence_answer_clear(struct cadence_answer *a);
/* Marks the days without a post that an experiment drew for none, so that they are not missed. */
bool cadence_free_drawn(struct db *db, struct cadence_answer *a, struct fail *f);
/* Whether a usual day of the rhythm has no post. */
bool rhythm_missed(const struct rhythm *r, int32_t from, int32_t day);
