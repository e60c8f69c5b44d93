/*
 * A note: a dated remark that analysis respects, about a day or some days, and about everything or
 * about one source, platform, account or metric.
 */
#pragma once
#include "base/ceilings.h"
#include "base/fail.h"

#include <stdbool.h>
#include <stdint.h>

enum note_kind {
    NOTE_TRACKING_CHANGE,   /* visits are counted otherwise from then on: no verdict across it */
    NOTE_METRIC_DEFINITION, /* a figure means something else from then on: the same */
    NOTE_OUTAGE,            /* days that are left out, as missing */
    NOTE_HOLIDAY,           /* named in warnings */
    NOTE_CAMPAIGN,          /* something else that was going on */
    NOTE_OTHER,
    NOTE_KIND_COUNT
};
extern const char *const note_kind_names[NOTE_KIND_COUNT];

enum note_scope { NOTE_SOURCE, NOTE_PLATFORM, NOTE_ACCOUNT, NOTE_METRIC, NOTE_SCOPE_COUNT };
extern const char *const note_scope_names[NOTE_SCOPE_COUNT];

struct note {
    int64_t note_id;   /* 0: not stored yet */
    int64_t import_id; /* that brought it; 0: the API */
    int32_t from, to;  /* days, both included */
    enum note_kind kind;
    bool is_private; /* its text is for who may see what is sensitive */
    char text[NOTE_TEXT_MAX + 1];
    char scope[NOTE_SCOPE_COUNT][NAME_MAX_BYTES + 1]; /* "": all */
};

/* The kind of that name, or NOTE_KIND_COUNT. */
enum note_kind note_kind_of(const char *name);
/* Sets a scope after its rules; "" clears it. False with *f. */
bool note_scope_set(struct note *n, enum note_scope scope, const char *text, struct fail *f);
/* Whether all that a note must have is there and fits together. */
bool note_check(const struct note *n, struct fail *f);

/* Whether across the note figures do not mean the same: from before `from` to `from` or later, or
 * from within its days to behind them. */
bool note_breaks(const struct note *n, int32_t first, int32_t last);
/*
 * Whether it is about a daily series of the website: a metric of traffic of a source. names: what
 * was added up. What is said of a platform or account is said of "social" too, but not of the
 * site's total.
 */
bool note_is_about_traffic(const struct note *n, const char *metric, const char *source,
                           const char (*names)[NAME_MAX_BYTES + 1], int n_names);
/* Whether it is about a metric of posts of a platform and account. A change of tracking touches
 * what the website counts of posts alone. */
bool note_is_about_posts(const struct note *n, const char *metric, const char *platform,
                         const char *account);
