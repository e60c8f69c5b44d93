#include "store/accounts.h"
#include "base/text.h"
#include "base/ceilings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SQL_FIND,
    SQL_NAME,
    SQL_INSERT,
    SQL_STATE_REGION,
    SQL_SAY_REGION,
    SQL_UNSAY_REGIONS,
    SQL_FORGET_REGIONS,
    SQL_BROUGHT,
    SQL_LIST,
    SQL_NEWEST,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_FIND] = "SELECT account_id, region, region_stated FROM accounts"
                 " WHERE platform = ?1 AND handle = ?2",
    [SQL_NAME] = "SELECT platform, handle FROM accounts WHERE account_id = ?1",
    [SQL_INSERT] = "INSERT INTO accounts (platform, handle, import_id) VALUES (?1, ?2, ?3)",
    [SQL_STATE_REGION] = "UPDATE accounts SET region = ?2, region_stated = 1 WHERE account_id = ?1",
    [SQL_SAY_REGION] = "INSERT INTO account_regions (account_id, import_id) VALUES (?1, ?2)"
                       " ON CONFLICT DO NOTHING",
    [SQL_UNSAY_REGIONS] = "DELETE FROM account_regions WHERE import_id = ?1",
    [SQL_FORGET_REGIONS] = "UPDATE accounts SET region = '-', region_stated = 0"
                           " WHERE region_stated = 1 AND NOT EXISTS (SELECT 1 FROM account_regions"
                           " r WHERE r.account_id = accounts.account_id)",
    [SQL_BROUGHT] = "INSERT INTO brought (import_id, account_id, region) VALUES ("
                    "coalesce((SELECT parent_id FROM imports WHERE import_id = ?1), ?1), ?2,"
                    " coalesce((SELECT region FROM accounts WHERE account_id = ?2), ?3))"
                    " ON CONFLICT DO NOTHING",
    [SQL_NEWEST] = "SELECT a.platform, a.handle, a.region, p.day FROM accounts a JOIN"
                   " (SELECT account_id, max(posted_day) AS day FROM posts GROUP BY account_id) p"
                   " ON p.account_id = a.account_id ORDER BY a.platform, a.handle",
    [SQL_LIST] = "SELECT a.platform, a.handle, a.region, coalesce(p.n, 0) FROM accounts a"
                 " LEFT JOIN (SELECT account_id, count(*) AS n FROM posts GROUP BY account_id) p"
                 " ON p.account_id = a.account_id ORDER BY a.platform, a.handle",
};
const struct db_sql accounts_sql = {DB_ACCOUNTS, SQL_COUNT, texts};

/* The accounts of the last rows: files speak of few. */
enum { CACHE_SLOTS = 64 };
struct account_slot {
    char platform[SLUG_MAX + 1], handle[NAME_MAX_BYTES + 1], region[SLUG_MAX + 1];
    bool region_stated;
    int64_t said_by;    /* the last import that stated the region; -1: none */
    int64_t account_id; /* 0: free */
};
struct brought_slot {
    int64_t import_id, account_id; /* import_id 0: free */
    char region[SLUG_MAX + 1];     /* of traffic */
};
struct account_cache {
    struct account_slot slot[CACHE_SLOTS];
    struct brought_slot brought[CACHE_SLOTS];
};

struct account_cache *account_cache_new(void)
{
    return calloc(1, sizeof(struct account_cache));
}

void account_cache_empty(struct account_cache *c)
{
    for (int i = 0; i < CACHE_SLOTS; i++)
        c->slot[i].account_id = c->brought[i].import_id = 0;
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

bool account_is_known(struct store *st, const char *platform, const char *handle)
{
    const struct account_slot *slot = slot_of(st->accounts, platform, handle);

    return slot->account_id && strcmp(slot->platform, platform) == 0 &&
           strcmp(slot->handle, handle) == 0;
}

static bool load(struct store *st, struct account_slot *slot, const char *platform,
                 const char *handle, int64_t import_id, struct fail *f)
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
    slot->said_by = -1;
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
    db_bind_int(s, 3, import_id);
    if (!db_run(s, f))
        return false;
    text_copy(slot->region, sizeof slot->region, "-");
    slot->region_stated = false;
    slot->account_id = db_last_rowid(st->db);
    return true;
}

/* Runs one of the statements about an account's region; region NULL where it takes none. */
static bool run_region(struct store *st, int sql, int64_t account_id, int64_t import_id,
                       const char *region, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &accounts_sql, sql, f);

    if (!s)
        return false;
    db_bind_int(s, 1, account_id);
    if (region)
        db_bind_text(s, 2, region);
    else
        db_bind_int(s, 2, import_id);
    return db_run(s, f);
}

bool account_brought(struct store *st, int64_t import_id, int64_t account_id, const char *region,
                     struct fail *f)
{
    struct brought_slot *slot = &st->accounts->brought[(uint64_t)account_id % CACHE_SLOTS];
    struct db_stmt *s;

    if (!import_id || (slot->import_id == import_id && slot->account_id == account_id &&
                       strcmp(slot->region, region) == 0))
        return true;
    s = db_get(st->db, &accounts_sql, SQL_BROUGHT, f);
    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    db_bind_int(s, 2, account_id);
    db_bind_text(s, 3, region);
    if (!db_run(s, f))
        return false;
    slot->import_id = import_id;
    slot->account_id = account_id;
    text_copy(slot->region, sizeof slot->region, region);
    return true;
}

static bool state_region(struct store *st, struct account_slot *slot, const char *region,
                         int64_t import_id, bool *region_set, struct fail *f)
{
    if (!slot->region_stated) {
        if (!run_region(st, SQL_STATE_REGION, slot->account_id, 0, region, f))
            return false;
        if (region_set)
            *region_set = strcmp(slot->region, region) != 0;
        snprintf(slot->region, sizeof slot->region, "%s", region);
        slot->region_stated = true;
    }
    if (strcmp(slot->region, region) != 0) {
        if (!account_brought(st, import_id, slot->account_id, "", f))
            return false;
        return fail_set(f, FAIL_CONFLICT, "region-conflict", NULL,
                        "The account %s%s%s belongs to the region \"%s\", not \"%s\"; \"postlift "
                        "account\" changes it.",
                        slot->platform, slot->handle[0] ? " " : " without a handle", slot->handle,
                        slot->region, region);
    }
    if (slot->said_by == import_id)
        return true;
    slot->said_by = import_id;
    return run_region(st, SQL_SAY_REGION, slot->account_id, import_id, NULL, f);
}

bool account_resolve(struct store *st, const char *platform, const char *handle, const char *region,
                     int64_t import_id, int64_t *account_id, bool *region_set, struct fail *f)
{
    struct account_slot *slot = slot_of(st->accounts, platform, handle);

    if ((!slot->account_id || strcmp(slot->platform, platform) != 0 ||
         strcmp(slot->handle, handle) != 0) &&
        !load(st, slot, platform, handle, import_id, f))
        return false;
    if (region && !state_region(st, slot, region, import_id, region_set, f))
        return false;
    *account_id = slot->account_id;
    return true;
}

bool account_state_region(struct store *st, int64_t account_id, const char *region,
                          int64_t import_id, bool *region_set, struct fail *f)
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
    return r == DB_ROW &&
           account_resolve(st, platform, handle, region, import_id, &account_id, region_set, f);
}

bool accounts_forget_regions(struct store *st, int64_t import_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &accounts_sql, SQL_UNSAY_REGIONS, f);

    account_cache_empty(st->accounts);
    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    if (!db_run(s, f))
        return false;
    s = db_get(st->db, &accounts_sql, SQL_FORGET_REGIONS, f);
    return s && db_run(s, f);
}

bool account_set_region(struct store *st, const char *platform, const char *handle,
                        const char *region, bool *changed, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &accounts_sql, SQL_FIND, f);
    int64_t account_id = 0;
    enum db_result r;
    bool same;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, handle);
    r = db_step(s, f);
    if (r == DB_ERROR)
        return false;
    if (r == DB_ROW)
        account_id = db_int(s, 0);
    same = r == DB_ROW && strcmp(db_text(s, 1), region) == 0 && db_int(s, 2);
    db_reset(s);
    if (r != DB_ROW)
        return fail_set(f, FAIL_NOT_FOUND, "no-account", NULL, "There is no account %s \"%.100s\".",
                        platform, handle);
    *changed = !same;
    account_cache_empty(st->accounts);
    return run_region(st, SQL_STATE_REGION, account_id, 0, region, f) &&
           run_region(st, SQL_SAY_REGION, account_id, 0, NULL, f);
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

bool accounts_newest_each(struct db *db, account_newest_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &accounts_sql, SQL_NEWEST, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, &(struct account_newest){db_text(s, 0), db_text(s, 1), db_text(s, 2),
                                              (int32_t)db_int(s, 3)}))
            break;
    db_reset(s);
    return r != DB_ERROR;
}
