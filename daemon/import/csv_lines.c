#include "import/csv_lines.h"
#include "base/text.h"
#include "import/source.h"
#include "ingest/charset.h"
#include "ingest/csv.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { OUR_COLUMNS_MAX = 64, OUR_HEADING_MAX = 32, FIRST_BYTES = 256 };

struct csv_lines {
    json_record_fn fn;
    csv_lines_bad_fn bad;
    void *ctx;
    int64_t n;
    int columns; /* 0: the heading has not been seen */
    char heading[OUR_COLUMNS_MAX][OUR_HEADING_MAX];
    struct fail fail;
};

/* "record", then a delimiter, then "profile": with or without quotes. */
static char delimiter_of(const char *text, size_t len)
{
    static const char *const heads[] = {"record", "\"record\""};
    static const char *const next[] = {"profile", "\"profile\""};

    for (int i = 0; i < 2; i++) {
        size_t n = strlen(heads[i]);

        if (len <= n || memcmp(text, heads[i], n) != 0 || !strchr(",;\t", text[n]) || !text[n])
            continue;
        for (int k = 0; k < 2; k++)
            if (len - n > strlen(next[k]) && memcmp(text + n + 1, next[k], strlen(next[k])) == 0)
                return text[n];
    }
    return 0;
}

static char find_delimiter(int fd)
{
    struct fail f = {0};
    struct source *in = source_open(fd, &f);
    struct charset *c = charset_open(NULL, &f);
    char head[FIRST_BYTES], found = 0;
    const char *text;
    size_t len, n;

    if (in && c && source_read(in, head, sizeof head, &len, &f) &&
        charset_feed(c, head, len, &text, &n, &f) && (n || charset_finish(c, &text, &n, &f)))
        found = delimiter_of(text, n);
    charset_close(c);
    source_close(in);
    return found;
}

bool csv_lines_is(int fd)
{
    return find_delimiter(fd) != 0;
}

static bool take_heading(struct csv_lines *l, const struct csv_row *row)
{
    for (int i = 0; i < row->n; i++) {
        struct csv_cell c = row->cells[i];

        if (i >= OUR_COLUMNS_MAX || !c.len || c.len >= OUR_HEADING_MAX)
            return fail_set(&l->fail, FAIL_UNPROCESSABLE, "unknown-headings", "line 1",
                            "The heading of column %d is none that an export of postlift's has.",
                            i + 1);
        snprintf(l->heading[i], OUR_HEADING_MAX, "%.*s", (int)c.len, c.text);
        for (int k = 0; k < i; k++)
            if (strcmp(l->heading[k], l->heading[i]) == 0)
                return fail_set(&l->fail, FAIL_UNPROCESSABLE, "doubled-heading", "line 1",
                                "The heading \"%s\" stands twice.", l->heading[i]);
    }
    l->columns = row->n;
    return true;
}

static bool is_list(const char *heading)
{
    return strcmp(heading, "tags") == 0 || strcmp(heading, "metrics") == 0;
}

static bool is_count(const char *heading)
{
    return post_metric(heading) >= 0 || traffic_metric(heading) >= 0;
}

/* Words parted by blanks. NULL when they are not UTF-8. */
static json_t *list_of(struct csv_cell c)
{
    json_t *list = json_array();
    size_t i = 0, n;

    while (list && i < c.len) {
        while (i < c.len && c.text[i] == ' ')
            i++;
        for (n = 0; i + n < c.len && c.text[i + n] != ' ';)
            n++;
        if (n && json_array_append_new(list, json_stringn(c.text + i, n)) != 0) {
            json_decref(list);
            return NULL;
        }
        i += n;
    }
    return list;
}

/* A cell as the member would be; "null" for a figure that was taken back. */
static json_t *value_of(const char *heading, struct csv_cell c)
{
    char digits[24];

    c = csv_unescape(c);
    if (is_list(heading))
        return list_of(c);
    if (strcmp(heading, "campaign") == 0 && c.len == 4 && memcmp(c.text, "null", 4) == 0)
        return json_null();
    if (!is_count(heading) || c.len >= sizeof digits)
        return json_stringn(c.text, c.len);
    snprintf(digits, sizeof digits, "%.*s", (int)c.len, c.text);
    if (strcmp(digits, "null") == 0)
        return json_null();
    if (strspn(digits, "0123456789") != c.len || c.len > 18)
        return json_stringn(c.text, c.len);
    return json_integer(strtoll(digits, NULL, 10));
}

static bool bad_row(struct csv_lines *l, struct place at, int column, const struct fail *why)
{
    const char *heading = column > 0 && column <= l->columns ? l->heading[column - 1] : NULL;

    return l->bad(l->ctx, at, column, heading, why);
}

/* The row as one object; NULL with *column and *why. */
static json_t *object_of(const struct csv_lines *l, const struct csv_row *row, int *column,
                         struct fail *why)
{
    json_t *o = json_object(), *value;

    *column = 0;
    if (row->fault) {
        *column = row->fault_column;
        fail_set(why, FAIL_UNPROCESSABLE, row->fault, NULL, "%s", row->sentence);
    } else if (row->n > l->columns) {
        *column = l->columns + 1;
        fail_set(why, FAIL_UNPROCESSABLE, "too-many-cells", NULL,
                 "The row has %d cells, the heading %d.", row->n, l->columns);
    } else if (row->cut_off && row->n < l->columns) {
        *column = row->n;
        fail_set(why, FAIL_UNPROCESSABLE, "cut-off", NULL,
                 "The file ends in the middle of this row: its last cell may be cut.");
    }
    for (int i = 0; o && i < row->n && why->code == FAIL_NONE; i++) {
        if (!row->cells[i].len)
            continue;
        value = value_of(l->heading[i], row->cells[i]);
        if (!value || json_object_set_new(o, l->heading[i], value) != 0) {
            *column = i + 1;
            fail_set(why, FAIL_UNPROCESSABLE, "bad-utf8", NULL,
                     "The cell has bytes that are not UTF-8.");
        }
    }
    if (o && why->code == FAIL_NONE)
        return o;
    if (why->code == FAIL_NONE)
        fail_memory(why);
    json_decref(o);
    return NULL;
}

static bool take_row(void *ctx, const struct csv_row *row)
{
    struct csv_lines *l = ctx;
    struct place at = {row->line, l->n};
    struct fail why = {0};
    json_t *o;
    char *text;
    int column;
    bool more;

    if (!l->columns)
        return take_heading(l, row);
    l->n++;
    o = object_of(l, row, &column, &why);
    if (!o && why.code == FAIL_UNPROCESSABLE)
        return bad_row(l, at, column, &why);
    text = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    if (!text)
        return fail_memory(&l->fail);
    more = l->fn(l->ctx, text, strlen(text), at, strlen(text) > JSON_RECORD_MAX);
    free(text);
    return more;
}

bool csv_lines_each(int fd, json_record_fn fn, csv_lines_bad_fn bad, void *ctx, struct fail *f)
{
    struct csv_lines l = {.fn = fn, .bad = bad, .ctx = ctx};
    struct csv *csv = csv_open(find_delimiter(fd), 1, take_row, &l);
    struct source *in = source_open(fd, f);
    struct charset *c = charset_open(NULL, f);
    char *chunk = malloc(IMPORT_CHUNK);
    const char *text;
    size_t len = 1, n;
    bool ok = csv && in && c && chunk, going = true;

    if (!ok && f->code == FAIL_NONE)
        fail_memory(f);
    while (ok && len && going) {
        ok = source_read(in, chunk, IMPORT_CHUNK, &len, f) &&
             (len ? charset_feed(c, chunk, len, &text, &n, f) : charset_finish(c, &text, &n, f));
        going = ok && csv_feed(csv, text, n);
    }
    ok = ok && (!going || csv_finish(csv, f));
    if (ok && l.fail.code != FAIL_NONE) {
        *f = l.fail;
        ok = false;
    }
    csv_close(csv);
    charset_close(c);
    source_close(in);
    free(chunk);
    return ok;
}
