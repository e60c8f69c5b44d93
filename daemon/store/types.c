#include "store/types.h"
#include "base/ceilings.h"
#include "base/text.h"
#include "record/links.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RULE "rule_id, platform, account, hashtag, campaign, words, utm_content, type, tags"

enum {
    SQL_RULES,
    SQL_RULE_ADD,
    SQL_RULE_DELETE,
    SQL_RULE_COUNT,
    SQL_SET_ANY,
    SQL_SET_FIND,
    SQL_SET_PUT,
    SQL_SET_DELETE,
    SQL_SET_LIST,
    SQL_PLATFORMS,
    SQL_HANDLE,
    SQL_ALL,
    SQL_ONE,
    SQL_WRITE,
    SQL_COUNT
};
#define ATTRIBUTES \
    "p.post_id, p.platform, p.id, p.account_id, p.type, p.tags, p.text, p.url, p.campaign"
static const char *const texts[SQL_COUNT] = {
    [SQL_RULES] = "SELECT " RULE " FROM type_rules ORDER BY rule_id",
    [SQL_RULE_ADD] = "INSERT INTO type_rules (platform, account, hashtag, campaign, words,"
                     " utm_content, type, tags) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_RULE_DELETE] = "DELETE FROM type_rules WHERE rule_id = ?1",
    [SQL_RULE_COUNT] = "SELECT count(*) FROM type_rules",
    [SQL_SET_ANY] = "SELECT EXISTS (SELECT 1 FROM post_types)",
    [SQL_SET_FIND] = "SELECT type, tags FROM post_types WHERE platform = ?1 AND id = ?2",
    [SQL_SET_PUT] = "INSERT INTO post_types (platform, id, type, tags) VALUES (?1, ?2, ?3, ?4)"
                    " ON CONFLICT DO UPDATE SET type = ?3, tags = ?4"
                    " WHERE type IS NOT ?3 OR tags IS NOT ?4",
    [SQL_SET_DELETE] = "DELETE FROM post_types WHERE platform = ?1 AND id = ?2",
    [SQL_SET_LIST] = "SELECT platform, id, type, tags FROM post_types"
                     " WHERE (platform, id) > (?1, ?2) ORDER BY platform, id LIMIT ?3",
    /* posts have no index by id alone; there are few platforms */
    [SQL_PLATFORMS] = "SELECT p.platform FROM (SELECT DISTINCT platform FROM accounts) a"
                      " CROSS JOIN posts p ON p.platform = a.platform AND p.id = ?1 LIMIT 2",
    [SQL_HANDLE] = "SELECT handle FROM accounts WHERE account_id = ?1",
    [SQL_ALL] =
        "SELECT " ATTRIBUTES " FROM posts p WHERE p.post_id > ?1 ORDER BY p.post_id LIMIT 500",
    [SQL_ONE] = "SELECT " ATTRIBUTES " FROM posts p WHERE p.platform = ?1 AND p.id = ?2",
    [SQL_WRITE] = "UPDATE posts SET set_type = ?2, set_tags = ?3, set_by = ?4 WHERE post_id = ?1"
                  " AND (set_type IS NOT ?2 OR set_tags IS NOT ?3 OR set_by IS NOT ?4)",
};
const struct db_sql types_sql = {DB_TYPES, SQL_COUNT, texts};

const char *const type_rule_names[RULE_TEXTS] = {"platform", "account",     "hashtag", "campaign",
                                                 "words",    "utm_content", "type",    "tags"};

const char **type_rule_text(struct type_rule *r, int i)
{
    const char **const at[RULE_TEXTS] = {&r->platform, &r->account,     &r->hashtag, &r->campaign,
                                         &r->words,    &r->utm_content, &r->type,    &r->tags};

    return at[i];
}

struct type_book {
    bool loaded, any_set;
    struct type_rule *rule; /* strings owned */
    int n;
};

struct type_book *type_book_new(void)
{
    return calloc(1, sizeof(struct type_book));
}

void type_book_empty(struct type_book *b)
{
    for (int i = 0; i < b->n; i++)
        for (int k = 0; k < RULE_TEXTS; k++)
            free((char *)(uintptr_t)*type_rule_text(&b->rule[i], k));
    free(b->rule);
    memset(b, 0, sizeof *b);
}

void type_book_free(struct type_book *b)
{
    if (b)
        type_book_empty(b);
    free(b);
}

static void rule_read(struct db_stmt *s, struct type_rule *r)
{
    r->rule_id = db_int(s, 0);
    for (int k = 0; k < RULE_TEXTS; k++)
        *type_rule_text(r, k) = db_text(s, 1 + k);
}

bool type_rules_each(struct db *db, type_rule_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &types_sql, SQL_RULES, f);
    enum db_result r;

    if (!s)
        return false;
    while ((r = db_step(s, f)) == DB_ROW) {
        struct type_rule rule;

        rule_read(s, &rule);
        if (!fn(ctx, &rule))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

static bool book_rule(void *ctx, const struct type_rule *r)
{
    struct type_book *b = ctx;
    struct type_rule *more = realloc(b->rule, (size_t)(b->n + 1) * sizeof *more);
    struct type_rule from = *r, *to;
    bool ok = more != NULL;

    if (!more)
        return false;
    b->rule = more;
    to = &b->rule[b->n++];
    to->rule_id = r->rule_id;
    for (int k = 0; k < RULE_TEXTS; k++) {
        const char *text = *type_rule_text(&from, k);

        *type_rule_text(to, k) = text ? strdup(text) : NULL;
        ok = ok && (!text || *type_rule_text(to, k));
    }
    b->loaded = ok;
    return ok;
}

static bool book_load(struct store *st, struct fail *f)
{
    struct type_book *b = st->types;
    struct db_stmt *s;
    enum db_result r;

    if (b->loaded)
        return true;
    type_book_empty(b);
    b->loaded = true;
    if (!type_rules_each(st->db, book_rule, b, f))
        return false;
    if (!b->loaded)
        return fail_memory(f);
    s = db_get(st->db, &types_sql, SQL_SET_ANY, f);
    r = s ? db_step(s, f) : DB_ERROR;
    b->any_set = r == DB_ROW && db_int(s, 0);
    if (s)
        db_reset(s);
    b->loaded = r == DB_ROW;
    return b->loaded;
}

bool types_any(struct store *st, bool *any, struct fail *f)
{
    bool ok = book_load(st, f);

    *any = ok && (st->types->n || st->types->any_set);
    return ok;
}

/* ---- whether a rule fits ---- */

static bool is_word_byte(char c)
{
    unsigned char u = (unsigned char)c;

    return (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' ||
           (u >= 0xc3 && u <= 0xca); /* letters beyond ASCII that Latin scripts have */
}

/* The words as they stand, in either case, not as a part of longer ones. */
static bool has_words(const char *text, const char *words)
{
    size_t n = strlen(words);

    for (const char *t = text; t && *t; t++) {
        if (strncasecmp(t, words, n) != 0)
            continue;
        if ((t == text || !is_word_byte(words[0]) || !is_word_byte(t[-1])) &&
            (!is_word_byte(words[n - 1]) || !is_word_byte(t[n])))
            return true;
    }
    return false;
}

static bool has_hashtag(const char *text, const char *tag)
{
    size_t n = strlen(tag);

    for (const char *t = text; t && (t = strchr(t, '#')) != NULL; t++)
        if (strncasecmp(t + 1, tag, n) == 0 && !is_word_byte(t[1 + n]))
            return true;
    return false;
}

static bool same(const char *wanted, const char *have)
{
    return !wanted || (have && strcmp(wanted, have) == 0);
}

/* What rules look at. */
struct subject {
    const struct post_row *p;
    char handle[NAME_MAX_BYTES + 1], utm_content[NAME_MAX_BYTES + 1];
};

static bool rule_fits(const struct type_rule *r, const struct subject *s)
{
    return same(r->platform, s->p->platform) && same(r->account, s->handle) &&
           same(r->campaign, s->p->campaign) && same(r->utm_content, s->utm_content) &&
           (!r->hashtag || has_hashtag(s->p->text, r->hashtag)) &&
           (!r->words || has_words(s->p->text, r->words));
}

/* ---- applying ---- */

static bool has_tag(const char *tags, const char *tag, size_t n)
{
    for (const char *t = tags; t && (t = strstr(t, tag)) != NULL; t++)
        if ((t == tags || t[-1] == ' ') && (t[n] == ' ' || !t[n]) && strncmp(t, tag, n) == 0)
            return true;
    return false;
}

/* Adds tags that neither the post nor `to` has yet. */
static void add_tags(char *to, size_t size, const char *more, const char *have)
{
    while (more && *more) {
        size_t n = strcspn(more, " "), at = strlen(to);
        char tag[SLUG_MAX + 1];

        if (n && n <= SLUG_MAX) {
            memcpy(tag, more, n);
            tag[n] = 0;
            if (!has_tag(to, tag, n) && !has_tag(have, tag, n) && at + n + 2 < size) {
                if (at)
                    to[at++] = ' ';
                memcpy(to + at, tag, n + 1);
            }
        }
        more += n + (more[n] == ' ');
    }
}

static bool handle_of(struct store *st, int64_t account_id, char *out, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &types_sql, SQL_HANDLE, f);
    enum db_result r;

    out[0] = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, account_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        text_copy(out, NAME_MAX_BYTES + 1, db_text(s, 0));
    db_reset(s);
    return r != DB_ERROR;
}

/* What is to be set of a post. */
struct setting {
    char type[SLUG_MAX + 1], tags[TAGS_MAX * (SLUG_MAX + 1) + 1];
    int by;
};

static bool look_up_set(struct store *st, const struct post_row *p, const char *id,
                        struct setting *set, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &types_sql, SQL_SET_FIND, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, p->platform);
    db_bind_text(s, 2, id);
    r = db_step(s, f);
    if (r == DB_ROW) {
        if (!db_is_null(s, 0)) {
            text_copy(set->type, sizeof set->type, db_text(s, 0));
            set->by = 2;
        }
        add_tags(set->tags, sizeof set->tags, db_text(s, 1), p->tags);
    }
    db_reset(s);
    return r != DB_ERROR;
}

static bool by_rules(struct store *st, const struct post_row *p, struct setting *set,
                     struct fail *f)
{
    const struct type_book *b = st->types;
    struct subject s = {.p = p};

    if (!b->n)
        return true;
    if (!handle_of(st, p->account_id, s.handle, f))
        return false;
    if (!post_utm(p->url, p->text, UTM_CONTENT, s.utm_content))
        s.utm_content[0] = 0;
    for (int i = 0; i < b->n; i++) {
        const struct type_rule *r = &b->rule[i];

        if (!rule_fits(r, &s))
            continue;
        if (r->type && !set->type[0]) {
            text_copy(set->type, sizeof set->type, r->type);
            set->by = 1;
        }
        add_tags(set->tags, sizeof set->tags, r->tags, p->tags);
    }
    return true;
}

bool types_apply(struct store *st, const struct post_row *p, const char *id, bool *changed,
                 struct fail *f)
{
    struct setting set = {"", "", 0};
    struct db_stmt *s;

    if (!book_load(st, f) || (st->types->any_set && !look_up_set(st, p, id, &set, f)) ||
        !by_rules(st, p, &set, f))
        return false;
    s = db_get(st->db, &types_sql, SQL_WRITE, f);
    if (!s)
        return false;
    db_bind_int(s, 1, p->post_id);
    db_bind_text(s, 2, set.type[0] ? set.type : NULL);
    db_bind_text(s, 3, set.tags[0] ? set.tags : NULL);
    db_bind_null(s, 4);
    if (set.by)
        db_bind_int(s, 4, set.by);
    if (!db_run(s, f))
        return false;
    if (db_changes(st->db))
        *changed = true;
    return true;
}

static bool row_of(struct db_stmt *s, struct post_row *p, char id[ID_MAX + 1])
{
    const int columns[] = {1, 4, 5, 6, 7, 8};
    char **const to[] = {&p->platform, &p->type, &p->tags, &p->text, &p->url, &p->campaign};
    bool ok = true;

    memset(p, 0, sizeof *p);
    p->post_id = db_int(s, 0);
    p->account_id = db_int(s, 3);
    text_copy(id, ID_MAX + 1, db_text(s, 2));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (!db_is_null(s, columns[i])) {
            *to[i] = strdup(db_text(s, columns[i]));
            ok = ok && *to[i];
        }
    return ok;
}

/* Posts at a time, so that none is read while it is written. */
enum { ROWS = 500 };

struct read_row {
    struct post_row p;
    char id[ID_MAX + 1];
};

static int read_rows(struct store *st, int64_t after, struct read_row *rows, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &types_sql, SQL_ALL, f);
    enum db_result r = DB_DONE;
    bool ok = true;
    int n = 0;

    if (!s)
        return -1;
    db_bind_int(s, 1, after);
    while (ok && n < ROWS && (r = db_step(s, f)) == DB_ROW) {
        ok = row_of(s, &rows[n].p, rows[n].id);
        n++;
    }
    db_reset(s);
    if (ok && r != DB_ERROR)
        return n;
    for (int i = 0; i < n; i++)
        post_row_clear(&rows[i].p);
    if (!ok)
        fail_memory(f);
    return -1;
}

/* All posts anew; *posts: how many changed. */
static bool apply_all(struct store *st, int64_t *posts, struct fail *f)
{
    struct read_row *rows = calloc(ROWS, sizeof *rows);
    int64_t after = 0;
    bool ok = rows != NULL;
    int n = 1;

    if (!ok)
        return fail_memory(f);
    while (ok && n > 0) {
        n = read_rows(st, after, rows, f);
        ok = n >= 0;
        for (int i = 0; i < n; i++) {
            bool changed = false;

            ok = ok && types_apply(st, &rows[i].p, rows[i].id, &changed, f);
            *posts += changed;
            after = rows[i].p.post_id;
            post_row_clear(&rows[i].p);
        }
    }
    free(rows);
    return ok;
}

/* ---- rules ---- */

bool type_rule_add(struct store *st, struct type_rule *r, int64_t *posts, struct fail *f)
{
    struct db_stmt *s;
    int64_t n = 0;
    bool condition = false;

    *posts = 0;
    for (int k = 0; k < RULE_TEXTS - 2; k++)
        condition = condition || *type_rule_text(r, k);
    if (!condition)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-condition", NULL,
                        "A rule needs a condition: platform, account, hashtag, campaign, words or "
                        "utm_content.");
    if (!r->type && !r->tags)
        return fail_set(f, FAIL_UNPROCESSABLE, "no-type", "type",
                        "A rule gives a type, or tags, or both.");
    if (!db_query_int(st->db, texts[SQL_RULE_COUNT], &n, f))
        return false;
    if (n >= TYPE_RULES_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-many-rules", NULL,
                        "There are %d rules already; take some away first.", TYPE_RULES_MAX);
    s = db_get(st->db, &types_sql, SQL_RULE_ADD, f);
    if (!s)
        return false;
    for (int k = 0; k < RULE_TEXTS; k++)
        db_bind_text(s, 1 + k, *type_rule_text(r, k));
    if (!db_run(s, f))
        return false;
    r->rule_id = db_last_rowid(st->db);
    type_book_empty(st->types);
    return apply_all(st, posts, f);
}

bool type_rule_add_once(struct store *st, struct type_rule *r, int64_t *posts, struct fail *f)
{
    *posts = 0;
    if (!book_load(st, f))
        return false;
    for (int i = 0; i < st->types->n; i++) {
        bool alike = true;

        for (int k = 0; k < RULE_TEXTS; k++) {
            const char *a = *type_rule_text(&st->types->rule[i], k), *b = *type_rule_text(r, k);

            alike = alike && strcmp(a ? a : "", b ? b : "") == 0;
        }
        if (alike)
            return true;
    }
    return type_rule_add(st, r, posts, f);
}

bool type_rule_delete(struct store *st, int64_t rule_id, int64_t *posts, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &types_sql, SQL_RULE_DELETE, f);

    *posts = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, rule_id);
    if (!db_run(s, f))
        return false;
    if (!db_changes(st->db))
        return fail_set(f, FAIL_NOT_FOUND, "no-rule", NULL, "There is no rule %" PRId64 ".",
                        rule_id);
    type_book_empty(st->types);
    return apply_all(st, posts, f);
}

/* ---- one post ---- */

static bool platform_of(struct store *st, const char *id, char out[SLUG_MAX + 1], struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &types_sql, SQL_PLATFORMS, f);
    enum db_result r;
    int n = 0;

    if (!s)
        return false;
    db_bind_text(s, 1, id);
    while ((r = db_step(s, f)) == DB_ROW) {
        text_copy(out, SLUG_MAX + 1, db_text(s, 0));
        n++;
    }
    db_reset(s);
    if (r == DB_ERROR)
        return false;
    if (!n)
        return fail_set(f, FAIL_NOT_FOUND, "no-post", "id",
                        "There is no post \"%.60s\"; name the platform, and the type is kept until "
                        "it comes.",
                        id);
    return n == 1 ||
           fail_set(f, FAIL_CONFLICT, "ambiguous-id", "platform",
                    "Posts of several platforms have the id \"%.60s\"; name the platform.", id);
}

static bool apply_one(struct store *st, const char *platform, const char *id, struct fail *f)
{
    struct db_stmt *s = db_get(st->db, &types_sql, SQL_ONE, f);
    struct post_row p = {0};
    char own_id[ID_MAX + 1];
    bool changed = false, ok = true;
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, id);
    r = db_step(s, f);
    if (r == DB_ROW)
        ok = row_of(s, &p, own_id);
    db_reset(s);
    if (!ok)
        fail_memory(f);
    ok = ok && r != DB_ERROR && (r == DB_DONE || types_apply(st, &p, own_id, &changed, f));
    post_row_clear(&p);
    return ok;
}

bool post_type_set(struct store *st, const struct set_type *t, bool *changed, struct fail *f)
{
    bool clears = !t->type && !t->tags;
    char platform[SLUG_MAX + 1];
    struct db_stmt *s;

    if (t->platform)
        text_copy(platform, sizeof platform, t->platform);
    else if (!platform_of(st, t->id, platform, f))
        return false;
    s = db_get(st->db, &types_sql, clears ? SQL_SET_DELETE : SQL_SET_PUT, f);
    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, t->id);
    if (!clears) {
        db_bind_text(s, 3, t->type);
        db_bind_text(s, 4, t->tags);
    }
    if (!db_run(s, f))
        return false;
    *changed = db_changes(st->db) > 0;
    if (!*changed)
        return true;
    type_book_empty(st->types);
    return apply_one(st, platform, t->id, f);
}

bool post_types_each(struct db *db, const char *platform, const char *id, int64_t limit,
                     set_type_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &types_sql, SQL_SET_LIST, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, platform);
    db_bind_text(s, 2, id);
    db_bind_int(s, 3, limit);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct set_type t = {db_text(s, 0), db_text(s, 1), db_text(s, 2), db_text(s, 3)};

        if (!fn(ctx, &t))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}
