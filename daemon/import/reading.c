#include "import/reading.h"
#include "base/ceilings.h"
#include "base/text.h"
#include "import/source.h"
#include "ingest/charset.h"
#include "ingest/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    int fd;
    char charset[32];
    bool charset_named, marked;
    struct plan *plan;
    struct charset_survey survey;
    /* while the rows go by */
    csv_row_fn fn;
    void *ctx;
    bool stopped;
};

/* Files of another kind, told by how they begin. */
static const struct {
    const char *magic;
    size_t len;
    const char *code, *sentence;
} foreign[] = {
    {"PK\x03\x04", 4, "zip-archive",
     "This is a packed archive or an .xlsx spreadsheet. Unpack an archive first; of a spreadsheet, "
     "save the sheet as CSV (UTF-8)."},
    {"\xd0\xcf\x11\xe0", 4, "spreadsheet",
     "This is an .xls spreadsheet, which this postlift was built without a reader for; save the "
     "sheet as CSV (UTF-8)."},
    {"%PDF", 4, "not-a-table", "This is a PDF document, not an export."},
    {"\x89PNG", 4, "not-a-table", "This is a picture, not an export."},
    {"\xff\xd8\xff", 3, "not-a-table", "This is a picture, not an export."},
    {"SQLite format 3", 15, "not-a-table", "This is a database, not an export."},
    {"<!doctype", 9, "not-a-table",
     "This is a web page, not an export: perhaps the page that asks for a sign-in."},
    {"<html", 5, "not-a-table",
     "This is a web page, not an export: perhaps the page that asks for a sign-in."},
    {"<?xml", 5, "not-a-table", "This is XML, not a table."},
};

static bool is_text(const char *head, size_t len, struct fail *f)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (len >= foreign[i].len && strncasecmp(head, foreign[i].magic, foreign[i].len) == 0)
            return fail_set(f, FAIL_UNPROCESSABLE, foreign[i].code, NULL, "%s",
                            foreign[i].sentence);
    if (len >= 2 &&
        ((head[0] == '\xff' && head[1] == '\xfe') || (head[0] == '\xfe' && head[1] == '\xff')))
        return true;
    if (len >= 4 && (!head[0] || !head[1]))
        return fail_set(f, FAIL_UNPROCESSABLE, "not-text", "charset",
                        "The file begins with NUL bytes: it is no text, or UTF-16 without its "
                        "mark; then say charset=UTF-16LE or UTF-16BE (--charset).");
    return true;
}

static bool has_mark(const char *head, size_t len)
{
    return (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) ||
           (len >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0));
}

static const char *mark_name(const char *head)
{
    return head[0] == '\xef' ? "UTF-8" : head[0] == '\xff' ? "UTF-16LE" : "UTF-16BE";
}

/* The encoding, and the plan that the head calls for. */
static bool look_at_head(struct reading *r, const struct reading_options *o,
                         const struct profile_set *profiles, struct fail *f)
{
    char *head = malloc(IMPORT_HEAD_MAX);
    struct source *in = source_open(r->fd, f);
    struct charset_survey survey = {0};
    struct charset *c = NULL;
    const char *text, *told;
    size_t len, text_len;

    if (!head)
        fail_memory(f);
    if (!head || !in || !source_read(in, head, IMPORT_HEAD_MAX, &len, f))
        goto out;
    r->marked = has_mark(head, len);
    r->charset_named = o->charset[0] != 0;
    text_copy(r->charset, sizeof r->charset, o->charset);
    if (!r->charset_named && !is_text(head, len, f))
        goto out;
    if (!r->charset_named && !r->marked) {
        charset_survey_feed(&survey, head, len);
        told = charset_survey_name(&survey);
        text_copy(r->charset, sizeof r->charset, told ? told : "UTF-8");
    } else if (!r->charset_named) {
        text_copy(r->charset, sizeof r->charset, mark_name(head));
    }
    c = charset_open(r->marked ? NULL : r->charset, f);
    if (!c || !charset_feed(c, head, len, &text, &text_len, f))
        goto out;
    if (!text_len && !charset_finish(c, &text, &text_len, f))
        goto out;
    r->plan =
        plan_make(profiles, o->profile, -1, text, text_len, len < IMPORT_HEAD_MAX, &o->plan, f);
out:
    charset_close(c);
    source_close(in);
    free(head);
    return r->plan != NULL;
}

struct reading *reading_open(int fd, const struct reading_options *options,
                             const struct profile_set *profiles, struct fail *f)
{
    struct reading *r = calloc(1, sizeof *r);

    if (!r) {
        fail_memory(f);
        return NULL;
    }
    r->fd = fd;
    if (look_at_head(r, options, profiles, f))
        return r;
    free(r);
    return NULL;
}

void reading_close(struct reading *r)
{
    if (!r)
        return;
    plan_free(r->plan);
    free(r);
}

struct plan *reading_plan(struct reading *r)
{
    return r->plan;
}

const char *reading_charset(const struct reading *r)
{
    return r->charset;
}

const char *reading_other_charset(const struct reading *r)
{
    const char *told = charset_survey_name(&r->survey);

    return !r->charset_named && !r->marked && told && strcasecmp(told, r->charset) != 0 ? told
                                                                                        : NULL;
}

static bool on_row(void *ctx, const struct csv_row *row)
{
    struct reading *r = ctx;

    if (r->fn(r->ctx, row))
        return true;
    r->stopped = true;
    return false;
}

bool reading_each(struct reading *r, csv_row_fn fn, void *ctx, struct fail *f)
{
    char *chunk = malloc(IMPORT_CHUNK);
    struct source *in = source_open(r->fd, f);
    struct charset *c = charset_open(r->marked ? NULL : r->charset, f);
    struct csv *csv = csv_open(plan_delimiter(r->plan), 1, on_row, r);
    bool watch = !r->charset_named && !r->marked;
    const char *text;
    size_t len, text_len;
    bool ok = false;

    r->fn = fn;
    r->ctx = ctx;
    r->stopped = false;
    r->survey = (struct charset_survey){0};
    plan_restart(r->plan);
    if (!chunk || !csv)
        fail_memory(f);
    if (!chunk || !csv || !in || !c)
        goto out;
    do {
        if (!source_read(in, chunk, IMPORT_CHUNK, &len, f))
            goto out;
        if (watch)
            charset_survey_feed(&r->survey, chunk, len);
        if (!(len ? charset_feed(c, chunk, len, &text, &text_len, f)
                  : charset_finish(c, &text, &text_len, f)))
            goto out;
        csv_feed(csv, text, text_len);
    } while (len && !r->stopped);
    ok = r->stopped || csv_finish(csv, f);
out:
    csv_close(csv);
    charset_close(c);
    source_close(in);
    free(chunk);
    return ok;
}
