/*
 * The history of a post: every record that spoke of it, and what follows from them.
 *
 * A post of which one record spoke lives in its row alone. With the second it is
 * "spread": its records (claims) are kept in order of arrival, and the row and
 * the observations are a function of the claims, history_fold(). Taking an
 * import out is deleting its claims and folding what remains.
 *
 * The function:
 *   attributes    claims in order of arrival; one whose observed_at is older than
 *                 the latest seen before it says nothing of them; else what it
 *                 states holds (a stated null clears).
 *   observations  readings of one kind and cover in order of observed_at, then of
 *                 arrival. Those of the same moment are merged, the later word
 *                 holding. A reading equal to the one before (same metrics, same
 *                 values) joins it: it moves last_seen_at if its moment was stated.
 *   the post's    for each metric, what the latest lifetime reading that states it
 *   metrics       says; first_seen_at and last_seen_at are the latest reading's.
 *   observed_at   the latest moment of any claim, but for those without a moment that say
 *                 nothing new.
 *
 * Most records come last in time, and change little: history_append() writes what
 * the fold would give without reading all claims. Tests hold the two together.
 */
#pragma once
#include "store/posts.h"

/* Bits of `stated`: attributes from 0, metrics from CLAIM_METRIC_BIT. */
enum { CLAIM_METRIC_BIT = 8 };

struct claim {
    int64_t claim_id, import_id, observed_at;
    bool timed;
    uint32_t stated;
    int64_t account_id, posted_at;
    char *type, *tags, *text, *url, *campaign; /* owned when the claim was loaded */
    enum reading_kind kind;
    int32_t covers_from, covers_to; /* 0 for a lifetime reading */
    int64_t metric[POST_METRIC_COUNT];
};

struct observation {
    enum reading_kind kind;
    int32_t covers_from, covers_to;
    int64_t observed_at, last_seen_at;
    uint32_t stated; /* a bit a metric */
    int64_t metric[POST_METRIC_COUNT];
    int64_t import_id;
};

/* What a record states, as a claim; strings are borrowed from the record. */
void claim_of_record(const struct record *r, int64_t account_id, const struct sender *from,
                     int64_t observed_at, bool timed, struct claim *c);
/* The one record that a post which is not spread consists of; strings are borrowed from the row. */
void claim_of_row(const struct post_row *p, struct claim *c);
/* Whether `said` covers all that c states, at the same moment (or c states no moment). */
bool claim_repeats(const struct claim *c, const struct claim *said);

/*
 * The fold. claims: in order of arrival. *p: keeps keys, gets all that follows
 * from the claims (strings owned); what no claim states (a type, say) stays.
 * *observations: a new array, the caller's. False when out of memory.
 */
bool history_fold(const struct claim *claims, size_t n, struct post_row *p,
                  struct observation **observations, size_t *n_observations);

/* What a record did. */
struct history_effect {
    bool updated; /* something differs from what was known */
    bool visible; /* an answer may differ: also when only last_seen_at moved */
};
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
