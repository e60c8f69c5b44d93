/* The end of an import: the rows that were rejected, as a file that can be mended and sent again.
 */
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/text.h"
#include "import/importer_parts.h"
#include "store/accounts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- notes and columns as the store keeps them ---- */

static int64_t notes_rows(const char *notes, const char *code)
{
    size_t n = strlen(code);

    for (const char *line = notes; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, code, n) == 0 && line[n] == ' ')
            return strtoll(line + n + 1, NULL, 10);
    return 0;
}

void import_notes_add(struct import_row *row, const int64_t rows[NOTE_COUNT], bool set)
{
    char out[sizeof row->notes] = "";
    size_t n = 0;

    for (int i = 0; i < NOTE_COUNT && n < sizeof out; i++) {
        int64_t had = notes_rows(row->notes, note_codes[i]);
        int64_t now = set ? (rows[i] ? rows[i] : had) : had + rows[i];

        if (now)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%s %" PRId64, n ? "\n" : "",
                                  note_codes[i], now);
    }
    text_copy(row->notes, sizeof row->notes, out);
}

void import_columns(const struct plan *plan, char *text, size_t size)
{
    size_t n = 0;

    text[0] = 0;
    for (int i = 0; i < plan_columns(plan); i++) {
        const char *use = plan_column_use(plan, i), *format = plan_time_format(plan);
        bool time = use && (strcmp(use, "posted_at") == 0 || strcmp(use, "date") == 0) && *format;
        char line[600];
        int len;

        len = snprintf(line, sizeof line, "%.300s\t%s%s%s%s", plan_heading(plan, i), use ? use : "",
                       time ? " (" : "", time ? format : "", time ? ")" : "");
        for (int k = 0; k < len; k++)
            if (line[k] == '\n' || line[k] == '\r')
                line[k] = ' ';
        if (n + (size_t)len + 2 > size)
            return;
        n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "\n" : "", line);
    }
}

/* ---- rejected rows ---- */

struct collecting {
    struct plan *plan;
    int64_t *line; /* owned; in order */
    size_t n, cap, at;
    int64_t number; /* of the import, as its sender knows it */
    struct buf csv;
    bool memory, complete;
};

static bool keep_line(void *ctx, int64_t line)
{
    struct collecting *c = ctx;

    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 64;
        int64_t *more = realloc(c->line, cap * sizeof *more);

        if (!more) {
            c->memory = false;
            return false;
        }
        c->line = more;
        c->cap = cap;
    }
    c->line[c->n++] = line;
    return true;
}

static void put_cell(struct buf *b, const struct csv_cell *c)
{
    bool quote = c->len && (memchr(c->text, ',', c->len) || memchr(c->text, '"', c->len) ||
                            memchr(c->text, '\n', c->len) || memchr(c->text, '\r', c->len) ||
                            c->text[0] == ' ');

    if (!quote) {
        buf_add(b, c->text, c->len);
        return;
    }
    buf_putc(b, '"');
    for (size_t i = 0; i < c->len; i++) {
        if (c->text[i] == '"')
            buf_putc(b, '"');
        buf_putc(b, c->text[i]);
    }
    buf_putc(b, '"');
}

/* Preamble, headings and titles as they are, and of the rows those that were rejected. */
static bool collect_row(void *ctx, const struct csv_row *row)
{
    struct collecting *c = ctx;
    struct reject why;
    size_t before = c->csv.len;
    bool wanted = false;

    switch (plan_classify(c->plan, row, &why)) {
    case ROW_OUTSIDE: wanted = true; break;
    case ROW_SKIPPED:
        wanted = strcmp(why.code, "heading") == 0 || strcmp(why.code, "title") == 0 ||
                 strcmp(why.code, "comment") == 0 || strcmp(why.code, "descriptions") == 0;
        if (row->after_blank && wanted)
            buf_puts(&c->csv, "\r\n");
        break;
    case ROW_OF_TABLE:
        while (c->at < c->n && c->line[c->at] < row->line)
            c->at++;
        wanted = c->at < c->n && c->line[c->at] == row->line;
        break;
    }
    for (int i = 0; wanted && i < row->n; i++) {
        if (i)
            buf_putc(&c->csv, ',');
        if (!plan_column_is_private(c->plan, i) || plan_heading_line(c->plan) == row->line)
            put_cell(&c->csv, &row->cells[i]);
    }
    if (wanted && plan_heading_line(c->plan) == row->line && !plan_mended(c->plan))
        buf_printf(&c->csv, ",%s%" PRId64, MENDED_HEADING, c->number);
    if (wanted)
        buf_puts(&c->csv, "\r\n");
    if (!c->csv.over)
        return true;
    c->csv.len = before; /* whole rows only */
    c->complete = false;
    return false;
}

struct finishing {
    struct import_row row;
    bool unknown;                 /* whose its rejected rows are */
    struct collecting *collected; /* NULL: no row was rejected */
};

static bool write_finish(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct finishing *w = ctx;
    struct collecting *c = w->collected;

    (void)changed;
    return (!w->unknown || account_brought(st, w->row.import_id, 0, REGION_UNKNOWN, f)) &&
           (!c ||
            import_keep_rejected(st->db, w->row.import_id, buf_text(&c->csv), c->complete, f)) &&
           import_update(st->db, &w->row, f);
}

static bool lines_of(struct importer *im, int64_t import_id, struct collecting *c, struct fail *f)
{
    int64_t revision;
    struct db *db = snapshot_begin(im->o.snapshots, &revision, f);
    bool ok = db && import_rejected_lines(db, import_id, keep_line, c, f);

    snapshot_end(db);
    return ok && (c->memory || fail_memory(f));
}

/* Done, with what was collected. */
static bool done(struct importer *im, struct finishing *w, struct import_row *row, bool ok,
                 struct fail *f)
{
    w->row.state = IMPORT_DONE;
    w->row.finished_at = clock_now_ms();
    w->row.spool[0] = 0;
    ok = ok && import_persist(im, write_finish, w, f);
    if (ok)
        *row = w->row;
    if (w->collected) {
        free(w->collected->line);
        buf_clear(&w->collected->csv);
    }
    return ok;
}

/* Whether it has a column that says of what account or region a row is. */
static bool says_whose(const struct plan *p)
{
    for (int i = 0; i < plan_columns(p); i++) {
        const char *use = plan_column_use(p, i);

        if (use && (strcmp(use, "account") == 0 || strcmp(use, "region") == 0))
            return true;
    }
    return false;
}

/* What was not stored may be of anybody, unless its sender sees one region alone. */
static bool has_unknown(const struct import_row *row)
{
    return row->counts.rejected + row->counts.skipped > 0 && !import_is_of_one(row->options);
}

static int64_t number_of(const struct importer *im, const struct import_row *row)
{
    return import_is_of_one(row->options) ? veil_shown(&im->o.veil, row->import_id)
                                          : row->import_id;
}

bool import_finish(struct importer *im, struct reading *reading, struct import_row *row,
                   struct fail *f)
{
    struct collecting c = {
        .plan = reading_plan(reading), .number = number_of(im, row), .memory = true};
    struct finishing w = {.row = *row, .unknown = has_unknown(row) && says_whose(c.plan)};
    bool ok = true;

    buf_init(&c.csv, REJECTED_CSV_MAX);
    if (row->counts.rejected) {
        c.complete = row->counts.rejected + row->counts.skipped <= IMPORT_REJECTS_MAX;
        w.collected = &c;
        ok = lines_of(im, row->import_id, &c, f) && reading_each(reading, collect_row, &c, f);
    }
    return done(im, &w, row, ok, f);
}

/* One line of JSON, where it was rejected. */
static bool collect_line(void *ctx, const char *text, size_t len, struct place at, bool too_large)
{
    struct collecting *c = ctx;

    while (c->at < c->n && c->line[c->at] < at.line)
        c->at++;
    if (c->at == c->n || c->line[c->at] != at.line)
        return true;
    if (too_large || c->csv.len + len + 1 > REJECTED_CSV_MAX) {
        c->complete = false; /* whole lines only */
        return true;
    }
    buf_add(&c->csv, text, len);
    buf_putc(&c->csv, '\n');
    return true;
}

static bool collect_none(void *ctx, struct place at, int column, const char *heading,
                         const struct fail *why)
{
    (void)at, (void)column, (void)heading, (void)why;
    ((struct collecting *)ctx)->complete = false; /* a row that is none cannot be given back */
    return true;
}

bool import_finish_lines(struct importer *im, int fd, struct import_row *row, struct fail *f)
{
    struct collecting c = {.number = number_of(im, row), .memory = true};
    struct finishing w = {.row = *row, .unknown = has_unknown(row)};
    bool ok = true;

    buf_init(&c.csv, REJECTED_CSV_MAX);
    if (row->counts.rejected) {
        c.complete = row->counts.rejected + row->counts.skipped <= IMPORT_REJECTS_MAX;
        w.collected = &c;
        ok = lines_of(im, row->import_id, &c, f) &&
             import_each_line(fd, collect_line, collect_none, &c, f);
        if (ok && c.csv.len == 0) {
            free(c.line);
            w.collected = NULL; /* nothing that could be mended */
        }
    }
    return done(im, &w, row, ok, f);
}
