#include "store/notes.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS \
    "note_id, day_from, day_to, kind, text, source, platform, account, metric, import_id, private"

enum { SQL_EACH, SQL_FIND, SQL_SAME, SQL_ADD, SQL_CHANGE, SQL_DELETE, SQL_COUNT_ALL, SQL_COUNT };
static const char *const texts[SQL_COUNT] = {
    [SQL_EACH] = "SELECT " COLUMNS " FROM notes WHERE day_from <= ?2 AND day_to >= ?1"
                 " ORDER BY day_from, note_id",
    [SQL_FIND] = "SELECT " COLUMNS " FROM notes WHERE note_id = ?1",
    [SQL_SAME] = "SELECT note_id FROM notes WHERE day_from = ?2 AND day_to = ?3 AND kind = ?4"
                 " AND text = ?5 AND source IS ?6 AND platform IS ?7 AND account IS ?8"
                 " AND metric IS ?9 AND private = ?10 AND note_id <> ?1",
    [SQL_ADD] = "INSERT INTO notes (day_from, day_to, kind, text, source, platform, account,"
                " metric, import_id, private) VALUES"
                " (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, nullif(?1, 0), ?10)",
    [SQL_CHANGE] =
        "UPDATE notes SET day_from = ?2, day_to = ?3, kind = ?4, text = ?5,"
        " source = ?6, platform = ?7, account = ?8, metric = ?9, private = ?10 WHERE note_id = ?1",
    [SQL_DELETE] = "DELETE FROM notes WHERE note_id = ?1",
    [SQL_COUNT_ALL] = "SELECT count(*) FROM notes",
};
const struct db_sql notes_sql = {DB_NOTES, SQL_COUNT, texts};

static void read_note(struct db_stmt *s, struct note *n)
{
    memset(n, 0, sizeof *n);
    n->note_id = db_int(s, 0);
    n->from = (int32_t)db_int(s, 1);
    n->to = (int32_t)db_int(s, 2);
    n->kind = note_kind_of(db_text(s, 3));
    text_copy(n->text, sizeof n->text, db_text(s, 4));
    for (int i = 0; i < NOTE_SCOPE_COUNT; i++)
        text_copy(n->scope[i], sizeof n->scope[i], db_text(s, 5 + i));
    n->import_id = db_int(s, 5 + NOTE_SCOPE_COUNT);
    n->is_private = db_int(s, 6 + NOTE_SCOPE_COUNT) != 0;
}

bool notes_each(struct db *db, int32_t from, int32_t to, note_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &notes_sql, SQL_EACH, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, from);
    db_bind_int(s, 2, to);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct note n;

        read_note(s, &n);
        if (!fn(ctx, &n))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

static bool no_note(struct fail *f)
{
    return fail_set(f, FAIL_NOT_FOUND, "no-note", NULL, "There is no such note.");
}

bool note_find(struct db *db, int64_t note_id, struct note *n, struct fail *f)
{
    struct db_stmt *s = db_get(db, &notes_sql, SQL_FIND, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, note_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        read_note(s, n);
    db_reset(s);
    return r == DB_DONE ? no_note(f) : r == DB_ROW;
}

static struct db_stmt *bound(struct db *db, int sql, const struct note *n, struct fail *f)
{
    struct db_stmt *s = db_get(db, &notes_sql, sql, f);

    if (!s)
        return NULL;
    db_bind_int(s, 1, sql == SQL_ADD ? n->import_id : n->note_id);
    db_bind_int(s, 2, n->from);
    db_bind_int(s, 3, n->to);
    db_bind_text(s, 4, note_kind_names[n->kind]);
    db_bind_text(s, 5, n->text);
    for (int i = 0; i < NOTE_SCOPE_COUNT; i++)
        db_bind_text(s, 6 + i, n->scope[i][0] ? n->scope[i] : NULL);
    db_bind_int(s, 6 + NOTE_SCOPE_COUNT, n->is_private);
    return s;
}

/* The number of another note that says the same; 0: none. */
static bool find_same(struct db *db, const struct note *n, int64_t *same, struct fail *f)
{
    struct db_stmt *s = bound(db, SQL_SAME, n, f);
    enum db_result r;

    *same = 0;
    if (!s)
        return false;
    r = db_step(s, f);
    if (r == DB_ROW)
        *same = db_int(s, 0);
    db_reset(s);
    return r != DB_ERROR;
}

bool note_put(struct db *db, struct note *n, bool *changed, struct fail *f)
{
    struct db_stmt *s;
    int64_t same, count;

    if (!find_same(db, n, &same, f) || !db_query_int(db, texts[SQL_COUNT_ALL], &count, f))
        return false;
    *changed = !same;
    if (same) {
        n->note_id = n->note_id ? n->note_id : same;
        return true;
    }
    if (!n->note_id && count >= NOTES_MAX)
        return fail_set(f, FAIL_UNPROCESSABLE, "too-many-notes", NULL,
                        "There are %d notes already; remove some first.", NOTES_MAX);
    s = bound(db, n->note_id ? SQL_CHANGE : SQL_ADD, n, f);
    if (!s || !db_run(s, f))
        return false;
    if (n->note_id)
        return db_changes(db) ? true : no_note(f);
    n->note_id = db_last_rowid(db);
    return true;
}

bool note_delete(struct db *db, int64_t note_id, struct fail *f)
{
    struct db_stmt *s = db_get(db, &notes_sql, SQL_DELETE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, note_id);
    if (!db_run(s, f))
        return false;
    return db_changes(db) ? true : no_note(f);
}
