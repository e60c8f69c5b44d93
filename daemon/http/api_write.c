/* POST of posts and traffic: a body becomes records, the records one write, the write an answer. */
#include "base/ceilings.h"
#include "base/clock.h"
#include "base/text.h"
#include "http/api.h"
#include "import/intake.h"
#include "render/json.h"

#include <stdlib.h>
#include <string.h>

struct write_body {
    struct app *app;
    struct intake *intake;
    enum record_kind kind;
    bool types; /* types and tags that a person sets, not posts */
    enum intake_format format;
    bool strict;
    int64_t bytes, claimed;   /* of the body; counted in app->in_flight */
    char only[TOKEN_REGIONS]; /* the regions that the sender may write; "": all */
    int64_t now_ms;
    struct fail fail; /* what broke off the reading */
    struct import_counts counts;
};

static bool format_of(const char *content_type, enum intake_format *format)
{
    static const struct {
        const char *type;
        enum intake_format format;
    } types[] = {
        {"application/json", INTAKE_JSON},
        {"application/x-ndjson", INTAKE_NDJSON},
        {"application/ndjson", INTAKE_NDJSON},
        {"application/jsonl", INTAKE_NDJSON},
        {"text/csv", INTAKE_CSV},
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, content_type) == 0) {
            *format = types[i].format;
            return true;
        }
    return false;
}

static void write_free(void *body)
{
    struct write_body *b = body;

    atomic_fetch_sub(&b->app->in_flight, b->claimed);
    intake_close(b->intake);
    free(b);
}

static void *write_begin(struct app *app, const struct request *rq, struct reply *rp,
                         enum record_kind kind, bool types)
{
    static const char *const known[] = {"strict", NULL};
    struct write_body *b = calloc(1, sizeof *b);
    struct record_rules rules = {app->zone, clock_now_ms()};
    struct fail f = {0};

    if (!b) {
        fail_set(&f, FAIL_BUSY, "out-of-memory", NULL, "Out of memory; try again.");
        goto fail;
    }
    b->app = app;
    b->kind = kind;
    b->types = types;
    text_copy(b->only, sizeof b->only, rq->caller.regions);
    b->now_ms = rules.now_ms;
    if (!format_of(rq->content_type, &b->format)) {
        fail_set(&f, FAIL_MEDIA_TYPE, "unsupported-type", "Content-Type",
                 "The body is said to be \"%.60s\"; application/json, application/x-ndjson and "
                 "text/csv are taken. A platform's own export file goes to /api/v1/imports.",
                 rq->content_type);
        goto fail;
    }
    if (!params_check(&rq->params, known, false, false, &f) ||
        !params_flag(&rq->params, "strict", &b->strict, &f))
        goto fail;
    b->intake = intake_open(b->format, kind,
                            types                 ? "type-list"
                            : kind == RECORD_POST ? "postlift-posts"
                                                  : "postlift-traffic",
                            app->profiles, &rules, &f);
    if (b->intake)
        return b;
fail:
    if (b)
        write_free(b);
    reply_fail(rp, &f);
    return NULL;
}

static void *posts_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return write_begin(app, rq, rp, RECORD_POST, false);
}

static void *traffic_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return write_begin(app, rq, rp, RECORD_TRAFFIC, false);
}

static void *types_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return write_begin(app, rq, rp, RECORD_POST, true);
}

static bool write_feed(void *body, const char *data, size_t len)
{
    struct write_body *b = body;
    int64_t held;

    b->bytes += (int64_t)len;
    if (b->fail.code != FAIL_NONE)
        return false;
    if (!intake_feed(b->intake, data, len, &b->fail))
        return false;
    held = (int64_t)intake_memory(b->intake);
    atomic_fetch_add(&b->app->in_flight, held - b->claimed);
    b->claimed = held;
    if (atomic_load(&b->app->in_flight) > BODIES_IN_FLIGHT_MAX)
        return fail_set(&b->fail, FAIL_BUSY, "busy", NULL,
                        "Other requests hold too much memory; try again.");
    return true;
}

static bool write_job(struct store *st, void *ctx, bool *changed, struct fail *f)
{
    struct write_body *b = ctx;
    struct sender from = {.now_ms = b->now_ms, .only = b->only[0] ? b->only : NULL};

    if (b->types)
        return batch_set_types(st, intake_batch(b->intake), from.only, b->strict, &b->counts,
                               changed, f);
    return batch_store(st, intake_batch(b->intake), &from, b->strict, &b->counts, changed, f);
}

int64_t revision_after(const struct app *app, const struct request *rq)
{
    return rq->caller.regions[0] ? 0 : writer_revision(app->writer);
}

/* What became of the request, as members of a JSON object. */
static json_t *counts_json(struct write_body *b, bool stored, int64_t revision)
{
    struct batch *batch = intake_batch(b->intake);
    bool is_json = b->format != INTAKE_CSV;
    bool is_list = b->format == INTAKE_JSON && intake_is_list(b->intake);
    const char *list = b->kind == RECORD_POST ? "posts" : "traffic";
    struct import_counts zero = {0}, *c = stored ? &b->counts : &zero;
    json_t *o = json_object(), *rejects = json_array();

    for (size_t i = 0; i < batch->rejects.n; i++)
        if (!batch->rejects.items[i].skipped)
            json_append(&rejects, json_of_reject(&batch->rejects.items[i], is_json, is_list, list));
    json_put(&o, "received", json_integer(intake_received(b->intake)));
    json_put(&o, "inserted", json_integer(c->inserted));
    json_put(&o, "updated", json_integer(c->updated));
    json_put(&o, "unchanged", json_integer(c->unchanged));
    json_put(&o, "skipped", json_integer(batch->rejects.n_skipped));
    json_put(&o, "rejected", json_integer(batch->rejects.n_rejected));
    json_put(&o, "rejections", rejects);
    if (batch->rejects.n_rejected > (int64_t)batch->rejects.n)
        json_put(&o, "rejections_listed", json_integer((json_int_t)batch->rejects.n));
    json_put(&o, "revision", json_integer(revision));
    return o;
}

static void write_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct write_body *b = body;
    struct batch *batch = intake_batch(b->intake);
    struct fail f = b->fail;
    bool stored = false;
    json_t *counts;

    if (f.code != FAIL_NONE || !intake_finish(b->intake, &f)) {
        reply_fail(rp, &f);
        return;
    }
    if (b->strict && batch->rejects.n_rejected)
        fail_set(&f, FAIL_UNPROCESSABLE, "strict", NULL,
                 "Some records are bad and strict=1 was asked for: nothing was stored.");
    else if (batch->n)
        stored = writer_run(b->app->writer, WRITE_FOREGROUND, write_job, b, &f);
    intake_locate(b->intake);
    for (size_t i = 0; i < batch->rejects.n; i++)
        rp->region_conflict |= strcmp(batch->rejects.items[i].code, "region-conflict") == 0;
    if (f.code != FAIL_NONE && strcmp(f.slug, "strict") != 0) {
        reply_fail(rp, &f);
        return;
    }
    if (f.code == FAIL_NONE && batch->rejects.n_rejected &&
        batch->rejects.n_rejected == intake_received(b->intake))
        fail_set(&f, FAIL_UNPROCESSABLE, "all-rejected", NULL, "%s: %s",
                 batch->rejects.n_rejected == 1 ? "The record was rejected"
                                                : "All records were rejected; the first",
                 batch->rejects.items[0].sentence);
    counts = counts_json(b, stored, revision_after(b->app, rq));
    if (f.code != FAIL_NONE)
        reply_problem(rp, &f, 422, counts);
    else
        reply_json(rp, 200, counts);
}

const struct body_ops api_posts_body = {posts_begin, write_feed, write_finish, write_free,
                                        BODY_MAX};
const struct body_ops api_traffic_body = {traffic_begin, write_feed, write_finish, write_free,
                                          BODY_MAX};
const struct body_ops api_post_types_body = {types_begin, write_feed, write_finish, write_free,
                                             BODY_MAX};
