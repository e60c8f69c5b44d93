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
    int n_drawn;                 /* of days up to `until` */
    int n_late;                  /* of them drawn when they had passed: they play no part */
    int days, days_on;           /* that play a part; of them drawn for posts */
    int days_kept;               /* on which all was as drawn */
    int days_since, posts_since; /* of a step followed up: days after its plan; with such posts */
    int n_corrections;           /* of what is asked, after its start */
    int32_t corrected_on;        /* the day of the last of them */
    int32_t missed[EXPERIMENT_DAYS_MAX], strayed[EXPERIMENT_DAYS_MAX];
    int n_missed, n_strayed;
    struct secondary_reading secondary[SECONDARY_MAX];
    int n_secondary;
    struct warnings warnings; /* of the experiment itself */
    struct buf sentence, difference;
};

/*
 * Settles what is left open of a new experiment (its calendar, seed, end, follow-ups) and holds all
 * of it against the rules of the questions that it will ask. False with *f.
 */
bool experiment_settle(struct db *db, struct zone *zone, struct experiment *e, bool has_seed,
                       struct fail *f);
/* until: the last day to look at. The caller clears *r, also after a failure. */
bool experiment_read(struct db *db, struct zone *zone, const struct experiment *e, int32_t until,
                     bool provisional, struct experiment_reading *r, struct fail *f);
void experiment_reading_clear(struct experiment_reading *r);
/* What a finding waits for. */
enum experiment_wait {
    WAIT_NOTHING,
    WAIT_DATE,
    WAIT_TRAFFIC, /* its metric of its source up to its last day */
    WAIT_CONTROL, /* any traffic of a source that is its control */
    WAIT_POSTS    /* a sign that posts of its last days would be here: at most EXPERIMENT_POSTS_WAIT
                     days long */
};
/*
 * n: 0 the finding of the end, 1.. the follow-ups. Posts are waited for where such a post is
 * missing on the last day that is meant for one, and neither a later post nor a later import of
 * posts tells that none came.
 */
bool experiment_waits(struct db *db, struct zone *zone, const struct experiment *e, int n,
                      int32_t today, enum experiment_wait *wait, struct fail *f);
/* The first source of its control of which no traffic is stored; "": none. size: of name. */
bool experiment_lacks_control(struct db *db, const struct experiment *e, char *name, size_t size,
                              struct fail *f);
/* The last complete day of its source, or DAY_NONE. */
bool experiment_last_known(struct db *db, struct zone *zone, const struct experiment *e,
                           int32_t *last, struct fail *f);
/* Whether any such post is stored, of whatever day. */
bool experiment_has_posts(struct db *db, const struct experiment *e, bool *has, struct fail *f);
/* The last day that a finding of this number looks at: 0 the end, 1.. the follow-ups. */
int32_t experiment_until(const struct experiment *e, int n);

/* What should be known of it beside any answer: after the fact, overlapping ones, names unknown. */
bool experiment_warn(struct db *db, struct zone *zone, const struct experiment *e,
                     struct warnings *w, struct fail *f);
/* Whether it is a metric of the website's traffic, or of posts. */
bool experiment_metric_is_known(const char *name);
