/* Accounts: platform + handle, each with a region that is set once. */
#pragma once
#include "store/store.h"

/*
 * The id of an account, made when it is new. handle: "" for the platform's
 * unnamed one. region: NULL when the record names none. A region that differs
 * from the stated one is a FAIL_CONFLICT "region-conflict". *region_set (may be NULL)
 * is set when the region was not known before.
 */
bool account_resolve(struct store *st, const char *platform, const char *handle, const char *region,
                     int64_t import_id, int64_t *account_id, bool *region_set, struct fail *f);
/* Whether there is such an account; by the accounts of the last rows, so that it costs little. */
bool account_is_known(struct store *st, const char *platform, const char *handle);
/* What a record says of the region of an account that exists: the same rule. */
bool account_state_region(struct store *st, int64_t account_id, const char *region,
                          int64_t import_id, bool *region_set, struct fail *f);
/* Of which nobody knows whose rows they are: a region that no token has. */
#define REGION_UNKNOWN "?"
/*
 * Keeps that a file has rows of an account, or (account_id 0) what is of a region; the API's
 * (import_id 0) are not kept. By the last rows, so that it costs little.
 */
bool account_brought(struct store *st, int64_t import_id, int64_t account_id, const char *region,
                     struct fail *f);
/* Forgets what an import said of regions: those that nobody else stated are '-' again. */
bool accounts_forget_regions(struct store *st, int64_t import_id, struct fail *f);
/* Changes an account's region on purpose. FAIL_NOT_FOUND when there is no such account. */
bool account_set_region(struct store *st, const char *platform, const char *handle,
                        const char *region, bool *changed, struct fail *f);

struct account_row {
    const char *platform, *handle, *region;
    int64_t n_posts;
};
typedef bool (*account_fn)(void *ctx, const struct account_row *row);
/* All accounts by platform and handle, with their numbers of posts. */
bool accounts_each(struct db *db, account_fn fn, void *ctx, struct fail *f);

/* The newest post of each account, by platform and handle. */
struct account_newest {
    const char *platform, *handle, *region;
    int32_t day;
};
typedef bool (*account_newest_fn)(void *ctx, const struct account_newest *a);
bool accounts_newest_each(struct db *db, account_newest_fn fn, void *ctx, struct fail *f);
