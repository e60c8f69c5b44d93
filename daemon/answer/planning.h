/*
 * Planning: what each design of an experiment would be able to see here, judged by the team's own
 * days before, and the calendar that a seed draws. "No design will show this" is an answer.
 */
#pragma once
#include "analysis/plan.h"
#include "answer/question.h"
#include "answer/series.h"
#include "base/buf.h"

enum {
    CALENDAR_DAYS_MIN = 14,
    CALENDAR_DAYS_MAX = 366,
    CALENDAR_DAYS = 56,
    PLAN_AHEAD_MAX = 366, /* days from the last known one to the start */
    LEFT_OUT_RANGES = 64,
    PLAN_LOOKS = 3 /* after 28, 56 and 84 days */
};
extern const int plan_looks[PLAN_LOOKS];

/* Days that are no part of a draw. */
struct left_out {
    bool weekday[7]; /* 0: Monday */
    bool holidays;   /* days of notes of holidays */
    struct {
        int32_t from, to;
    } range[LEFT_OUT_RANGES];
    int n;
};
/* "weekends,fri,holidays,2024-12-24,2024-12-27..2025-01-01". False with *f. */
bool left_out_read(const char *list, struct left_out *l, struct fail *f);
/* Marks days from..from+n-1 that are left out as DRAWN_OUT, others as DRAWN_OFF. */
bool left_out_mark(struct db *db, const struct left_out *l, int32_t from, int n,
                   unsigned char *days, struct fail *f);

struct plan_question {
    int metric;
    char source[NAME_MAX_BYTES + 1];
    char region[SLUG_MAX + 1], campaign[NAME_MAX_BYTES + 1]; /* "": all */
    double lift;                                             /* wished for; relative */
    int32_t start;                                           /* DAY_NONE: after the last known */
    int64_t days, baseline_days, seed;
    bool has_seed;
    enum design design; /* DESIGN_COUNT: as recommended */
    struct left_out left_out;
    char left_out_text[400];
    double posts_per_day;
};

/* What one design would be able to see. */
struct planned {
    bool judged;
    int days_on;                     /* of the calendar */
    double error, detectable;        /* at its end; of the log lift; relative */
    double look[PLAN_LOOKS];         /* detectable after so many days; 0: not yet */
    double horizon;                  /* after PLAN_DAYS_MAX days */
    int days_needed, days_on_needed; /* for the lift; 0: not within PLAN_DAYS_MAX days */
};

struct plan_answer {
    struct plan_question question; /* all defaults resolved */
    struct series series;
    int32_t baseline_from, baseline_to;
    int days_used;
    double daily_mean; /* of the days used */
    bool low_counts;   /* too low to plan by: no design is judged */
    enum lift_outcome outcome;
    struct planned planned[DESIGN_COUNT];
    enum design recommended; /* DESIGN_COUNT: none shows it */
    unsigned char drawn[CALENDAR_DAYS_MAX];
    struct warnings warnings;
    struct buf sentence;
};

bool plan_question_read(const struct params *p, struct plan_question *q, struct fail *f);
/* The caller clears *a, also after a failure. */
bool plan_answer(struct db *db, struct zone *zone, const struct plan_question *q,
                 struct plan_answer *a, struct fail *f);
void plan_answer_clear(struct plan_answer *a);
