/* The read log, for who keeps its head and for who checks it. */
#include "audit/read_log.h"
#include "http/api.h"
#include "render/json.h"

void api_audit_head(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    struct chain head;
    struct fail f = {0};
    json_t *o;

    if (params_check(&rq->params, known, false, false, &f) && !read_log_is_on(app->read_log))
        fail_set(&f, FAIL_NOT_FOUND, "no-read-log", NULL,
                 "There is no read log here: postliftd --read-log names its file, and with a file "
                 "of tokens there is one without it.");
    if (f.code != FAIL_NONE || !read_log_head(app->read_log, &head, &f)) {
        reply_fail(rp, &f);
        return;
    }
    o = json_object();
    json_put(&o, "head", json_text(head.head));
    json_put(&o, "entries", json_integer(head.n));
    json_put(&o, "sentence",
             json_text("Keep this head outside this machine: \"postlift audit verify --head\" "
                       "tells later whether anything before it was changed or removed."));
    reply_json(rp, 200, o);
}

void api_audit_log(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    struct fail f = {0};
    int fd = -1;

    if (params_check(&rq->params, known, false, false, &f))
        fd = read_log_reader(app->read_log, &rp->file_bytes, &f);
    if (fd < 0) {
        reply_fail(rp, &f);
        return;
    }
    rp->file = fd;
    rp->has_file = true;
    rp->status = 200;
    rp->content_type = "text/plain; charset=utf-8";
}
