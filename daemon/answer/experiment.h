/*
 * What an experiment may be read as: its answer as planned, which counts, because what was planned
 * was fixed beforehand; as done, by the days on which posts really came; on which days the plan was
 * not kept; and its secondary metrics.
 */
#pragma once
#include "answer/groups.h"
#include "answer/lift.h"
#include "record/experiment.h"

struct secondary_reading {
    char metric[40];
    bool of_posts; /* the posts in question against all others, else the website */
    bool answered;
    char why_not[240];
    enum verdict verdict;
    bool has_change, judged;
    double change, lift, low, high, p; /* lift and interval on the log scale */
    struct buf sentence;
};

struct experiment_reading {
    const struct experiment *e; /* borrowed */
    int32_t until;              /* the last day that counts */
    bool provisional;
    struct lift_question question, question_done;
    struct lift_answer planned, done;
    bool has_done; /* the days were not as planned, and can be asked about */
    unsigned char drawn[EXPERIMENT_DAYS_MAX];
    int n_drawn;            /* of days up to `until` */
    int days_on, days_kept; /* drawn for posts; on which all was as drawn */
    int32_t missed[EXPERIMENT_DAYS_MAX], strayed[EXPERIMENT_DAYS_MAX];
    int n_missed, n_strayed;
    struct secondary_reading secondary[SECONDARY_MAX];
    int n_secondary;
    struct buf sentence, difference;
};

/*
 * Settles what is left open of a new experiment (its calendar, seed, end, follow-ups) and holds all
 * of it against the rules of the questions that it will ask. False with *f.
 */
bool experiment_settle(struct db *db, struct experiment *e, bool has_seed, struct fail *f);
/* until: the last day to look at. The caller clears *r, also after a failure. */
bool experiment_read(struct db *db, struct zone *zone, const struct experiment *e, int32_t until,
                     bool provisional, struct experiment_reading *r, struct fail *f);
void experiment_reading_clear(struct experiment_reading *r);
/* The last complete day of its source, or DAY_NONE. */
bool experiment_last_known(struct db *db, struct zone *zone, const struct experiment *e,
                           int32_t *last, struct fail *f);
/* The last day that a finding of this number looks at: 0 the end, 1.. the follow-ups. */
int32_t experiment_until(const struct experiment *e, int n);

/* A metric of the website's traffic, else of posts; false when it is neither. */
bool experiment_metric_is_known(const char *name);
