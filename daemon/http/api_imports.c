/* Imports: a file comes in, its progress and its lost rows are shown, it is taken out again. */
#include "base/ceilings.h"
#include "base/text.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/utf8.h"
#include "http/api.h"
#include "http/plain.h"
#include "render/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct import_body {
    struct app *app;
    struct import_upload *upload;
    struct fail fail;
};

static void import_free(void *body)
{
    struct import_body *b = body;

    import_upload_free(b->upload);
    free(b);
}

static bool name_param(const struct params *p, const char *name, char *out, size_t size,
                       struct fail *f)
{
    const char *text = params_get(p, name);

    if (!text)
        return true;
    if (strlen(text) >= size || !utf8_is_text(text, strlen(text)) || strchr(text, '\n'))
        return fail_set(
            f, FAIL_UNPROCESSABLE, "bad-value", name,
            "\"%s\" is longer than %zu bytes or has a line break or broken UTF-8 in it.", name,
            size - 1);
    text_copy(out, size, text);
    return true;
}

/* What a person says of a file's dates. */
static bool dates_read(const struct params *p, struct import_request *ir, struct fail *f)
{
    const char *year = params_get(p, "year"), *order = params_get(p, "date_order");
    const char *covers = params_get(p, "covers");

    ir->covers_from = ir->covers_to = DAY_NONE;
    if (year) {
        ir->year =
            strspn(year, "0123456789") == 4 && strlen(year) == 4 ? (int)strtol(year, NULL, 10) : 0;
        if (ir->year < 1970 || ir->year > 2199)
            return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "year",
                            "\"year\" takes a year such as 2025; this is \"%.40s\".", year);
    }
    for (int i = 0; order && i < ORDER_COUNT; i++)
        if (*order && strcmp(order, day_order_names[i]) == 0)
            ir->order = (enum day_order)i;
    if (order && !ir->order)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "date_order",
                        "\"date_order\" takes mdy, dmy or ymd; this is \"%.40s\".", order);
    if (!covers)
        return true;
    if (strlen(covers) == 22 && covers[10] == '.' && covers[11] == '.') {
        ir->covers_from = day_parse(covers, 10);
        ir->covers_to = day_parse(covers + 12, 10);
    }
    return (ir->covers_from != DAY_NONE && ir->covers_to >= ir->covers_from) ||
           fail_set(f, FAIL_UNPROCESSABLE, "bad-value", "covers",
                    "\"covers\" takes two days such as 2017-01-01..2017-01-31; this is "
                    "\"%.60s\".",
                    covers);
}

static bool request_read(const struct request *rq, struct zone *zone, struct import_request *ir,
                         struct fail *f)
{
    static const char *const known[] = {"profile", "account",     "region", "charset",
                                        "file",    "observed_at", "year",   "date_order",
                                        "covers",  "dry_run",     NULL};
    const struct params *p = &rq->params;
    const char *region = params_get(p, "region"), *observed = params_get(p, "observed_at");

    memset(ir, 0, sizeof *ir);
    if (!params_check(p, known, false, false, f) ||
        !name_param(p, "profile", ir->profile, sizeof ir->profile, f) ||
        !name_param(p, "account", ir->account, sizeof ir->account, f) ||
        !name_param(p, "charset", ir->charset, sizeof ir->charset, f) ||
        !name_param(p, "file", ir->file, sizeof ir->file, f) ||
        !params_flag(p, "dry_run", &ir->dry_run, f) || !dates_read(p, ir, f))
        return false;
    if (region && !slug_make(region, strlen(region), ir->region))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-slug", "region",
                        "\"region\" takes a short name of letters, digits and hyphens; this is "
                        "\"%.60s\".",
                        region);
    text_copy(ir->by, sizeof ir->by, rq->caller.name);
    if (rq->caller.regions[0]) {
        if (!region && strchr(rq->caller.regions, ' '))
            return fail_set(f, FAIL_UNPROCESSABLE, "missing-parameter", "region",
                            "Your token is for several regions: say by \"region\" of which the "
                            "file is.");
        if (!region)
            text_copy(ir->region, sizeof ir->region, rq->caller.regions);
        text_copy(ir->only, sizeof ir->only, ir->region);
    }
    if (observed && (!moment_parse(observed, strlen(observed), zone, &ir->observed_at_ms) ||
                     ir->observed_at_ms > clock_now_ms() + MS_PER_DAY))
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-time", "observed_at",
                        "\"observed_at\" takes a time that has come, such as "
                        "2022-11-28T10:00:00Z; this is \"%.40s\".",
                        observed);
    return true;
}

static void *import_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    struct import_body *b = calloc(1, sizeof *b);
    struct import_request ir;
    struct fail f = {0};

    if (!b)
        fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    else if (request_read(rq, app->zone, &ir, &f))
        b->upload = import_upload_begin(app->importer, &ir, &f);
    if (b && b->upload) {
        b->app = app;
        return b;
    }
    free(b);
    reply_fail(rp, &f);
    return NULL;
}

static bool import_feed(void *body, const char *data, size_t len)
{
    struct import_body *b = body;

    return b->fail.code == FAIL_NONE && import_upload_feed(b->upload, data, len, &b->fail);
}

/* The number of an import in a heading of rejected rows, as this reader knows it; its end. */
static const char *put_number(const struct veil *veil, const char *number, struct buf *out)
{
    char *end;
    int64_t n = strtoll(number, &end, 10);

    if (n > 0)
        buf_printf(out, "%" PRId64, veil_shown(veil, n));
    else
        end = (char *)(uintptr_t)number; /* none; left as it stands */
    return end;
}

/* The headings of its columns that say from which import rows came: in what a sender of all regions
 * sent by our numbers. */
static void veil_headings(const struct veil *veil, json_t *columns)
{
    json_t *column;
    size_t i;

    json_array_foreach(columns, i, column)
    {
        const char *heading = json_string_value(json_object_get(column, "heading"));
        struct buf out;

        if (!heading || strncmp(heading, MENDED_HEADING, sizeof MENDED_HEADING - 1) != 0)
            continue;
        buf_init(&out, HTTP_CONNECTION_MEMORY);
        buf_puts(&out, MENDED_HEADING);
        buf_puts(&out, put_number(veil, heading + sizeof MENDED_HEADING - 1, &out));
        json_object_set_new(column, "heading", json_text(buf_text(&out)));
        buf_clear(&out);
    }
}

/* With the numbers that this reader knows it by. */
static json_t *import_json(const struct request *rq, const struct import_row *row)
{
    json_t *o = json_of_import(row);

    json_put(&o, "id", json_integer(veil_shown(&rq->veil, row->import_id)));
    if (row->parent_id) {
        char number[24];

        snprintf(number, sizeof number, "%" PRId64, veil_shown(&rq->veil, row->parent_id));
        json_put(&o, "part_of", json_integer(veil_shown(&rq->veil, row->parent_id)));
        json_object_set_new(json_object_get(o, "options"), "part_of", json_text(number));
    }
    if (rq->veil.on && !import_is_of_one(row->options))
        veil_headings(&rq->veil, json_object_get(o, "columns"));
    return o;
}

static bool load(struct app *app, int64_t import_id, struct import_row *row, struct fail *f)
{
    int64_t revision;
    struct db *db = snapshot_begin(app->snapshots, &revision, f);
    enum db_result r = db ? import_load(db, import_id, row, f) : DB_ERROR;

    snapshot_end(db);
    if (r == DB_DONE)
        fail_set(f, FAIL_NOT_FOUND, "no-import", NULL, "There is no import %" PRId64 ".",
                 import_id);
    return r == DB_ROW;
}

static void reply_import(struct app *app, const struct request *rq, struct reply *rp,
                         int64_t import_id, unsigned status, const char *flag, bool set)
{
    struct import_row row;
    struct fail f = {0};
    json_t *o;

    if (!load(app, import_id, &row, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = import_json(rq, &row);
    json_put(&o, flag, json_boolean(set));
    snprintf(rp->location, sizeof rp->location, "/api/v1/imports/%" PRId64,
             veil_shown(&rq->veil, import_id));
    reply_json(rp, status, o);
}

static void import_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct import_body *b = body;
    struct fail f = b->fail;
    int64_t id;
    bool already;

    if (f.code != FAIL_NONE || !import_upload_finish(b->upload, &id, &already, &f))
        reply_fail(rp, &f);
    else
        reply_import(b->app, rq, rp, id, already ? 200 : 202, "already_imported", already);
}

const struct body_ops api_imports_body = {import_begin, import_feed, import_finish, import_free,
                                          IMPORT_BODY_MAX};

struct import_list {
    const struct request *rq;
    json_t *list;
};

static bool list_import(void *ctx, const struct import_row *row)
{
    struct import_list *l = ctx;

    json_append(&l->list, import_json(l->rq, row));
    return l->list != NULL;
}

static const char *const import_columns[] = {
    "id",        "state",    "file",        "profile",     "profile_version",
    "record",    "bytes",    "received_at", "finished_at", "rows_total",
    "rows_done", "received", "inserted",    "updated",     "unchanged",
    "skipped",   "rejected", "code",        "sentence",    NULL};

void api_imports(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"limit", "cursor", "format", "bom", NULL};
    int64_t limit = LIST_LIMIT_DEFAULT, before = 0;
    struct import_list l = {rq, json_array()};
    json_t *o;
    struct fail f = {0};
    struct db *db = NULL;
    bool more;

    if (!params_check(&rq->params, known, false, false, &f) ||
        !params_int(&rq->params, "limit", 1, LIST_LIMIT_MAX, &limit, &f) ||
        !params_int(&rq->params, "cursor", 1, INT64_MAX, &before, &f))
        goto fail;
    if (before && (before = veil_asked(&rq->veil, before)) < 1) {
        fail_set(&f, FAIL_UNPROCESSABLE, "bad-cursor", "cursor",
                 "\"cursor\" is none that an answer gave.");
        goto fail;
    }
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    if (!db || !imports_each(db, before, limit + 1, list_import, &l, &f))
        goto fail;
    more = (int64_t)json_array_size(l.list) > limit;
    if (more)
        json_array_remove(l.list, (size_t)limit);
    rp->tag = TAG_CONTENT;
    o = json_object();
    json_put(&o, "imports", l.list);
    json_put(&o, "next_cursor",
             more ? json_sprintf("%" JSON_INTEGER_FORMAT,
                                 json_integer_value(json_object_get(
                                     json_array_get(l.list, (size_t)limit - 1), "id")))
                  : json_null());
    if (more && o)
        reply_next(rp, rq, json_string_value(json_object_get(o, "next_cursor")));
    reply_table(rp, rq, o, json_object_get(o, "imports"), import_columns);
    goto out;
fail:
    json_decref(l.list);
    reply_fail(rp, &f);
out:
    snapshot_end(db);
}

struct reject_page {
    bool only_rejected;
    json_t *rows;
    int64_t limit, next;
    bool more;
};

static bool list_reject(void *ctx, int64_t n, const struct reject *r)
{
    struct reject_page *p = ctx;

    if (p->only_rejected && r->skipped)
        return true;
    if ((int64_t)json_array_size(p->rows) >= p->limit) {
        p->more = true;
        p->next = n;
        return false;
    }
    json_append(&p->rows, json_of_import_reject(r));
    return p->rows != NULL;
}

static bool no_import(const struct request *rq, struct fail *f)
{
    return fail_set(f, FAIL_NOT_FOUND, "no-import", NULL, "There is no import \"%.40s\".",
                    rq->segment[0]);
}

static bool id_of(const struct request *rq, int64_t *id, struct fail *f)
{
    const char *text = rq->segment[0];
    char *end;

    *id = strtoll(text, &end, 10);
    if (*text < '1' || *text > '9' || *end || strlen(text) > 18)
        return no_import(rq, f);
    *id = veil_asked(&rq->veil, *id);
    return *id > 0 || no_import(rq, f);
}

/* Who brings files mends them: of others' files, without "sensitive", it sees no value. */
static bool is_for(const struct request *rq, const struct import_row *row)
{
    return rq->depth != REACH_WHOLE || (rq->caller.scopes & SCOPE_BIT(SCOPE_SENSITIVE)) ||
           import_was_sent_by(row->options, rq->caller.name);
}

void api_import(struct app *app, const struct request *rq, struct reply *rp)
{
    struct request narrowed = *rq;
    static const char *const known[] = {"limit", "cursor", "outcome", "format", "bom", NULL};
    static const char *const columns[] = {"line",    "column", "heading",  "value",
                                          "outcome", "code",   "sentence", NULL};
    struct reject_page page = {.rows = json_array(), .limit = LIST_LIMIT_DEFAULT};
    const char *outcome = params_get(&rq->params, "outcome");
    int64_t id, from = 0, kept = 0;
    struct import_row row;
    struct fail f = {0};
    struct db *db = NULL;
    enum db_result r;
    json_t *o;

    if (!id_of(rq, &id, &f) || !params_check(&rq->params, known, false, false, &f) ||
        !params_int(&rq->params, "limit", 1, IMPORT_REJECTS_MAX, &page.limit, &f) ||
        !params_int(&rq->params, "cursor", 0, INT64_MAX, &from, &f))
        goto fail;
    if (outcome && strcmp(outcome, "rejected") != 0) {
        fail_set(&f, FAIL_UNPROCESSABLE, "bad-value", "outcome",
                 "\"outcome\" takes rejected: those rows alone.");
        goto fail;
    }
    page.only_rejected = outcome != NULL;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    r = db ? import_load(db, id, &row, &f) : DB_ERROR;
    if (r == DB_DONE)
        no_import(rq, &f);
    if (r != DB_ROW ||
        !import_rows_each(db, id, from, IMPORT_REJECTS_MAX, list_reject, &page, &f) ||
        !import_rows_kept(db, id, &kept, &f))
        goto fail;
    rp->tag = TAG_CONTENT;
    o = import_json(rq, &row);
    json_put(&o, "rows_not_kept", json_integer(row.counts.rejected + row.counts.skipped - kept));
    json_put(&o, "rows", page.rows);
    json_put(&o, "next_cursor", page.more ? json_sprintf("%" PRId64, page.next) : json_null());
    if (page.more && o)
        reply_next(rp, rq, json_string_value(json_object_get(o, "next_cursor")));
    if (!is_for(rq, &row)) {
        narrowed.depth = REACH_PLAIN;
        plain_json(o);
    }
    reply_table(rp, &narrowed, o, json_object_get(o, "rows"), columns);
    goto out;
fail:
    json_decref(page.rows);
    reply_fail(rp, &f);
out:
    snapshot_end(db);
}

void api_import_undo(struct app *app, const struct request *rq, struct reply *rp)
{
    struct fail f = {0};
    bool changed;
    int64_t id;

    if (!id_of(rq, &id, &f) || !importer_undo(app->importer, id, &changed, &f))
        reply_fail(rp, &f);
    else
        reply_import(app, rq, rp, id, changed ? 202 : 200, "already_undone", !changed);
}

struct rejected_csv {
    struct reply *rp;
    const struct veil *veil;
};

static void put_rejected(void *ctx, const char *csv, bool complete)
{
    const struct rejected_csv *r = ctx;
    const char *mark;

    (void)complete;
    while (r->veil->on && (mark = strstr(csv, MENDED_HEADING)) != NULL) {
        mark += sizeof MENDED_HEADING - 1;
        buf_add(&r->rp->body, csv, (size_t)(mark - csv));
        csv = put_number(r->veil, mark, &r->rp->body);
    }
    buf_puts(&r->rp->body, csv);
}

/* The rejected rows below their headings, or lines of JSON, as they came: to be mended and sent
 * again. */
void api_import_rejected(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    const struct veil none = {.on = false};
    struct rejected_csv out = {.rp = rp, .veil = &rq->veil};
    struct import_row row;
    struct fail f = {0};
    struct db *db = NULL;
    enum db_result r = DB_ERROR;
    int64_t id;

    if (!id_of(rq, &id, &f) || !params_check(&rq->params, known, false, false, &f))
        goto fail;
    db = snapshot_begin(app->snapshots, &rp->revision, &f);
    r = db ? import_load(db, id, &row, &f) : DB_ERROR;
    if (r == DB_ROW && !is_for(rq, &row))
        r = DB_DONE;
    if (r == DB_ROW && import_is_of_one(row.options)) /* its numbers are veiled already */
        out.veil = &none;
    if (r == DB_ROW)
        r = import_rejected(db, id, put_rejected, &out, &f);
    if (r == DB_DONE)
        fail_set(&f, FAIL_NOT_FOUND, "no-rejected-rows", NULL,
                 "Import %.40s has no rejected rows to mend.", rq->segment[0]);
    if (r == DB_ROW && rp->body.over)
        fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
    if (f.code != FAIL_NONE)
        goto fail;
    rp->status = 200;
    rp->tag = TAG_CONTENT;
    rp->content_type =
        buf_text(&rp->body)[0] == '{' ? "application/x-ndjson" : "text/csv; charset=utf-8";
    snapshot_end(db);
    return;
fail:
    snapshot_end(db);
    reply_fail(rp, &f);
}

/* By what files are read: name, title, what they bring, and the file of one's own. */
void api_profiles(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {"format", "bom", NULL};
    static const char *const columns[] = {"name", "version", "title", "record", "file", NULL};
    json_t *list = json_array(), *o = json_object();
    struct fail f = {0};

    for (int i = 0; i < profile_set_count(app->profiles); i++) {
        const struct profile *p = profile_set_at(app->profiles, i);
        json_t *row = json_object();

        json_put(&row, "name", json_text(profile_name(p)));
        json_put(&row, "version", json_integer(profile_version(p)));
        json_put(&row, "title", json_text(profile_title(p)));
        json_put(&row, "record",
                 json_text(profile_refuses(p)               ? NULL
                           : profile_kind(p) == RECORD_POST ? "post"
                                                            : "traffic"));
        json_put(&row, "file", json_text(*profile_file(p) ? profile_file(p) : NULL));
        json_append(&list, row);
    }
    json_put(&o, "profiles", list);
    if (!params_check(&rq->params, known, false, false, &f)) {
        json_decref(o);
        reply_fail(rp, &f);
        return;
    }
    rp->tag = TAG_CONTENT;
    reply_table(rp, rq, o, json_object_get(o, "profiles"), columns);
}
