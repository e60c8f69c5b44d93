/*
 * Adding a record to a post's history, and taking an import out of it. What
 * follows from a history is told in store/history_fold.h.
 */
#pragma once
#include "store/claims.h"

/* What a record did. */
struct history_effect {
    bool updated; /* something differs from what was known */
    bool visible; /* an answer may differ: also when only last_seen_at moved */
};
/* The first record of a post whose row was just made, where the row alone cannot hold it. */
bool history_begin(struct store *st, struct post_row *p, const struct claim *c, struct fail *f);
/* Adds one record to a post's history and brings row and observations up to date. */
bool history_add(struct store *st, struct post_row *p, const struct claim *c,
                 struct history_effect *e, struct fail *f);
/*
 * Takes one import's claims out of a post: deletes the post when nobody else
 * spoke of it, else folds what remains.
 */
bool post_unclaim(struct store *st, int64_t post_id, int64_t import_id, struct fail *f);
/* Folds the claims anew and tells whether row and observations were as the fold gives. For tests.
 */
bool history_is_sound(struct store *st, int64_t post_id, bool *sound, struct fail *f);
