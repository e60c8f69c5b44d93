/*
 * An experiment: a question fixed beforehand. What is posted, on which days, what it is to move,
 * and when the answer is due, kept from the day it starts.
 */
#pragma once
#include "base/ceilings.h"
#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum experiment_state {
    EXPERIMENT_PLANNED,  /* before its start: all of it may change */
    EXPERIMENT_RUNNING,  /* from its first day to its last */
    EXPERIMENT_FINISHED, /* its days are over */
    EXPERIMENT_STOPPED,  /* ended early, for a reason */
    EXPERIMENT_DUE,      /* a follow-up date has come and has no finding yet */
    EXPERIMENT_CLOSED,   /* all that was promised is found */
    EXPERIMENT_STATE_COUNT
};
extern const char *const experiment_state_names[EXPERIMENT_STATE_COUNT];

/* Whether a design has that name; the list is analysis/design.h's. */
bool experiment_design_is_known(const char *name);

struct experiment {
    int64_t experiment_id; /* 0: not stored yet */
    int64_t import_id;     /* that brought it; 0: the API */
    char slug[SLUG_MAX + 1];
    char name[EXPERIMENT_NAME_MAX + 1], question[NOTE_TEXT_MAX + 1];
    char design[20];
    char posts[EXPERIMENT_LIST_MAX + 1]; /* "type:meme,platform:x" */
    int metric;                          /* a traffic metric's index */
    char source[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1], campaign[NAME_MAX_BYTES + 1];
    char secondary[EXPERIMENT_LIST_MAX + 1]; /* metrics parted by blanks */
    int32_t start, end;                      /* days, both included */
    int64_t baseline_days;
    char control[EXPERIMENT_LIST_MAX + 1];
    double margin;
    int64_t seed;
    char leave_out[EXPERIMENT_LIST_MAX + 1];
    char calendar[EXPERIMENT_DAYS_MAX + 1]; /* a letter a day from start: 1, 0, x (left out) */
    int32_t follow_up[FOLLOW_UPS_MAX];
    int n_follow_ups;
    int64_t stated_at; /* ms since 1970 UTC */
    bool after_the_fact;
    enum experiment_state state;
    int32_t stopped; /* the last day that counts; DAY_NONE: it was not stopped */
};

/* No days, no margin: what fields are before they are given. */
void experiment_init(struct experiment *e);
/* The state of that name, or EXPERIMENT_STATE_COUNT. */
enum experiment_state experiment_state_of(const char *name);
/* The last day that counts: the end, or the day on which it was stopped. */
int32_t experiment_last_day(const struct experiment *e);
/* The same day some months later; the last of the month where there is none such. */
int32_t day_after_months(int32_t day, int months);
/*
 * The state on a day, never one before the state that was kept: a clock may be set back. found_end:
 * whether the finding at the end is kept; n_followed: how many follow-ups are.
 */
enum experiment_state experiment_state_on(const struct experiment *e, int32_t today, bool found_end,
                                          int n_followed);
/* Whether its first day has come; a clock set back does not take that back. */
bool experiment_has_started(const struct experiment *e, int32_t today);
/* "2024-03-01 2024-06-01" → follow-up days, in order. False with *f. */
bool follow_ups_read(struct experiment *e, const char *text, struct fail *f);
void follow_ups_write(const struct experiment *e, char *text, size_t size);

/* What was done after the start: a correction, a rewording (that changes no figure), a stop, that
 * its findings are no longer waited for, or that posts of its days were erased. */
struct experiment_event {
    int64_t at; /* ms since 1970 UTC */
    const char *what, *reason, *detail;
};
bool experiment_event_is_known(const char *what);
/* A finding as it was. Texts are borrowed. */
struct finding {
    int64_t experiment_id;
    int n; /* from 1 */
    const char *kind;
    int32_t due;
    int64_t found_at, revision;
    const char *verdict;         /* of a stored one; else NULL */
    const char *sentence, *text; /* text: all of it, as JSON */
};
