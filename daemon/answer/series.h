/*
 * One daily series of the website: what a source had on each day, added up over
 * the names that count as it. What must not be summed is refused; what is not
 * known stays missing.
 *
 * Which names belong to the source asked for:
 *   "social"   the channel total of that name where there is one, else all
 *              names that count as social platforms;
 *   "all"      the site's total, where that was sent; channels are never added up;
 *   another    all names that count as it, or the one name spelled so.
 *
 * Rows with a campaign and rows without one are different visits: both count.
 *
 * A name of which a day is missing makes the sum of that day unknown, unless a
 * file that covers the day says that absent means zero, or the name had not begun
 * then, or had ended (SERIES_ENDED_DAYS without a row while others went on): the
 * answer warns of a beginning or an end within its days. First and last days are
 * those of all that is stored, whatever days are asked about.
 */
#pragma once
#include "answer/warning.h"
#include "base/ceilings.h"
#include "base/fail.h"
#include "base/zone.h"
#include "record/record.h"
#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

/* A name that is silent for so long has ended; before that its file may just be late. */
enum { SERIES_ENDED_DAYS = 28 };

enum day_state { DAY_MISSING, DAY_UNFINISHED, DAY_KNOWN };

enum series_kind { SERIES_SOURCE, SERIES_CHANNEL_TOTAL, SERIES_PLATFORM_SUM, SERIES_NAME };
extern const char *const series_kind_names[];

struct series_question {
    int metric;                    /* a traffic metric's index */
    const char *source;            /* as asked */
    const char *region, *campaign; /* NULL: all */
    int32_t from, to;              /* days, both included; to DAY_NONE: as far as there are data */
};

struct series {
    int32_t from;
    int n;                /* days; 0 when there are no data at all */
    double *value;        /* owned; of days that are DAY_KNOWN */
    unsigned char *state; /* owned; enum day_state */
    enum series_kind kind;
    char (*name)[NAME_MAX_BYTES + 1]; /* owned; the names that were added up, sorted */
    int n_names;
};

/* zone: the site's; days end in it. Warnings are added to w. False with *f. */
bool series_load(struct db *db, struct zone *zone, const struct series_question *q,
                 struct series *s, struct warnings *w, struct fail *f);
void series_clear(struct series *s);
/* The last day that is known, or DAY_NONE. */
int32_t series_last_known(const struct series *s);
/* The state of any day; DAY_MISSING outside the series. */
enum day_state series_at(const struct series *s, int32_t day, double *value);
