/* Erasing: asked for by POST, looked at by GET, and kept in the read log. */
#include "base/clock.h"
#include "base/day.h"
#include "base/text.h"
#include "http/api.h"
#include "http/reads.h"
#include "http/small_json.h"
#include "render/json.h"

#include <string.h>

static json_t *json_of_erasing(const struct keeper_report *r)
{
    json_t *o = json_object();
    bool ended = r->state == KEEPER_DONE || r->state == KEEPER_FAILED;
    struct erased_count counts[ERASED_COUNTS];

    keeper_erased(r, counts);
    json_put(&o, "state", json_text(keeper_state_names[r->state]));
    for (int i = 0; i < ERASED_COUNTS; i++)
        json_put(&o, counts[i].name, ended ? json_integer(counts[i].value) : json_null());
    json_put(&o, "sentence", json_text(r->sentence[0] ? r->sentence : NULL));
    return o;
}

void api_forget(struct app *app, const struct request *rq, struct reply *rp)
{
    static const char *const known[] = {NULL};
    struct keeper_report r;
    struct fail f = {0};

    if (!params_check(&rq->params, known, false, false, &f)) {
        reply_fail(rp, &f);
        return;
    }
    keeper_report(app->keeper, KEEPER_FORGET, &r);
    reply_json(rp, 200, json_of_erasing(&r));
}

static void *body_begin(struct app *app, const struct request *rq, struct reply *rp)
{
    return small_json_begin(app, rq, rp, sizeof(struct small_json));
}

static bool only(const json_t *object, const char *const *names, struct fail *f)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        int i = 0;

        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (!names[i])
            return fail_set(f, FAIL_UNPROCESSABLE, "unknown-field", key,
                            "There is no field \"%.60s\" here.", key);
    }
    return true;
}

/* {"platform": ..., name: ...} */
static bool read_named(const json_t *o, const char *what, const char *name,
                       struct forget_request *q, struct fail *f)
{
    const char *const names[] = {"platform", name, NULL};
    const char *platform = json_string_value(json_object_get(o, "platform"));
    const char *text = json_string_value(json_object_get(o, name));

    if (!only(o, names, f))
        return false;
    if (!platform || !text || !platform_make(platform, strlen(platform), q->platform) ||
        strlen(text) > NAME_MAX_BYTES || (q->what == FORGET_POST && !*text))
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", what,
                        "\"%s\" takes its \"platform\" and its \"%s\".", what, name);
    text_copy(q->name, sizeof q->name, text);
    return true;
}

static bool read_flag(const json_t *o, const char *name, bool *flag, struct fail *f)
{
    const json_t *v = json_object_get(o, name);

    *flag = json_is_true(v);
    return !v || json_is_boolean(v) ||
           fail_set(f, FAIL_UNPROCESSABLE, "wrong-type", name, "\"%s\" takes true or false.", name);
}

static bool read_request(const json_t *o, struct zone *zone, struct forget_request *q,
                         struct fail *f)
{
    static const char *const names[] = {"post", "account", "before", "traffic", "notes", NULL};
    const json_t *post = json_object_get(o, "post"), *account = json_object_get(o, "account");
    const char *before = json_string_value(json_object_get(o, "before"));
    int n = (post != NULL) + (account != NULL) + (json_object_get(o, "before") != NULL);

    memset(q, 0, sizeof *q);
    q->before = DAY_NONE;
    q->now_ms = clock_now_ms();
    if (!only(o, names, f) || !read_flag(o, "traffic", &q->traffic, f) ||
        !read_flag(o, "notes", &q->notes, f))
        return false;
    if (n != 1)
        return fail_set(f, FAIL_UNPROCESSABLE, "missing-field", NULL,
                        "Say what is to be erased by one of \"post\", \"account\" and \"before\".");
    if ((q->traffic || q->notes) && !before)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-value", q->traffic ? "traffic" : "notes",
                        "Daily traffic and notes are erased by \"before\" alone: they belong to no "
                        "post and no account.");
    q->what = post ? FORGET_POST : account ? FORGET_ACCOUNT : FORGET_BEFORE;
    if (q->what != FORGET_BEFORE)
        return read_named(post ? post : account, post ? "post" : "account", post ? "id" : "handle",
                          q, f);
    q->before = before ? day_parse(before, strlen(before)) : DAY_NONE;
    if (q->before == DAY_NONE)
        return fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "before",
                        "\"before\" takes a day such as 2022-11-28; what is older is erased.");
    return q->before <= zone_day(zone, q->now_ms) + 1 ||
           fail_set(f, FAIL_UNPROCESSABLE, "bad-date", "before",
                    "%.40s lies in the future; tomorrow is the last day that \"before\" takes, and "
                    "erases all there is.",
                    before);
}

static void body_finish(void *body, const struct request *rq, struct reply *rp)
{
    struct small_json *in = body;
    struct forget_request q;
    struct keeper_report r;
    struct fail f = {0};
    json_t *o = small_json_read(in, &f);

    (void)rq;
    if (!o || !read_request(o, in->app->zone, &q, &f) ||
        !keeper_forget(in->app->keeper, &q, reads_erased, in->app, &f)) {
        reply_fail(rp, &f);
    } else {
        keeper_report(in->app->keeper, KEEPER_FORGET, &r);
        reply_json(rp, 202, json_of_erasing(&r));
    }
    json_decref(o);
}

const struct body_ops api_forget_body = {body_begin, small_json_feed, body_finish, small_json_free,
                                         SMALL_BODY_MAX};
