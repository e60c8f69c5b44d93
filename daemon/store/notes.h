/* The table of notes. */
#pragma once
#include "record/note.h"
#include "store/db.h"

typedef bool (*note_fn)(void *ctx, const struct note *n);

/* Notes that touch days from..to, by day and number; fn returning false ends it. */
bool notes_each(struct db *db, int32_t from, int32_t to, note_fn fn, void *ctx, struct fail *f);
/* FAIL_NOT_FOUND when there is none. */
bool note_find(struct db *db, int64_t note_id, struct note *n, struct fail *f);
/* note_id 0: a new one, at most NOTES_MAX in all; else the one of that number is replaced. The
 * very same note again: *changed is false, and note_id its number. */
bool note_put(struct db *db, struct note *n, bool *changed, struct fail *f);
bool note_delete(struct db *db, int64_t note_id, struct fail *f);
