/* Backups and checks: begun by POST, looked at by GET, a backup fetched as a file. */
#include "http/api.h"
#include "render/json.h"

#include <stdlib.h>
#include <string.h>

static json_t *findings_of(const struct keeper_report *r)
{
    json_t *list = json_array();

    for (int i = 0; i < r->n_findings && i < FINDINGS_MAX; i++)
        json_append(&list, json_text(r->finding[i]));
    return list;
}

static json_t *json_of_report(const struct keeper_report *r, enum keeper_job job)
{
    json_t *o = json_object();
    bool done = r->state == KEEPER_DONE;

    json_put(&o, "state", json_text(keeper_state_names[r->state]));
    if (job == KEEPER_BACKUP) {
        json_put(&o, "bytes", done ? json_integer(r->bytes) : json_null());
        json_put(&o, "revision", done ? json_integer(r->revision) : json_null());
    } else {
        json_put(&o, "sound", done ? json_boolean(r->n_findings == 0) : json_null());
        json_put(&o, "posts", done ? json_integer(r->posts) : json_null());
        json_put(&o, "posts_with_history", done ? json_integer(r->spread) : json_null());
        json_put(&o, "traffic", done ? json_integer(r->traffic) : json_null());
        json_put(&o, "n_findings", json_integer(r->n_findings));
        json_put(&o, "findings", findings_of(r));
    }
    json_put(&o, "sentence", json_text(r->sentence[0] ? r->sentence : NULL));
    return o;
}

static void show(struct app *app, const struct request *rq, struct reply *rp, enum keeper_job job)
{
    static const char *const known[] = {NULL};
    struct keeper_report r;
    struct fail f = {0};

    if (!params_check(&rq->params, known, false, false, &f)) {
        reply_fail(rp, &f);
        return;
    }
    keeper_report(app->keeper, job, &r);
    rp->tag = TAG_NONE;
    reply_json(rp, 200, json_of_report(&r, job));
}

void api_backup(struct app *app, const struct request *rq, struct reply *rp)
{
    show(app, rq, rp, KEEPER_BACKUP);
}

void api_check(struct app *app, const struct request *rq, struct reply *rp)
{
    show(app, rq, rp, KEEPER_CHECK);
}

void api_backup_file(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    struct fail f = {0};
    int fd = -1;

    if (params_check(&rq->params, known, false, false, &f))
        fd = keeper_open_backup(app->keeper, &rp->file_bytes, &f);
    if (fd < 0) {
        reply_fail(rp, &f);
        return;
    }
    rp->file = fd;
    rp->has_file = true;
    rp->status = 200;
    rp->content_type = "application/vnd.sqlite3";
}

/* POST without a body that matters: it begins the job. */
struct begin_body {
    struct app *app;
    enum keeper_job job;
};

static void *begin(struct app *app, const struct request *rq, struct reply *rp, enum keeper_job job)
{
    static const char *const known[] = {NULL};
    struct begin_body *b = NULL;
    struct fail f = {0};

    if (params_check(&rq->params, known, false, false, &f) && !(b = calloc(1, sizeof *b)))
        fail_memory(&f);
    if (!b) {
        reply_fail(rp, &f);
        return NULL;
    }
    b->app = app;
    b->job = job;
    return b;
}

static void *backup_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return begin(app, rq, rp, KEEPER_BACKUP);
}

static void *check_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return begin(app, rq, rp, KEEPER_CHECK);
}

static bool any_feed(void *body, const char *data, size_t len)
{
    (void)body;
    (void)data;
    (void)len;
    return true;
}

static void begin_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct begin_body *b = body;
    struct keeper_report r;
    struct fail f = {0};

    (void)rq;
    if (!keeper_begin(b->app->keeper, b->job, &f)) {
        reply_fail(rp, &f);
        return;
    }
    keeper_report(b->app->keeper, b->job, &r);
    reply_json(rp, 202, json_of_report(&r, b->job));
}

const struct body_ops api_backup_body = {backup_begin, any_feed, begin_finish, free, 1024};
const struct body_ops api_check_body = {check_begin, any_feed, begin_finish, free, 1024};
