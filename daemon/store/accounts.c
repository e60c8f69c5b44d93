#include "store/accounts.h"
#include "base/ceilings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_FIND, SQL_NAME, SQL_INSERT, SQL_STATE_REGION, SQL_SET_REGION, SQL_LIST, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_FIND] = "SELECT account_id, region, region_stated FROM accounts"
                 " WHERE platform = ?1 AND handle = ?2",
    [SQL_NAME] = "SELECT platform, handle FROM accounts WHERE account_id = ?1",
    [SQL_INSERT] = "INSERT INTO accounts (platform, handle, region, region_stated, import_id)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_STATE_REGION] = "UPDATE accounts SET region = ?2, region_stated = 1 WHERE account_id = ?1",
    [SQL_SET_REGION] = "UPDATE accounts SET region = ?3, region_stated = 1"
                       " WHERE platform = ?1 AND handle = ?2",
    [SQL_LIST] = "SELECT platform, handle, region, (SELECT count(*) FROM posts p"
                 " WHERE p.account_id = a.account_id) FROM accounts a ORDER BY platform, handle",
};
const struct db_sql accounts_sql = {DB_ACCOUNTS, SQL_COUNT, texts};

/* The accounts of the last rows: files speak of few. */
enum { CACHE_SLOTS = 64 };
struct account_slot {
    char platform[SLUG_MAX + 1], handle[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1];
    bool region_stated;
    int64_t account_id; /* 0: free */
};
struct account_cache {
    struct account_slot slot[CACHE_SLOTS];
};

struct account_cache *account_cache_new(void)
{
    return calloc(1, sizeof(struct account_cache));
}

void account_cache_empty(struct account_cache *c)
{
    for (int i = 0; i < CACHE_SLOTS; i++)
        c->slot[i].account_id = 0;
}

void account_cache_free(struct account_cache *c)
{
    free(c);
}

static struct account_slot *slot_of(struct account_cache *c, const char *platform,
                                    const char *handle)
{
    unsigned h = 5381;

    for (const char *t = platform; *t; t++)
        h = h * 33 + (unsigned char)*t;
    for (const char *t = handle; *t; t++)
        h = h * 33 + (unsigned char)*t;
    return &c->slot[h % CACHE_SLOTS];
}

static bool load(struct store *st, struct account_slot *slot, const char *platform,
                 const char *handle, const char *region, int64_t import_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &accounts_sql, SQL_FIND, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, handle);
    r = db_step(s, f);
    if (r == DB_ERROR)
        return false;
    slot->account_id = 0;
    snprintf(slot->platform, sizeof slot->platform, "%s", platform);
    snprintf(slot->handle, sizeof slot->handle, "%s", handle);
    if (r == DB_ROW) {
        snprintf(slot->region, sizeof slot->region, "%s", db_text(s, 1));
        slot->region_stated = db_int(s, 2) != 0;
        slot->account_id = db_int(s, 0);
        db_reset(s);
        return true;
    }
    db_reset(s);
    s = db_get(st->db, &accounts_sql, SQL_INSERT, f);
    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, handle);
    db_bind_text(s, 3, region ? region : "-");
    db_bind_int(s, 4, region != NULL);
    db_bind_int(s, 5, import_id);
    if (!db_run(s, f))
        return false;
    snprintf(slot->region, sizeof slot->region, "%s", region ? region : "-");
    slot->region_stated = region != NULL;
    slot->account_id = db_last_rowid(st->db);
    return true;
}

bool account_resolve(struct store *st, const char *platform, const char *handle, const char *region,
                     int64_t import_id, int64_t *account_id, struct fail *f)
{
    struct account_slot *slot = slot_of(st->accounts, platform, handle);

    if ((!slot->account_id || strcmp(slot->platform, platform) != 0 ||
         strcmp(slot->handle, handle) != 0) &&
        !load(st, slot, platform, handle, region, import_id, f))
        return false;
    if (region && !slot->region_stated) {
        struct db_stmt *s = db_get(st->db, &accounts_sql, SQL_STATE_REGION, f);

        if (!s)
            return false;
        db_bind_int(s, 1, slot->account_id);
        db_bind_text(s, 2, region);
        if (!db_run(s, f))
            return false;
        snprintf(slot->region, sizeof slot->region, "%s", region);
        slot->region_stated = true;
    }
    if (region && strcmp(slot->region, region) != 0)
        return fail_set(f, FAIL_CONFLICT, "region-conflict", NULL,
                        "The account %s%s%s belongs to the region \"%s\", not \"%s\"; \"postlift "
                        "account\" changes it.",
                        platform, handle[0] ? " " : " without a handle", handle, slot->region,
                        region);
    *account_id = slot->account_id;
    return true;
}

bool account_state_region(struct store *st, int64_t account_id, const char *region, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &accounts_sql, SQL_NAME, f);
    char platform[SLUG_MAX + 1], handle[NAME_MAX_BYTES + 1];
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, account_id);
    r = db_step(s, f);
    if (r == DB_ROW) {
        snprintf(platform, sizeof platform, "%s", db_text(s, 0));
        snprintf(handle, sizeof handle, "%s", db_text(s, 1));
    }
    db_reset(s);
    return r == DB_ROW && account_resolve(st, platform, handle, region, 0, &account_id, f);
}

bool account_set_region(struct store *st, const char *platform, const char *handle,
                        const char *region, bool *changed, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &accounts_sql, SQL_FIND, f);
    enum db_result r;
    bool same;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, handle);
    r = db_step(s, f);
    if (r == DB_ERROR)
        return false;
    same = r == DB_ROW && strcmp(db_text(s, 1), region) == 0 && db_int(s, 2);
    db_reset(s);
    if (r != DB_ROW)
        return fail_set(f, FAIL_NOT_FOUND, "no-account", NULL, "There is no account %s \"%.100s\".",
                        platform, handle);
    *changed = !same;
    if (same)
        return true;
    account_cache_empty(st->accounts);
    s = db_get(st->db, &accounts_sql, SQL_SET_REGION, f);
    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, handle);
    db_bind_text(s, 3, region);
    return db_run(s, f);
}

bool accounts_each(struct db *db, account_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &accounts_sql, SQL_LIST, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW) {
        struct account_row row = {db_text(s, 0), db_text(s, 1), db_text(s, 2), db_int(s, 3)};

        if (!fn(ctx, &row))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}
