/*
 * The claims and observations of spread posts. A post that one sender spoke of
 * once has neither: its row says it all (see posts in the schema).
 */
#pragma once
#include "store/posts.h"

/* Writes the row's own claim and reading out, if that has not been done. */
bool post_spread(struct store *st, struct post_row *p, struct fail *f);
/* Notes what a sender states of a spread post's attributes. */
bool post_claim(struct store *st, const struct post_row *p, const struct record *r,
                int64_t account_id, int64_t observed_at, int64_t import_id, struct fail *f);

struct observation {
    enum reading_kind kind;
    int64_t covers_from, covers_to;
    int64_t observed_at, last_seen_at;
    uint32_t stated;
    int64_t metric[POST_METRIC_COUNT];
    int64_t import_id, last_import_id;
};
/* The latest observation of a kind and cover at or before a moment. */
enum db_result observation_before(struct store *st, int64_t post_id, enum reading_kind kind,
                                  int64_t covers_from, int64_t covers_to, int64_t at_ms,
                                  struct observation *o, struct fail *f);
/* Inserts, or replaces the one with the same key. */
bool observation_write(struct store *st, int64_t post_id, const struct observation *o,
                       struct fail *f);
/*
 * Takes one import's part out of a post: deletes the post when nobody else
 * claims it, else recomputes it from what remains.
 */
bool post_unclaim(struct store *st, int64_t post_id, int64_t import_id, struct fail *f);
