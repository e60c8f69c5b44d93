#include "ingest/csv.h"
#include "base/ceilings.h"

#include <stdlib.h>
#include <string.h>

/*
 * States. A quoted cell ends at a quote that is not doubled, so a quote inside
 * one must wait for the byte after it (QUOTE). CR may be half of CRLF (CR).
 */
enum state { CELL_START, UNQUOTED, QUOTED, QUOTE, AFTER_QUOTE, CR };

struct csv {
    enum state state;
    char delimiter;
    bool stop[256]; /* bytes that end a run inside an unquoted cell */
    csv_row_fn row_fn;
    void *ctx;
    bool stopped, blank_before, finishing;

    int64_t line, row_line, quote_line;
    int quote_column;

    char *bytes; /* of the row so far, cells one behind another */
    size_t len, cap;
    size_t cell_start;
    struct csv_cell *cells; /* text holds the offset until the row is complete */
    size_t *starts;
    int n, cells_cap;
    const char *fault, *sentence;
    int fault_column;
};

struct csv_cell csv_unescape(struct csv_cell c)
{
    if (c.len > 1 && c.text[0] == '\'' && c.text[1] && strchr("'=+-@\t\r", c.text[1])) {
        c.text++;
        c.len--;
    }
    return c;
}

struct csv *csv_open(char delimiter, int64_t first_line, csv_row_fn row, void *ctx)
{
    struct csv *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->delimiter = delimiter;
    c->stop[(unsigned char)delimiter] = c->stop['\n'] = c->stop['\r'] = true;
    c->row_fn = row;
    c->ctx = ctx;
    c->line = c->row_line = first_line;
    return c;
}

void csv_close(struct csv *c)
{
    if (!c)
        return;
    free(c->bytes);
    free(c->cells);
    free(c->starts);
    free(c);
}

static void set_fault(struct csv *c, const char *slug, const char *sentence)
{
    if (c->fault)
        return;
    c->fault = slug;
    c->sentence = sentence;
    c->fault_column = c->n + 1;
}

static void add(struct csv *c, const char *data, size_t len)
{
    if (c->len - c->cell_start + len > CSV_CELL_MAX) {
        set_fault(c, "cell-too-long", "A cell of this row is longer than a cell may be.");
        return;
    }
    if (c->len + len > CSV_ROW_MAX) {
        set_fault(c, "row-too-long", "This row is longer than a row may be.");
        return;
    }
    if (c->len + len > c->cap) {
        size_t cap = c->cap ? c->cap : 1024;
        char *bytes;

        while (cap < c->len + len)
            cap *= 2;
        bytes = realloc(c->bytes, cap);
        if (!bytes) {
            set_fault(c, "out-of-memory", "There was no memory for this row.");
            return;
        }
        c->bytes = bytes;
        c->cap = cap;
    }
    if (len)
        memcpy(c->bytes + c->len, data, len);
    c->len += len;
}

static void end_cell(struct csv *c)
{
    if (c->n >= CSV_COLUMNS_MAX) {
        set_fault(c, "too-many-columns", "This row has more columns than a file may have.");
        c->cell_start = c->len;
        return;
    }
    if (c->n == c->cells_cap) {
        int cap = c->cells_cap ? c->cells_cap * 2 : 32;
        struct csv_cell *cells = realloc(c->cells, (size_t)cap * sizeof *cells);
        size_t *starts;

        if (cells)
            c->cells = cells;
        starts = realloc(c->starts, (size_t)cap * sizeof *starts);
        if (starts)
            c->starts = starts;
        if (!cells || !starts) {
            set_fault(c, "out-of-memory", "There was no memory for this row.");
            return;
        }
        c->cells_cap = cap;
    }
    c->starts[c->n] = c->cell_start;
    c->cells[c->n].len = c->len - c->cell_start;
    c->n++;
    c->cell_start = c->len;
}

static void end_row(struct csv *c)
{
    bool blank = c->n == 1 && c->cells[0].len == 0 && !c->fault;

    if (!blank && c->n) {
        struct csv_row row = {.line = c->row_line,
                              .n = c->n,
                              .after_blank = c->blank_before,
                              .cut_off = c->finishing,
                              .cells = c->cells,
                              .fault = c->fault,
                              .sentence = c->sentence,
                              .fault_column = c->fault_column};

        for (int i = 0; i < c->n; i++)
            c->cells[i].text = c->bytes ? c->bytes + c->starts[i] : "";
        if (!c->row_fn(c->ctx, &row))
            c->stopped = true;
    }
    if (c->n)
        c->blank_before = blank;
    c->n = 0;
    c->len = c->cell_start = 0;
    c->fault = c->sentence = NULL;
    c->row_line = c->line;
}

/* One byte outside of a run; the runs are eaten by csv_feed(). */
static void step(struct csv *c, char b)
{
    if (c->state == CR) {
        c->state = CELL_START;
        if (b == '\n') { /* the second half of CRLF: the row has ended already */
            return;
        }
    }
    if (c->state == QUOTE) {
        if (b == '"') {
            add(c, "\"", 1);
            c->state = QUOTED;
            return;
        }
        c->state = AFTER_QUOTE;
    }
    if (b == c->delimiter) {
        end_cell(c);
        c->state = CELL_START;
    } else if (b == '\n' || b == '\r') {
        c->line++;
        end_cell(c);
        end_row(c);
        c->state = b == '\r' ? CR : CELL_START;
    } else if (c->state == CELL_START && b == '"') {
        c->state = QUOTED;
        c->quote_line = c->line;
        c->quote_column = c->n + 1;
    } else if (c->state == AFTER_QUOTE) {
        if (b != ' ' && b != '\t')
            set_fault(c, "stray-quote",
                      "Text follows the closing quote of a cell; a quote inside a cell must be "
                      "doubled.");
    } else {
        add(c, &b, 1);
        c->state = UNQUOTED;
    }
}

bool csv_feed(struct csv *c, const char *data, size_t len)
{
    size_t i = 0;

    while (i < len && !c->stopped) {
        if (c->state == QUOTED) {
            const char *quote = memchr(data + i, '"', len - i);
            size_t run = quote ? (size_t)(quote - data) - i : len - i;
            const char *end = data + i + run;

            for (const char *p = data + i; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
                c->line++;
            add(c, data + i, run);
            i += run;
            if (quote) {
                c->state = QUOTE;
                i++;
            }
            continue;
        }
        if (c->state == UNQUOTED || (c->state == CELL_START && data[i] != '"')) {
            size_t start = i;

            while (i < len && !c->stop[(unsigned char)data[i]])
                i++;
            if (i > start) {
                add(c, data + start, i - start);
                c->state = UNQUOTED;
                continue;
            }
        }
        step(c, data[i++]);
    }
    return !c->stopped;
}

bool csv_finish(struct csv *c, struct fail *f)
{
    if (c->stopped)
        return true;
    if (c->state == QUOTED) {
        char place[80];

        __builtin_snprintf(place, sizeof place, "line %lld, column %d", (long long)c->quote_line,
                           c->quote_column);
        return fail_set(f, FAIL_UNPROCESSABLE, "open-quote", place,
                        "The quote that opens at %s is never closed: everything after it would be "
                        "one cell.",
                        place);
    }
    if (c->state != CR && (c->state != CELL_START || c->n)) {
        c->finishing = true;
        end_cell(c);
        end_row(c);
    }
    return true;
}
