/*
 * Writing posts: an upsert that merges. Insert first, since most records are new; a
 * record of a post that is there joins its history (store/post_history.h), from which
 * follows what holds. The rules, from the contract:
 *
 *   - a missing key keeps what is there, null clears it;
 *   - a record with an older observed_at adds history and changes nothing else;
 *   - an equal reading at a later stated moment, or from a later file, moves
 *     last_seen_at and counts as unchanged; the very same record moves nothing;
 *   - readings of different kinds are never mixed.
 */
#pragma once
#include "store/store.h"

/*
 * Stores one record. *changed is set when an answer may differ from now on (it
 * is never cleared). A record that cannot be stored is a failure whose slug and
 * sentence say why, with f->place the name of the field; the store is as before.
 */
bool post_put(struct store *st, const struct record *r, const struct sender *from,
              enum put_result *result, bool *changed, struct fail *f);

/* The attributes that claims keep; bit i of a mask is attribute i. */
enum post_attribute {
    ATTR_ACCOUNT,
    ATTR_TYPE,
    ATTR_POSTED_AT,
    ATTR_TAGS,
    ATTR_TEXT,
    ATTR_URL,
    ATTR_CAMPAIGN,
    ATTR_COUNT
};

/* A row of `posts`. Strings are owned by the row (post_row_clear). */
struct post_row {
    int64_t post_id, account_id, posted_at;
    char *type, *tags, *text, *url, *campaign, *platform, *id;
    int64_t metric[POST_METRIC_COUNT];
    int64_t observed_at, first_seen_at,
        last_seen_at; /* the latter two COUNT_ABSENT without a reading */
    int64_t import_id;
    bool spread;  /* its records are in post_claims */
    bool untimed; /* not spread, and its one record stated no moment */
};
void post_row_clear(struct post_row *p);
/* DB_ROW when found. The row is whole; the caller clears it. */
enum db_result post_row_find(struct store *st, const char *platform, const char *id,
                             struct post_row *p, struct fail *f);
enum db_result post_row_load(struct store *st, int64_t post_id, struct post_row *p, struct fail *f);
bool post_row_update(struct store *st, const struct post_row *p, struct fail *f);
bool post_row_delete(struct store *st, int64_t post_id, struct fail *f);
