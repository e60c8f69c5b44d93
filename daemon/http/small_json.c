#include "http/small_json.h"
#include "base/ceilings.h"

#include <stdlib.h>
#include <string.h>

void *small_json_begin(struct app *app, const struct request *rq, struct reply *rp, size_t size)
{
    static const char *const known[] = {NULL};
    struct small_json *b = NULL;
    struct fail f = {0};

    if (strcmp(rq->content_type, "application/json") != 0)
        fail_set(&f, FAIL_MEDIA_TYPE, "unsupported-type", "Content-Type",
                 "The body is said to be \"%.60s\"; application/json is taken here.",
                 rq->content_type);
    else if (params_check(&rq->params, known, false, false, &f) && !(b = calloc(1, size)))
        fail_memory(&f);
    if (!b) {
        reply_fail(rp, &f);
        return NULL;
    }
    b->app = app;
    buf_init(&b->text, SMALL_BODY_MAX);
    return b;
}

bool small_json_feed(void *body, const char *data, size_t len)
{
    struct small_json *b = body;

    return buf_add(&b->text, data, len);
}

void small_json_free(void *body)
{
    struct small_json *b = body;

    buf_clear(&b->text);
    free(b);
}

json_t *small_json_read(struct small_json *b, struct fail *f)
{
    json_error_t error;
    json_t *o;

    if (b->text.over) {
        fail_set(f, FAIL_TOO_LARGE, "too-large", NULL, "The body is longer than %d bytes.",
                 SMALL_BODY_MAX);
        return NULL;
    }
    o = json_loadb(buf_text(&b->text), b->text.len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(o))
        return o;
    fail_set(f, FAIL_SYNTAX, "bad-json", NULL, "The body is no JSON object: %s.",
             o ? "something else is there" : error.text);
    json_decref(o);
    return NULL;
}
