#include "store/imports.h"
#include "base/text.h"
#include "base/ceilings.h"
#include "base/day.h"

#include <stdio.h>
#include <string.h>

#define ROW \
    "import_id, state, file, content_hash, options, profile, profile_version, record, bytes," \
    " spool, received_at, finished_at, rows_total, rows_done, received, inserted, updated," \
    " unchanged, skipped, rejected, code, sentence, skipped_columns, post_min, post_max," \
    " dry_run, charset, notes, columns, covers_from, covers_to, read_at, parent_id"

enum {
    SQL_LOAD,
    SQL_NEXT,
    SQL_SAME,
    SQL_INSERT,
    SQL_UPDATE,
    SQL_KEEP,
    SQL_KEPT,
    SQL_LIST,
    SQL_ROWS,
    SQL_WAITING,
    SQL_SPOOL,
    SQL_KEEP_REJECTED,
    SQL_REJECTED,
    SQL_DEFINE,
    SQL_REJECTED_LINES,
    SQL_CHILD,
    SQL_UNDO_CHILDREN,
    SQL_SPAN,
    SQL_COUNT
};
static const char *const texts[SQL_COUNT] = {
    [SQL_LOAD] = "SELECT " ROW " FROM imports WHERE import_id = ?1",
    [SQL_NEXT] = "SELECT " ROW " FROM imports WHERE state IN ('queued', 'running', 'undoing')"
                 " ORDER BY state <> 'undoing', parent_id IS NULL, import_id LIMIT 1",
    [SQL_SAME] = "SELECT import_id FROM imports WHERE content_hash = ?1 AND options = ?2"
                 " AND profile = ?3 AND profile_version = ?4"
                 " AND state IN ('queued', 'running', 'done') AND dry_run = 0"
                 /* what has become another region's is not there for who sees one alone */
                 " AND (instr(options || char(10), char(10) || 'only=') = 0 OR NOT EXISTS"
                 " (SELECT 1 FROM brought b WHERE b.import_id = imports.import_id AND"
                 " instr(options || char(10), char(10) || 'only=' || b.region || char(10)) = 0))"
                 " ORDER BY import_id LIMIT 1",
    [SQL_INSERT] = "INSERT INTO imports (state, file, content_hash, options, profile,"
                   " profile_version, record, bytes, spool, received_at, dry_run, parent_id)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_UPDATE] = "UPDATE imports SET state = ?2, spool = ?3, finished_at = ?4, rows_total = ?5,"
                   " rows_done = ?6, received = ?7, inserted = ?8, updated = ?9, unchanged = ?10,"
                   " skipped = ?11, rejected = ?12, code = ?13, sentence = ?14,"
                   " skipped_columns = ?15, post_min = ?16, post_max = ?17, charset = ?18,"
                   " notes = ?19, columns = ?20, covers_from = ?21, covers_to = ?22,"
                   " read_at = ?23 WHERE import_id = ?1",
    [SQL_KEEP] = "INSERT INTO import_rows (import_id, n, skipped, line, column_number, heading,"
                 " code, sentence, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_KEPT] = "SELECT coalesce(max(n) + 1, 0) FROM import_rows WHERE import_id = ?1",
    [SQL_LIST] =
        "SELECT " ROW " FROM imports WHERE import_id < ?1 ORDER BY import_id DESC LIMIT ?2",
    [SQL_ROWS] = "SELECT n, skipped, line, column_number, heading, code, sentence, value"
                 " FROM import_rows"
                 " WHERE import_id = ?1 AND n >= ?2 ORDER BY n LIMIT ?3",
    [SQL_WAITING] = "SELECT count(*) FROM imports WHERE state IN ('queued', 'running', 'undoing')",
    [SQL_SPOOL] = "SELECT count(*) FROM imports WHERE spool = ?1",
    [SQL_KEEP_REJECTED] =
        "INSERT INTO import_rejected (import_id, complete, csv) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET complete = ?2, csv = ?3",
    [SQL_REJECTED] = "SELECT csv, complete FROM import_rejected WHERE import_id = ?1",
    [SQL_DEFINE] = "INSERT INTO import_definitions (import_id, metric, definition)"
                   " VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET definition = ?3",
    [SQL_CHILD] = "SELECT import_id FROM imports WHERE parent_id = ?1 AND profile = ?2"
                  " AND state = 'done' LIMIT 1",
    [SQL_SPAN] = "UPDATE imports SET post_min = min(coalesce(post_min, ?2), ?2),"
                 " post_max = max(coalesce(post_max, ?3), ?3) WHERE import_id = ?1",
    [SQL_UNDO_CHILDREN] = "UPDATE imports SET state = 'undoing', finished_at = NULL"
                          " WHERE parent_id = ?1 AND state = 'done'",
    [SQL_REJECTED_LINES] = "SELECT line FROM import_rows WHERE import_id = ?1 AND skipped = 0"
                           " ORDER BY n",
};
const struct db_sql imports_sql = {DB_IMPORTS, SQL_COUNT, texts};

const char *const import_state_names[IMPORT_STATE_COUNT] = {"queued",  "running", "done",
                                                            "refused", "undoing", "undone"};

static void row_read(struct db_stmt *s, struct import_row *row)
{
    const char *state = db_text(s, 1);
    int64_t *counts[] = {&row->counts.received,  &row->counts.inserted, &row->counts.updated,
                         &row->counts.unchanged, &row->counts.skipped,  &row->counts.rejected};

    memset(row, 0, sizeof *row);
    row->import_id = db_int(s, 0);
    for (int i = 0; i < IMPORT_STATE_COUNT; i++)
        if (strcmp(import_state_names[i], state) == 0)
            row->state = (enum import_state)i;
    text_copy(row->file, sizeof row->file, db_text(s, 2));
    text_copy(row->content_hash, sizeof row->content_hash, db_text(s, 3));
    text_copy(row->options, sizeof row->options, db_text(s, 4));
    text_copy(row->profile, sizeof row->profile, db_text(s, 5));
    row->profile_version = (int)db_int(s, 6);
    row->kind = strcmp(db_text(s, 7), "post") == 0 ? RECORD_POST : RECORD_TRAFFIC;
    row->bytes = db_int(s, 8);
    text_copy(row->spool, sizeof row->spool, db_text(s, 9));
    row->received_at = db_int(s, 10);
    row->finished_at = db_count(s, 11);
    row->rows_total = db_count(s, 12);
    row->rows_done = db_int(s, 13);
    for (int i = 0; i < 6; i++)
        *counts[i] = db_int(s, 14 + i);
    text_copy(row->code, sizeof row->code, db_text(s, 20));
    text_copy(row->sentence, sizeof row->sentence, db_text(s, 21));
    text_copy(row->skipped_columns, sizeof row->skipped_columns, db_text(s, 22));
    row->post_min = db_count(s, 23);
    row->post_max = db_count(s, 24);
    row->dry_run = db_int(s, 25) != 0;
    text_copy(row->charset, sizeof row->charset, db_text(s, 26));
    text_copy(row->notes, sizeof row->notes, db_text(s, 27));
    text_copy(row->columns, sizeof row->columns, db_text(s, 28));
    row->covers_from = db_is_null(s, 29) ? DAY_NONE : (int32_t)db_int(s, 29);
    row->covers_to = db_is_null(s, 30) ? DAY_NONE : (int32_t)db_int(s, 30);
    row->read_at = db_count(s, 31);
    row->parent_id = db_is_null(s, 32) ? 0 : db_int(s, 32);
}

static enum db_result read_one(struct db_stmt *s, struct import_row *row, struct fail *f)
{
    enum db_result r = db_step(s, f);

    if (r == DB_ROW)
        row_read(s, row);
    db_reset(s);
    return r;
}

enum db_result import_load(struct db *db, int64_t import_id, struct import_row *row, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_LOAD, f);

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, import_id);
    return read_one(s, row, f);
}

enum db_result import_next(struct db *db, struct import_row *row, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_NEXT, f);

    return s ? read_one(s, row, f) : DB_ERROR;
}

enum db_result import_same(struct db *db, const struct import_row *like, int64_t *import_id,
                           struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_SAME, f);
    enum db_result r;

    if (!s)
        return DB_ERROR;
    db_bind_text(s, 1, like->content_hash);
    db_bind_text(s, 2, like->options);
    db_bind_text(s, 3, like->profile);
    db_bind_int(s, 4, like->profile_version);
    r = db_step(s, f);
    if (r == DB_ROW)
        *import_id = db_int(s, 0);
    db_reset(s);
    return r;
}

bool import_insert(struct db *db, struct import_row *row, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_INSERT, f);

    if (!s)
        return false;
    db_bind_text(s, 1, import_state_names[row->state]);
    db_bind_text(s, 2, row->file);
    db_bind_text(s, 3, row->content_hash);
    db_bind_text(s, 4, row->options);
    db_bind_text(s, 5, row->profile);
    db_bind_int(s, 6, row->profile_version);
    db_bind_text(s, 7, row->kind == RECORD_POST ? "post" : "traffic");
    db_bind_int(s, 8, row->bytes);
    db_bind_text(s, 9, row->spool[0] ? row->spool : NULL);
    db_bind_int(s, 10, row->received_at);
    db_bind_int(s, 11, row->dry_run);
    db_bind_null(s, 12);
    if (row->parent_id)
        db_bind_int(s, 12, row->parent_id);
    if (!db_run(s, f))
        return false;
    row->import_id = db_last_rowid(db);
    return true;
}

static void bind_day(struct db_stmt *s, int i, int32_t day)
{
    db_bind_null(s, i);
    if (day != DAY_NONE)
        db_bind_int(s, i, day);
}

bool import_update(struct db *db, const struct import_row *row, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_UPDATE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, row->import_id);
    db_bind_text(s, 2, import_state_names[row->state]);
    db_bind_text(s, 3, row->spool[0] ? row->spool : NULL);
    db_bind_count(s, 4, row->finished_at);
    db_bind_count(s, 5, row->rows_total);
    db_bind_int(s, 6, row->rows_done);
    db_bind_int(s, 7, row->counts.received);
    db_bind_int(s, 8, row->counts.inserted);
    db_bind_int(s, 9, row->counts.updated);
    db_bind_int(s, 10, row->counts.unchanged);
    db_bind_int(s, 11, row->counts.skipped);
    db_bind_int(s, 12, row->counts.rejected);
    db_bind_text(s, 13, row->code[0] ? row->code : NULL);
    db_bind_text(s, 14, row->sentence[0] ? row->sentence : NULL);
    db_bind_text(s, 15, row->skipped_columns);
    db_bind_count(s, 16, row->post_min);
    db_bind_count(s, 17, row->post_max);
    db_bind_text(s, 18, row->charset);
    db_bind_text(s, 19, row->notes);
    db_bind_text(s, 20, row->columns);
    bind_day(s, 21, row->covers_from);
    bind_day(s, 22, row->covers_to);
    db_bind_count(s, 23, row->read_at);
    return db_run(s, f);
}

bool import_rows_kept(struct db *db, int64_t import_id, int64_t *n, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_KEPT, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        *n = db_int(s, 0);
    db_reset(s);
    return r == DB_ROW;
}

bool import_keep_rows(struct db *db, int64_t import_id, const struct reject *items, size_t n,
                      struct fail *f)
{
    struct db_stmt *s;
    int64_t kept = 0;

    if (!n)
        return true;
    if (!import_rows_kept(db, import_id, &kept, f))
        return false;
    for (size_t i = 0; i < n && kept < IMPORT_REJECTS_MAX; i++, kept++) {
        s = db_get(db, &imports_sql, SQL_KEEP, f);
        if (!s)
            return false;
        db_bind_int(s, 1, import_id);
        db_bind_int(s, 2, kept);
        db_bind_int(s, 3, items[i].skipped);
        db_bind_int(s, 4, items[i].line);
        db_bind_int(s, 5, items[i].column);
        db_bind_text(s, 6, items[i].heading);
        db_bind_text(s, 7, items[i].code);
        db_bind_text(s, 8, items[i].sentence);
        db_bind_text(s, 9, items[i].value);
        if (!db_run(s, f))
            return false;
    }
    return true;
}

bool imports_each(struct db *db, int64_t before, int64_t limit, import_fn fn, void *ctx,
                  struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_LIST, f);
    struct import_row row;
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, before ? before : INT64_MAX);
    db_bind_int(s, 2, limit);
    while ((r = db_step(s, f)) == DB_ROW) {
        row_read(s, &row);
        if (!fn(ctx, &row))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool import_rows_each(struct db *db, int64_t import_id, int64_t from, int64_t limit,
                      import_reject_fn fn, void *ctx, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_ROWS, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    db_bind_int(s, 2, from);
    db_bind_int(s, 3, limit);
    while ((r = db_step(s, f)) == DB_ROW) {
        struct reject item;

        memset(&item, 0, sizeof item);
        item.skipped = db_int(s, 1) != 0;
        item.line = db_int(s, 2);
        item.column = (int)db_int(s, 3);
        text_copy(item.heading, sizeof item.heading, db_text(s, 4));
        text_copy(item.code, sizeof item.code, db_text(s, 5));
        text_copy(item.sentence, sizeof item.sentence, db_text(s, 6));
        text_copy(item.value, sizeof item.value, db_text(s, 7));
        if (!fn(ctx, db_int(s, 0), &item))
            break;
    }
    db_reset(s);
    return r != DB_ERROR;
}

bool imports_waiting(struct db *db, int64_t *n, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_WAITING, f);
    enum db_result r;

    if (!s)
        return false;
    r = db_step(s, f);
    if (r == DB_ROW)
        *n = db_int(s, 0);
    db_reset(s);
    return r == DB_ROW;
}

bool import_spool_is_wanted(struct db *db, const char *spool, bool *wanted, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_SPOOL, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_text(s, 1, spool);
    r = db_step(s, f);
    if (r == DB_ROW)
        *wanted = db_int(s, 0) > 0;
    db_reset(s);
    return r == DB_ROW;
}

bool import_keep_rejected(struct db *db, int64_t import_id, const char *csv, bool complete,
                          struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_KEEP_REJECTED, f);

    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    db_bind_int(s, 2, complete);
    db_bind_text(s, 3, csv);
    return db_run(s, f);
}

enum db_result import_rejected(struct db *db, int64_t import_id, import_rejected_fn fn, void *ctx,
                               struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_REJECTED, f);
    enum db_result r;

    if (!s)
        return DB_ERROR;
    db_bind_int(s, 1, import_id);
    r = db_step(s, f);
    if (r == DB_ROW)
        fn(ctx, db_text(s, 0), db_int(s, 1) != 0);
    db_reset(s);
    return r;
}

bool import_define(struct db *db, int64_t import_id, const char *metric, const char *definition,
                   struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_DEFINE, f);

    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    db_bind_text(s, 2, metric);
    db_bind_text(s, 3, definition);
    return db_run(s, f);
}

bool import_rejected_lines(struct db *db, int64_t import_id, import_line_fn fn, void *ctx,
                           struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_REJECTED_LINES, f);
    enum db_result r;

    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    while ((r = db_step(s, f)) == DB_ROW)
        if (!fn(ctx, db_int(s, 0)))
            break;
    db_reset(s);
    return r != DB_ERROR;
}

bool import_child(struct db *db, int64_t parent_id, const char *profile, int64_t *import_id,
                  struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_CHILD, f);
    enum db_result r;

    *import_id = 0;
    if (!s)
        return false;
    db_bind_int(s, 1, parent_id);
    db_bind_text(s, 2, profile);
    r = db_step(s, f);
    if (r == DB_ROW)
        *import_id = db_int(s, 0);
    db_reset(s);
    return r != DB_ERROR;
}

bool import_undo_children(struct db *db, int64_t parent_id, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_UNDO_CHILDREN, f);

    if (!s)
        return false;
    db_bind_int(s, 1, parent_id);
    return db_run(s, f);
}

bool import_span(struct db *db, int64_t import_id, int64_t first, int64_t last, struct fail *f)
{
    struct db_stmt *s = db_get(db, &imports_sql, SQL_SPAN, f);

    if (!s)
        return false;
    db_bind_int(s, 1, import_id);
    db_bind_int(s, 2, first);
    db_bind_int(s, 3, last);
    return db_run(s, f);
}
