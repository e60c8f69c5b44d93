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
 *                 holding. A reading equal to the one before (the same values)
 *                 joins it: it moves last_seen_at if its moment was stated.
 *   the post's    for each metric, what the latest lifetime reading that states it
 *   metrics       says; first_seen_at and last_seen_at are the latest reading's.
 *   observed_at   the latest moment of any claim, but for those without a moment that say
 *                 nothing new.
 *
 * Most records come last in time, and change little: history_add() writes what
 * the fold would give without reading all claims. Tests hold the two together.
 */
#pragma once
#include "store/claims.h"
#include "store/observations.h"

/*
 * The fold. claims: in order of arrival. *p: keeps keys, gets all that follows
 * from the claims (strings owned); what no claim states (a type, say) stays.
 * p->account_id is 0 when none of them names an account.
 * *observations: a new array, the caller's. False when out of memory.
 */
bool history_fold(const struct claim *claims, size_t n, struct post_row *p,
                  struct observation **observations, size_t *n_observations);

/* The pieces of it, which adding one record uses as well. */

/* Replaces an owned text; "" becomes NULL. False when out of memory. */
bool row_set_text(char **have, const char *want);
/* Puts what a claim states of the attributes into the row. False when out of memory. */
bool claim_apply(const struct claim *c, struct post_row *p);
/* Whether a claim says something else of the attributes than the row has. */
bool claim_differs(const struct claim *c, const struct post_row *p);
/* Whether a claim's reading is of an observation's kind and cover. */
bool claim_covers_same(const struct observation *o, const struct claim *c);
/* A claim's reading by itself. */
void observation_of_claim(const struct claim *c, struct observation *o);
/* Whether a reading without a moment says just what holds (`metric`): then it is no reading. */
bool claim_reading_is_mute(const struct claim *c, const int64_t metric[POST_METRIC_COUNT]);
