#include "import/intake.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "ingest/charset.h"
#include "ingest/csv.h"
#include "ingest/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct intake {
    enum intake_format format;
    enum record_kind kind;
    const char *csv_profile;
    const struct profile_set *profiles;
    struct record_rules rules;
    struct batch batch;
    int64_t received;
    struct fail fail; /* found inside a callback */

    struct json_splitter *splitter;

    struct charset *charset;
    struct buf head; /* CSV: what came before the heading was recognised */
    struct plan *plan;
    struct csv *csv;
};

static bool too_large(struct intake *in)
{
    return fail_set(&in->fail, FAIL_TOO_LARGE, "too-large", NULL,
                    "The records together are larger than one request may be; send the whole as a "
                    "file to /api/v1/imports.");
}

static bool json_record(void *ctx, const char *text, size_t len, struct place at, bool over)
{
    struct intake *in = ctx;
    struct record r;
    struct fail f = {0};
    char field[64] = "";

    in->received++;
    r.at = at;
    if (over) {
        fail_set(&f, FAIL_UNPROCESSABLE, "record-too-large", NULL,
                 "This record is longer than the %d bytes a record may have.", JSON_RECORD_MAX);
    } else if (json_record_read(text, len, in->kind, &in->batch.arena, &in->rules, &r, field, &f)) {
        return batch_add(&in->batch, &r, &in->fail);
    }
    if (f.code == FAIL_TOO_LARGE)
        return too_large(in);
    if (f.code != FAIL_UNPROCESSABLE) {
        in->fail = f;
        return false;
    }
    reject_list_fail(&in->batch.rejects, at, 0, field, &f);
    return true;
}

static bool csv_record(void *ctx, const struct csv_row *row)
{
    struct intake *in = ctx;
    enum plan_outcome outcome = PLAN_SKIPPED;
    struct record r;
    struct reject why;

    switch (plan_classify(in->plan, row, &why)) {
    case ROW_OUTSIDE: return true;
    case ROW_OF_TABLE:
        outcome = plan_row(in->plan, row, &in->rules, &in->batch.arena, &r, &why);
        break;
    case ROW_SKIPPED: break;
    }
    in->received++;
    switch (outcome) {
    case PLAN_RECORD: r.at.index = in->received - 1; return batch_add(&in->batch, &r, &in->fail);
    case PLAN_REJECTED:
        if (strcmp(why.code, "too-large") == 0)
            return too_large(in);
        break;
    case PLAN_SKIPPED: break;
    }
    why.index = in->received - 1;
    reject_list_add(&in->batch.rejects, &why);
    return true;
}

struct intake *intake_open(enum intake_format format, enum record_kind kind,
                           const char *csv_profile, const struct profile_set *profiles,
                           const struct record_rules *rules, struct fail *f)
{
    struct intake *in = calloc(1, sizeof *in);

    if (!in)
        goto memory;
    in->format = format;
    in->kind = kind;
    in->csv_profile = csv_profile;
    in->profiles = profiles;
    in->rules = *rules;
    batch_init(&in->batch, BODY_MAX, RECORDS_MAX, REJECTS_LISTED_MAX);
    buf_init(&in->head, HEAD_MAX + IMPORT_CHUNK);
    if (format == INTAKE_CSV)
        in->charset = charset_open(NULL, f);
    else
        in->splitter =
            json_splitter_new(format == INTAKE_NDJSON ? JSON_SHAPE_LINES : JSON_SHAPE_DOCUMENT,
                              kind == RECORD_POST ? "posts" : "traffic", json_record, in);
    if (in->charset || in->splitter)
        return in;
memory:
    fail_memory(f);
    intake_close(in);
    return NULL;
}

void intake_close(struct intake *in)
{
    if (!in)
        return;
    json_splitter_free(in->splitter);
    charset_close(in->charset);
    csv_close(in->csv);
    plan_free(in->plan);
    buf_clear(&in->head);
    batch_clear(&in->batch);
    free(in);
}

static bool fed(struct intake *in, struct fail *f)
{
    if (in->fail.code == FAIL_NONE)
        return true;
    return fail_set(f, in->fail.code, in->fail.slug, in->fail.place, "%s", in->fail.sentence);
}

/* The heading is looked for once enough of the file is there. */
static bool csv_begin(struct intake *in, struct fail *f)
{
    in->plan = plan_make(in->profiles, in->csv_profile, (int)in->kind, buf_text(&in->head),
                         in->head.len, in->head.len < HEAD_MAX, NULL, f);
    if (!in->plan)
        return false;
    plan_restart(in->plan);
    in->csv = csv_open(plan_delimiter(in->plan), 1, csv_record, in);
    if (!in->csv)
        return fail_memory(f);
    csv_feed(in->csv, buf_text(&in->head), in->head.len);
    buf_clear(&in->head);
    return fed(in, f);
}

static bool csv_text(struct intake *in, const char *text, size_t len, struct fail *f)
{
    while (!in->csv && len) {
        size_t part = len < IMPORT_CHUNK ? len : IMPORT_CHUNK;

        if (!buf_add(&in->head, text, part))
            return fail_memory(f);
        text += part;
        len -= part;
        if (in->head.len >= HEAD_MAX && !csv_begin(in, f))
            return false;
    }
    if (len)
        csv_feed(in->csv, text, len);
    return fed(in, f);
}

bool intake_feed(struct intake *in, const char *data, size_t len, struct fail *f)
{
    const char *text;
    size_t text_len;

    if (in->format != INTAKE_CSV)
        return json_splitter_feed(in->splitter, data, len, f) && fed(in, f);
    return charset_feed(in->charset, data, len, &text, &text_len, f) &&
           csv_text(in, text, text_len, f);
}

bool intake_finish(struct intake *in, struct fail *f)
{
    const char *text;
    size_t text_len;

    if (in->format != INTAKE_CSV)
        return json_splitter_finish(in->splitter, f) && fed(in, f);
    if (!charset_finish(in->charset, &text, &text_len, f) || !csv_text(in, text, text_len, f) ||
        (!in->csv && !csv_begin(in, f)))
        return false;
    return csv_finish(in->csv, f) && fed(in, f);
}

size_t intake_memory(const struct intake *in)
{
    return batch_memory(&in->batch) + in->head.cap;
}

struct batch *intake_batch(struct intake *in)
{
    return &in->batch;
}

bool intake_is_list(const struct intake *in)
{
    return in->splitter && json_splitter_is_list(in->splitter);
}

int64_t intake_received(const struct intake *in)
{
    return in->received;
}

static int by_index(const void *a, const void *b)
{
    const struct reject *x = a, *y = b;

    return x->index < y->index ? -1 : x->index > y->index;
}

void intake_locate(struct intake *in)
{
    struct reject_list *l = &in->batch.rejects;

    for (size_t i = 0; in->plan && i < l->n; i++)
        plan_locate(in->plan, &l->items[i]);
    if (l->n)
        qsort(l->items, l->n, sizeof *l->items, by_index);
}
