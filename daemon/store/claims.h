/* What each record said of a spread post: the rows of post_claims. */
#pragma once
#include "store/posts.h"

/* Bits of `stated`: attributes from 0, metrics from CLAIM_METRIC_BIT. */
enum { CLAIM_METRIC_BIT = 8 };

struct claim {
    int64_t import_id, observed_at;
    bool timed;
    uint32_t stated;
    int64_t account_id, posted_at;
    char *type, *tags, *text, *url, *campaign; /* owned when the claim was loaded */
    enum reading_kind kind;
    int32_t covers_from, covers_to; /* 0 for a lifetime reading */
    int64_t metric[POST_METRIC_COUNT];
};

/* The metrics stated, a bit each. */
static inline uint32_t claim_metrics(const struct claim *c)
{
    return c->stated >> CLAIM_METRIC_BIT;
}
static inline bool claim_states(const struct claim *c, int attribute)
{
    return (c->stated >> attribute & 1u) != 0;
}

/* What a record states, as a claim; strings are borrowed from the record. */
void claim_of_record(const struct record *r, int64_t account_id, const struct sender *from,
                     int64_t observed_at, bool timed, struct claim *c);
/* The one record that a post which is not spread consists of; strings are borrowed from the row. */
void claim_of_row(const struct post_row *p, struct claim *c);
/* Whether `said` covers all that c states, at the same moment (or c states no moment). */
bool claim_repeats(const struct claim *c, const struct claim *said);
/* Whether two texts are the same; NULL and "" are. */
bool claim_text_same(const char *a, const char *b);
/* Whether c says nothing of an attribute, or the same as `said` has. */
bool claim_attribute_same(const struct claim *c, const struct claim *said, int attribute);

bool claim_insert(struct store *st, int64_t post_id, const struct claim *c, struct fail *f);
/* All claims of a post in order of arrival, the caller's (claims_free). */
bool claims_load(struct store *st, int64_t post_id, struct claim **claims, size_t *n,
                 struct fail *f);
void claims_free(struct claim *claims, size_t n);
/* Frees what a loaded claim owns. */
void claim_clear(struct claim *c);
bool claims_delete(struct store *st, int64_t post_id, int64_t import_id, struct fail *f);
/*
 * The last word on a post, of one sender or (import_id -1) of any; DB_DONE when there
 * is none. The caller clears it.
 */
enum db_result claim_last(struct store *st, int64_t post_id, int64_t import_id, struct claim *c,
                          struct fail *f);
/* Whether any word on a post stated no moment. */
bool claims_have_untimed(struct store *st, int64_t post_id, bool *have, struct fail *f);
