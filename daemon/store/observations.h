/* The observations of spread posts: what follows from their claims, kept for readers. */
#pragma once
#include "store/posts.h"

struct observation {
    enum reading_kind kind;
    int32_t covers_from, covers_to;
    int64_t observed_at, last_seen_at;
    uint32_t stated; /* a bit a metric */
    int64_t metric[POST_METRIC_COUNT];
    int64_t import_id;
};

/* Whether two say the same: a metric that one clears and the other leaves out is absent alike. */
bool observation_equals(const struct observation *a, const struct observation *b);
/* Inserts, or replaces the one of the same kind, cover and moment. */
bool observation_write(struct store *st, int64_t post_id, const struct observation *o,
                       struct fail *f);
/* The latest one of o's kind and cover at or before a moment; into *found. */
enum db_result observation_before(struct store *st, int64_t post_id, const struct observation *o,
                                  int64_t at_ms, struct observation *found, struct fail *f);
/* The first one of o's kind and cover after a moment. */
enum db_result observation_after(struct store *st, int64_t post_id, const struct observation *o,
                                 int64_t at_ms, struct observation *found, struct fail *f);
/* All of a post, by kind, cover and moment; the caller frees the array. */
bool observations_load(struct store *st, int64_t post_id, struct observation **all, size_t *n,
                       struct fail *f);
/* Replaces all of a post. */
bool observations_write(struct store *st, int64_t post_id, const struct observation *o, size_t n,
                        struct fail *f);
