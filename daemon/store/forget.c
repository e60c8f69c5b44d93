#include "store/forget.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/day.h"
#include "base/escapes.h"
#include "base/text.h"
#include "record/forms.h"
#include "store/accounts.h"
#include "store/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SQL_WAITING,
    SQL_POST,
    SQL_ACCOUNT_ID,
    SQL_OF_ACCOUNT,
    SQL_BEFORE,
    SQL_DAY,
    SQL_TOUCHED,
    SQL_SET_TYPE,
    SQL_SET_NAMED,
    SQL_DELETE,
    SQL_NAMING,
    SQL_ESCAPED,
    SQL_IMPORTS_BEFORE,
    SQL_REJECTED,
    SQL_ROWS,
    SQL_IMPORT,
    SQL_IMPORT_NAME,
    SQL_IMPORT_HEADINGS,
    SQL_ROW_HEADINGS,
    SQL_CLAIMS,
    SQL_RULES,
    SQL_ACCOUNT_NOTES,
    SQL_ACCOUNT,
    SQL_ORPHANS,
    SQL_TRAFFIC,
    SQL_COVERAGE,
    SQL_SOURCES,
    SQL_NOTES,
    SQL_EXPERIMENTS,
    SQL_RESLUG,
    SQL_RENAME,
    SQL_RENAME_LOG,
    SQL_RENAME_FINDINGS,
    SQL_MARK,
    SQL_MARK_FINDINGS,
    SQL_COUNT
};
/* What an erased name is called where something else tells of it. */
#define ERASED "(erased)"
/* A name as it stands in JSON, quotes of the string taken off. */
#define IN_JSON(param) "substr(json_quote(" param "), 2, length(json_quote(" param ")) - 2)"
#define WITHOUT(column) "without_name(" column ", ?2, '" ERASED "', 0)"
#define JSON_WITHOUT(column) "without_name(" column ", " IN_JSON("?2") ", '" ERASED "', 1)"
/* All that people wrote of an experiment. */
#define WRITTEN "posts || char(10) || name || char(10) || question"
static const char *const texts[SQL_COUNT] = {
    [SQL_WAITING] = "SELECT count(*) FROM imports WHERE state IN ('queued', 'running', 'undoing')",
    [SQL_POST] = "SELECT post_id FROM posts WHERE platform = ?1 AND id = ?2 LIMIT ?3",
    [SQL_ACCOUNT_ID] = "SELECT account_id FROM accounts WHERE platform = ?1 AND handle = ?2",
    [SQL_OF_ACCOUNT] = "SELECT post_id FROM posts WHERE account_id = ?1 LIMIT ?3",
    [SQL_BEFORE] = "SELECT post_id FROM posts WHERE posted_at < ?1 LIMIT ?3",
    [SQL_DAY] = "SELECT p.posted_day, a.region FROM posts p JOIN accounts a"
                " ON a.account_id = p.account_id WHERE p.post_id = ?1",
    /* and the whole that a part is of: it has the rejected rows */
    [SQL_TOUCHED] = "WITH t AS (SELECT import_id FROM posts WHERE post_id = ?1"
                    " UNION SELECT import_id FROM post_claims WHERE post_id = ?1"
                    " UNION SELECT import_id FROM observations WHERE post_id = ?1)"
                    " SELECT import_id FROM t UNION SELECT parent_id FROM imports"
                    " WHERE import_id IN (SELECT import_id FROM t) AND parent_id IS NOT NULL",
    [SQL_SET_TYPE] = "DELETE FROM post_types WHERE (platform, id) ="
                     " (SELECT platform, id FROM posts WHERE post_id = ?1)",
    [SQL_SET_NAMED] = "DELETE FROM post_types WHERE platform = ?1 AND id = ?2",
    [SQL_DELETE] = "DELETE FROM posts WHERE post_id = ?1", /* readings and records go with it */
    [SQL_NAMING] =
        "SELECT import_id FROM imports WHERE instr(file, ?1) OR instr(options, ?1)"
        " OR instr(coalesce(sentence, ''), ?1) OR instr(columns, ?1) OR instr(skipped_columns, ?1)"
        " OR instr(notes, ?1)"
        " UNION SELECT import_id FROM import_rejected WHERE instr(csv, ?1)"
        " OR instr(csv, replace(?1, '\"', '\"\"'))"
        " UNION SELECT import_id FROM import_rows WHERE instr(value, ?1) OR instr(sentence, ?1)"
        " OR instr(heading, ?1)",
    [SQL_ESCAPED] = "SELECT import_id, csv FROM import_rejected WHERE instr(csv, char(92))",
    [SQL_IMPORTS_BEFORE] = "SELECT import_id FROM imports WHERE received_at < ?1",
    [SQL_REJECTED] = "DELETE FROM import_rejected WHERE import_id = ?1",
    [SQL_ROWS] = "UPDATE import_rows SET value = '', sentence = '" ERASED "' WHERE import_id = ?1",
    /* the hash is of bytes that are to be forgotten; without it the same file is another one */
    [SQL_IMPORT] = "UPDATE imports SET content_hash = '', sentence = CASE WHEN sentence IS NULL"
                   " THEN NULL ELSE '" ERASED "' END WHERE import_id = ?1",
    [SQL_IMPORT_NAME] = "UPDATE imports SET file = '" ERASED "', options = ''"
                        " WHERE import_id = ?1 AND (instr(file, ?2) OR instr(options, ?2))",
    [SQL_IMPORT_HEADINGS] = "UPDATE imports SET columns = replace(columns, ?2, '" ERASED "'),"
                            " skipped_columns = replace(skipped_columns, ?2, '" ERASED "'),"
                            " notes = replace(notes, ?2, '" ERASED "') WHERE import_id = ?1",
    [SQL_ROW_HEADINGS] = "UPDATE import_rows SET heading = replace(heading, ?2, '" ERASED "')"
                         " WHERE import_id = ?1",
    [SQL_CLAIMS] = "UPDATE post_claims SET account_id = (SELECT p.account_id FROM posts p"
                   " WHERE p.post_id = post_claims.post_id) WHERE account_id = ?1",
    [SQL_RULES] = "DELETE FROM type_rules WHERE account = ?2 AND coalesce(platform, ?1) = ?1",
    [SQL_ACCOUNT_NOTES] = "DELETE FROM notes WHERE account = ?2 AND coalesce(platform, ?1) = ?1",
    [SQL_ACCOUNT] = "DELETE FROM accounts WHERE account_id = ?1",
    [SQL_ORPHANS] = "DELETE FROM accounts WHERE NOT EXISTS"
                    " (SELECT 1 FROM posts p WHERE p.account_id = accounts.account_id)"
                    " AND NOT EXISTS (SELECT 1 FROM post_claims c"
                    " WHERE c.account_id = accounts.account_id)"
                    " AND NOT EXISTS (SELECT 1 FROM account_regions r"
                    " WHERE r.account_id = accounts.account_id)",
    [SQL_TRAFFIC] = "DELETE FROM traffic WHERE day < ?1",
    [SQL_COVERAGE] = "DELETE FROM coverage WHERE day < ?1",
    [SQL_SOURCES] = "DELETE FROM sources WHERE stated = 0 AND NOT EXISTS"
                    " (SELECT 1 FROM traffic t WHERE t.source = sources.name)",
    [SQL_NOTES] = "DELETE FROM notes WHERE day_to < ?1",
    /* their days, the ones before and the follow-ups among them; and whether they name the account:
     * its short form ?2 within a short name is whole words of it */
    [SQL_EXPERIMENTS] =
        "SELECT experiment_id, region, day_start - baseline_days,"
        " max(day_end, coalesce((SELECT max(due_day) FROM findings f"
        " WHERE f.experiment_id = e.experiment_id), day_end)),"
        " ?1 <> '' AND without_name(" WRITTEN ", ?1, '', 0) <> " WRITTEN ","
        " ?2 <> '' AND instr('-' || slug || '-', '-' || ?2 || '-'), slug FROM experiments e",
    [SQL_RESLUG] = "UPDATE experiments SET slug = 'erased-' || lower(hex(randomblob(6)))"
                   " WHERE experiment_id = ?1",
    [SQL_RENAME] = "UPDATE experiments SET posts = " WITHOUT("posts") ", name = " WITHOUT(
        "name") ", question = " WITHOUT("question") " WHERE experiment_id = ?1",
    [SQL_RENAME_LOG] = "INSERT OR REPLACE INTO experiment_log (log_id, experiment_id, at, what,"
                       " reason, detail) SELECT log_id, experiment_id, at, what, " WITHOUT(
                           "reason") ", " JSON_WITHOUT("detail") " FROM experiment_log"
                                                                 " WHERE experiment_id = ?1",
    [SQL_RENAME_FINDINGS] =
        "INSERT OR REPLACE INTO findings (experiment_id, n, kind, due_day, found_at, revision,"
        " sentence, finding) SELECT experiment_id, n, kind, due_day, found_at, revision, " WITHOUT(
            "sentence") ", " JSON_WITHOUT("finding") " FROM findings WHERE experiment_id = ?1",
    [SQL_MARK] = "INSERT INTO experiment_log (experiment_id, at, what, reason, detail)"
                 " SELECT ?1, ?2, 'erased', iif(?3, 'Posts of its days were erased.',"
                 " 'A name in it was erased.'),"
                 " json_object('posts', ?3) WHERE EXISTS"
                 " (SELECT 1 FROM experiments WHERE experiment_id = ?1)",
    [SQL_MARK_FINDINGS] =
        "INSERT OR REPLACE INTO findings (experiment_id, n, kind, due_day, found_at, revision,"
        " sentence, finding) SELECT experiment_id, n, kind, due_day, found_at, revision, sentence,"
        " json_set(finding, '$.erased', json_object('at', ?2, 'posts', ?3)) FROM findings"
        " WHERE experiment_id = ?1",
};
const struct db_sql forget_sql = {DB_FORGET, SQL_COUNT, texts};

void forgetting_init(struct forgetting *g, const struct forget_request *rq)
{
    memset(g, 0, sizeof *g);
    g->rq = *rq;
    g->account_id = -1;
}

void forgetting_clear(struct forgetting *g)
{
    free(g->touched);
    g->touched = NULL;
    g->n_touched = 0;
}

/* ---- small pieces ---- */

/* A statement with its first parameter a number; *n: the rows it changed, added. */
static bool run(struct store *st, int sql, int64_t value, int64_t *n, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, sql, f);

    if (!s)
        return false;
    if (sql != SQL_ORPHANS && sql != SQL_SOURCES)
        db_bind_int(s, 1, value);
    if (!db_run(s, f))
        return false;
    if (n)
        *n += db_changes(st->db);
    return true;
}

/* The same with a name beside it. */
static bool run_named(struct store *st, int sql, int64_t value, const char *platform,
                      const char *name, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, sql, f);

    if (!s)
        return false;
    if (platform)
        db_bind_text(s, 1, platform);
    else
        db_bind_int(s, 1, value);
    db_bind_text(s, 2, name);
    return db_run(s, f);
}

static bool touch(struct forgetting *g, int64_t import_id, struct fail *f)
{
    int64_t *grown;

    for (int i = g->n_touched - 1; i >= 0; i--) /* posts of one file follow one another */
        if (g->touched[i] == import_id)
            return true;
    if (!import_id)
        return true;
    grown = realloc(g->touched, ((size_t)g->n_touched + 1) * sizeof *grown);
    if (!grown)
        return fail_memory(f);
    g->touched = grown;
    g->touched[g->n_touched++] = import_id;
    return true;
}

/* Imports that a statement finds; it is bound. */
static bool touch_all(struct forgetting *g, struct db_stmt *s, struct fail *f)
{
    enum db_result r;
    bool ok = true;

    while (ok && (r = db_step(s, f)) == DB_ROW)
        ok = touch(g, db_int(s, 0), f);
    db_reset(s);
    return ok && r != DB_ERROR;
}

static int64_t start_of(struct store *st, int32_t day)
{
    return zone_day_start_ms(st->zone, day);
}

/* ---- posts ---- */

static bool find_account(struct store *st, struct forgetting *g, struct fail *f)
{
    struct db_stmt *s;
    enum db_result r;

    if (g->rq.what != FORGET_ACCOUNT || g->account_id >= 0)
        return true;
    s = db_get(st->db, &forget_sql, SQL_ACCOUNT_ID, f);
    if (!s)
        return false;
    db_bind_text(s, 1, g->rq.platform);
    db_bind_text(s, 2, g->rq.name);
    r = db_step(s, f);
    g->account_id = r == DB_ROW ? db_int(s, 0) : 0;
    db_reset(s);
    return r != DB_ERROR;
}

/* Up to n posts that are to go; -1 on failure. */
static int64_t collect(struct store *st, const struct forgetting *g, int64_t *ids, int64_t n,
                       struct fail *f)
{
    static const int sql[] = {SQL_POST, SQL_OF_ACCOUNT, SQL_BEFORE};
    struct db_stmt *s = db_get(st->db, &forget_sql, sql[g->rq.what], f);
    enum db_result r = DB_DONE;
    int64_t got = 0;

    if (!s)
        return -1;
    switch (g->rq.what) {
    case FORGET_POST:
        db_bind_text(s, 1, g->rq.platform);
        db_bind_text(s, 2, g->rq.name);
        break;
    case FORGET_ACCOUNT: db_bind_int(s, 1, g->account_id); break;
    case FORGET_BEFORE: db_bind_int(s, 1, start_of(st, g->rq.before)); break;
    }
    db_bind_int(s, 3, n);
    while (got < n && (r = db_step(s, f)) == DB_ROW)
        ids[got++] = db_int(s, 0);
    db_reset(s);
    return r == DB_ERROR ? -1 : got;
}

/* A post of that day and region went. */
static void tally(struct forgetting *g, const char *region, int32_t day)
{
    struct forgotten *of;
    int i = 0;

    while (i < g->n_of && strcmp(g->of[i].region, region) != 0)
        i++;
    if (i == FORGET_REGIONS) {
        i--;
        g->of[i].region[0] = 0;
    }
    of = &g->of[i];
    if (i == g->n_of) {
        text_copy(of->region, sizeof of->region, region);
        of->first = of->last = day;
        g->n_of++;
    }
    of->first = day < of->first ? day : of->first;
    of->last = day > of->last ? day : of->last;
    of->posts++;
}

static bool note_day(struct store *st, struct forgetting *g, int64_t post_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, SQL_DAY, f);
    enum db_result r = DB_ERROR;

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        tally(g, db_text(s, 1), (int32_t)db_int(s, 0));
    db_reset(s);
    return r != DB_ERROR;
}

static bool erase_post(struct store *st, struct forgetting *g, int64_t post_id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, SQL_TOUCHED, f);

    if (!s)
        return false;
    db_bind_int(s, 1, post_id);
    return touch_all(g, s, f) && note_day(st, g, post_id, f) &&
           run(st, SQL_SET_TYPE, post_id, NULL, f) && run(st, SQL_DELETE, post_id, &g->posts, f);
}

/* ---- what tells of them ---- */

/* A name as CSV has it within quotes. Owned; NULL when out of memory. */
static char *doubled(const char *name)
{
    char *text = malloc(2 * strlen(name) + 1), *to = text;

    for (; text && *name; name++) {
        *to++ = *name;
        if (*name == '"')
            *to++ = '"';
    }
    if (text)
        *to = 0;
    return text;
}

enum { LAYERS = 3 };

/* Imports with rejected rows in which the name is written with escapes. */
static bool touch_escaped(struct store *st, struct forgetting *g, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, SQL_ESCAPED, f);
    char *name = doubled(g->rq.name);
    enum db_result r = DB_ERROR;
    bool ok = s && (name || fail_memory(f));

    while (ok && (r = db_step(s, f)) == DB_ROW) {
        char *text = strdup(db_text(s, 1));
        bool names = false;

        ok = text || fail_memory(f);
        for (int i = 0; ok && i < LAYERS && !names; i++) {
            escapes_take_off(text);
            names = strstr(text, g->rq.name) || strstr(text, name);
        }
        ok = ok && (!names || touch(g, db_int(s, 0), f));
        free(text);
    }
    if (s)
        db_reset(s);
    free(name);
    return ok && r != DB_ERROR;
}

static bool wipe_imports(struct store *st, struct forgetting *g, struct fail *f)
{
    struct db_stmt *s;

    if (g->rq.what == FORGET_BEFORE) {
        s = db_get(st->db, &forget_sql, SQL_IMPORTS_BEFORE, f);
        if (!s)
            return false;
        db_bind_int(s, 1, start_of(st, g->rq.before));
        if (!touch_all(g, s, f))
            return false;
    } else if (g->rq.name[0]) {
        s = db_get(st->db, &forget_sql, SQL_NAMING, f);
        if (!s)
            return false;
        db_bind_text(s, 1, g->rq.name);
        if (!touch_all(g, s, f) || !touch_escaped(st, g, f))
            return false;
    }
    for (int i = 0; i < g->n_touched; i++)
        if (!run(st, SQL_REJECTED, g->touched[i], NULL, f) ||
            !run(st, SQL_ROWS, g->touched[i], NULL, f) ||
            !run(st, SQL_IMPORT, g->touched[i], NULL, f) ||
            (g->rq.what != FORGET_BEFORE && g->rq.name[0] &&
             (!run_named(st, SQL_IMPORT_NAME, g->touched[i], NULL, g->rq.name, f) ||
              !run_named(st, SQL_IMPORT_HEADINGS, g->touched[i], NULL, g->rq.name, f) ||
              !run_named(st, SQL_ROW_HEADINGS, g->touched[i], NULL, g->rq.name, f))))
            return false;
    g->imports = g->n_touched;
    return true;
}

/* The account itself, and what was said of it or of the one post by name. */
static bool erase_name(struct store *st, struct forgetting *g, struct fail *f)
{
    if (g->rq.what == FORGET_POST) /* a type may be set before its post comes */
        return run_named(st, SQL_SET_NAMED, 0, g->rq.platform, g->rq.name, f);
    if (g->rq.what == FORGET_BEFORE)
        return true;
    return run(st, SQL_CLAIMS, g->account_id, NULL, f) &&
           run_named(st, SQL_RULES, 0, g->rq.platform, g->rq.name, f) &&
           run_named(st, SQL_ACCOUNT_NOTES, 0, g->rq.platform, g->rq.name, f) &&
           run(st, SQL_ACCOUNT, g->account_id, NULL, f);
}

static bool erase_days(struct store *st, struct forgetting *g, struct fail *f)
{
    if (g->rq.what != FORGET_BEFORE)
        return true;
    if (g->rq.traffic &&
        (!run(st, SQL_TRAFFIC, g->rq.before, &g->days, f) ||
         !run(st, SQL_COVERAGE, g->rq.before, NULL, f) || !run(st, SQL_SOURCES, 0, NULL, f)))
        return false;
    return !g->rq.notes || run(st, SQL_NOTES, g->rq.before, &g->notes, f);
}

/* An experiment about which something went. */
struct marked {
    int64_t experiment_id, posts; /* of its region, near its days */
    bool in_texts, in_slug;       /* the account's name stands in it */
    char slug[SLUG_MAX + 1];
};

/* The name, and a short name that has it in it, taken out of all that an experiment says. */
static bool rename_in(struct store *st, const struct marked *m, const char *name, struct fail *f)
{
    static const int texts_of[] = {SQL_RENAME, SQL_RENAME_LOG, SQL_RENAME_FINDINGS};

    for (size_t i = 0; i < sizeof texts_of / sizeof *texts_of; i++)
        if (!run_named(st, texts_of[i], m->experiment_id, NULL, name, f) ||
            (m->in_slug && !run_named(st, texts_of[i], m->experiment_id, NULL, m->slug, f)))
            return false;
    return !m->in_slug || run(st, SQL_RESLUG, m->experiment_id, NULL, f);
}

static bool mark(struct store *st, const struct forgetting *g, const struct marked *m,
                 struct fail *f)
{
    char at[TIME_TEXT];
    struct db_stmt *s;

    for (int i = 0; i < 2; i++) {
        s = db_get(st->db, &forget_sql, i ? SQL_MARK_FINDINGS : SQL_MARK, f);
        if (!s)
            return false;
        db_bind_int(s, 1, m->experiment_id);
        if (i)
            db_bind_text(s, 2, time_format(g->rq.now_ms, at));
        else
            db_bind_int(s, 2, g->rq.now_ms);
        db_bind_int(s, 3, m->posts);
        if (!db_run(s, f))
            return false;
    }
    return true;
}

/* Posts that went and that an experiment of this region and these days may have been made of. */
static int64_t posts_of(const struct forgetting *g, const char *region, int32_t from, int32_t to)
{
    int64_t n = 0;

    for (int i = 0; i < g->n_of; i++)
        if ((!region[0] || !g->of[i].region[0] || strcmp(region, g->of[i].region) == 0) &&
            g->of[i].first <= to && g->of[i].last >= from)
            n += g->of[i].posts;
    return n;
}

enum { NAME_IN_SLUG = 4 };

static bool mark_experiments(struct store *st, struct forgetting *g, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, SQL_EXPERIMENTS, f);
    const char *name = g->rq.what == FORGET_ACCOUNT ? g->rq.name : "";
    char slug[SLUG_MAX + 1] = "";
    struct marked marked[EXPERIMENTS_MAX];
    enum db_result r = DB_DONE;
    int n = 0;

    if (!s)
        return false;
    if (name[0] && !slug_make(name, strlen(name), slug))
        slug[0] = 0; /* it cannot stand in one */
    db_bind_text(s, 1, name);
    db_bind_text(s, 2, slug);
    while (n < EXPERIMENTS_MAX && (r = db_step(s, f)) == DB_ROW) {
        struct marked m = {db_int(s, 0),
                           posts_of(g, db_text(s, 1), (int32_t)db_int(s, 2), (int32_t)db_int(s, 3)),
                           db_int(s, 4) != 0, db_int(s, 5) != 0, ""};

        text_copy(m.slug, sizeof m.slug, db_text(s, 6));
        /* "us" is more often a word than a name */
        m.in_slug =
            m.in_slug && (m.in_texts || strlen(slug) >= NAME_IN_SLUG || strcmp(m.slug, slug) == 0);
        if (m.posts || m.in_texts || m.in_slug)
            marked[n++] = m;
    }
    db_reset(s);
    for (int i = 0; r != DB_ERROR && i < n; i++)
        if ((name[0] && !rename_in(st, &marked[i], name, f)) || !mark(st, g, &marked[i], f))
            return false;
    g->experiments = n;
    return r != DB_ERROR;
}

/* ---- where it is, across a crash ---- */

static const char kept_as[] = "forgetting", only_bytes[] = "bytes";

bool forgetting_keep(struct store *st, enum forget_stage stage, const struct forgetting *g,
                     struct fail *f)
{
    struct buf b;
    bool ok;

    if (stage != FORGET_ROWS)
        return settings_set(st->db, kept_as, stage == FORGET_BYTES ? only_bytes : "", f);
    buf_init(&b, FORGET_STATE_MAX);
    buf_printf(&b, "2 %d %" PRId32 " %d %d %" PRId64 " %" PRId64 " %d %d", (int)g->rq.what,
               g->rq.before, g->rq.traffic, g->rq.notes, g->rq.now_ms, g->posts, g->n_of,
               g->n_touched);
    for (int i = 0; i < g->n_of; i++)
        buf_printf(&b, " %s %" PRId32 " %" PRId32 " %" PRId64,
                   g->of[i].region[0] ? g->of[i].region : "*", g->of[i].first, g->of[i].last,
                   g->of[i].posts);
    for (int i = 0; i < g->n_touched; i++)
        buf_printf(&b, " %" PRId64, g->touched[i]);
    buf_printf(&b, " %s %s", g->rq.platform[0] ? g->rq.platform : "-", g->rq.name);
    ok = b.over ? fail_memory(f) : settings_set(st->db, kept_as, buf_text(&b), f);
    buf_clear(&b);
    return ok;
}

static bool read_kept(const char *text, struct forgetting *g, struct fail *f)
{
    struct forget_request *rq = &g->rq;
    int what, traffic, notes, n_touched, used = 0;

    if (sscanf(text, "2 %d %" SCNd32 " %d %d %" SCNd64 " %" SCNd64 " %d %d%n", &what, &rq->before,
               &traffic, &notes, &rq->now_ms, &g->posts, &g->n_of, &n_touched, &used) != 8 ||
        what < 0 || what > FORGET_BEFORE || g->n_of < 0 || g->n_of > FORGET_REGIONS)
        return false;
    for (int i = 0; i < g->n_of; i++) {
        struct forgotten *of = &g->of[i];

        text += used;
        if (sscanf(text, " %40s %" SCNd32 " %" SCNd32 " %" SCNd64 "%n", of->region, &of->first,
                   &of->last, &of->posts, &used) != 4)
            return false;
        if (strcmp(of->region, "*") == 0)
            of->region[0] = 0;
    }
    rq->what = (enum forget_what)what;
    rq->traffic = traffic;
    rq->notes = notes;
    for (int i = 0; i < n_touched; i++) {
        char *end;
        int64_t id = strtoll(text + used, &end, 10);

        if (*end != ' ' || !touch(g, id, f))
            return false;
        used = (int)(end - text);
    }
    text += used;
    used = 0;
    if (sscanf(text, " %40s%n", rq->platform, &used) != 1 || text[used] != ' ')
        return false;
    if (strcmp(rq->platform, "-") == 0)
        rq->platform[0] = 0;
    text_copy(rq->name, sizeof rq->name, text + used + 1);
    return true;
}

bool forgetting_kept(struct store *st, enum forget_stage *stage, struct forgetting *g,
                     struct fail *f)
{
    const struct forget_request none = {.before = DAY_NONE};
    char *text = malloc(FORGET_STATE_MAX + 1);
    bool ok;

    *stage = FORGET_NONE;
    forgetting_init(g, &none);
    ok = text ? settings_get(st->db, kept_as, text, FORGET_STATE_MAX + 1, f) : fail_memory(f);
    if (ok && *text) {
        *stage = strcmp(text, only_bytes) == 0 ? FORGET_BYTES : FORGET_ROWS;
        if (*stage == FORGET_ROWS && !read_kept(text, g, f))
            ok = fail_set(f, FAIL_INTERNAL, "bad-setting", NULL,
                          "The database says that something is being erased, and not in a way that "
                          "can be read: ask for it again.");
    }
    free(text);
    return ok;
}

static bool nothing_waits(struct store *st, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &forget_sql, SQL_WAITING, f);
    enum db_result r = s ? db_step(s, f) : DB_ERROR;
    int64_t waiting = r == DB_ROW ? db_int(s, 0) : 0;

    if (s)
        db_reset(s);
    return r == DB_ROW && (!waiting || fail_set(f, FAIL_BUSY, "imports-wait", NULL,
                                                "Files wait to be imported, and may bring it "
                                                "again; try when they are done."));
}

bool forget_slice(struct store *st, struct forgetting *g, int64_t limit, bool *done, struct fail *f)
{
    int64_t *ids = malloc((size_t)limit * sizeof *ids), n = -1;
    bool ok = (ids || fail_memory(f)) && nothing_waits(st, f) && find_account(st, g, f);

    *done = false;
    if (ok)
        n = collect(st, g, ids, limit, f);
    ok = ok && n >= 0;
    for (int64_t i = 0; ok && i < n; i++)
        ok = erase_post(st, g, ids[i], f);
    free(ids);
    if (!ok || n == limit)
        return ok;
    ok = wipe_imports(st, g, f) && erase_name(st, g, f) && run(st, SQL_ORPHANS, 0, NULL, f) &&
         erase_days(st, g, f) && mark_experiments(st, g, f);
    account_cache_empty(st->accounts);
    *done = ok;
    return ok;
}

bool forget_bytes(struct store *st, struct fail *f)
{
    struct fail ignored = {0};
    bool ok;

    /* a copy of a large database has no place in memory */
    ok = db_exec(st->db, "PRAGMA temp_store = FILE", f) && db_exec(st->db, "VACUUM", f);
    db_exec(st->db, "PRAGMA temp_store = MEMORY", &ignored);
    return ok && db_empty_wal(st->db, f);
}
