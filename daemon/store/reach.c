#include "store/reach.h"
#include "base/buf.h"
#include "base/text.h"

#include <string.h>

enum { SQL_ACCOUNT, SQL_POST, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_ACCOUNT] = "SELECT region FROM accounts WHERE platform = ?1 AND handle = ?2",
    [SQL_POST] = "SELECT a.region FROM posts p JOIN accounts a ON a.account_id = p.account_id"
                 " WHERE p.platform = ?1 AND p.id = ?2",
};
const struct db_sql reach_sql = {DB_REACH, SQL_COUNT, texts};

#define SEEN "(SELECT region FROM temp.seen)"
/* Of an import that one region alone brought, the last line of its options says which. */
#define OF_IMPORT(id) "EXISTS (SELECT 1 FROM temp.imports i WHERE i.import_id = " id ")"
#define OF_POST(id) "EXISTS (SELECT 1 FROM temp.posts p WHERE p.post_id = " id ")"

/* A view for each table that has rows of regions, or tells of such rows. In this order: those below
 * look at those above. */
static const struct {
    const char *table, *what;
} views[] = {
    {"accounts", "* FROM main.accounts WHERE region IN " SEEN},
    {"account_regions", "* FROM main.account_regions r WHERE EXISTS"
                        " (SELECT 1 FROM temp.accounts a WHERE a.account_id = r.account_id)"},
    {"posts", "* FROM main.posts WHERE account_id IN (SELECT account_id FROM main.accounts"
              " WHERE region IN " SEEN ")"},
    {"post_claims", "* FROM main.post_claims c WHERE " OF_POST("c.post_id")},
    {"observations", "* FROM main.observations o WHERE " OF_POST("o.post_id")},
    {"post_types", "* FROM main.post_types t WHERE EXISTS"
                   " (SELECT 1 FROM temp.posts p WHERE p.platform = t.platform AND p.id = t.id)"},
    {"traffic", "* FROM main.traffic WHERE region IN " SEEN},
    {"traffic_claims", "* FROM main.traffic_claims c WHERE EXISTS"
                       " (SELECT 1 FROM temp.traffic t WHERE t.traffic_id = c.traffic_id)"},
    {"coverage", "* FROM main.coverage WHERE region IN " SEEN},
    {"sources", "* FROM main.sources n WHERE EXISTS (SELECT 1 FROM main.traffic t"
                " WHERE t.source = n.name AND t.region IN " SEEN ")"},
    {"imports", "* FROM main.imports i WHERE EXISTS (SELECT 1 FROM temp.seen s WHERE"
                " instr(i.options || char(10), char(10) || 'only=' || s.region || char(10)))"},
    {"import_rows", "* FROM main.import_rows r WHERE " OF_IMPORT("r.import_id")},
    {"import_rejected", "* FROM main.import_rejected r WHERE " OF_IMPORT("r.import_id")},
    /* those about no account break and explain figures of all regions, so they hold for each; but
     * what they say is for who sees all */
    {"notes", "note_id, day_from, day_to, kind, CASE WHEN account IS NULL"
              " THEN '(a note about all regions)' ELSE text END AS text, source, platform, account,"
              " metric, import_id FROM main.notes n WHERE (account IS NULL OR EXISTS"
              " (SELECT 1 FROM temp.accounts a WHERE a.handle = n.account"
              " AND (n.platform IS NULL OR n.platform = a.platform))) AND (source IS NULL OR EXISTS"
              " (SELECT 1 FROM temp.sources s WHERE s.name = n.source OR s.source = n.source))"},
    {"experiments", "* FROM main.experiments WHERE region IN " SEEN},
    {"experiment_log",
     "* FROM main.experiment_log l WHERE EXISTS"
     " (SELECT 1 FROM temp.experiments e WHERE e.experiment_id = l.experiment_id)"},
    {"findings", "* FROM main.findings d WHERE EXISTS"
                 " (SELECT 1 FROM temp.experiments e WHERE e.experiment_id = d.experiment_id)"},
    {"type_rules", "* FROM main.type_rules r WHERE EXISTS"
                   " (SELECT 1 FROM temp.accounts a WHERE a.handle = r.account"
                   " AND (r.platform IS NULL OR r.platform = a.platform))"},
};

bool reach_narrow(struct db *db, const char *regions, struct fail *f)
{
    struct buf sql;
    bool ok;

    buf_init(&sql, 65536);
    buf_puts(&sql, "CREATE TEMP TABLE seen (region TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;");
    for (const char *at = regions; *at;) {
        size_t n = strcspn(at, " ");

        /* slugs alone: letters, digits and hyphens, which the file of tokens was held to */
        if (strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-") < n) {
            buf_clear(&sql);
            return fail_set(f, FAIL_INTERNAL, "bad-region", NULL, "A region is no short name.");
        }
        buf_printf(&sql, "INSERT INTO temp.seen VALUES ('%.*s');", (int)n, at);
        at += n + (at[n] == ' ');
    }
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        buf_printf(&sql, "CREATE TEMP VIEW %s AS SELECT %s;", views[i].table, views[i].what);
    ok = sql.over ? fail_memory(f) : db_exec(db, buf_text(&sql), f);
    buf_clear(&sql);
    return ok;
}

bool reach_has(const char *regions, const char *region)
{
    size_t len = strlen(region);

    if (!*regions)
        return true;
    for (const char *at = regions; *at;) {
        size_t n = strcspn(at, " ");

        if (n == len && memcmp(at, region, n) == 0)
            return true;
        at += n + (at[n] == ' ');
    }
    return false;
}

static bool not_of_it(const char *regions, struct fail *f)
{
    text_copy(f->place, sizeof f->place, "region");
    return fail_set(f, FAIL_CONFLICT, "region-conflict", "region",
                    "This is not of the region \"%.150s\", and this token writes no other.",
                    regions);
}

/* The region that a statement finds, if it finds one, must be this. */
static bool is_free(struct store *st, int sql, const char *platform, const char *name,
                    const char *region, bool *found, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &reach_sql, sql, f);
    enum db_result r;
    bool other;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, name);
    r = db_step(s, f);
    *found = r == DB_ROW;
    other = *found && strcmp(db_text(s, 0), region) != 0;
    db_reset(s);
    return other ? not_of_it(region, f) : r != DB_ERROR;
}

bool reach_take(struct store *st, const char *regions, struct record *r, struct fail *f)
{
    const char **said = r->kind == RECORD_POST ? &r->post.region : &r->traffic.region;
    bool found;

    if (!*said && strchr(regions, ' '))
        return not_of_it(regions, f); /* of several, it must say which */
    if (!*said)
        *said = regions;
    if (!reach_has(regions, *said))
        return not_of_it(regions, f);
    r->stated |= 1u << (r->kind == RECORD_POST ? (int)POST_REGION : (int)TRAFFIC_REGION);
    if (r->kind != RECORD_POST)
        return true;
    if (!is_free(st, SQL_POST, r->post.platform, r->post.id, *said, &found, f))
        return false;
    return (found && !record_states(r, POST_ACCOUNT)) ||
           is_free(st, SQL_ACCOUNT, r->post.platform, r->post.account ? r->post.account : "", *said,
                   &found, f);
}
