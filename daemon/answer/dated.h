/*
 * What notes do to an answer about the website: days of an outage are left out, holidays are named,
 * across a change of tracking or of a definition there is no verdict, and what else happened within
 * NOTES_NEAR_DAYS of a start is listed.
 */
#pragma once
#include "answer/series.h"
#include "record/note.h"

enum { NOTES_NEAR_DAYS = 7 };

enum note_effect {
    NOTE_LISTED,     /* within the days in question, and no more */
    NOTE_NAMED,      /* a holiday */
    NOTE_NEAR_START, /* something else changed about then */
    NOTE_LEFT_OUT,   /* its days count as missing */
    NOTE_NO_VERDICT, /* figures on its two sides do not mean the same */
    NOTE_EFFECT_COUNT
};
extern const char *const note_effect_names[NOTE_EFFECT_COUNT];

struct dated_note {
    struct note note;
    enum note_effect effect;
};
struct dated {
    struct dated_note *item; /* owned; by day, the first NOTES_LISTED_MAX */
    int n;
    int more; /* that were not listed */
};

void dated_clear(struct dated *d);
/* Days of outages of the series become missing; a warning says how many. */
bool dated_leave_out(struct db *db, const struct series_question *q, struct series *s,
                     struct warnings *w, struct fail *f);
/*
 * The notes about a series within from..to, and within NOTES_NEAR_DAYS of the start (DAY_NONE:
 * none): listed, warned of. A note that is listed already is not listed again. *broken is set when
 * no verdict holds.
 */
bool dated_add(struct db *db, const struct series_question *q, const struct series *s,
               int32_t start, struct dated *d, struct warnings *w, bool *broken, struct fail *f);
/* The last day up to `day` from which on the series means what it means on that day; INT32_MIN
 * where no note says otherwise. */
bool dated_since(struct db *db, const struct series_question *q, const struct series *s,
                 int32_t day, int32_t *since, struct fail *f);
