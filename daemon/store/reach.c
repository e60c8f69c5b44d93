#include "store/reach.h"
#include "base/buf.h"
#include "base/text.h"

#include <string.h>

enum { SQL_ACCOUNT, SQL_POST, SQL_HANDLE, SQL_OF_ID, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_ACCOUNT] = "SELECT region FROM accounts WHERE platform = ?1 AND handle = ?2",
    [SQL_POST] = "SELECT a.region FROM posts p JOIN accounts a ON a.account_id = p.account_id"
                 " WHERE p.platform = ?1 AND p.id = ?2",
    [SQL_HANDLE] = "SELECT region FROM accounts WHERE handle = ?2 AND (?1 = '' OR platform = ?1)",
    [SQL_OF_ID] =
        "SELECT p.platform, a.region FROM posts p JOIN accounts a"
        " ON a.account_id = p.account_id WHERE p.id = ?2 AND (?1 = '' OR p.platform = ?1)",
};
const struct db_sql reach_sql = {DB_REACH, SQL_COUNT, texts};

#define SEEN "(SELECT region FROM temp.seen)"
#define OF_SEEN_ACCOUNT(platform) \
    "EXISTS (SELECT 1 FROM main.accounts a WHERE a.handle = x.account AND a.region IN " SEEN \
    " AND (" platform " IS NULL OR " platform " = a.platform))"
/* A line of an import's options: what its sender said of the file, rejected rows and all. */
#define SAID_OF_SEEN(option) \
    "EXISTS (SELECT 1 FROM temp.seen s WHERE" \
    " instr(x.options || char(10), char(10) || '" option "=' || s.region || char(10)))"
/* What was brought stands with the whole of an import that has parts. */
#define BROUGHT "main.brought b WHERE b.import_id = coalesce(x.parent_id, x.import_id)"
#define FOR_ACCOUNT \
    "EXISTS (SELECT 1 FROM main.accounts a WHERE a.account_id IN" \
    " (SELECT b.account_id FROM " BROUGHT ") AND a.handle <> ''" \
    " AND instr(x.options, 'account=' || a.handle || char(10)) = 1)"
/*
 * Nothing of others came with it (what has no region any more stays with who sent it); and its
 * sender sees no more, or said whose it is, or there is nothing in it of which nobody knows. What
 * is still coming, or came on trial, is the sender's.
 */
#define IMPORTS_OF_SEEN \
    "NOT EXISTS (SELECT 1 FROM " BROUGHT " AND b.region NOT IN " SEEN \
    " AND NOT (b.region = '-' AND " SAID_OF_SEEN( \
        "only") ")) AND" \
                " (" SAID_OF_SEEN( \
                    "only") " OR x.state NOT IN ('queued', 'running') AND x.dry_run = 0 AND" \
                            " (" SAID_OF_SEEN("region") " OR " FOR_ACCOUNT \
                                                        " OR x.rejected = 0 AND x.skipped = 0 AND" \
                                                        " EXISTS (SELECT 1 FROM " BROUGHT ")))"
/* Rows that hang on rows of a view above. */
#define FOLLOWS(table, id) "EXISTS (SELECT 1 FROM temp." table " y WHERE y." id " = x." id ")"

/*
 * A view for each table that has rows of regions or what is sensitive, or tells of such rows: in
 * this order, those below look at those above. Their rows are called x.
 */
static const struct {
    const char *table;
    const char *of_regions; /* which rows, where it is some regions; NULL: all */
    const char *follows;    /* which rows, always */
    const char *plain;      /* columns at REACH_PLAIN; NULL: as they are */
    const char *plain_rows; /* which rows then; NULL: all */
} views[] = {
    {"accounts", "x.region IN " SEEN, NULL,
     "account_id, platform, '' AS handle, region, region_stated, import_id", NULL},
    {"account_regions", NULL, FOLLOWS("accounts", "account_id"), NULL, NULL},
    {"posts",
     "x.account_id IN (SELECT a.account_id FROM main.accounts a WHERE a.region IN " SEEN ")", NULL,
     "post_id, platform, id, account_id, type, posted_at, posted_day, tags, NULL AS text,"
     " NULL AS url, NULL AS campaign, " POST_METRIC_COLUMNS ", observed_at, first_seen_at,"
     " last_seen_at, import_id, spread, set_type, set_tags, set_by",
     NULL},
    {"post_claims", NULL, FOLLOWS("posts", "post_id"),
     "claim_id, post_id, import_id, observed_at, timed, stated, account_id, type, posted_at, tags,"
     " NULL AS text, NULL AS url, NULL AS campaign, kind, covers_from, covers_to,"
     " " POST_METRIC_COLUMNS,
     NULL},
    {"observations", NULL, FOLLOWS("posts", "post_id"), NULL, NULL},
    {"post_types", NULL,
     "EXISTS (SELECT 1 FROM temp.posts y WHERE y.platform = x.platform AND y.id = x.id)", NULL,
     NULL},
    /* a campaign is told from others by a number, so that rows stay in order and apart */
    {"traffic", "x.region IN " SEEN, NULL,
     "traffic_id, source, region, CASE campaign WHEN '' THEN '' ELSE printf('%015d', traffic_id)"
     " END AS campaign, day, sessions, users, engaged_sessions, conversions, arrived_at",
     NULL},
    {"traffic_claims", NULL, FOLLOWS("traffic", "traffic_id"), NULL, NULL},
    {"coverage", "x.region IN " SEEN, NULL, NULL, NULL},
    {"sources",
     "EXISTS (SELECT 1 FROM main.traffic t WHERE t.source = x.name AND t.region IN " SEEN ")", NULL,
     NULL, NULL},
    {"imports", IMPORTS_OF_SEEN, NULL,
     "import_id, state, '' AS file, content_hash, iif(instr(x.options, char(10) || 'only='),"
     " substr(x.options, instr(x.options, char(10) || 'only=')), '') AS options, profile,"
     " profile_version, record,"
     " bytes, spool, received_at, finished_at, rows_total, rows_done, received, inserted, updated,"
     " unchanged, skipped, rejected, code, NULL AS sentence, skipped_columns, post_min, post_max,"
     " dry_run, charset, notes, columns, covers_from, covers_to, read_at, parent_id",
     NULL},
    {"import_rows", NULL, FOLLOWS("imports", "import_id"),
     "import_id, n, skipped, line, column_number, heading, code, '' AS sentence, '' AS value",
     NULL},
    {"import_rejected", NULL, FOLLOWS("imports", "import_id"), NULL, "0"},
    {"brought", NULL, FOLLOWS("imports", "import_id"), NULL, NULL},
    /* those about no account break and explain figures of all regions, so they hold for each; but
     * what they say is for who sees all */
    {"notes",
     "(x.account IS NULL OR " OF_SEEN_ACCOUNT(
         "x.platform") ") AND (x.source IS NULL OR EXISTS"
                       " (SELECT 1 FROM temp.sources s WHERE s.name = x.source OR s.source = "
                       "x.source))"
                       " AND (x.platform IS NULL OR EXISTS"
                       " (SELECT 1 FROM temp.accounts p WHERE p.platform = x.platform))",
     NULL, NULL, NULL},
    {"experiments", "x.region IN " SEEN, NULL, NULL,
     "x.campaign = '' AND NOT instr(x.posts, 'account:') AND NOT instr(x.posts, 'campaign:')"},
    {"experiment_log", NULL, FOLLOWS("experiments", "experiment_id"), NULL, NULL},
    {"findings", NULL, FOLLOWS("experiments", "experiment_id"), NULL, NULL},
    {"type_rules", OF_SEEN_ACCOUNT("x.platform"), NULL, NULL, "0"},
};

/* The columns of notes: what is not for this reader is said to be that. */
static void put_notes(struct buf *sql, bool some, enum reach_depth depth)
{
    buf_puts(sql, "note_id, day_from, day_to, kind, CASE WHEN 0 THEN ''");
    if (depth != REACH_WHOLE)
        buf_puts(sql, " WHEN private THEN '(a private note)'");
    if (some)
        buf_puts(sql, " WHEN account IS NULL THEN '(a note about all regions)'");
    buf_printf(sql,
               " ELSE text END AS text, source, platform, %s AS account, metric, import_id,"
               " private",
               depth == REACH_PLAIN ? "NULL" : "account");
}

static void put_views(struct buf *sql, bool some, enum reach_depth depth)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        bool plain = depth == REACH_PLAIN, notes = strcmp(views[i].table, "notes") == 0;

        buf_printf(sql, "CREATE TEMP VIEW %s AS SELECT ", views[i].table);
        if (notes)
            put_notes(sql, some, depth);
        else
            buf_puts(sql, plain && views[i].plain ? views[i].plain : "*");
        buf_printf(sql, " FROM main.%s x WHERE (%s) AND (%s) AND (%s);", views[i].table,
                   some && views[i].of_regions ? views[i].of_regions : "1",
                   views[i].follows ? views[i].follows : "1",
                   plain && views[i].plain_rows ? views[i].plain_rows : "1");
    }
}

bool reach_narrow(struct db *db, const char *regions, enum reach_depth depth, struct fail *f)
{
    struct buf sql;
    bool ok;

    buf_init(&sql, 65536);
    buf_puts(&sql, "CREATE TEMP TABLE seen (region TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;");
    for (const char *at = regions; *at;) {
        size_t n = strcspn(at, " ");

        /* slugs alone, which the file of tokens was held to: no quote is in one */
        if (memchr(at, '\'', n)) {
            buf_clear(&sql);
            return fail_set(f, FAIL_INTERNAL, "bad-region", NULL, "A region is no short name.");
        }
        buf_printf(&sql, "INSERT INTO temp.seen VALUES ('%.*s');", (int)n, at);
        at += n + (at[n] == ' ');
    }
    put_views(&sql, regions[0] != 0, depth);
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
        return fail_set(f, FAIL_CONFLICT, "region-conflict", "region",
                        "This names no region, and the token is for several: it must say which of "
                        "\"%.150s\".",
                        regions);
    if (!*said)
        *said = regions;
    if (!reach_has(regions, *said))
        return not_of_it(regions, f);
    r->stated |= 1u << (r->kind == RECORD_POST ? (int)POST_REGION : (int)TRAFFIC_REGION);
    if (r->kind != RECORD_POST)
        return true;
    if (!is_free(st, SQL_POST, r->post.platform, r->post.id, *said, &found, f))
        return false;
    if (found && !record_states(r, POST_ACCOUNT))
        return true;
    /* posts without an account belong to one for all of them: whoever came first would have it */
    if (!r->post.account || !*r->post.account)
        return fail_set(f, FAIL_CONFLICT, "region-conflict", "account",
                        "A token of the region \"%.150s\" names the account of a post (of a file: "
                        "\"postlift import --account\"): posts without one are of no region.",
                        regions);
    return is_free(st, SQL_ACCOUNT, r->post.platform, r->post.account, *said, &found, f);
}

bool reach_take_account(struct store *st, const char *regions, const char *platform,
                        const char *handle, struct fail *f)
{
    struct db_stmt *s = *regions ? db_get(st->db, &reach_sql, SQL_HANDLE, f) : NULL;
    enum db_result r;
    int own = 0, others = 0;

    if (!*regions)
        return true;
    if (!s)
        return false;
    db_bind_text(s, 1, platform ? platform : "");
    db_bind_text(s, 2, handle);
    while ((r = db_step(s, f)) == DB_ROW)
        if (reach_has(regions, db_text(s, 0)))
            own++;
        else
            others++;
    db_reset(s);
    if (r == DB_ERROR)
        return false;
    if (own && !others)
        return true;
    return fail_set(f, FAIL_CONFLICT, "region-conflict", "account",
                    "Of the regions \"%.150s\" this takes notes about their own accounts: name one "
                    "by \"account\", and its \"platform\" where others have that name too.",
                    regions);
}

bool reach_take_post(struct store *st, const char *regions, char platform[SLUG_MAX + 1],
                     const char *id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &reach_sql, SQL_OF_ID, f);
    char found[SLUG_MAX + 1] = "";
    enum db_result r;
    int own = 0;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, id);
    while ((r = db_step(s, f)) == DB_ROW)
        if (reach_has(regions, db_text(s, 1))) {
            text_copy(found, sizeof found, db_text(s, 0));
            own++;
        }
    db_reset(s);
    if (r == DB_ERROR)
        return false;
    if (own > 1)
        return fail_set(f, FAIL_CONFLICT, "ambiguous-id", "platform",
                        "Posts of several platforms have the id \"%.60s\"; name the platform.", id);
    if (own)
        text_copy(platform, SLUG_MAX + 1, found);
    return own || fail_set(f, FAIL_NOT_FOUND, "no-post", "id", "There is no post \"%.200s\"%s%s.",
                           id, *platform ? " of " : "", platform);
}
